"""What people do with an escalation: take it on, hand it over, decline it, end it, take it back."""

from dataclasses import replace
from datetime import datetime, timedelta

from casework.ladder import (
    OPEN,
    Listener,
    announce,
    climb,
    happened,
    in_circle,
    stand_on,
    tell,
    told_from,
    unheard,
    up_to_rung,
)
from casework.outcome import Outcome
from casework.policy_models import Policy
from casework.records import Circle, Deed, Escalation, Person


def acknowledge(e: Escalation, *, by: Person, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """``by`` takes it on. Nothing where it is not open any more (somebody was quicker, or it has ended)."""
    if e.status != "open":
        return Outcome()
    story = (*e.story, Deed(at=now, name="escalation_acknowledged", by=by.id))
    changed = replace(
        e,
        status="acknowledged",
        person=by.id,
        acknowledged_at=now,
        climb_at=None,
        wake_at=now + timedelta(minutes=e.ladder[e.rung]["lapse"]),
        story=story,
    )
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
    """Writes down a step taken; the holder's own step lets the acknowledgement run its whole time anew."""
    if e.status not in OPEN:
        return Outcome()
    story = (*e.story, Deed(at=now, name="escalation_noted", by=by.id, note=note.strip()))
    changed = replace(e, story=story)
    if e.status == "acknowledged" and e.person == by.id:
        changed = replace(changed, wake_at=now + timedelta(minutes=e.ladder[e.rung]["lapse"]))
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
        story=(*e.story, Deed(at=now, name=name, by=by, note=text)),
    )
    news = announce(e, name, circle=circle, policy=policy, now=now, but=by)
    event = happened(e, name, now=now, actor=by or "clock")
    return Outcome(records=(changed,), events=(event,), notices=news)


def hand_over(
    e: Escalation, *, by: Person, to: Person, circle: Circle, policy: Policy, now: datetime
) -> Outcome:
    """Hands it to a named person of the circle, who has to acknowledge it in time; else it goes up.

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
    handed = tuple(
        replace(n, kind="escalation_handed", values={"escalation": e.id, "by": by.id}) for n in told.notices
    )
    event = happened(e, "escalation_handed_over", now=now, actor=by.id, to=to.id)
    return Outcome(records=told.records, events=(event,), notices=handed)


def given_to(e: Escalation, who: Listener, *, deed: Deed, policy: Policy, now: datetime) -> Outcome:
    """It waits for ``who`` from now on, told like any rung; not taken on in time, it goes up."""
    told_at = told_from(e, who, policy=policy, now=now)
    above = e.ladder[min(e.rung + 1, len(e.ladder) - 1)]
    wait = timedelta(minutes=above["after"] or above["repeat"])
    given = replace(
        e,
        status="open",
        person=who.person,
        acknowledged_at=None,
        repeats=0,
        climb_at=told_at + wait,
        story=(*e.story, deed),
    )
    return tell(given, [who], policy=policy, now=now)


def decline(e: Escalation, *, by: Person, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """Whom it was handed to, or who had taken it on, gives it back: everybody else is told again at once.

    Nothing where it has ended or somebody else holds it.
    """
    if e.status not in OPEN or e.person != by.id:
        return Outcome()
    story = (*e.story, Deed(at=now, name="escalation_declined", by=by.id))
    freed = replace(stand_on(e, e.rung), status="open", acknowledged_at=None, story=story)
    event = Outcome(events=(happened(e, "escalation_declined", now=now, actor=by.id),))
    others = tuple(who for who in up_to_rung(freed, circle) if who.person != by.id)
    if others:
        return event + tell(freed, others, policy=policy, now=now)
    higher = climb(freed, e.rung + 1, circle=circle, policy=policy, now=now)
    return event + (higher or unheard(freed, now=now))
