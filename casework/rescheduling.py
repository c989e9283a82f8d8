"""Putting a visit off before its day has passed: for a reason, so far and so often as the policy allows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from casework.calendar import local_day
from casework.escalations import withdraw
from casework.flags import Flag, raise_one
from casework.outcome import NewId, Outcome
from casework.policy_models import Policy
from casework.records import Child, Circle, Escalation, Visit
from casework.visit_steps import asked_of, event_of, moment_of, next_moment


def is_movable(visit: Visit, today: date) -> bool:
    """Whether it may be put off at all: it is still to be made and its day has not passed."""
    return visit.status == "planned" and visit.pause is None and not visit.unknown and today <= visit.due


def latest_day(visit: Visit, child: Child, policy: Policy, *, officer: bool) -> date:
    """The last day that it may be put off to, counted from the day first planned."""
    rules = policy.visits.reschedule
    days = rules.officer_days if officer else rules.days
    return (visit.first_due or visit.due) + timedelta(days=days[child.risk])


def is_worn_out(visit: Visit, child: Child, policy: Policy) -> bool:
    """Whether the worker has put it off as often as he may."""
    return visit.reschedules >= policy.visits.reschedule.times[child.risk]


def reschedule_visit(
    visit: Visit,
    *,
    to: date,
    reason: str,
    by: str,
    officer: bool,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    open_escalations: Sequence[Escalation] = (),
) -> Outcome:
    """The visit is to be made by ``to``; reminders, and when it goes up, follow that day.

    What asked an officer for it is taken back. Nothing where it can't be put off any more. Raises
    `ValueError` for a day or a number of times beyond the policy's, `KeyError` for an unknown reason.
    """
    today = local_day(now, policy)
    policy.visits.reschedule.reasons[reason]
    if not is_movable(visit, today) or to == visit.due:
        return Outcome()
    if not today <= to <= latest_day(visit, child, policy, officer=officer):
        raise ValueError(f"a visit can't be put off to {to}")
    if not officer and is_worn_out(visit, child, policy):
        raise ValueError("a visit can't be put off so often")
    moved = replace(
        visit, due=to, first_due=visit.first_due or visit.due, reschedules=visit.reschedules + 1, told_at=None
    )
    passed = moment_of(moved, "due_soon", child, policy) <= now
    moved = replace(moved, told=("due_soon",) if passed else ())
    moved = replace(moved, wake_at=next_moment(moved, child, policy))
    detail = {"before": visit.due.isoformat(), "due": to.isoformat(), "reason": reason}
    outcome = Outcome(
        records=(moved,), events=(event_of("visit_rescheduled", visit, now=now, actor=by, **detail),)
    )
    for e in asked_of(visit, open_escalations):
        outcome += withdraw(e, by=by, reason="visit_moved", circle=circle, policy=policy, now=now)
    return outcome


def ask_officer(
    visit: Visit,
    *,
    reason: str,
    by: str,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    open_escalations: Sequence[Escalation] = (),
) -> Outcome:
    """The worker wants it put off further than he may: the officer is asked; until then its day stands."""
    rules = policy.visits.reschedule
    if not is_movable(visit, local_day(now, policy)):
        return Outcome()
    return raise_one(
        Flag(kind=rules.flag, urgency=rules.urgency),
        source=visit.id,
        by=by,
        facts={"due": visit.due.isoformat(), "put_off": reason},
        child=child,
        circle=circle,
        policy=policy,
        now=now,
        new_id=new_id,
        already_open=open_escalations,
    )
