"""A child moves: to another village at once, to another township once its officer has taken it over."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from casework.child_news import happened_to, news_of
from casework.facts import amended
from casework.ladder import OPEN, happened, in_circle, stand_on
from casework.outcome import NewId, Outcome
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Child, Circle, Deed, Escalation, Person, Referral, Request, Visit
from casework.referrals import WITH_CONTACT
from casework.request_records import Answer
from casework.requests import answered
from casework.visit_steps import ROUTINE, cancel_visit
from casework.visits import plan_visit, reassign, tell_assigned


@dataclass(frozen=True, kw_only=True)
class Luggage:
    """What goes along with a child, not ended yet. Matters and the family's links go by themselves."""

    visits: Sequence[Visit] = ()
    escalations: Sequence[Escalation] = ()
    referrals: Sequence[Referral] = ()
    requests: Sequence[Request] = ()


def move_child(
    child: Child, *, to: Child, luggage: Luggage, before: Circle, after: Circle, by: Person, policy: Policy,
    now: datetime, new_id: NewId, asked: Request | None = None,
) -> Outcome:  # fmt: skip
    """``to`` is the child as it will live: another village, its township, a worker. All in one outcome.

    ``before`` and ``after`` are the circles: from now on only the latter sees the child. ``asked``: the
    request that is accepted by it; others to move the child are void, one to close the file goes along. In
    another township the new worker makes a first visit, as to a new child, unless visits rest. Nothing where
    nothing changes, or the file is closed.
    """
    if child.status != "active" or (child.village, child.worker) == (to.village, to.worker):
        return Outcome()
    far = child.township != to.township
    place = {"village": to.village, "township": to.township, "worker": to.worker or ""}
    event = happened_to(to, "child_moved", by=by, now=now, **place)
    changed = amended(child, to, by=by.id, source="move", now=now, new_id=new_id)
    outcome = Outcome(records=(to, *changed), events=(event,))
    outcome += _visits(to, luggage.visits, far=far, by=by, policy=policy, now=now, new_id=new_id)
    for e in luggage.escalations:
        outcome += follow(e, around=in_circle(after), now=now)
    nearer = [r for r in luggage.referrals if r.status in WITH_CONTACT]  # the clock looks for such a contact
    outcome += Outcome(records=tuple(replace(r, wake_at=now) for r in nearer))
    for r in luggage.requests:
        if r.what == "move":
            answer: Answer = "accepted" if asked is not None and r.id == asked.id else "void"
            outcome += answered(r, answer, by=by.id, policy=policy, now=now)
        elif far:  # one to close waits for others now, who must hear of it
            outcome += Outcome(records=(replace(r, wake_at=now),))
    if all(n.kind != "child_assigned" for n in outcome.notices) and to.worker not in (child.worker, by.id):
        outcome += tell_assigned(to)
    knows = {by.id, asked.sender if asked is not None else "", *in_circle(after)}
    return outcome + _gone(to, before, but=knows, policy=policy, now=now)


def _visits(
    to: Child, visits: Sequence[Visit], *, far: bool, by: Person, policy: Policy, now: datetime, new_id: NewId
) -> Outcome:
    """They are the new worker's; what lies ahead of a child from far becomes its first visit."""
    first = [v for v in visits if far and v.status == "planned" and v.purpose in ROUTINE and v.pause is None]
    outcome = reassign(to, visits=[v for v in visits if v not in first], policy=policy, now=now, by=by.id)
    for visit in first:
        outcome += cancel_visit(visit, reason="child_moved", now=now, by=by.id)
        outcome += plan_visit(to, policy=policy, now=now, new_id=new_id, purpose="new_child", after=visit)
    return outcome


def follow(e: Escalation, *, around: Collection[str], now: datetime) -> Outcome:
    """An alert after its child has moved: whoever is not ``around`` it now neither holds nor hears it.

    Where nobody who is holds it or had been told of it, it is open, and the clock tells the new people at
    once, from the lowest rung. What was done so far stays in its story.
    """
    if e.status not in OPEN:
        return Outcome()
    told = tuple(t for t in e.told if t.person in around)
    kept = e.person in around if e.person is not None else any(not t.undelivered for t in told)
    if kept:
        changed = replace(e, told=told)
        return Outcome(records=(changed,)) if changed != e else Outcome()
    deed = Deed(at=now, name="escalation_followed", by=e.person)
    free = replace(
        stand_on(e, 0), told=told, wake_at=now, proposed_by=None, outcome="", story=(*e.story, deed)
    )
    event = happened(e, "escalation_followed", now=now, holder=e.person or "")
    return Outcome(records=(free,), events=(event,))


def people_around(child: Child, people: Iterable[Person]) -> frozenset[str]:
    """By their posts: the child's worker, the officers of its township and its county."""
    posts = {("township_officer", child.township), ("county_officer", child.county)}
    held = {p.id for p in people if any((post.role, post.area) in posts for post in p.posts)}
    return frozenset(held | ({child.worker} if child.worker else set()))


def _gone(to: Child, before: Circle, *, but: Collection[str], policy: Policy, now: datetime) -> Outcome:
    """Worker and officer who lose the child hear its code and where it went, and no more of it."""
    lost = (*((before.worker,) if before.worker else ()), *before.officers[:1])
    place = {"township": to.township, "village": to.village}
    return Outcome(
        notices=tuple(
            news_of(to, "child_gone", who, policy=policy, now=now, **place)
            for who in lost
            if who.id not in but
        )
    )
