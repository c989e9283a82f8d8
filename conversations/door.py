"""The only way in: who speaks, what is meant, and one outcome for each saying."""

import re
from dataclasses import replace
from datetime import datetime

from casework.absence import stirred
from casework.outcome import Outcome
from casework.records import Person, Talk
from conversations import (
    alerts,
    attaching,
    children,
    commands,
    drafts,
    form_talk,
    guardians,
    joining,
    reasons,
    referrals,
    strangers,
)
from conversations.desk import Desk
from conversations.meant import COMMANDS_FIRST, EXPECTED, TAPS
from conversations.said import Reply, Said
from conversations.turn import Turn
from storage.errors import Conflict

TRIES = 5
_SLASH = re.compile(r"/([A-Za-z_]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)


async def respond(desk: Desk, said: Said) -> Reply:
    """What ``said`` brings about, applied as a whole, and what is to be shown at once.

    Where somebody else changed the same records meanwhile, everything is read anew and decided again.
    Raises what the store raises when it can't be reached.
    """
    for attempt in range(TRIES):
        outcome, reply = await _answer(desk, said)
        try:
            await desk.store.apply(outcome, done=said.receipt, forget=reply.stranger)
        except Conflict:
            if attempt + 1 == TRIES:
                raise
            continue
        return reply
    raise AssertionError("unreachable")


async def _answer(desk: Desk, said: Said) -> tuple[Outcome, Reply]:
    now = desk.clock()
    arrival = await desk.store.arriving(said.address, now)
    person = arrival.person if arrival is not None else None
    if arrival is None or person is None or person.status in ("invited", "left", "suspended"):
        return await strangers.heard(desk, said, person, now)
    person, back = _heard(person, said, desk, now)
    talk = arrival.talk or Talk(id=person.id, person=person.id)
    turn = Turn(
        desk=desk, said=said, now=now, person=person, reader=arrival.reader, talk=talk, kept_talk=talk,
        drafts=arrival.drafts, outcome=back,
    )  # fmt: skip
    if said.kind == "left":
        _gone(turn)
    else:
        await _act(turn)
    return turn.result()


def _heard(person: Person, said: Said, desk: Desk, now: datetime) -> tuple[Person, Outcome]:
    """Who writes again can be reached again. Of those with a post it is kept on which day they did."""
    heard = person
    if said.kind == "left":
        return person, Outcome()
    if person.status == "unreachable" or person.unreached:
        heard = stirred(replace(person, status="joined", unreached=""), now)
    if person.heard_on != desk.today(now) and commands.STAFF & {post.role for post in person.posts}:
        heard = replace(heard, heard_on=desk.today(now))
    return heard, Outcome(records=(heard,)) if heard is not person else Outcome()


def _gone(turn: Turn) -> None:
    if turn.person.status == "joined":
        turn.person = stirred(replace(turn.person, status="unreachable", unreached="blocked"), turn.now)
        turn.keep(turn.person)
        turn.happened("person_unreachable", record=turn.person.id)


async def _act(turn: Turn) -> None:
    kind = turn.said.kind
    if kind == "tap":
        await _tapped(turn)
    elif kind == "text" and turn.said.text.strip():
        await _spoken(turn, turn.said.text.strip())
    elif kind == "attachment":
        await attaching.attached(turn)
    elif kind == "edited":
        await form_talk.edited(turn)
    elif kind in ("other", "text"):
        turn.say("unknown.kind")


async def _tapped(turn: Turn) -> None:
    read = turn.desk.read_token(turn.person.id, turn.said.token)
    handler = TAPS.get(read[0]) if read else None
    if read is None or handler is None:
        turn.pop("stale.unknown")
        return
    await handler(turn, read[1])


async def _spoken(turn: Turn, text: str) -> None:
    slash = _SLASH.fullmatch(text)
    if slash:
        await _commanded(turn, slash[1].lower(), (slash[2] or "").strip())
        return
    bare = turn.talk.expects[:1] in ((), (children.SEARCH,)) and not turn.talk.draft
    if await referrals.heard(turn, text, bare=bare) or await alerts.heard(turn, text, bare=bare):
        return
    listener = EXPECTED.get(turn.talk.expects[0]) if turn.talk.expects else None
    is_command = commands.named(text) is not None
    if listener is not None and not (is_command and turn.talk.expects[0] in COMMANDS_FIRST):
        await listener(turn, turn.talk.expects[1:], text)
        return
    open_one = drafts.open_draft(turn, turn.talk.draft)
    if open_one is None or not await form_talk.spoken(turn, open_one, text, is_command=is_command):
        await _said_freely(turn, text)


async def _said_freely(turn: Turn, text: str) -> None:
    """Words outside any form: a command without its slash, a reason, a guardian's sign of life."""
    named = commands.named(text) or commands.with_days(text, turn.today)
    if named is not None:
        await _commanded(turn, *named)
    elif not await reasons.heard(turn, text) and not await guardians.heard(turn, text):
        turn.say("unknown.text")


async def _commanded(turn: Turn, name: str, rest: str) -> None:
    turn.expect()
    if name == "start":
        await joining.again(turn, rest)
        return
    handler = commands.COMMANDS.get(name)
    if handler is None:
        turn.say("unknown.command")
        return
    if not commands.allowed(turn, name):
        turn.say("unknown.not_for_you")
        return
    await handler(turn, rest)
