"""What people do with an escalation: take it on, hand it over, decline it, end it, take it back."""

from datetime import datetime, timedelta

from casework.clocks import held, lapse_of, next_look
from casework.ladder import (
    OPEN,
    Listener,
    announce,
    climb,
    happened,
    in_circle,
    reached,
    stand_on,
    tell,
    told_from,
    unheard,
    up_to_rung,
)
from casework.outcome import Notice, Outcome, Priority
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Circle, Deed, Escalation, Person


def acknowledge(e: Escalation, *, by: Person, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """``by`` takes it on. Nothing where it is not open any more (somebody was quicker, or it has ended)."""
    if e.status != "open":
        return Outcome()
    story = (*e.story, Deed(at=now, name="escalation_acknowledged", by=by.id))
    changed = replace(held(e, by=by.id, now=now), story=story)
    news = announce(
        changed,
        "escalation_taken",
        circle=circle,
        policy=policy,
        now=now,
        but=by.id,
        turn=len(story),
        by=by.id,
    )
    event = happened(e, "escalation_acknowledged", now=now, actor=by.id)
    return Outcome(records=(changed,), events=(event,), notices=news)


def note_step(e: Escalation, *, by: Person, note: str, now: datetime) -> Outcome:
    """Writes down a step taken; the holder's own step lets the acknowledgement run its whole time anew.

    Not while it rests, and never the second clock: a step is no outcome.
    """
    if e.status not in OPEN:
        return Outcome()
    story = (*e.story, Deed(at=now, name="escalation_noted", by=by.id, note=note.strip()))
    changed = replace(e, story=story)
    if e.status == "acknowledged" and e.person == by.id:
        changed = replace(changed, lapse_at=now + lapse_of(e))
        changed = replace(changed, wake_at=next_look(changed))
    return Outcome(records=(changed,), events=(happened(e, "escalation_noted", now=now, actor=by.id),))


def resolve(
    e: Escalation, *, by: Person, outcome: str, circle: Circle, policy: Policy, now: datetime
) -> Outcome:
    """Ends it with what came of it; all told and its author hear of it. Nothing where it had ended.

    Raises `ValueError` where ``outcome`` is blank: an end without an outcome is no end.
    """
    if not outcome.strip():
        raise ValueError("an escalation is resolved with its outcome in words")
    return _ended(e, "resolved", by=by.id, text=outcome.strip(), circle=circle, policy=policy, now=now)


def withdraw(
    e: Escalation, *, by: str | None, reason: str, circle: Circle, policy: Policy, now: datetime
) -> Outcome:
    """Takes it back: what caused it is no longer so. ``reason`` is a code; ``by`` None = the clock."""
    return _ended(e, "withdrawn", by=by, text=reason, circle=circle, policy=policy, now=now)


def _ended(
    e: Escalation,
    status: str,
    *,
    by: str | None,
    text: str,
    circle: Circle,
    policy: Policy,
    now: datetime,
) -> Outcome:
    if e.status not in OPEN:
        return Outcome()
    name = f"escalation_{status}"
    changed = replace(
        e,
        status=status,
        person=by or e.person,
        outcome=text,
        wake_at=None,
        climb_at=None,
        counted_from=None,
        lapse_at=None,
        chase_at=None,
        rests_until=None,
        story=(*e.story, Deed(at=now, name=name, by=by, note=text)),
    )
    news = announce(e, name, circle=circle, policy=policy, now=now, but=by)
    event = happened(e, name, now=now, actor=by or "clock")
    return Outcome(records=(changed,), events=(event,), notices=news)


def hand_over(
    e: Escalation, *, by: Person, to: Person, circle: Circle, policy: Policy, now: datetime
) -> Outcome:
    """Hands it to a named person of the circle, who has to acknowledge it in time; else it comes back.

    Nothing where it has ended or ``to`` holds it already. Raises `ValueError` where ``to`` is not of the
    circle.
    """
    if e.status not in OPEN or e.person == to.id:
        return Outcome()
    roles = in_circle(circle)
    if to.id not in roles:
        raise ValueError(f"{to.id} does not work in the circle of child {e.child}")
    deed = Deed(at=now, name="escalation_handed_over", by=by.id, note=to.id)
    told = given_to(e, Listener(person=to.id, role=roles[to.id]), deed=deed, policy=policy, now=now)
    given = tuple(replace(r, given_by=by.id) for r in told.records if isinstance(r, Escalation))
    event = happened(e, "escalation_handed_over", now=now, actor=by.id, to=to.id)
    notices = _said_otherwise(told.notices, "escalation_handed", by=by.id)
    return Outcome(records=given, events=(event,), notices=notices)


def _said_otherwise(notices: tuple[Notice, ...], kind: str, *, by: str) -> tuple[Notice, ...]:
    """What somebody hands to somebody is told by itself."""
    alone = Priority.ALERT
    return tuple(
        replace(n, kind=kind, priority=alone, values={"escalation": n.values["escalation"], "by": by})
        for n in notices
    )


def returned(e: Escalation, *, circle: Circle, policy: Policy, now: datetime) -> Outcome | None:
    """What was handed over was not taken on, or refused: back to its giver, who has a time of his own for it.

    None where there is no giver who can be reached, and for what cannot wait: all hear of that at once.
    """
    giver, taker, roles = e.given_by, e.person or "", in_circle(circle)
    if giver is None or giver not in roles or not reached(e, giver) or e.urgency == "now":
        return None
    deed = Deed(at=now, name="escalation_returned", by=taker, note=giver)
    back = given_to(e, Listener(person=giver, role=roles[giver]), deed=deed, policy=policy, now=now)
    event = happened(e, "escalation_returned", now=now, to=giver, holder=taker)
    notices = _said_otherwise(back.notices, "escalation_returned", by=taker)
    return Outcome(records=back.records, events=(event,), notices=notices)


def given_to(e: Escalation, who: Listener, *, deed: Deed, policy: Policy, now: datetime) -> Outcome:
    """It waits for ``who`` from now on, told like any rung; not taken on in time, it goes back or up."""
    told_at = told_from(e, who, policy=policy, now=now)
    above = e.ladder[min(e.rung + 1, len(e.ladder) - 1)]
    wait = timedelta(minutes=above["after"] or above["repeat"])
    freed = stand_on(e, e.rung)
    given = replace(freed, person=who.person, climb_at=told_at + wait, story=(*e.story, deed))
    return tell(given, [who], policy=policy, now=now)


def decline(e: Escalation, *, by: Person, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """Whom it was handed to, or who had taken it on, gives it back: its giver, else all others, hear at once.

    Nothing where it has ended or somebody else holds it.
    """
    if e.status not in OPEN or e.person != by.id:
        return Outcome()
    story = (*e.story, Deed(at=now, name="escalation_declined", by=by.id))
    noted = replace(e, story=story)
    event = Outcome(events=(happened(e, "escalation_declined", now=now, actor=by.id),))
    back = returned(noted, circle=circle, policy=policy, now=now)
    if back is not None:
        return event + back
    freed = stand_on(noted, e.rung)
    roles = in_circle(circle)
    hearers = {who.person: who for who in up_to_rung(freed, circle)}
    if e.given_by is not None and e.given_by in roles:
        hearers[e.given_by] = Listener(person=e.given_by, role=roles[e.given_by])
    others = tuple(who for who in hearers.values() if who.person != by.id)
    if others:
        return event + tell(freed, others, policy=policy, now=now)
    higher = climb(freed, e.rung + 1, circle=circle, policy=policy, now=now)
    return event + (higher or unheard(freed, now=now))
