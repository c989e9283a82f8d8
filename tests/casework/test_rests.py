"""Visits put off, reminders snoozed, visits paused: the plan follows, and no child is ever forgotten."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.calendar import at_hour, local_day
from casework.checkins import plan_checkin, wake_checkin
from casework.outcome import Outcome
from casework.pauses import latest_end, pause_visit, resume
from casework.records import CheckIn, Child, Escalation, Pause, Visit
from casework.rescheduling import ask_officer, is_movable, latest_day, reschedule_visit
from casework.snoozing import may_snooze, snooze, snooze_moments
from casework.visit_steps import ROUTINE
from casework.visits import TO_DO, complete_visit, excuse_visit, plan_visit, reassign, wake_visit
from tests.casework.world import (
    CHILD,
    CIRCLE,
    DAY,
    GRANNY,
    HOUR,
    MONDAY,
    POLICY,
    WANG,
    Book,
    at,
    in_quiet_hours,
    leaves,
)

TODAY = date(2026, 11, 23)
RED = replace(CHILD, risk=1)


def planned(book: Book, child: Child = CHILD, *, due: date = TODAY + DAY) -> Visit:
    book.keep(plan_visit(child, policy=POLICY, now=MONDAY, new_id=book.new_id, due=due))
    return book.all(Visit)[-1]


def kept(book: Book, visit: Visit) -> Visit:
    found = book.records[("visit", visit.id)]
    assert isinstance(found, Visit)
    return found


def opened(book: Book) -> list[Escalation]:
    return [e for e in book.all(Escalation) if e.status in ("open", "acknowledged")]


def moved(book: Book, visit: Visit, to: date, *, officer: bool = False, child: Child = CHILD) -> Visit:
    book.keep(
        reschedule_visit(
            kept(book, visit), to=to, reason="school", by="li" if officer else "wang", officer=officer,
            child=child, circle=CIRCLE, policy=POLICY, now=MONDAY, open_escalations=opened(book),
        )
    )  # fmt: skip
    return kept(book, visit)


def wake(book: Book, visit: Visit, now: datetime, child: Child = CHILD) -> Visit:
    book.keep(
        wake_visit(
            kept(book, visit), child=child, circle=CIRCLE, policy=POLICY, now=now, new_id=book.new_id,
            open_escalations=opened(book), visits=[v for v in book.all(Visit) if v.status in TO_DO],
        )
    )  # fmt: skip
    return kept(book, visit)


def rest(
    book: Book,
    visit: Visit,
    end: date,
    *,
    now: datetime = MONDAY,
    child: Child = CHILD,
    sort: str = "boarding",
) -> Visit:
    pause = Pause(sort=sort, start=local_day(now, POLICY), end=end, responsible="worker")
    book.keep(
        pause_visit(
            kept(book, visit), pause, by="wang", child=child, circle=CIRCLE, policy=POLICY, now=now,
            open_escalations=opened(book),
        )
    )  # fmt: skip
    return kept(book, visit)


def test_a_visit_put_off_is_reminded_of_and_goes_up_by_its_new_day() -> None:
    book = Book()
    visit = moved(book, planned(book), date(2026, 11, 27))
    assert (visit.due, visit.first_due, visit.reschedules) == (date(2026, 11, 27), date(2026, 11, 24), 1)
    assert visit.wake_at == at("2026-11-26 08:00")
    event = book.events[-1]
    assert (event.name, event.actor) == ("visit_rescheduled", "wang")
    assert event.detail == {"before": "2026-11-24", "due": "2026-11-27", "reason": "school"}
    for _ in range(3):
        visit = wake(book, visit, visit.wake_at or MONDAY)
    assert (visit.status, visit.wake_at) == ("overdue", at("2026-12-02 08:00"))


def test_a_worker_puts_it_off_only_so_far_and_so_often_counted_from_the_first_day() -> None:
    book = Book()
    visit = planned(book)
    with pytest.raises(ValueError, match="put off to"):
        moved(book, visit, date(2026, 12, 2))
    moved(book, visit, date(2026, 11, 27))
    moved(book, visit, date(2026, 12, 1))
    with pytest.raises(ValueError, match="so often"):
        moved(book, visit, date(2026, 11, 30))
    assert moved(book, visit, date(2026, 12, 15), officer=True).due == date(2026, 12, 15)


def test_a_red_child_is_put_off_by_one_day_only() -> None:
    book = Book()
    visit = planned(book, RED)
    assert latest_day(visit, RED, POLICY, officer=False) == date(2026, 11, 25)
    assert latest_day(visit, RED, POLICY, officer=True) == date(2026, 11, 27)


def test_a_visit_whose_day_has_passed_is_not_put_off_but_accounted_for() -> None:
    visit = planned(Book(), due=date(2026, 11, 20))
    assert not is_movable(visit, TODAY)
    assert is_movable(replace(visit, due=TODAY), TODAY)


def test_the_officer_who_is_asked_moves_it_and_the_question_is_taken_back() -> None:
    book = Book()
    visit = planned(book)
    book.keep(
        ask_officer(
            visit, reason="weather", by="wang", child=CHILD, circle=CIRCLE, policy=POLICY, now=MONDAY,
            new_id=book.new_id,
        )
    )  # fmt: skip
    asked = book.one(Escalation)
    assert (asked.flag, asked.facts) == ("move_wanted", {"due": "2026-11-24", "put_off": "weather"})
    assert kept(book, visit).due == date(2026, 11, 24)  # the day stands until the officer has decided
    moved(book, visit, date(2026, 12, 10), officer=True)
    assert book.one(Escalation).outcome == "visit_moved"


def test_a_higher_risk_brings_a_visit_that_was_put_off_forward_again() -> None:
    book = Book()
    visit = moved(book, planned(book), date(2026, 11, 30))
    book.keep(reassign(RED, visits=[visit], policy=POLICY, now=MONDAY))
    assert kept(book, visit).due == date(2026, 11, 27)


def test_a_roster_that_changes_nothing_leaves_a_visit_where_it_was_put() -> None:
    book = Book()
    visit = moved(book, planned(book, due=date(2026, 12, 23)), date(2026, 12, 30))
    assert reassign(CHILD, visits=[visit], policy=POLICY, now=MONDAY) == Outcome()


def snoozed(book: Book, visits: Sequence[Visit], until: str, now: datetime) -> Outcome:
    return book.keep(snooze(visits, to=WANG, until=until, policy=POLICY, now=now))  # type: ignore[arg-type]


def test_a_snoozed_reminder_comes_in_the_evening_as_one_message_and_no_day_changes() -> None:
    book = Book()
    visits = [planned(book), planned(book)]
    outcome = snoozed(book, visits, "evening", MONDAY)
    (notice,) = outcome.notices
    assert notice.not_before == at("2026-11-23 18:00")
    assert [(v.due, v.wake_at, v.snoozed) for v in book.all(Visit)] == [(v.due, v.wake_at, 1) for v in visits]
    assert book.happenings()[-2:] == ["reminder_snoozed"] * 2


def test_it_is_snoozed_so_often_only_and_the_next_reminder_begins_anew() -> None:
    book = Book()
    visit = planned(book, due=TODAY + 2 * DAY)
    for until, now in (("evening", MONDAY), ("morning", MONDAY + 10 * HOUR)):
        snoozed(book, [kept(book, visit)], until, now)
    assert not may_snooze([kept(book, visit)], POLICY)
    assert snoozed(book, [kept(book, visit)], "morning", MONDAY + DAY) == Outcome()
    assert may_snooze([wake(book, visit, MONDAY + DAY)], POLICY)


@given(st.integers(0, 24 * 60 * 3))
def test_a_snoozed_reminder_lies_ahead_and_outside_quiet_hours(minutes: int) -> None:
    now = MONDAY + timedelta(minutes=minutes)
    moments = snooze_moments(WANG, POLICY, now)
    assert "morning" in moments
    assert all(moment > now and not in_quiet_hours(moment, "village_worker") for moment in moments.values())


def test_visits_rest_until_the_end_and_then_go_on_by_themselves() -> None:
    book = Book()
    visit = rest(book, planned(book), date(2026, 12, 10))
    assert (visit.status, visit.due, visit.wake_at) == ("planned", date(2026, 12, 10), at("2026-12-07 08:00"))
    visit = wake(book, visit, at("2026-12-07 08:00"))
    assert visit.pause is not None
    assert (visit.pause.asked, visit.wake_at) == (True, at("2026-12-10 08:00"))
    visit = wake(book, visit, at("2026-12-10 08:00"))
    assert (visit.pause, visit.status, visit.told) == (None, "planned", ("due_soon", "due_today"))
    assert [leaves(n, at("2026-12-10 08:00")) for n in book.notices[-1:]] == [at("2026-12-10 08:00")]
    assert book.happenings()[-2:] == ["visits_resumed", "visit_reminded"]


def test_a_pause_slept_through_ends_when_we_are_back() -> None:
    book = Book()
    visit = wake(book, rest(book, planned(book), date(2026, 12, 10)), at("2026-12-20 09:00"))
    assert (visit.pause, visit.due, visit.status) == (None, date(2026, 12, 10), "overdue")


def test_a_pause_needs_an_end_within_the_policy_and_somebody_within_reach() -> None:
    book = Book()
    visit = planned(book, RED)
    with pytest.raises(ValueError, match="rest until"):
        rest(book, visit, date(2026, 12, 8), child=RED)
    with pytest.raises(ValueError, match="rest until"):
        rest(book, visit, TODAY, child=RED)
    school = Pause(sort="boarding", start=TODAY, end=TODAY + DAY, responsible="school", contact=" ")
    with pytest.raises(ValueError, match="within reach"):
        pause_visit(visit, school, by="wang", child=RED, circle=CIRCLE, policy=POLICY, now=MONDAY)


def test_a_child_that_boards_rests_at_most_until_the_term_ends() -> None:
    assert latest_end(CHILD, "boarding", POLICY, TODAY) == date(2027, 1, 29)


def test_while_visits_rest_the_worker_telephones_now_and_then_and_not_twice_at_a_time() -> None:
    book = Book()
    visit = rest(book, planned(book, RED), date(2026, 12, 7), child=RED)
    assert visit.wake_at == at("2026-11-30 08:00")
    visit = wake(book, visit, at("2026-11-30 08:00"), RED)
    assert [(v.purpose, v.due) for v in book.all(Visit)[1:]] == [("phone", date(2026, 12, 2))]
    wake(book, visit, at("2026-12-04 08:00"), RED)
    assert len(book.all(Visit)) == 2


def test_a_missed_visit_rests_and_what_had_gone_up_is_taken_back() -> None:
    book = Book()
    visit = planned(book)
    for moment in ("2026-11-24 08:00", "2026-11-26 08:00", "2026-11-29 08:00"):
        visit = wake(book, visit, at(moment))
    assert (visit.status, [e.flag for e in opened(book)]) == ("missed", ["missed_visit"])
    visit = rest(book, visit, date(2026, 12, 20), now=at("2026-11-29 09:00"))
    assert (visit.status, opened(book)) == ("planned", [])


def test_prompts_wait_where_the_child_is_not_with_the_family_and_go_on_where_it_comes_home() -> None:
    book = Book()
    visit = planned(book)
    book.keep(plan_checkin(CHILD, GRANNY, policy=POLICY, now=MONDAY, new_id=book.new_id))
    checkin = book.one(CheckIn)
    for sort, status in (("away_with_parents", "planned"), ("boarding", "asked")):
        resting = rest(Book(records=dict(book.records)), visit, date(2026, 12, 20), sort=sort)
        outcome = wake_checkin(
            checkin, child=CHILD, circle=CIRCLE, policy=POLICY, now=checkin.wake_at or MONDAY,
            new_id=book.new_id, visits=[resting],
        )  # fmt: skip
        (after,) = (r for r in outcome.records if isinstance(r, CheckIn))
        assert after.status == status
        assert after.wake_at is not None
        assert after.wake_at > MONDAY + DAY


def test_a_higher_risk_shortens_a_pause_and_a_new_worker_takes_it_over() -> None:
    book = Book()
    visit = rest(book, planned(book), date(2027, 1, 20))
    book.keep(reassign(replace(RED, worker="liu"), visits=[visit], policy=POLICY, now=MONDAY))
    after = kept(book, visit)
    assert (after.person, after.due, after.pause and after.pause.end) == (
        "liu",
        date(2026, 12, 7),
        date(2026, 12, 7),
    )


_STEPS = st.sampled_from(
    ["wait", "wake", "move", "officer", "pause", "resume", "snooze", "excuse", "done", "risk", "worker"]
)


@given(st.lists(st.tuples(_STEPS, st.integers(0, 200)), max_size=30))
def test_a_visit_is_never_lost_whatever_is_done_to_it(steps: list[tuple[str, int]]) -> None:
    """Each active child has exactly one routine visit to do, and a moment at which the clock looks at it."""
    book, now, child = Book(), MONDAY, CHILD
    planned(book)
    for step, number in steps:
        if step == "wait":
            now += timedelta(hours=number)
        elif step == "risk":
            child = replace(child, risk=number % 4 + 1)
        elif step == "worker":
            child = replace(child, worker="liu" if child.worker == "wang" else "wang")
        book.keep(_taken(book, step, number, child, now))
        (visit,) = (v for v in book.all(Visit) if v.status in TO_DO and v.purpose in ROUTINE)
        assert visit.wake_at is not None
        latest = at_hour(visit.due, 8, POLICY) + 366 * DAY
        assert visit.wake_at <= max(latest, now + 366 * DAY)
        if visit.pause is not None:
            assert visit.wake_at <= at_hour(visit.pause.end, 8, POLICY)
            assert visit.due == visit.pause.end
    for _ in range(200):  # and with nobody doing anything it goes up at last
        (visit,) = (v for v in book.all(Visit) if v.status in TO_DO and v.purpose in ROUTINE)
        if any(e.source == visit.id and e.flag == "missed_visit" for e in opened(book)):
            return
        now = max(now, visit.wake_at or now)
        wake(book, visit, now, child)
    raise AssertionError("nobody was told")


def _taken(book: Book, step: str, number: int, child: Child, now: datetime) -> Outcome:
    """What one step brings about."""
    (visit,) = (v for v in book.all(Visit) if v.status in TO_DO and v.purpose in ROUTINE)
    today, day = local_day(now, POLICY), local_day(now, POLICY) + timedelta(days=number % 60)
    if step == "wake":
        return wake_visit(
            visit, child=child, circle=CIRCLE, policy=POLICY, now=max(now, visit.wake_at or now),
            new_id=book.new_id, open_escalations=opened(book), visits=[visit],
        )  # fmt: skip
    if step in ("move", "officer"):
        try:
            return reschedule_visit(
                visit, to=day, reason="other", by="wang", officer=step == "officer", child=child,
                circle=CIRCLE, policy=POLICY, now=now, open_escalations=opened(book),
            )  # fmt: skip
        except ValueError:
            return Outcome()
    if step == "pause":
        pause = Pause(sort="boarding", start=today, end=day, responsible="worker")
        try:
            return pause_visit(
                visit, pause, by="wang", child=child, circle=CIRCLE, policy=POLICY, now=now,
                open_escalations=opened(book),
            )  # fmt: skip
        except ValueError:
            return Outcome()
    if step == "resume":
        return resume(visit, by="wang", child=child, policy=POLICY, now=now)
    if step == "snooze":
        return snooze([visit], to=WANG, until="morning", policy=POLICY, now=now)
    return _ended(book, step, visit, child, now)


def _ended(book: Book, step: str, visit: Visit, child: Child, now: datetime) -> Outcome:
    if step == "excuse":
        return excuse_visit(
            visit, reason="boarding", by="wang", child=child, circle=CIRCLE, policy=POLICY, now=now,
            new_id=book.new_id, open_escalations=opened(book),
        )  # fmt: skip
    if step == "done":
        return complete_visit(
            visit, child=child, by="wang", submission="s", policy=POLICY, now=now, new_id=book.new_id,
            circle=CIRCLE, open_escalations=opened(book),
        )  # fmt: skip
    if step in ("risk", "worker"):
        return reassign(child, visits=[visit], policy=POLICY, now=now)
    return Outcome()
