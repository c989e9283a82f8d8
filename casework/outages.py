"""What an outage of ours changes: being away ourselves makes nobody late, and what is open is told again."""

from dataclasses import replace
from datetime import datetime, timedelta

from casework.policy_models import Policy
from casework.records import CheckIn, Child, Escalation, Visit
from casework.visit_steps import step_days


def visit_after_outage(
    visit: Visit, *, child: Child, policy: Policy, start: datetime, end: datetime
) -> Visit:
    """A visit whose reason was asked for before the outage goes up only after the whole time to answer.

    One that fell due meanwhile needs nothing: its reason is always asked for first (`wake_visit`).
    """
    if visit.status != "overdue" or visit.wake_at is None or visit.wake_at <= start:
        return visit
    days = step_days(child, policy)
    answer = timedelta(days=days["missed"] - days["overdue"])
    return replace(visit, wake_at=max(visit.wake_at, end + answer))


def escalation_after_outage(e: Escalation, *, start: datetime, end: datetime) -> Escalation:
    """An open one is told again now, before all that fell due; it climbs only after the rung's whole time.

    One that was taken on lapses after the rung's first gap at the earliest: its holder could not report.
    """
    if e.wake_at is None or e.status not in ("open", "acknowledged"):
        return e
    if e.status == "acknowledged":
        gap = timedelta(minutes=e.ladder[e.rung]["repeat"])
        return replace(e, wake_at=max(e.wake_at, end + gap)) if e.wake_at > start else e
    climb_at = e.climb_at
    if climb_at is not None and climb_at > start and e.rung + 1 < len(e.ladder):
        climb_at = max(climb_at, end + timedelta(minutes=e.ladder[e.rung + 1]["after"]))
    return replace(e, wake_at=min(e.wake_at, start), climb_at=climb_at)


def checkin_after_outage(checkin: CheckIn, *, policy: Policy, start: datetime, end: datetime) -> CheckIn:
    """A prompt that waits for its answer waits for the whole time again: the answer could not come in."""
    if checkin.status != "asked" or checkin.wake_at is None or checkin.wake_at <= start:
        return checkin
    until = end + timedelta(hours=policy.checkins.hours_until_task)
    return replace(checkin, wake_at=max(checkin.wake_at, until))
