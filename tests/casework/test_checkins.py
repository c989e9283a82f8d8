"""Prompts to guardians: asked in their hours, answered, unanswered, stopped."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.checkins import (
    answer_checkin,
    pause_checkins,
    plan_checkin,
    stop_checkins,
    wake_checkin,
)
from casework.outcome import Outcome
from casework.records import CheckIn, Child, Circle, Person, Post, Visit
from casework.visits import plan_visit
from tests.casework.world import (
    CHILD,
    CIRCLE,
    GRANNY,
    MONDAY,
    POLICY,
    WANG,
    Book,
    at,
    in_quiet_hours,
    leaves,
)


def planned(book: Book, child: Child = CHILD, *, after: CheckIn | None = None) -> CheckIn:
    book.keep(plan_checkin(child, GRANNY, policy=POLICY, now=MONDAY, new_id=book.new_id, after=after))
    return book.all(CheckIn)[-1]


def wake(
    book: Book, checkin: CheckIn, now: datetime, *, child: Child = CHILD, circle: Circle = CIRCLE
) -> CheckIn:
    book.keep(wake_checkin(checkin, child=child, circle=circle, policy=POLICY, now=now, new_id=book.new_id))
    kept = book.records[("checkin", checkin.id)]
    assert isinstance(kept, CheckIn)
    return kept


def answer(book: Book, checkin: CheckIn, now: datetime = MONDAY) -> Outcome:
    return book.keep(
        answer_checkin(
            checkin,
            submission="s1",
            child=CHILD,
            policy=POLICY,
            now=now,
            new_id=book.new_id,
            phone_tasks=book.all(Visit),
        )
    )


def test_who_has_just_joined_is_asked_the_next_evening() -> None:
    checkin = planned(Book())
    assert (checkin.due, checkin.wake_at) == (date(2026, 11, 24), at("2026-11-24 18:00"))


@pytest.mark.parametrize(("risk", "days"), [(1, 7), (2, 14), (3, 28), (4, 28)])
def test_then_as_often_as_the_childs_risk_wants(risk: int, days: int) -> None:
    book = Book()
    first = planned(book)
    following = planned(book, replace(CHILD, risk=risk), after=first)
    assert following.due == date(2026, 11, 23) + timedelta(days=days)


def test_the_question_is_asked_at_its_hour_and_names_no_child() -> None:
    book = Book()
    checkin = planned(book)
    assert not wake_checkin(
        checkin, child=CHILD, circle=CIRCLE, policy=POLICY, now=at("2026-11-24 17:59"), new_id=book.new_id
    )
    checkin = wake(book, checkin, at("2026-11-24 18:00"))
    assert (checkin.status, checkin.asked_at) == ("asked", at("2026-11-24 18:00"))
    assert book.said() == [("granny", "checkin_asked")]
    assert book.notices[0].values == {"checkin": checkin.id}


def test_after_an_outage_it_is_not_asked_at_night_and_the_hours_run_from_the_morning() -> None:
    book = Book()
    checkin = wake(book, planned(book), at("2026-11-25 02:00"))
    assert book.notices[0].not_before == at("2026-11-25 08:00")
    assert checkin.wake_at == at("2026-11-27 08:00")


def test_unanswered_for_two_days_it_becomes_the_workers_telephone_task_and_the_next_is_planned() -> None:
    book = Book()
    checkin = wake(book, planned(book), at("2026-11-24 18:00"))
    checkin = wake(book, checkin, at("2026-11-26 18:00"))
    task = book.one(Visit)
    assert (checkin.status, task.purpose, task.person) == ("unanswered", "phone", "wang")
    assert book.said()[1:] == []  # the worker finds it in the message of the next morning
    assert task.wake_at == at("2026-11-27 08:00")
    assert book.one(CheckIn, status="planned").due == date(2026, 12, 10)


def test_an_answer_plans_the_next() -> None:
    book = Book()
    checkin = wake(book, planned(book), at("2026-11-24 18:00"))
    answer(book, checkin)
    assert book.one(CheckIn, status="answered").submission == "s1"
    assert book.one(CheckIn, status="planned").person == "granny"
    assert not answer(book, book.one(CheckIn, status="answered"))


def test_a_late_answer_spares_the_worker_the_call_and_plans_nothing_more() -> None:
    book = Book()
    checkin = wake(book, planned(book), at("2026-11-24 18:00"))
    checkin = wake(book, checkin, at("2026-11-26 18:00"))
    answer(book, checkin)
    assert book.one(Visit).status == "cancelled"
    assert len(book.all(CheckIn, status="planned")) == 1


def test_a_guardian_who_cannot_be_asked_becomes_a_telephone_task() -> None:
    book = Book()
    checkin = wake(book, planned(book), at("2026-11-24 18:00"), circle=replace(CIRCLE, guardians=()))
    assert (checkin.status, checkin.wake_at) == ("stopped", None)
    assert book.one(Visit).purpose == "phone"


def test_without_a_worker_the_telephone_task_is_planned_all_the_same() -> None:
    book = Book()
    vacant = Circle(worker=None)
    wake(book, planned(book), at("2026-11-24 18:00"), circle=vacant, child=replace(CHILD, worker=None))
    assert book.one(Visit).wake_at is not None
    assert book.notices == []


def test_for_a_closed_child_nobody_is_asked() -> None:
    book = Book()
    checkin = wake(book, planned(book), at("2026-11-24 18:00"), child=replace(CHILD, status="closed"))
    assert (checkin.status, book.notices) == ("stopped", [])


def leave(book: Book, guardian: Person) -> Person:
    book.keep(stop_checkins(guardian, checkins=book.all(CheckIn), now=MONDAY))
    return book.one(Person)


def test_leaving_ends_the_questions_and_the_bond() -> None:
    book = Book()
    planned(book)
    left = leave(book, GRANNY)
    assert (left.status, left.cares_for) == ("left", ())
    assert book.one(CheckIn).status == "stopped"
    assert book.one(CheckIn).wake_at is None
    assert book.happenings()[-2:] == ["guardian_left", "checkin_stopped"]


def test_a_worker_who_is_a_guardian_too_stays_a_worker() -> None:
    both = replace(WANG, posts=(*WANG.posts, Post(role="guardian", area="v1")), cares_for=("3001",))
    left = leave(Book(), both)
    assert (left.status, left.posts, left.cares_for) == ("joined", WANG.posts, ())


@given(jumps=st.lists(st.integers(-30, 24 * 40), min_size=1, max_size=20))
def test_whatever_the_clock_does_a_guardian_is_asked_once_and_never_at_night(jumps: list[int]) -> None:
    book, now = Book(), MONDAY
    planned(book)
    for hours in jumps:
        now += timedelta(hours=hours)
        before = len(book.notices)
        for checkin in book.all(CheckIn):
            wake(book, checkin, now)
        for notice in book.notices[before:]:
            assert not in_quiet_hours(
                leaves(notice, now), "guardian" if notice.to == "granny" else "village_worker"
            )
        waiting = [c for c in book.all(CheckIn) if c.status in ("planned", "asked")]
        assert len(waiting) == 1
        assert waiting[0].wake_at is not None
    assert book.told_twice == []


def test_a_telephone_task_that_is_still_to_be_done_is_not_given_twice() -> None:
    book = Book()
    task = plan_visit(CHILD, policy=POLICY, now=MONDAY, new_id=book.new_id, purpose="phone").records[0]
    assert isinstance(task, Visit)
    checkin = wake(book, planned(book), at("2026-11-24 18:00"))
    outcome = wake_checkin(
        checkin,
        child=CHILD,
        circle=CIRCLE,
        policy=POLICY,
        now=at("2026-11-26 18:00"),
        new_id=book.new_id,
        visits=(task,),
    )
    assert [r.kind for r in outcome.records] == ["checkin", "checkin"]
    assert [r.status for r in outcome.records] == ["unanswered", "planned"]
    assert outcome.notices == ()


def test_a_family_that_pauses_is_asked_on_the_day_after_and_its_worker_knows() -> None:
    book = Book()
    asked = wake(book, planned(book), at("2026-11-24 18:00"))
    until = date(2026, 11, 30)
    paused = pause_checkins(
        GRANNY, until, checkins=[asked], workers={"3001": "wang"}, policy=POLICY, now=at("2026-11-25 10:00")
    )
    guardian, moved = paused.records
    assert isinstance(guardian, Person)
    assert isinstance(moved, CheckIn)
    assert guardian.paused_until == until
    assert (moved.status, moved.due, moved.wake_at) == ("planned", date(2026, 12, 1), at("2026-12-01 18:00"))
    assert [(n.to, n.kind, n.values["until"]) for n in paused.notices] == [
        ("wang", "checkins_paused", "2026-11-30")
    ]
    assert book.all(Visit) == []  # no telephone task


def test_a_prompt_that_falls_due_in_a_pause_waits_for_its_end() -> None:
    book = Book()
    quiet = replace(CIRCLE, guardians=(replace(GRANNY, paused_until=date(2026, 11, 26)),))
    moved = wake(book, planned(book), at("2026-11-24 18:00"), circle=quiet)
    assert (moved.status, moved.wake_at) == ("planned", at("2026-11-27 18:00"))
    assert wake(book, moved, at("2026-11-27 18:00"), circle=quiet).status == "asked"


def test_who_ends_a_pause_is_asked_soon() -> None:
    book = Book()
    late = replace(planned(book), due=date(2026, 12, 20))
    resumed = pause_checkins(GRANNY, None, checkins=[late], workers={}, policy=POLICY, now=MONDAY)
    assert [r.wake_at for r in resumed.records if isinstance(r, CheckIn)] == [at("2026-11-24 18:00")]
