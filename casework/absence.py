"""Who is away, or gone: the escalations that he held or listened to go on with others, and come back."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from casework.calendar import at_hour
from casework.circles import COVERED, SILENT, is_away
from casework.deeds import given_to
from casework.ladder import (
    OPEN,
    Listener,
    happened,
    in_circle,
    next_person,
    somebody_reached,
    stand_on,
    tell,
    up_to_rung,
)
from casework.outcome import Event, Outcome
from casework.people_records import Leave, Person
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Circle, Deed, Escalation

# What nobody is told while on leave, should it have waited for the morning: whoever stands in hears of it.
_SPARED = frozenset(
    {
        "duties", "escalation_told", "escalation_due", "escalation_overdue", "escalation_rested",
        "escalation_woken", "escalation_taken", "matter_turn", "matters", "referral_sent", "referrals",
        "turns_moved", "staff_due", "vacancies_told", "vacancies_filled", "child_assigned",
    }
)  # fmt: skip


def is_spared(kind: str, person: Person, day: date) -> bool:
    """Whether a message of this kind, read on ``day``, is not for him: he is on leave then."""
    return kind in _SPARED and is_away(person, day)


def stirred(person: Person, now: datetime) -> Person:
    """The person, to be looked at by the clock at once: something about whether he acts has changed."""
    return replace(person, wake_at=now)


def asleep(people: Iterable[Person], now: datetime) -> Outcome:
    """Leaves that no clock waits for: they were kept before leaves moved anything."""
    found = (p for p in people if p.leave is not None and p.wake_at is None and p.status in COVERED)
    return Outcome(records=tuple(stirred(person, now) for person in found))


def next_turn(leave: Leave | None, policy: Policy) -> datetime | None:
    """When a leave begins, or the day after it; None where there is none."""
    if leave is None:
        return None
    day = leave.end + timedelta(days=1) if leave.begun else leave.start
    return at_hour(day, 0, policy)


def went_on(
    e: Escalation, person: str, *, to: Person | None, circle: Circle, policy: Policy, now: datetime
) -> Outcome:
    """An open one goes on without ``person``; nothing where it needed him for nothing.

    What he held goes to ``to``, who stands in for him in the circle, and waits for him; without one,
    everybody else is told at once. Where he alone had been told, ``to`` or the others are. The notices to
    ``to`` are left out: he is told of all in one message.
    """
    if e.status not in OPEN:
        return Outcome()
    roles = in_circle(circle)
    heir = Listener(person=to.id, role=roles[to.id]) if to is not None and to.id in roles else None
    if e.person == person:
        if heir is not None:
            return _handed_on(e, heir, policy=policy, now=now)
        return _let_go(e, circle=circle, policy=policy, now=now)
    listened = any(t.person == person for t in e.told)
    if e.person is not None or e.under is not None or not listened or somebody_reached(e, circle):
        return Outcome()
    if heir is not None and any(who.person == heir.person for who in up_to_rung(e, circle)):
        return Outcome(records=tell(e, [heir], policy=policy, now=now).records)
    return next_person(stand_on(e, e.rung), circle=circle, policy=policy, now=now)


def _handed_on(e: Escalation, heir: Listener, *, policy: Policy, now: datetime) -> Outcome:
    deed = Deed(at=now, name="escalation_moved", note=heir.person)
    given = given_to(e, heir, deed=deed, policy=policy, now=now)
    return Outcome(records=given.records, events=(happened(e, "escalation_moved", now=now, to=heir.person),))


def _let_go(e: Escalation, *, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """Its holder is gone and nobody stands in for him: it is open again, and the next are told.

    One for which another speaks waits for that one's end, or for its own time.
    """
    story = (*e.story, Deed(at=now, name="escalation_let_go", by=e.person))
    freed = replace(stand_on(e, e.rung), story=story)
    event = happened(e, "escalation_let_go", now=now, holder=e.person or "")
    if e.under is not None:
        return Outcome(records=(replace(freed, wake_at=now),), events=(event,))
    return Outcome(events=(event,)) + next_person(freed, circle=circle, policy=policy, now=now)


def came_back(
    e: Escalation, person: Person, *, deputy: str | None, circle: Circle, policy: Policy, now: datetime
) -> Outcome:
    """What went to ``deputy`` for a leave, and what he can't go on with after it, waits for ``person``."""
    roles, leave = in_circle(circle), person.leave
    if e.status not in OPEN or e.person is None or e.person != deputy or person.id not in roles:
        return Outcome()
    if e.person in roles and (leave is None or e.id not in leave.moved):
        return Outcome()  # he took it on in a post of his own
    return _handed_on(e, Listener(person=person.id, role=roles[person.id]), policy=policy, now=now)


def there_again(e: Escalation, person: Person, *, circle: Circle, now: datetime) -> Outcome:
    """``person`` acts again: an open one of which nobody could be told is looked at at once."""
    if e.status != "open" or e.under is not None or person.id not in in_circle(circle):
        return Outcome()
    return Outcome() if somebody_reached(e, circle) else Outcome(records=(replace(e, wake_at=now),))


def turned_silent(person: Person, *, now: datetime) -> Outcome:
    """He was told of alerts and has said nothing for too long: others are told beside him."""
    event = Event(name="person_silent", at=now, actor="clock", record=person.id, ground="clock")
    return Outcome(records=(stirred(replace(person, unreached=SILENT), now),), events=(event,))
