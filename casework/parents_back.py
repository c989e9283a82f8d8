"""Parents come home: for good, for the festival, or nobody knows yet; and go away again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from casework.calendar import local_day
from casework.categories import classified
from casework.changing import with_facts
from casework.child_clock import awake
from casework.child_news import happened_to
from casework.child_records import Back
from casework.facts import amended
from casework.outcome import NewId, Outcome
from casework.planning import plan_visit
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Child, Person, Visit
from casework.visit_steps import TO_DO


def may_be_back(child: Child) -> tuple[str, ...]:
    """Which of the parents may come home (facts), as far as is known."""
    never = ("dead", "barred")
    return tuple(who for who in ("father", "mother") if child.properties.get(who) not in never)


def came_back(
    child: Child, back: Back, *, able: str, by: Person, visits: Sequence[Visit] = (), policy: Policy,
    now: datetime, new_id: NewId,
) -> Outcome:  # fmt: skip
    """Who stays is at home from now on and ``able`` to care or not (yes, no, unknown); the facts then decide.

    Where they say that the child is left behind no more, it is visited once again after the policy's days,
    and only then closing is suggested, if it is in no other category. A short stay changes no fact but the
    day on which a parent was home last; where nobody knows, it is asked after some days. ``visits``: those to
    be made.
    """
    today, rules = local_day(now, policy), policy.parents_back
    known = {"parents_home_on": back.since.isoformat()}
    if back.stay == "stays":
        known |= {fact: value for who in back.parents for fact, value in _home(who, able).items()}
    after = classified(with_facts(child, known), policy.categories, today)
    ends = back.stay == "stays" and rules.category not in after.categories
    day = max(back.since + timedelta(days=rules.visit_days), today + timedelta(days=1))
    check = day + timedelta(days=1) if ends and not after.categories else None
    if back.stay == "unsure":
        check = today + timedelta(days=rules.unsure_days)
    after = awake(replace(after, back=replace(back, check=check)), policy, now)
    changed = amended(child, after, by=by.id, source="parents_back", now=now, new_id=new_id)
    event = happened_to(after, "parents_back", by=by, now=now, who=back.who, stay=back.stay)
    outcome = Outcome(records=(after, *changed), events=(event,))
    if ends and not any(v.purpose == "follow_up" and v.status in TO_DO for v in visits):
        outcome += plan_visit(after, policy=policy, now=now, new_id=new_id, purpose="follow_up", due=day)
    return outcome


def _home(who: str, able: str) -> Mapping[str, str]:
    return {who: "home", f"{who}_able": able}


def went_again(child: Child, *, by: Person, policy: Policy, now: datetime, new_id: NewId) -> Outcome:
    """Who had come home is away again; nothing where nobody had."""
    if child.back is None:
        return Outcome()
    after = replace(with_facts(child, dict.fromkeys(child.back.parents, "away")), back=None)
    after = awake(classified(after, policy.categories, local_day(now, policy)), policy, now)
    changed = amended(child, after, by=by.id, source="parents_away", now=now, new_id=new_id)
    event = happened_to(after, "parents_away", by=by, now=now, who=child.back.who)
    return Outcome(records=(after, *changed), events=(event,))
