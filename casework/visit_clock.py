"""What the clock does with a visit: reminds, asks why it is overdue, sends it up, and keeps asking."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from casework.calendar import at_hour, local_day
from casework.escalations import open_escalation
from casework.outcome import NewId, Outcome
from casework.pauses import question, rest_moment, resume, rule_of
from casework.planning import plan_visit
from casework.policy_models import Policy
from casework.policy_visits import RiskPlan
from casework.record import replace
from casework.records import Child, Circle, Escalation, Pause, Visit
from casework.visit_steps import (
    STEPS,
    TO_DO,
    cancel_visit,
    days_late,
    event_of,
    gone_up,
    moment_of,
    next_moment,
    step_days,
    tell_worker,
)


def wake_visit(
    visit: Visit,
    *,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    open_escalations: Sequence[Escalation] | None = None,
    visits: Sequence[Visit] = (),
) -> Outcome:
    """What the clock does with a visit at ``now``: nothing before its time; then the latest step due.

    Steps slept through are not caught up, with one exception: a visit never goes up before its reason was
    asked for and the worker had the time between the two to answer. ``open_escalations`` of the child,
    where given, let a missed visit whose escalation has ended without the visit being made go up again.
    ``visits``: the child's that are to be made, so that no call is asked for twice while this one rests.
    """
    if visit.status not in TO_DO or visit.wake_at is None or now < visit.wake_at:
        return Outcome()
    if child.status != "active":
        return cancel_visit(visit, reason="child_closed", now=now)
    if visit.pause is not None:
        return _rested(
            visit,
            visit.pause,
            child=child,
            circle=circle,
            policy=policy,
            now=now,
            new_id=new_id,
            visits=visits,
        )
    if visit.status == "missed":
        return _asked_again(
            visit,
            child=child,
            circle=circle,
            policy=policy,
            now=now,
            new_id=new_id,
            still_open=open_escalations,
        )
    step = _step_at(visit, child, policy, now)
    if step is None:  # the policy has moved the step further away since
        return Outcome(records=(replace(visit, wake_at=next_moment(visit, child, policy)),))
    if step == "missed":
        return _goes_up(
            visit,
            child=child,
            circle=circle,
            policy=policy,
            now=now,
            new_id=new_id,
            still_open=open_escalations,
        )
    if step == "overdue":
        return _asked(visit, child=child, circle=circle, policy=policy, now=now)
    return _reminded(visit, step, child=child, circle=circle, policy=policy, now=now)


def _rested(
    visit: Visit,
    pause: Pause,
    *,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    visits: Sequence[Visit],
) -> Outcome:
    """A visit that rests: at the end the plan goes on, before it the question is put, now and then a call."""
    today, rule = local_day(now, policy), rule_of(pause, policy)
    if today >= pause.end:
        resumed = resume(visit, by=None, child=child, policy=policy, now=now)
        (awake,) = (record for record in resumed.records if isinstance(record, Visit))
        return resumed + wake_visit(awake, child=child, circle=circle, policy=policy, now=now, new_id=new_id)
    outcome = Outcome()
    if rule is not None and pause.next_call is not None and pause.next_call <= today:
        later = replace(pause, next_call=today + timedelta(days=rule.call_days[child.risk]))
        if all(other.purpose != "phone" for other in visits):
            outcome = plan_visit(child, policy=policy, now=now, new_id=new_id, purpose="phone", after=visit)
        pause = later
    visit = replace(visit, pause=pause)
    if rule is not None and not pause.asked and pause.end - timedelta(days=rule.ask_days_before) <= today:
        return outcome + question(visit, pause, circle=circle, policy=policy, now=now)
    return outcome + Outcome(records=(replace(visit, wake_at=rest_moment(visit, pause, policy)),))


def _step_at(visit: Visit, child: Child, policy: Policy, now: datetime) -> str | None:
    left = [step for step in step_days(child, policy) if step not in visit.told]
    due = [step for step in left if moment_of(visit, step, child, policy) <= now]
    if due and due[-1] == "missed" and "overdue" in left:
        return "overdue"
    return due[-1] if due else None


def _after_step(visit: Visit, step: str) -> Visit:
    """The visit with ``step`` and all before it marked as taken."""
    taken = tuple(s for s in STEPS[: STEPS.index(step) + 1] if s not in visit.told)
    return replace(visit, told=visit.told + taken)


def _reminded(
    visit: Visit, step: str, *, child: Child, circle: Circle, policy: Policy, now: datetime
) -> Outcome:
    after = _after_step(visit, step)
    after = replace(after, wake_at=next_moment(after, child, policy))
    if circle.worker is None:  # the list of vacant posts tells who must see to it; not made, it goes up
        vacant = step != "due_soon" and "village_worker" not in circle.awaited
        event = event_of("post_vacant", visit, now=now, role="village_worker")
        return Outcome(records=(after,), events=(event,) if vacant else ())
    told = tell_worker(after, circle.worker, policy=policy, now=now)
    return told + Outcome(events=(event_of("visit_reminded", visit, now=now, step=step),))


def _asked(visit: Visit, *, child: Child, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """Overdue: the reason is asked for; the worker has the days until it goes up to answer."""
    steps = step_days(child, policy)
    time_to_answer = timedelta(days=steps["missed"] - steps["overdue"])
    goes_up = max(moment_of(visit, "missed", child, policy), now + time_to_answer)
    after = replace(_after_step(visit, "overdue"), status="overdue", wake_at=goes_up, unknown=False)
    overdue = Outcome(records=(after,), events=(event_of("visit_overdue", visit, now=now),))
    if circle.worker is None:
        return overdue
    return overdue + tell_worker(after, circle.worker, policy=policy, now=now)


def _goes_up(
    visit: Visit,
    *,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    still_open: Sequence[Escalation] | None,
) -> Outcome:
    """Missed: the township officer is told, by an escalation that goes further up by itself.

    The visit itself stays to be made, and the clock keeps asking for it, whatever becomes of the escalation.
    Where the child's other visit has gone up already, the officer is at it, and is not told twice.
    """
    plan = policy.visits.risk(child.risk)
    after = replace(
        _after_step(visit, "missed"), status="missed", wake_at=_again(visit, plan, policy=policy, now=now)
    )
    missed = Outcome(records=(after,), events=(event_of("visit_missed", visit, now=now),))
    if gone_up(still_open or ()):
        return missed
    return missed + _up(
        visit, plan, child=child, circle=circle, policy=policy, now=now, new_id=new_id, among=still_open or ()
    )


def _times_asked(visit: Visit) -> int:
    """How often the worker was asked why it is overdue."""
    return sum(1 for step in visit.told if step.startswith("overdue"))


def _again(visit: Visit, plan: RiskPlan, *, policy: Policy, now: datetime) -> datetime:
    """When a missed visit is asked for once more: each gap without an answer is longer than the last."""
    gaps = max(0, _times_asked(visit) - 1)
    days = min(plan.again_days * plan.again_growth**gaps, plan.again_longest_days)
    return at_hour(local_day(now, policy) + timedelta(days=int(days)), policy.visits.remind_hour, policy)


def _up(
    visit: Visit,
    plan: RiskPlan,
    *,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    among: Sequence[Escalation],
) -> Outcome:
    late = days_late(visit, local_day(now, policy))
    return open_escalation(
        "missed_visit",
        child=child,
        circle=circle,
        facts={"due": visit.due.isoformat(), "purpose": visit.purpose, "days_late": str(late)},
        source=visit.id,
        by=None,
        policy=policy,
        now=now,
        new_id=new_id,
        ladder=plan.ladder,
        among=among,
    )


def _asked_again(
    visit: Visit,
    *,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    still_open: Sequence[Escalation] | None,
) -> Outcome:
    """A missed visit still to be made: the worker is asked again; it goes up again if nobody is at it."""
    among = still_open or ()
    plan = policy.visits.risk(child.risk)
    turn = f"overdue:{_times_asked(visit)}"
    after = replace(visit, told=(*visit.told, turn))
    after = replace(after, wake_at=_again(after, plan, policy=policy, now=now))
    outcome = Outcome(records=(after,), events=(event_of("visit_reminded", visit, now=now, step=turn),))
    if circle.worker is not None:
        outcome += tell_worker(after, circle.worker, policy=policy, now=now)
    if still_open is not None and not gone_up(among):
        outcome += _up(
            visit, plan, child=child, circle=circle, policy=policy, now=now, new_id=new_id, among=among
        )
    return outcome
