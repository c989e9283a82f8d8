"""A matter that goes up until somebody takes it on; offers what people do with it (`deeds`) as well."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from casework.access import Reader, sees_child
from casework.clocks import above_of, arrives_by, chase, next_look, rested, started
from casework.deeds import acknowledge, decline, hand_over, note_step, resolve, returned, withdraw
from casework.gathering import gone_under, is_under, lead_of, surfaced, waiting_under
from casework.ladder import (
    OPEN,
    Listener,
    climb,
    happened,
    in_circle,
    next_person,
    somebody_reached,
    stand_on,
    steps_of,
    tell,
    told_from,
    unheard,
    up_to_rung,
)
from casework.outcome import NewId, Outcome
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Child, Circle, Deed, Escalation, Urgency

__all__ = [
    "acknowledge",
    "decline",
    "hand_over",
    "may_act",
    "note_step",
    "open_escalation",
    "resolve",
    "undelivered",
    "wake_escalation",
    "withdraw",
]


def open_escalation(
    flag: str,
    *,
    child: Child,
    circle: Circle,
    facts: Mapping[str, str],
    source: str | None,
    by: str | None,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    urgency: Urgency | None = None,
    ladder: str | None = None,
    among: Sequence[Escalation] = (),
) -> Outcome:
    """Opens one and tells the first rung that somebody holds.

    ``urgency`` None = the policy's own for this flag; ``ladder`` names another ladder than the flag's.
    ``by`` None = the clock. A note that has no ladder of its own takes the ladder ``days``, for whoever
    opens an escalation wants it heard. ``among``: the child's open ones, which may speak for it.
    """
    rule = policy.flag(flag)
    urgent: Urgency = urgency or rule.urgency
    name = ladder or policy.ladder_of(flag, urgent) or "days"
    silent = by is None or (by in {g.id for g in circle.guardians} and not rule.tells_guardian)
    e = Escalation(
        id=new_id(),
        child=child.id,
        flag=flag,
        urgency=urgent,
        opened_at=now,
        source=source,
        facts=dict(facts),
        ladder=steps_of(policy.ladders[name]),
        author=None if silent else by,
        story=(Deed(at=now, name="escalation_opened", by=by, note=source or ""),),
    )
    e = started(e, urgency=urgent, policy=policy, now=now)
    opened = happened(e, "escalation_opened", now=now, actor=by or "clock", urgency=urgent, ladder=name)
    lead = lead_of(e, among, circle=circle, now=now)
    if lead is not None:
        return Outcome(records=(gone_under(e, lead),), events=(opened,))
    heard = climb(e, 0, circle=circle, policy=policy, now=now) or unheard(e, now=now)
    return Outcome(events=(opened,)) + heard


def wake_escalation(
    e: Escalation,
    *,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    lead: Escalation | None = None,
    on_its_way: bool = False,
) -> Outcome:
    """What the clock does with it at ``now``: nothing before ``wake_at``; then one step, never two.

    ``lead`` is the one that it is under, if any. ``on_its_way``: its last telling waits to be sent, and has
    reached nobody. Then the ladder waits as well, but not for ever (`arrives_by`).
    """
    if e.status not in OPEN or e.wake_at is None or now < e.wake_at:
        return Outcome()
    if lead is not None and is_under(e, lead):
        return waiting_under(e, now=now)
    if e.under is not None:
        e = surfaced(e, lead, now=now)
        if e.status == "acknowledged":
            return Outcome(records=(e,))
    if e.status == "acknowledged":
        return _held_by(e, circle=circle, policy=policy, now=now)
    if not e.told:  # the one that it was under ended before anybody was told of it, or the child has moved
        return climb(e, 0, circle=circle, policy=policy, now=now) or unheard(e, now=now)
    until = arrives_by(e) if on_its_way else None
    if until is not None and now < until:
        return Outcome(records=(replace(e, wake_at=until),))
    if until is not None or (e.climb_at is not None and now >= e.climb_at):
        back = returned(e, circle=circle, policy=policy, now=now)
        return back or _passed_on(e, circle=circle, policy=policy, now=now)
    return _repeated(e, circle=circle, policy=policy, now=now)


def _held_by(e: Escalation, *, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """Somebody has taken it on: its rest is over, or that lapses, or its outcome is asked for."""
    if e.rests_until is not None and e.person in in_circle(circle):
        return rested(e, circle=circle, policy=policy, now=now)
    by_outcome = e.chase_at is not None and now >= e.chase_at
    if by_outcome and e.lapse_at is not None and now < e.lapse_at and e.rests_until is None:
        return chase(e, circle=circle, policy=policy, now=now)
    return _lapse(e, circle=circle, policy=policy, now=now)


def _lapse(e: Escalation, *, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """The acknowledgement is over: its holder is told first, and after the rung's first gap it goes up."""
    roles = in_circle(circle)
    story = (*e.story, Deed(at=now, name="escalation_lapsed", by=e.person))
    again = replace(stand_on(e, e.rung), person=e.person, story=story)
    lapsed = Outcome(events=(happened(e, "escalation_lapsed", now=now, holder=e.person or ""),))
    if e.person is None or e.person not in roles:
        return lapsed + _passed_on(again, circle=circle, policy=policy, now=now)
    holder = Listener(person=e.person, role=roles[e.person])
    told_at = told_from(again, holder, policy=policy, now=now)
    waiting = replace(again, climb_at=told_at + timedelta(minutes=e.ladder[e.rung]["repeat"]))
    return lapsed + tell(waiting, [holder], policy=policy, now=now)


