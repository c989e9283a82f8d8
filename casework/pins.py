"""The PIN before names and reports: when it is asked for, what a wrong one leads to, who takes it away."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from casework.calendar import outside_quiet
from casework.outcome import Event, Notice, Outcome, Priority
from casework.policy_models import Policy
from casework.records import Person, Pin

Need = Literal["", "set", "type", "locked"]
LONGEST = 12


def need(pin: Pin | None, roles: Collection[str], now: datetime, policy: Policy) -> Need:
    """What has to happen before names are shown: nothing, setting a PIN, typing it, or waiting."""
    if pin is None or pin.status != "set":
        return "set" if any(role in roles for role in policy.pin.required) else ""
    if pin.locked_until is not None and now < pin.locked_until:
        return "locked"
    return "" if pin.open_until is not None and now < pin.open_until else "type"


def is_good(typed: str, policy: Policy) -> bool:
    """Whether these digits may be a PIN: long enough, not one digit repeated, not counted up or down."""
    if not (typed.isascii() and typed.isdecimal() and policy.pin.digits <= len(typed) <= LONGEST):
        return False
    steps = {int(b) - int(a) for a, b in pairwise(typed)}
    return steps not in ({0}, {1}, {-1})


def typed_right(pin: Pin, now: datetime, policy: Policy) -> Outcome:
    """Names are shown for some minutes; wrong ones are forgiven."""
    until = now + timedelta(minutes=policy.pin.minutes)
    return Outcome(records=(replace(pin, open_until=until, wrong=0, locked_until=None),))


def typed_wrong(pin: Pin, officers: Sequence[Person], now: datetime, policy: Policy) -> Outcome:
    """One more wrong one; at the limit it is locked, and the person's officers hear of it."""
    wrong = pin.wrong + 1
    event = _event("pin_wrong", pin, now, pin.id)
    if wrong < policy.pin.tries:
        return Outcome(records=(replace(pin, wrong=wrong),), events=(event,))
    until = now + timedelta(minutes=policy.pin.lock_minutes)
    locked = replace(pin, wrong=wrong, locked_until=until, open_until=None)
    notices = tell("pin_locked", pin, officers, until.isoformat(), now, policy)
    return Outcome(records=(locked,), events=(event, _event("pin_locked", pin, now, pin.id)), notices=notices)


def set_anew(pin: Pin, now: datetime, policy: Policy) -> Outcome:
    """The new one was typed twice: it holds from now on."""
    until = now + timedelta(minutes=policy.pin.minutes)
    fresh = replace(
        pin, status="set", digest=pin.fresh, fresh="", open_until=until, wrong=0, locked_until=None
    )
    return Outcome(records=(fresh,), events=(_event("pin_set", pin, now, pin.id),))


def taken_away(pin: Pin, by: str, now: datetime) -> Outcome:
    """By an officer, or with a new invite: the old one is good for nothing any more."""
    gone = Pin(id=pin.id, person=pin.person, version=pin.version, status="void")
    return Outcome(records=(gone,), events=(_event("pin_taken_away", pin, now, by),))


def tell(
    kind: str, pin: Pin, officers: Sequence[Person], once: str, now: datetime, policy: Policy
) -> tuple[Notice, ...]:
    """The officers hear of it, once for each ``once``; at night without a sound."""
    return tuple(
        Notice(
            key=f"{kind}:{pin.id}:{once}:{officer.id}",
            to=officer.id,
            kind=kind,
            priority=Priority.REMINDER,
            values={"person": pin.id},
            about=("person", pin.id),
            silent=any(outside_quiet(now, post.role, policy) > now for post in officer.posts),
        )
        for officer in officers
    )


def _event(name: str, pin: Pin, now: datetime, actor: str) -> Event:
    return Event(name=name, at=now, actor=actor, record=pin.id, ground="assignment")
