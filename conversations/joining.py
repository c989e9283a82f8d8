"""Newcomers: what follows when a code is right, and what they are told first."""

from dataclasses import replace
from datetime import datetime

from casework.access import CLOCK
from casework.checkins import plan_checkin
from casework.invites import redeem
from casework.outcome import Outcome
from casework.pins import taken_away
from casework.records import Child, Invite, Link, Person, Pin
from casework.strangers import too_many_tries, wrong_code
from conversations.commands import CONTACT, STAFF, help_text
from conversations.desk import Desk
from conversations.masks import clean
from conversations.referring import waiting_for
from conversations.said import Message, Reply, Said
from conversations.turn import Turn, replies
from conversations.words import known_language


async def joined(
    desk: Desk, said: Said, invite: Invite, holder: Person, redeemed: Outcome, now: datetime
) -> tuple[Outcome, Reply]:
    """``holder`` has joined by ``redeemed``: the address is theirs, and they are welcomed."""
    person = next(r for r in redeemed.records if isinstance(r, Person))
    if holder.status == "invited" and _is_family(person):  # nobody has asked them yet in which language
        person = replace(person, language=known_language(said.language))
        redeemed += Outcome(records=(person,))
    outcome = redeemed + Outcome(records=(await _link(desk, said, person),))
    outcome += await _without_pin(desk, person, now)
    if invite.child is not None:
        outcome += await first_checkin(desk, invite.child, person, now)
    outcome += await waiting_for(desk, person, now)
    messages = await welcome(desk, person, invite.child)
    outcome += Outcome(notices=replies(said, messages, to=person.id))
    return outcome, Reply(messages=messages, at=now)


async def _link(desk: Desk, said: Said, person: Person) -> Link:
    """The address is the person's from now on; it may have been another's, who has left."""
    id = desk.store.link_id(said.address)
    known = await desk.store.get(CLOCK, Link, id)
    fresh = Link(id=id, person=person.id, address=said.address)
    return replace(known, person=person.id) if known is not None else fresh


async def _without_pin(desk: Desk, person: Person, now: datetime) -> Outcome:
    """Who comes with a new invite sets a new PIN."""
    pin = await desk.store.get(CLOCK, Pin, person.id)
    return taken_away(pin, person.id, now) if pin is not None and pin.status == "set" else Outcome()


def _is_family(person: Person) -> bool:
    return all(post.role == "guardian" for post in person.posts)


async def first_checkin(desk: Desk, child_id: str, guardian: Person, now: datetime) -> Outcome:
    """The first prompt of a guardian who has just joined for a child."""
    child = await desk.store.get(CLOCK, Child, child_id)
    if child is None or child.status != "active":
        return Outcome()
    return plan_checkin(child, guardian, policy=desk.policy, now=now, new_id=desk.new_id)


async def welcome(desk: Desk, person: Person, child: str | None) -> tuple[Message, ...]:
    """What a newcomer is told: what this is, and what comes next."""
    say = desk.words.say
    if child is not None and _is_family(person):
        worker = await _worker_of(desk, child)
        text = say(
            person.language,
            "join.welcome_guardian",
            worker=worker or say(person.language, "join.your_worker"),
        )
        return (Message(text=text),)
    roles = {post.role for post in person.posts}
    labels = [
        desk.policy.roles[role].label(person.language) for role in sorted(roles) if role in desk.policy.roles
    ]
    department = desk.policy.departments.get(person.department) if CONTACT in roles else None
    if department is not None:
        contact = desk.policy.roles["department_contact"].label(person.language)
        both = say(person.language, "who.role", name=contact, role=department.label(person.language))
        labels = [both if label == contact else label for label in labels]
    comma = say(person.language, "list.comma")
    key = "join.welcome" if "village_worker" in roles else "join.welcome_officer"
    if department is not None and not roles & STAFF:
        key = "join.welcome_contact"
    duty = department.duty.label(person.language) if department is not None else ""
    text = say(person.language, key, name=clean(person.name, 40), role=comma.join(labels), duty=duty)
    shown = help_text(desk, person.language, frozenset(roles), person.department)
    return (Message(text=f"{text}\n\n{shown}"),)


async def _worker_of(desk: Desk, child_id: str) -> str:
    child = await desk.store.get(CLOCK, Child, child_id)
    worker = await desk.store.person(child.worker) if child is not None and child.worker else None
    return clean(worker.name, 40) if worker is not None else ""


async def again(turn: Turn, code: str) -> None:
    """/start from somebody who has joined: help; with a code of the same person's, one child more."""
    desk = turn.desk
    if not code:
        turn.tell(help_text(desk, turn.language, turn.roles, turn.person.department))
        return
    if too_many_tries(turn.talk, turn.now, desk.policy):
        turn.say("join.too_many", minutes=desk.policy.invites.pause_minutes)
        return
    invite = await desk.store.invite_by_code(code)
    if invite is None or invite.person != turn.person.id:  # alike: a code tells nobody whose it is
        turn.talk = wrong_code(turn.talk, turn.now, desk.policy)
        turn.say("join.wrong_code")
        return
    redeemed = redeem(invite, person=turn.person, address=turn.said.address, now=turn.now, policy=desk.policy)
    if not isinstance(redeemed, Outcome):
        turn.say(f"join.{redeemed}", minutes=desk.policy.invites.pause_minutes)
        return
    turn.decide(redeemed)
    turn.decide(await _without_pin(desk, turn.person, turn.now))
    if invite.child is not None:
        turn.decide(await first_checkin(desk, invite.child, turn.person, turn.now))
    for message in await welcome(desk, turn.person, invite.child):
        turn.tell(message.text)
