"""What follows once a message has arrived, and what goes on without somebody who can't be reached."""

from dataclasses import replace
from datetime import datetime

from casework.absence import stirred
from casework.access import CLOCK
from casework.clocks import arrived
from casework.escalations import undelivered as escalation_undelivered
from casework.outcome import Event, Notice, Outcome
from casework.records import CheckIn, Child, Escalation, Person, Referral
from casework.referrals import WITH_CONTACT
from conversations.desk import Desk
from storage.errors import Conflict

_TRIES = 5
TELLING = ("escalation_told", "escalation_handed", "escalation_returned", "escalation_overdue")


async def delivered(desk: Desk, notice: Notice, now: datetime) -> None:
    """A message has arrived: if it tells of an escalation, the waits for an answer to it begin.

    Could this not be kept, the waits count from when the message was queued
    (`Store.on_its_way` no longer finds it).
    """
    if notice.kind not in TELLING or notice.about is None or notice.to is None:
        return
    for _ in range(_TRIES):
        e = await desk.store.get(CLOCK, Escalation, notice.about[1])
        outcome = arrived(e, person=notice.to, key=notice.key, now=now) if e is not None else Outcome()
        try:
            if outcome:
                await desk.store.apply(outcome)
            return
        except Conflict:
            continue


async def undelivered(desk: Desk, notice: Notice, reason: str, now: datetime) -> None:
    """A message can't reach its person: he counts as unreachable, and an alert goes to the next at once.

    A check-in that can't be asked is looked at by the clock again at once, and becomes a telephone task; a
    referral is so too, and goes to another contact.
    """
    for attempt in range(_TRIES):
        outcome = await _without(desk, notice, reason, now)
        try:
            if outcome:
                await desk.store.apply(outcome)
            return
        except Conflict:
            if attempt + 1 == _TRIES:
                raise


async def _without(desk: Desk, notice: Notice, reason: str, now: datetime) -> Outcome:
    person = await desk.store.person(notice.to) if notice.to else None
    if person is None:
        return Outcome()
    outcome = _unreachable(person, reason, now)
    kind, id = notice.about or ("", "")
    if kind == "escalation":
        e = await desk.store.get(CLOCK, Escalation, id)
        child = await desk.store.get(CLOCK, Child, e.child) if e is not None and e.child else None
        if e is not None and child is not None:
            circle = await desk.store.circle(child, now)
            outcome += escalation_undelivered(
                e, person=person.id, reason=reason, circle=circle, policy=desk.policy, now=now
            )
    elif kind == "checkin":
        checkin = await desk.store.get(CLOCK, CheckIn, id)
        if checkin is not None and checkin.status == "asked":
            outcome += Outcome(records=(replace(checkin, wake_at=now),))
    elif kind == "referral" and notice.kind == "referral_sent":
        r = await desk.store.get(CLOCK, Referral, id)
        if r is not None and r.status in WITH_CONTACT:
            outcome += Outcome(records=(replace(r, wake_at=now),))
    return outcome


def _unreachable(person: Person, reason: str, now: datetime) -> Outcome:
    if person.status != "joined":
        return Outcome()
    event = Event(
        name="person_unreachable",
        at=now,
        actor="clock",
        record=person.id,
        ground="clock",
        detail={"reason": reason},
    )
    gone = stirred(replace(person, status="unreachable", unreached=reason), now)
    return Outcome(records=(gone,), events=(event,))
