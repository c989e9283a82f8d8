"""By which day a child is to be visited next."""

from datetime import date, datetime, timedelta

from casework.calendar import add_working_days, local_day
from casework.outcome import NewId, Outcome
from casework.periods import interval_end
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Child, Visit
from casework.visit_steps import event_of, moment_of, next_moment


def plan_visit(
    child: Child,
    *,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    purpose: str = "routine",
    due: date | None = None,
    after: Visit | None = None,
    tries: int = 0,
) -> Outcome:
    """Plans a visit of the child by ``due``, or by the day that the policy gives for its purpose and risk.

    ``after`` is the visit that it follows, if any. ``tries``: how many in a row before it did not happen.
    """
    today = local_day(now, policy)
    day = due or _due(child, purpose, today, policy)
    visit = Visit(
        id=new_id(),
        child=child.id,
        person=child.worker,
        purpose=purpose,
        due=day,
        planned_on=today,
        tries=tries,
    )
    # A reminder whose hour had passed when the visit was planned would say what was just said.
    soon = moment_of(visit, "due_soon", child, policy) <= now
    visit = replace(visit, told=("due_soon",) if soon else ())
    visit = replace(visit, wake_at=next_moment(visit, child, policy))
    detail = {"purpose": purpose, "due": day.isoformat()} | ({"after": after.id} if after else {})
    return Outcome(records=(visit,), events=(event_of("visit_planned", visit, now=now, **detail),))


def _due(child: Child, purpose: str, today: date, policy: Policy) -> date:
    rules = policy.visits
    if purpose == "new_child":
        return add_working_days(today, rules.new_child_working_days, policy)
    days = {"follow_up": rules.follow_up_days, "phone": rules.phone_days}
    if purpose in days:
        return today + timedelta(days=days[purpose])
    return interval_end(today, rules.risk(child.risk).every_days, policy)
