"""Birthdays: on which day, told once, and nothing for those that do not matter."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.ages import birthday, next_birthday
from casework.calendar import age_on
from casework.categories import classified
from casework.child_clock import awake, wake_child
from casework.outcome import Outcome
from casework.record import replace
from casework.records import Amendment, Child, Circle
from tests.casework.world import CHILD, CIRCLE, LI, POLICY, Book, at

LEAP = replace(CHILD, birth_date=date(2012, 2, 29))
DAYS = st.dates(date(2005, 1, 1), date(2026, 12, 31))


def woken(child: Child, when: str, circle: Circle = CIRCLE) -> Outcome:
    return wake_child(child, circle=circle, policy=POLICY, now=at(when), new_id=Book().new_id)


def born(day: str) -> Child:
    """A child of that day that has been looked at on 1 January 2026."""
    return awake(replace(CHILD, birth_date=date.fromisoformat(day)), POLICY, at("2026-01-01 00:00"))


@given(DAYS, st.integers(0, 18))
def test_a_birthday_is_the_first_day_of_the_new_age(day: date, age: int) -> None:
    on = birthday(day, age)
    assert age_on(day, on) == age
    assert age == 0 or age_on(day, on - timedelta(days=1)) == age - 1


def test_who_was_born_on_29_february_is_a_year_older_on_1_march() -> None:
    assert birthday(date(2012, 2, 29), 14) == date(2026, 3, 1)
    assert birthday(date(2012, 2, 29), 16) == date(2028, 2, 29)
    assert next_birthday(LEAP, POLICY, at("2026-02-28 09:00")) == at("2026-03-01 08:00")


def test_the_clock_comes_on_every_birthday_morning_until_the_last_age() -> None:
    child = born("2008-11-25")
    assert child.wake_at == at("2026-11-25 08:00")
    (after,) = (r for r in woken(child, "2026-11-25 08:00").records if isinstance(r, Child))
    assert after.wake_at is None
    assert born("2007-05-01").wake_at is None
    assert next_birthday(replace(child, status="closed"), POLICY, at("2026-01-01 00:00")) is None


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2020-11-25", [("wang", "duties")]),
        ("2012-11-25", [("wang", "duties")]),
        ("2010-11-25", [("wang", "duties"), ("li", "age_reached")]),
        ("2008-11-25", [("wang", "duties"), ("li", "age_reached")]),
        ("2016-11-25", []),
    ],
)
def test_six_and_fourteen_are_the_workers_sixteen_and_eighteen_the_officers_too(
    day: str, told: list[tuple[str, str]]
) -> None:
    outcome = woken(born(day), "2026-11-25 08:00")
    assert [(n.to, n.kind) for n in outcome.notices] == told


def test_it_is_told_once_and_nothing_before_the_morning() -> None:
    book = Book()
    child = born("2010-11-25")
    assert not woken(child, "2026-11-25 00:01")
    book.keep(woken(child, "2026-11-25 08:00"))
    later = at("2026-11-25 09:00")
    assert not wake_child(book.one(Child), circle=CIRCLE, policy=POLICY, now=later, new_id=book.new_id)
    assert book.one(Child).wake_at == at("2027-11-25 08:00")
    assert [e.detail["age"] for e in book.events] == ["16"]


def test_a_birthday_that_was_slept_through_is_told_afterwards_and_not_at_night() -> None:
    outcome = woken(born("2010-11-25"), "2026-11-27 23:00")
    assert {n.to for n in outcome.notices} == {"wang", "li"}
    assert {n.not_before for n in outcome.notices} == {at("2026-11-28 07:00")}


def test_without_a_worker_the_officer_hears_of_every_age_that_matters() -> None:
    outcome = woken(born("2020-11-25"), "2026-11-25 08:00", Circle(worker=None, officers=(LI,)))
    assert [(n.to, n.kind) for n in outcome.notices] == [("li", "age_reached")]


def test_a_corrected_birth_date_moves_the_clock_and_one_that_is_due_stays() -> None:
    child = born("2010-11-25")
    moved = awake(replace(child, birth_date=date(2010, 6, 1)), POLICY, at("2026-01-02 09:00"))
    assert moved.wake_at == at("2026-06-01 08:00")
    assert awake(child, POLICY, at("2026-11-25 08:00")).wake_at == child.wake_at
    assert awake(child, POLICY, at("2026-02-01 08:00")) is child


def test_on_the_sixteenth_birthday_a_child_is_no_left_behind_child_any_more_and_the_change_is_kept() -> None:
    known = {"hukou_nature": "rural", "father": "away", "mother": "away"}
    child = replace(born("2010-11-25"), properties=known)
    before = classified(child, POLICY.categories, date(2026, 11, 24))
    assert "left_behind" in before.categories
    book = Book()
    book.keep(woken(before, "2026-11-25 08:00"))
    assert "left_behind" not in book.one(Child).categories
    assert "left_behind" in book.one(Amendment).before["categories"]