def _passed_on(e: Escalation, *, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """Tells the next rung that somebody holds; on the topmost, everybody is told again."""
    above = e.rung + 1
    higher = climb(e, above, circle=circle, policy=policy, now=now)
    higher = higher or climb(e, above, circle=circle, policy=policy, now=now, anew=True)
    if higher is None:
        freed = replace(e, person=None, climb_at=None, given_by=None)
        return _repeated(freed, circle=circle, policy=policy, now=now)
    (rung,) = (r.rung for r in higher.records if isinstance(r, Escalation))
    return Outcome(events=(happened(e, "escalation_passed_on", now=now, rung=str(rung)),)) + higher


def _repeated(e: Escalation, *, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """Tells it again: to him for whom it waits, else to everybody up to the present rung."""
    roles = in_circle(circle)
    people: tuple[Listener, ...]
    if e.person is not None and e.person in roles:
        people = (Listener(person=e.person, role=roles[e.person]),)
    else:
        people = up_to_rung(e, circle)
    if not people:
        found = climb(e, 0, circle=circle, policy=policy, now=now, anew=True)
        return found or unheard(e, now=now)
    again = replace(e, repeats=e.repeats + 1)
    detail = {"rung": str(e.rung), "repeat": str(again.repeats)}
    event = happened(e, "escalation_repeated", now=now, **detail)
    return Outcome(events=(event,)) + tell(again, people, policy=policy, now=now)


def undelivered(
    e: Escalation, *, person: str, reason: str, circle: Circle, policy: Policy, now: datetime
) -> Outcome:
    """A message about it cannot reach ``person`` (he blocked the bot, …): the next is told at once.

    Nobody needs to be told where another person up to the present rung was reached and none waits for this
    one. Nothing where this was known already.
    """
    if not any(t.person == person and not t.undelivered for t in e.told):
        return Outcome()
    told = tuple(replace(t, undelivered=reason) if t.person == person else t for t in e.told)
    story = (*e.story, Deed(at=now, name="escalation_undelivered", by=person, note=reason))
    marked = replace(e, told=told, story=story)
    known = Outcome(
        records=(marked,), events=(happened(e, "escalation_undelivered", now=now, to=person, reason=reason),)
    )
    if e.status not in OPEN:
        return known
    if e.person not in (None, person):
        return known + _chased_on(marked, circle=circle, now=now)
    if e.person is None and somebody_reached(marked, circle):
        return known
    return known + next_person(stand_on(marked, e.rung), circle=circle, policy=policy, now=now)


def _chased_on(e: Escalation, *, circle: Circle, now: datetime) -> Outcome:
    """Who should hear that it is late can't: the next is told at once, if there is one."""
    if e.status != "acknowledged" or not e.chases or e.rests_until is not None or not above_of(e, circle):
        return Outcome()
    changed = replace(e, chase_at=now)
    return Outcome(records=(replace(changed, wake_at=next_look(changed)),))


def may_act(e: Escalation, *, reader: Reader, child: Child) -> bool:
    """Whether the reader may take, end or hand it over: the child's officers, and whoever was told.

    Says nothing about whether there is still something to do: an ended one is answered with its end.
    """
    if reader.everything:
        return True
    if not sees_child(reader, child):
        return False
    officer = child.township in reader.townships or child.county in reader.counties
    return officer or reader.person == e.person or any(t.person == reader.person for t in e.told)
