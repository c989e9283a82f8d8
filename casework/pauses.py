"""Visits that rest while the child is elsewhere: with a reason, an end, and somebody responsible.

The one routine visit of the child rests; it is never taken away, so that the plan can't be forgotten.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from casework.calendar import at_hour, local_day
from casework.escalations import withdraw
from casework.outcome import Outcome
from casework.policy_models import Policy
from casework.policy_rests import PauseRule
from casework.record import replace
from casework.records import Child, Circle, Escalation, Pause, Visit
from casework.terms import term_end
from casework.visit_steps import ROUTINE, TO_DO, asked_of, event_of, of_visit, tell_worker


def rule_of(pause: Pause, policy: Policy) -> PauseRule | None:
    """The rules of a pause; None where the policy has no such sort any more: then it only ends."""
    return policy.visits.pauses.get(pause.sort)


def latest_end(child: Child, sort: str, policy: Policy, start: date) -> date:
    """The last day on which a pause begun on ``start`` may end: by the risk, and with the school term."""
    rule = policy.visits.pauses[sort]
    last = start + timedelta(days=rule.longest_days[child.risk])
    term = term_end(start, policy) if rule.terms else None
    return min(last, term) if term is not None and term > start else last


def rests_from(visit: Visit, sort: str, today: date) -> date:
    """Since when visits rest, for counting how long they may: a pause prolonged began when it first did."""
    return visit.pause.start if visit.pause is not None and visit.pause.sort == sort else today


def pause_visit(
    visit: Visit,
    pause: Pause,
    *,
    by: str,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    open_escalations: Sequence[Escalation] = (),
) -> Outcome:
    """The child's routine visit rests until the pause's end; what had gone up because of it is taken back.

    Also prolongs a pause or changes who is responsible. Nothing where the visit is no longer to be made or
    is no routine one. Raises `ValueError` for an end that is past or beyond the policy's, and where nobody
    is to be reached.
    """
    if visit.status not in TO_DO or visit.purpose not in ROUTINE:
        return Outcome()
    today = local_day(now, policy)
    start = rests_from(visit, pause.sort, today)
    if not today < pause.end <= latest_end(child, pause.sort, policy, start):
        raise ValueError(f"visits can't rest until {pause.end}")
    if pause.responsible != "worker" and not pause.contact.strip():
        raise ValueError("whoever is responsible must be within reach")
    calls = timedelta(days=policy.visits.pauses[pause.sort].call_days[child.risk])
    pause = replace(pause, start=start, next_call=today + calls, asked=False)
    resting = replace(
        visit, status="planned", due=pause.end, told=(), tries=0, told_at=None, first_due=None,
        reschedules=0, unknown=False, away_days=0, pause=pause,
    )  # fmt: skip
    resting = replace(resting, wake_at=rest_moment(resting, pause, policy))
    detail = {"sort": pause.sort, "end": pause.end.isoformat(), "responsible": pause.responsible}
    event = event_of("visits_paused", visit, now=now, actor=by, **detail)
    outcome = Outcome(records=(resting,), events=(event,))
    for e in (*of_visit(visit, open_escalations), *asked_of(visit, open_escalations)):
        outcome += withdraw(e, by=by, reason="visits_paused", circle=circle, policy=policy, now=now)
    return outcome


def rest_moment(visit: Visit, pause: Pause, policy: Policy) -> datetime:
    """When the clock next looks at a visit that rests: a call, the question, the end, whichever is first."""
    days = [pause.end]
    rule = rule_of(pause, policy)
    if rule is not None and not pause.asked:
        days.append(pause.end - timedelta(days=rule.ask_days_before))
    if pause.next_call is not None and pause.next_call < pause.end:
        days.append(pause.next_call)
    return at_hour(min(days), policy.visits.remind_hour, policy)


def resume(visit: Visit, *, by: str | None, child: Child, policy: Policy, now: datetime) -> Outcome:
    """The plan goes on: the visit is due on the pause's end, or today if that is sooner or passed.

    ``by`` None = the clock, at the end. Nothing where it does not rest.
    """
    if visit.pause is None or visit.status not in TO_DO:
        return Outcome()
    today = local_day(now, policy)
    ended = visit.pause.end <= today
    # Who says that the child is back gets a few days to go there, as for a new child; the clock's day stands.
    due = (
        visit.pause.end
        if ended
        else min(visit.pause.end, today + timedelta(days=policy.visits.follow_up_days))
    )
    awake = replace(visit, pause=None, due=due, told=("due_soon",), told_at=None)
    awake = replace(awake, wake_at=at_hour(due, policy.visits.remind_hour, policy))
    event = event_of("visits_resumed", visit, now=now, actor=by, due=due.isoformat())
    return Outcome(records=(awake,), events=(event,))


def stay_within(visit: Visit, pause: Pause, *, child: Child, policy: Policy, now: datetime) -> Visit:
    """The resting visit as the child's worker and risk now want it: a higher risk shortens the pause."""
    end, today = pause.end, local_day(now, policy)
    if pause.sort in policy.visits.pauses:
        end = min(end, max(today, latest_end(child, pause.sort, policy, pause.start)))
    kept = replace(pause, end=end)
    if visit.person == child.worker and kept == pause:
        return visit
    moved = replace(visit, person=child.worker, due=end, pause=kept)
    return replace(moved, wake_at=rest_moment(moved, kept, policy))


def question(visit: Visit, pause: Pause, *, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """Before its end the worker is asked whether the child is back; without an answer the plan goes on."""
    asked = replace(pause, asked=True)
    after = replace(visit, pause=asked)
    after = replace(after, wake_at=rest_moment(after, asked, policy))
    event = event_of("pause_questioned", visit, now=now)
    if circle.worker is None:
        return Outcome(records=(after,), events=(event,))
    return tell_worker(after, circle.worker, policy=policy, now=now) + Outcome(events=(event,))
