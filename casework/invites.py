"""Joining by a one-time code: bound to a person, expiring, used once, and hard to guess."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from casework.outcome import Event, NewId, Notice, Outcome, Priority
from casework.policy_models import Policy
from casework.records import Child, Invite, Person

Refusal = Literal["expired", "used", "void", "suspended"]


def make_invite(
    person_id: str,
    *,
    digest: str,
    inviter: str | None,
    child: Child | str | None,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    former: Sequence[Invite] = (),
) -> Outcome:
    """A code for one person; only its keyed ``digest`` is kept. The person's ``former`` ones become void.

    ``inviter`` is the person who gave it out, None where the command line did; ``child`` where a guardian
    is invited for it.
    """
    invite = Invite(
        id=new_id(),
        person=person_id,
        child=child.id if isinstance(child, Child) else child,
        digest=digest,
        inviter=inviter,
        expires_at=now + timedelta(hours=policy.invites.hours_valid),
    )
    void = tuple(replace(i, status="void") for i in former if i.person == person_id and i.status == "open")
    event = Event(
        name="invite_made",
        at=now,
        actor=inviter or "operator",
        child=invite.child,
        record=invite.id,
        ground="assignment" if inviter else "operator",
        detail={"person": person_id, "expires_at": invite.expires_at.isoformat()},
    )
    return Outcome(records=(*void, invite), events=(event,))


def redeem(
    invite: Invite, *, person: Person, address: str, now: datetime, policy: Policy
) -> Outcome | Refusal:
    """``person`` joins from ``address``, or why not. The caller adds the `Link` for the address.

    A person who had left or was unreachable joins again this way; a suspended one does not. Raises
    `ValueError` where the invite is another person's: it is bound to one.
    """
    if invite.person != person.id:
        raise ValueError("the invite is bound to another person")
    refusal = _refusal(invite, person, now)
    if refusal is not None:
        return refusal
    cares_for = person.cares_for
    if invite.child is not None and invite.child not in cares_for:
        cares_for = (*cares_for, invite.child)
    joined = replace(person, status="joined", unreached="", cares_for=cares_for, wake_at=now)
    used = replace(invite, status="used", used_at=now)
    channel = address.partition(":")[0]
    events = (
        _event("invite_used", invite, person, now, {}),
        _event("person_joined", invite, person, now, {"channel": channel}),
    )
    return Outcome(records=(used, joined), events=events, notices=_news(invite, person))


def _refusal(invite: Invite, person: Person, now: datetime) -> Refusal | None:
    if invite.status in ("used", "void"):
        return "used" if invite.status == "used" else "void"
    if invite.status != "open" or now >= invite.expires_at:
        return "expired"
    return "suspended" if person.status == "suspended" else None


def _news(invite: Invite, person: Person) -> tuple[Notice, ...]:
    if invite.inviter is None or invite.inviter == person.id:
        return ()
    return (
        Notice(
            key=f"invite:{invite.id}:used",
            to=invite.inviter,
            kind="invite_used",
            priority=Priority.REMINDER,
            values={"person": person.id},
            about=("invite", invite.id),
            child=invite.child,
        ),
    )


def _event(name: str, invite: Invite, person: Person, now: datetime, detail: dict[str, str]) -> Event:
    return Event(
        name=name,
        at=now,
        actor=person.id,
        child=invite.child,
        record=invite.id,
        ground="invite",
        detail=detail,
    )
