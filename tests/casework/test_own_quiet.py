"""Hours of one's own: reminders wait for their end, what is urgent does not, and no gap grows by them."""

from dataclasses import replace
from datetime import date, time

import pytest

from casework.escalations import open_escalation, wake_escalation
from casework.own_quiet import quiet_fault, undisturbed
from casework.records import Escalation, QuietTime
from casework.visit_steps import tell_worker
from casework.visits import plan_visit
from tests.casework.world import CHILD, CIRCLE, LI, MONDAY, POLICY, WANG, Book, at, ids

MORNING = QuietTime(start=time(8), end=time(12), until=date(2026, 11, 24))
EVENING = QuietTime(start=time(18), end=time(21), until=date(2026, 11, 24))


@pytest.mark.parametrize(
    ("moment", "own", "expected"),
    [
        ("2026-11-23 09:00", None, "2026-11-23 09:00"),
        ("2026-11-23 09:00", MORNING, "2026-11-23 12:00"),
        ("2026-11-23 12:00", MORNING, "2026-11-23 12:00"),
        ("2026-11-25 09:00", MORNING, "2026-11-25 09:00"),  # they ended the day before
        ("2026-11-23 05:00", MORNING, "2026-11-23 07:00"),
        ("2026-11-23 19:00", EVENING, "2026-11-24 07:00"),  # into the night, which is quiet anyway
        ("2026-11-23 22:00", replace(MORNING, start=time(7)), "2026-11-24 12:00"),  # from the night on
    ],
)
def test_a_moment_is_moved_to_where_nobody_is_disturbed(
    moment: str, own: QuietTime | None, expected: str
) -> None:
    assert undisturbed(at(moment), "village_worker", own, POLICY) == at(expected)


@pytest.mark.parametrize(
    ("start", "end", "fault"),
    [
        (time(8), time(12), ""),
        (time(12), time(8), "order"),
        (time(8), time(14, 1), "long"),
        (time(8), time(8), "order"),
    ],
)
def test_hours_must_be_in_order_and_not_too_many(start: time, end: time, fault: str) -> None:
    assert quiet_fault(start, end, POLICY) == fault


def test_a_reminder_waits_for_the_end_of_the_workers_own_hours() -> None:
    (visit,) = plan_visit(CHILD, policy=POLICY, now=MONDAY, new_id=ids().__next__).records
    told = tell_worker(visit, replace(WANG, quiet=MORNING), policy=POLICY, now=MONDAY)  # type: ignore[arg-type]
    assert [n.not_before for n in told.notices] == [at("2026-11-23 12:00")]


def _opened(urgency: str, circle: object) -> tuple[Book, Escalation]:
    book = Book()
    book.keep(
        open_escalation(
            "dropout", child=CHILD, circle=circle, facts={}, source=None, by=None, policy=POLICY,
            now=MONDAY, new_id=book.new_id, urgency=urgency,
        )  # type: ignore[arg-type]
    )  # fmt: skip
    return book, book.one(Escalation)


@pytest.mark.parametrize("urgency", ["now", "today", "days"])
def test_an_alert_goes_up_at_the_same_minute_with_and_without_somebodys_own_hours(urgency: str) -> None:
    quiet = replace(CIRCLE, officers=(replace(LI, quiet=MORNING),))
    (_, plain), (_, held) = _opened(urgency, CIRCLE), _opened(urgency, quiet)
    assert (held.wake_at, held.climb_at) == (plain.wake_at, plain.climb_at)


def test_what_is_urgent_makes_its_sound_in_somebodys_own_hours_and_the_rest_does_not() -> None:
    quiet = replace(CIRCLE, officers=(replace(LI, quiet=MORNING),))
    for urgency, silent in (("now", False), ("today", True)):
        book, _ = _opened(urgency, quiet)
        assert {n.silent for n in book.notices if n.to == "li"} == {silent}
        assert all(n.not_before is None for n in book.notices)


def test_a_repeat_waits_for_the_end_of_somebodys_own_hours() -> None:
    quiet = replace(CIRCLE, officers=(replace(LI, quiet=MORNING),))
    book, e = _opened("today", quiet)
    assert e.wake_at is not None
    book.keep(wake_escalation(e, child=CHILD, circle=quiet, policy=POLICY, now=e.wake_at))
    assert [n.not_before for n in book.notices if n.to == "li"] == [None, at("2026-11-23 12:00")]
