"""What an outage of ours changes: being away ourselves makes nobody late, and what is open is told again."""

from datetime import datetime, timedelta

from casework.calendar import local_day
from casework.clocks import next_look
from casework.outcome import Outcome
from casework.policy_models import Policy
from casework.record import replace
from casework.records import CheckIn, Child, Circle, Escalation, Visit
from casework.visit_steps import event_of, step_days, tell_worker


def visit_after_outage(
    visit: Visit, *, child: Child, policy: Policy, start: datetime, end: datetime
) -> Visit:
    """A visit whose reason was asked for before the outage goes up only after the whole time to answer.

    One that fell due meanwhile needs nothing: its reason is always asked for first (`wake_visit`).
    """
    if visit.status != "overdue" or visit.wake_at is None or visit.wake_at <= start:
        return visit
    away = visit.away_days + _days_away(start, end, policy)
    return replace(visit, wake_at=max(visit.wake_at, end + _time_to_answer(child, policy)), away_days=away)


def _days_away(start: datetime, end: datetime, policy: Policy) -> int:
    return (local_day(end, policy) - local_day(start, policy)).days


def _time_to_answer(child: Child, policy: Policy) -> timedelta:
    days = step_days(child, policy)
    return timedelta(days=days["missed"] - days["overdue"])


def visit_in_outage(
    visit: Visit, *, child: Child, circle: Circle, policy: Policy, start: datetime, end: datetime
) -> Outcome:
    """What of a planned visit fell due while we were away for long: nobody knows whether it was made.

    The worker is asked once, kindly; after the whole time to answer it goes on like any that is late, but by
    the days on which we were there. One due before the outage only gets those days back.
    """
    long = end - start > timedelta(hours=policy.visits.unknown_after_hours)
    fell_due = (
        visit.wake_at is not None and start < visit.wake_at <= end and visit.due < local_day(end, policy)
    )
    if visit.status != "planned" or visit.pause is not None or visit.unknown or not long or not fell_due:
        return Outcome()
    if visit.due < local_day(start, policy):
        return Outcome(records=(replace(visit, away_days=visit.away_days + _days_away(start, end, policy)),))
    unknown = replace(
        visit, unknown=True, away_days=(local_day(end, policy) - visit.due).days,
        told=("due_soon", "due_today"), wake_at=end + _time_to_answer(child, policy),
    )  # fmt: skip
    event = event_of("visit_unknown", visit, now=end, due=visit.due.isoformat())
    outcome = Outcome(records=(unknown,), events=(event,))
    if circle.worker is not None:
        outcome += tell_worker(unknown, circle.worker, policy=policy, now=end)
    return outcome


def escalation_after_outage(e: Escalation, *, start: datetime, end: datetime) -> Escalation:
    """An open one is told again now, before all that fell due; it climbs only after the rung's whole time.

    One that was taken on lapses, and is asked for its outcome, after the rung's first gap at the earliest:
    its holder could not report. What was on its way has its time again.
    """
    if e.wake_at is None or e.status not in ("open", "acknowledged"):
        return e
    if e.status == "acknowledged":
        gap = timedelta(minutes=e.ladder[e.rung]["repeat"])
        return _held_on(e, start, end + gap) if e.rests_until is None else e
    climb_at = e.climb_at
    if climb_at is not None and climb_at > start and e.rung + 1 < len(e.ladder):
        climb_at = max(climb_at, end + timedelta(minutes=e.ladder[e.rung + 1]["after"]))
    counted_from = max(e.counted_from, end) if e.counted_from is not None else None
    return replace(e, wake_at=min(e.wake_at, start), climb_at=climb_at, counted_from=counted_from)


def _held_on(e: Escalation, start: datetime, earliest: datetime) -> Escalation:
    """What was to come after ``start`` by either clock of its holder's comes at the ``earliest``."""
    lapse_at = e.lapse_at or e.wake_at
    assert lapse_at is not None
    moved = replace(
        e,
        lapse_at=max(lapse_at, earliest) if lapse_at > start else lapse_at,
        chase_at=max(e.chase_at, earliest) if e.chase_at is not None and e.chase_at > start else e.chase_at,
    )
    return replace(moved, wake_at=next_look(moved))


def checkin_after_outage(checkin: CheckIn, *, policy: Policy, start: datetime, end: datetime) -> CheckIn:
    """A prompt that waits for its answer waits for the whole time again: the answer could not come in."""
    if checkin.status != "asked" or checkin.wake_at is None or checkin.wake_at <= start:
        return checkin
    until = end + timedelta(hours=policy.checkins.hours_until_task)
    return replace(checkin, wake_at=max(checkin.wake_at, until))
