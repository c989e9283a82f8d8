"""A matter of one child: who may take which step, whose turn it is, what the clock does until its end."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.matters import (
    Around,
    NotPossible,
    Report,
    begin_by_flag,
    begin_matter,
    close_matter,
    due_day,
    holders,
    steps_for,
    take_step,
    wake_matter,
)
from casework.records import Child, Circle, Escalation, Matter
from tests.casework.world import CHILD, CIRCLE, LI, MONDAY, NOBODY, POLICY, SUN, WANG, ZHAO, Book, at

RULE = POLICY.matters.sorts["hukou"]


def around(book: Book, now: datetime, *, child: Child = CHILD, circle: Circle = CIRCLE) -> Around:
    return Around(
        child=child, circle=circle, policy=POLICY, now=now, new_id=book.new_id,
        escalations=book.all(Escalation),
    )  # fmt: skip


def begun(book: Book, step: str = "start", circle: Circle = CIRCLE, **report: object) -> Matter:
    outcome = begin_matter(
        "hukou",
        step,
        Report(**report),
        by="wang",
        around=around(book, MONDAY, circle=circle),  # type: ignore[arg-type]
    )
    book.keep(outcome)
    return book.all(Matter)[0]


def step(
    book: Book, m: Matter, name: str, by: str = "wang", now: str = "2026-11-24 10:00", **report: object
) -> Matter:
    book.keep(
        take_step(m, name, Report(**report), by=by, around=around(book, at(now)))  # type: ignore[arg-type]
    )
    return book.all(Matter)[0]


def woken(book: Book, m: Matter, now: str | None = None) -> Matter:
    assert m.wake_at is not None
    moment = at(now) if now else m.wake_at
    book.keep(wake_matter(m, around=around(book, moment)))
    return book.all(Matter)[0]


def test_it_begins_in_the_steps_first_state_with_its_day_and_a_wake() -> None:
    m = begun(Book())
    assert (m.state, m.status, m.due) == ("unregistered", "open", date(2026, 12, 3))
    assert m.wake_at == at("2026-12-02 08:00")
    assert [(taken.step, taken.by) for taken in m.story] == [("start", "wang")]


def test_its_form_may_name_another_state_of_the_step_and_no_other() -> None:
    assert begun(Book(), to="papers").state == "papers"
    assert begun(Book(), to="registered").state == "unregistered"


def test_working_days_leave_out_the_weekend() -> None:
    assert begun(Book(), to="papers").due == date(2026, 11, 30)


def test_facts_are_kept_and_the_last_word_counts() -> None:
    book = Book()
    m = begun(book, facts={"papers": "birth", "reason": "other"}, said={"papers": "出生医学证明"})
    m = step(book, m, "gathered", facts={"papers": "birth parent_id", "reason": ""}, to="papers")
    assert m.facts == {"papers": "birth parent_id", "reason": "other"}
    assert m.said == {"papers": "出生医学证明"}


def test_only_who_holds_a_role_of_the_step_is_offered_it() -> None:
    assert steps_for(RULE, None, frozenset({"village_worker"})) == ("start",)
    assert "referred" not in steps_for(RULE, "papers", frozenset({"village_worker"}))
    assert "referred" in steps_for(RULE, "papers", frozenset({"township_officer"}))
    assert steps_for(RULE, "registered", frozenset({"county_officer"})) == ()
    assert steps_for(RULE, None, frozenset({"guardian"})) == ()


def test_whose_turn_it_is_follows_the_post_and_goes_up_where_nobody_holds_it() -> None:
    worker, officer = RULE.states["unregistered"], RULE.states["papers"]
    assert holders(worker, CIRCLE) == (WANG,)
    assert holders(worker, replace(CIRCLE, worker=None)) == (LI,)
    assert holders(officer, replace(CIRCLE, officers=())) == (ZHAO,)
    assert holders(officer, Circle(worker=WANG, county=(SUN,))) == (SUN,)
    assert holders(officer, NOBODY) == ()


def test_the_next_one_is_told_once_and_who_took_the_step_is_not() -> None:
    book = Book()
    m = begun(book)
    assert book.notices == []  # the worker began it, and it is the worker's turn
    step(book, m, "gathered", to="papers")
    assert [(n.kind, n.to) for n in book.notices] == [("matter_turn", "li")]


def test_a_step_of_another_state_or_of_an_ended_one_is_not_possible() -> None:
    book = Book()
    m = begun(book)
    with pytest.raises(NotPossible):
        step(book, m, "returned")
    m = step(book, m, "not_needed")
    assert (m.status, m.due, m.wake_at) == ("closed", None, None)
    with pytest.raises(NotPossible):
        step(book, m, "registered")
    with pytest.raises(NotPossible):
        begun(book, "registered")


def test_the_clock_reminds_before_the_day_and_on_it_and_sends_it_up_once_after_it() -> None:
    book = Book()
    m = woken(book, begun(book))
    assert m.wake_at == at("2026-12-03 08:00")
    m = woken(book, m)
    assert (m.wake_at, m.gone_up) == (at("2026-12-04 08:00"), False)
    assert book.all(Escalation) == []
    m = woken(book, m)
    assert m.gone_up
    (up,) = book.all(Escalation)
    assert (up.flag, up.source, up.facts["state"]) == ("matter_late", m.id, "unregistered")
    gaps = []
    for _ in range(8):
        before = m.wake_at
        m = woken(book, m)
        assert before is not None
        assert m.wake_at is not None
        gaps.append((m.wake_at - before).days)
    assert gaps == sorted(gaps)
    assert gaps[-1] == POLICY.matters.reminders.again_longest_days
    assert len(book.all(Escalation)) == 1


def test_a_step_begins_the_clock_anew() -> None:
    book = Book()
    m = begun(book)
    for _ in range(3):
        m = woken(book, m)
    m = step(book, m, "gathered", now="2026-12-10 10:00", to="papers")
    assert (m.gone_up, m.told, m.due) == (False, 0, date(2026, 12, 17))


def test_nothing_happens_before_its_time() -> None:
    book = Book()
    m = begun(book)
    assert m.wake_at is not None
    outcome = wake_matter(m, around=around(book, m.wake_at - timedelta(seconds=1)))
    assert not outcome


def test_it_ends_with_the_childs_file() -> None:
    book = Book()
    m = begun(book)
    assert m.wake_at is not None
    closed = wake_matter(m, around=around(book, m.wake_at, child=replace(CHILD, status="closed")))
    (after,) = closed.records
    assert (after.status, after.wake_at) == ("closed", None)
    assert not close_matter(replace(m, status="closed"), reason="child_closed", now=MONDAY)


def test_a_flag_begins_one_where_none_of_the_sort_is_open() -> None:
    book = Book()

    def raised(among: list[Matter]) -> int:
        outcome = begin_by_flag("no_hukou", by="wang", among=among, around=around(book, MONDAY))
        book.keep(outcome)
        return len(outcome.records)

    assert raised([]) == 1
    (m,) = book.all(Matter)
    assert (m.state, m.story[0].step) == ("unregistered", "flag_no_hukou")
    assert raised([m]) == 0
    assert raised([replace(m, status="closed")]) == 1


def test_a_sort_that_the_file_has_lost_is_looked_at_again_and_never_forgotten() -> None:
    book = Book()
    m = replace(begun(book), sort="gone")
    assert m.wake_at is not None
    outcome = wake_matter(m, around=around(book, m.wake_at))
    (after,) = outcome.records
    assert after.wake_at is not None
    assert after.wake_at > m.wake_at


def test_a_day_that_a_fact_holds_counts_backwards_and_never_before_today() -> None:
    state = replace_state(until="until", days=30)
    assert due_day(state, {"until": "2027-03-31"}, date(2026, 11, 23), POLICY) == date(2027, 3, 1)
    assert due_day(state, {"until": "2026-11-25"}, date(2026, 11, 23), POLICY) == date(2026, 11, 23)
    assert due_day(state, {}, date(2026, 11, 23), POLICY) == date(2026, 12, 23)


def replace_state(**changes: object):  # type: ignore[no-untyped-def]
    return RULE.states["unregistered"].model_copy(update=changes)


ROLES = frozenset({"village_worker", "township_officer", "county_officer"})


@given(st.lists(st.integers(min_value=0, max_value=400), max_size=25))
def test_whatever_is_done_an_open_matter_always_has_a_wake_ahead_and_an_ended_one_none(
    moves: list[int],
) -> None:
    book = Book()
    m, now = begun(book), MONDAY
    for move in moves:
        now += timedelta(hours=move % 100)
        steps = steps_for(POLICY.matters.sorts[m.sort], m.state, ROLES)
        if move % 2 and steps:
            name = steps[move % len(steps)]
            book.keep(take_step(m, name, by="li", around=around(book, now)))
        else:
            book.keep(wake_matter(m, around=around(book, now)))
        (m,) = book.all(Matter)
        if m.status == "closed":
            assert m.wake_at is None
            assert m.due is None
            break
        assert m.due is not None
        assert m.wake_at is not None
        assert m.wake_at > now - timedelta(hours=100)


def test_a_step_may_raise_a_flag_of_its_own() -> None:
    book = Book()
    report = Report(words="房子昨晚烧了")
    book.keep(begin_matter("assistance", "sudden", report, by="wang", around=around(book, MONDAY)))
    e = book.one(Escalation)
    assert (e.flag, e.urgency, e.facts) == ("hardship", "today", {"matter": "assistance", "state": "sudden"})
    assert e.source == book.one(Matter).id
