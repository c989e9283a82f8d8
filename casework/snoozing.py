"""Putting a reminder off until the evening or the next morning: the message only, never the visit's day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from casework.calendar import at_hour, local_day
from casework.outcome import Outcome
from casework.own_quiet import undisturbed
from casework.policy_models import Policy
from casework.records import Person, Visit
from casework.visit_steps import TO_DO, event_of, tell_worker

Later = Literal["evening", "morning"]


def snooze_moments(to: Person, policy: Policy, now: datetime) -> dict[Later, datetime]:
    """When a reminder may come again; the evening only while it lies ahead. Keeps quiet hours and his own."""
    today, rules = local_day(now, policy), policy.visits
    evening = at_hour(today, rules.snooze.evening_hour, policy)
    morning = at_hour(today + timedelta(days=1), rules.remind_hour, policy)
    found: dict[Later, datetime] = {"morning": undisturbed(morning, "village_worker", to.quiet, policy)}
    if evening > now and undisturbed(evening, "village_worker", to.quiet, policy) == evening:
        found = {"evening": evening, **found}
    return found


def may_snooze(visits: Sequence[Visit], policy: Policy) -> bool:
    """Whether the reminder of these visits may be put off once more."""
    return all(visit.snoozed < policy.visits.snooze.most for visit in visits)


def snooze(visits: Sequence[Visit], *, to: Person, until: Later, policy: Policy, now: datetime) -> Outcome:
    """``to`` is told of these visits again then, together with whatever falls due at that hour.

    Nothing where they may not be put off, or that moment has passed.
    """
    moment = snooze_moments(to, policy, now).get(until)
    waiting = [visit for visit in visits if visit.status in TO_DO]
    if moment is None or not may_snooze(waiting, policy):
        return Outcome()
    outcome = Outcome()
    for visit in waiting:
        told = tell_worker(visit, to, policy=policy, now=now, at=moment)
        (again,) = (record for record in told.records if isinstance(record, Visit))
        event = event_of("reminder_snoozed", visit, now=now, actor=to.id, until=until)
        kept = Outcome(records=(replace(again, snoozed=visit.snoozed + 1),), events=(event,))
        outcome += kept + (Outcome(notices=told.notices) if not outcome.notices else Outcome())
    return outcome
