"""The duty to visit: planned by risk, made, or not made for a reason, and planned anew."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from casework.calendar import local_day
from casework.escalations import withdraw
from casework.flags import Flag, raise_one
from casework.outcome import NewId, Notice, Outcome, Priority
from casework.pauses import stay_within
from casework.periods import interval_end
from casework.planning import plan_visit
from casework.policy_models import Policy
from casework.policy_visits import Reason
from casework.record import replace
from casework.records import Child, Circle, Escalation, Visit
from casework.visit_clock import wake_visit
from casework.visit_steps import (
    ROUTINE,
    TO_DO,
    asked_of,
    cancel_visit,
    days_late,
    event_of,
    moment_of,
    next_moment,
    of_visit,
)

__all__ = [
    "TO_DO",
    "cancel_visit",
    "complete_visit",
    "excuse_visit",
    "plan_visit",
    "reassign",
    "wake_visit",
]


def complete_visit(
    visit: Visit,
    *,
    child: Child,
    by: str,
    submission: str,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    circle: Circle | None = None,
    open_escalations: Sequence[Escalation] = (),
) -> Outcome:
    """The visit was made, whenever that was; the next is planned, and what had gone up is withdrawn.

    Who has seen the child ends a pause by it.

    ``open_escalations`` are the child's. Nothing where the visit is no longer to be made (a second report
    of the same).
    """
    if visit.status not in TO_DO:
        return Outcome()
    done = replace(
        visit, status="done", closed_at=now, submission=submission, wake_at=None, pause=None, unknown=False
    )
    late = days_late(visit, local_day(now, policy))
    event = event_of("visit_completed", visit, now=now, actor=by, days_late=str(late))
    outcome = Outcome(records=(done,), events=(event,))
    outcome += _withdrawn(
        visit, open_escalations, by=by, reason="visit_done", circle=circle, policy=policy, now=now
    )
    if visit.purpose in ROUTINE and child.status == "active":
        outcome += plan_visit(child, policy=policy, now=now, new_id=new_id, after=visit)
    return outcome


def excuse_visit(
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
    submission: str | None = None,
) -> Outcome:
    """The visit did not happen, for a reason of the policy's, which says when to try again and what goes up.

    What had gone up because nobody answered is withdrawn, for now there is an answer. Raises `KeyError` for
    an unknown reason. Nothing where the visit is no longer to be made, or rests.
    """
    if visit.status not in TO_DO or visit.pause is not None:
        return Outcome()
    rule, outcome = policy.visits.reasons[reason], _excused(visit, reason, by, submission, now)
    outcome += _withdrawn(
        visit, open_escalations, by=by, reason=f"reason_{reason}", circle=circle, policy=policy, now=now
    )
    if rule.flag and visit.tries + 1 >= rule.flag_after:
        outcome += raise_one(
            Flag(kind=rule.flag, urgency=rule.urgency),
            source=submission or visit.id,
            by=by,
            facts=_facts(visit, reason),
            child=child,
            circle=circle,
            policy=policy,
            now=now,
            new_id=new_id,
            already_open=open_escalations,
        )
    if child.status == "active":
        outcome += _next_try(visit, rule, child=child, policy=policy, now=now, new_id=new_id)
    return outcome


def _excused(visit: Visit, reason: str, by: str, submission: str | None, now: datetime) -> Outcome:
    closed = replace(
        visit,
        status="excused",
        reason=reason,
        closed_at=now,
        submission=submission,
        wake_at=None,
        unknown=False,
    )
    event = event_of("visit_excused", visit, now=now, actor=by, reason=reason, tries=str(visit.tries + 1))
    return Outcome(records=(closed,), events=(event,))


def _facts(visit: Visit, reason: str) -> dict[str, str]:
    return {"reason": reason, "tries": str(visit.tries + 1), "due": visit.due.isoformat()}


def _next_try(
    visit: Visit, rule: Reason, *, child: Child, policy: Policy, now: datetime, new_id: NewId
) -> Outcome:
    days = min(rule.again_days, policy.visits.risk(child.risk).every_days)
    due = local_day(now, policy) + timedelta(days=days)
    return plan_visit(
        child,
        policy=policy,
        now=now,
        new_id=new_id,
        purpose=visit.purpose,
        due=due,
        after=visit,
        tries=visit.tries + 1,
    )


def reassign(
    child: Child,
    *,
    visits: Sequence[Visit],
    policy: Policy,
    now: datetime,
    by: str = "import",
) -> Outcome:
    """Keeps the visits right after the child's worker, risk or status changed (``child`` as it is now).

    A new worker takes over what is to be made and is told of the child; reminders begin anew for him. A
    higher risk brings the routine visit forward, never back. A closed child's visits are cancelled. The
    child itself is the caller's to keep.
    """
    outcome = Outcome()
    moved = False
    for visit in visits:
        if visit.status not in TO_DO or visit.child != child.id:
            continue
        if child.status != "active":
            outcome += cancel_visit(visit, reason="child_closed", now=now, by=by)
            continue
        after = _for_child(visit, child, policy, now)
        if after != visit:
            moved = moved or after.person != visit.person
            detail = {"worker": after.person or "", "due": after.due.isoformat()}
            event = event_of("visit_moved", visit, now=now, actor=by, **detail)
            outcome += Outcome(records=(after,), events=(event,))
    if moved:
        outcome += tell_assigned(child)
    return outcome


def _for_child(visit: Visit, child: Child, policy: Policy, now: datetime) -> Visit:
    """The visit as the child's worker and risk now want it."""
    if visit.pause is not None:
        return stay_within(visit, visit.pause, child=child, policy=policy, now=now)
    today = local_day(now, policy)
    due = visit.due
    if visit.purpose in ROUTINE and visit.status == "planned":
        usual = interval_end(visit.planned_on, policy.visits.risk(child.risk).every_days, policy)
        if visit.first_due is not None:  # put off, by as much as the risk allows
            put_off = timedelta(days=policy.visits.reschedule.officer_days[child.risk])
            usual = min(usual, visit.first_due) + put_off
        due = min(due, max(today, usual))
    if visit.person == child.worker and due == visit.due:
        return visit
    moved = replace(visit, person=child.worker, due=due)
    if visit.status != "planned":
        return moved  # it has gone on its way up; that goes on with the new worker
    passed = moment_of(moved, "due_soon", child, policy) <= now
    moved = replace(moved, told=("due_soon",) if passed else ())
    return replace(moved, wake_at=next_moment(moved, child, policy))


def tell_assigned(child: Child) -> Outcome:
    """The child's worker hears that it is his to look after now."""
    if child.worker is None:
        return Outcome()
    notice = Notice(
        key=f"child:{child.id}:assigned:{child.worker}:{child.version}",
        to=child.worker,
        kind="child_assigned",
        priority=Priority.DIGEST,
        values={"child": child.id},
        about=("child", child.id),
        child=child.id,
    )
    return Outcome(notices=(notice,))


def _withdrawn(
    visit: Visit,
    escalations: Sequence[Escalation],
    *,
    by: str,
    reason: str,
    circle: Circle | None,
    policy: Policy,
    now: datetime,
) -> Outcome:
    """Takes back what went up because of the visit; everybody who was told hears of it."""
    outcome = Outcome()
    around = circle or Circle(worker=None)
    for e in (*of_visit(visit, escalations), *asked_of(visit, escalations)):
        outcome += withdraw(e, by=by, reason=reason, circle=around, policy=policy, now=now)
    return outcome
