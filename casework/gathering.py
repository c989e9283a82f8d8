"""Several matters of one child at a time: the greater one speaks for the smaller ones while it lasts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import get_args

from casework.clocks import lapse_of, next_look
from casework.deeds import acknowledge
from casework.ladder import OPEN, UNHEARD_AGAIN, on_rung
from casework.outcome import Outcome
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Circle, Escalation, Person, Urgency

_URGENCIES: tuple[Urgency, ...] = get_args(Urgency)  # the most urgent first


def is_more_urgent(one: Urgency, other: Urgency) -> bool:
    """Whether ``one`` must be known sooner than ``other``."""
    return _URGENCIES.index(one) < _URGENCIES.index(other)


def lead_of(
    e: Escalation, among: Sequence[Escalation], *, circle: Circle, now: datetime
) -> Escalation | None:
    """The one under which ``e``, just begun and not told yet, would go; None where it speaks for itself.

    What one report raises at a time is one message. What the clock raises (a missed visit) keeps silent
    while something more urgent is open. What a person reports later is never silent. In any case only under
    one of which everybody was told who would be told of ``e``.
    """
    listeners = {who.person for who in on_rung(e, 0, circle)}
    by_clock = e.story[0].by is None
    for other in among:
        together = other.source == e.source and other.opened_at == now and other.status == "open"
        smaller = by_clock and other.status in OPEN and is_more_urgent(other.urgency, e.urgency)
        reached = {told.person for told in other.told if not told.undelivered}
        if other.under is None and listeners <= reached and (together or smaller):
            return other
    return None


def gone_under(e: Escalation, lead: Escalation) -> Escalation:
    """``e`` under ``lead``: whoever is told of both at once counts as told; the clock looks after its gap."""
    told = tuple(replace(t, rung=0) for t in lead.told) if lead.source == e.source else ()
    return replace(e, under=lead.id, told=told, tellings=len(told[:1]), wake_at=e.opened_at + _gap(e))


def is_under(e: Escalation, lead: Escalation) -> bool:
    """Whether ``lead`` still speaks for it."""
    return e.under == lead.id and lead.status in OPEN


def waiting_under(e: Escalation, *, now: datetime) -> Outcome:
    """What the clock does with one for which another speaks: it looks again later."""
    return Outcome(records=(replace(e, wake_at=now + _gap(e)),))


def _gap(e: Escalation) -> timedelta:
    """Nobody has been told of what went under later: it must not wait long, should the other be withdrawn."""
    gap = timedelta(minutes=e.ladder[0]["repeat"])
    return gap if e.told else min(gap, UNHEARD_AGAIN)


def acknowledge_all(
    e: Escalation,
    *,
    others: Sequence[Escalation],
    by: Person,
    circle: Circle,
    policy: Policy,
    now: datetime,
) -> Outcome:
    """``by`` takes on ``e`` and what it speaks for; the news are of ``e`` alone."""
    taken = acknowledge(e, by=by, circle=circle, policy=policy, now=now)
    for other in others if taken else ():
        if other.under == e.id:
            also = acknowledge(told_with(other, e), by=by, circle=circle, policy=policy, now=now)
            taken += Outcome(records=also.records, events=also.events)
    return taken


def freed(e: Escalation, *, others: Sequence[Escalation], now: datetime) -> Outcome:
    """After ``e`` has ended, what it spoke for speaks for itself.

    What nobody has taken on is told at once; what somebody has, lapses after its time.
    """
    mine = (other for other in others if other.under == e.id and other.status in OPEN)
    return Outcome(records=tuple(surfaced(other, e, now=now) for other in mine))


def told_with(e: Escalation, lead: Escalation | None) -> Escalation:
    """``e`` with what is known of the messages of ``lead``, which named it: arrived, seen, or not.

    What went under it later has no telling of its own: that begins when it speaks for itself.
    """
    if lead is None or e.under != lead.id or not e.told:
        return e
    return replace(e, told=tuple(replace(t, rung=0) for t in lead.told))


def surfaced(e: Escalation, lead: Escalation | None, *, now: datetime) -> Escalation:
    """``e`` once the one that spoke for it does so no more: its clocks begin anew from ``now``."""
    e = told_with(e, lead)
    if e.status == "open":
        return replace(e, under=None, wake_at=now)
    lapse_at = now + lapse_of(e)
    chase_at = max(e.chase_at, lapse_at) if e.chase_at is not None else None
    alone = replace(e, under=None, lapse_at=lapse_at, chase_at=chase_at)
    return replace(alone, wake_at=next_look(alone))
