"""Strangers: one polite sentence for each, a code that opens the door, and limits on both."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from casework.access import CLOCK
from casework.invites import redeem
from casework.outcome import Outcome, Priority
from casework.records import Person, Talk
from casework.strangers import (
    GUESSING,
    REMEMBERED,
    Attack,
    answered,
    attacked,
    closed_until,
    is_answered,
    too_many_tries,
    wrong_code,
)
from conversations import joining
from conversations.desk import Desk
from conversations.said import Message, Reply, Said
from conversations.turn import replies
from conversations.words import known_language

_START = re.compile(r"/start(?:@\w+)?\s+(\S+)\s*")
_MINUTE = timedelta(minutes=1)
_SILENCE = Outcome(), Reply(stranger=True)


async def heard(desk: Desk, said: Said, person: Person | None, now: datetime) -> tuple[Outcome, Reply]:
    """Answers an address that belongs to nobody who has joined; a right code makes it somebody's."""
    if said.kind in ("left", "came", "edited"):
        return _SILENCE
    id = desk.store.link_id(said.address)
    talk = await desk.store.get(CLOCK, Talk, id) or Talk(id=id)
    code = _code_in(desk, said.text)
    if not code:
        return await _polite(desk, said, talk, "join.stranger", now)
    if too_many_tries(talk, now, desk.policy):
        pause = desk.policy.invites.pause_minutes
        return await _polite(desk, said, talk, "join.too_many", now, minutes=pause)
    guessing = await desk.store.find(CLOCK, Talk, status=(GUESSING,))
    closed = closed_until(guessing, now, desk.policy)
    if closed is not None:
        minutes = -((now - closed) // _MINUTE)
        return await _polite(desk, said, talk, "join.closed", now, minutes=minutes)
    invite = await desk.store.invite_by_code(code)
    holder = await desk.store.person(invite.person) if invite is not None and invite.person else None
    if invite is None or holder is None or (person is not None and person.id != holder.id):
        return await _wrong(desk, said, talk, guessing, "join.wrong_code", now)
    redeemed = redeem(invite, person=holder, address=said.address, now=now, policy=desk.policy)
    if isinstance(redeemed, Outcome):
        return await joining.joined(desk, said, invite, holder, redeemed, now)
    # Only the account that joined once hears why it opens nothing: a guesser would learn that it was good.
    key = "join.wrong_code" if person is None else f"join.{redeemed}"
    return await _wrong(desk, said, talk, guessing, key, now)


def _code_in(desk: Desk, text: str) -> str:
    """The code that a stranger gives: after /start, or all that was typed where it has a code's length."""
    started = _START.fullmatch(text.strip())
    if started:
        return started[1]
    word = "".join(text.split()).upper()
    return word if word.isascii() and word.isalnum() and len(word) == desk.policy.invites.code_length else ""


async def _polite(
    desk: Desk, said: Said, talk: Talk, key: str, now: datetime, **values: object
) -> tuple[Outcome, Reply]:
    """One sentence, unless this stranger has just had one or too many strangers have had theirs."""
    if is_answered(talk, now, desk.policy):
        return _SILENCE
    outcome = Outcome(records=(answered(talk, now),))
    if talk.status not in REMEMBERED:
        most = desk.policy.strangers.most_per_hour
        known = await desk.store.count(CLOCK, Talk, status=REMEMBERED)
        if known >= most:
            return _SILENCE
        if known + 1 == most:
            outcome += await attack(desk, "strangers", now)
    return _answer(desk, said, outcome, key, now, Priority.DIGEST, **values)


async def _wrong(
    desk: Desk, said: Said, talk: Talk, guessing: list[Talk], key: str, now: datetime
) -> tuple[Outcome, Reply]:
    """A code that opens nothing is counted; who reaches a limit with it is reported."""
    tried = wrong_code(talk, now, desk.policy)
    outcome = Outcome(records=(tried,))
    if too_many_tries(tried, now, desk.policy):
        key = "join.too_many"
        outcome += await attack(desk, "one", now)
    others = [other for other in guessing if other.id != talk.id]
    if closed_until([*others, tried], now, desk.policy) is not None:
        outcome += await attack(desk, "all", now)
    minutes = desk.policy.invites.pause_minutes
    return _answer(desk, said, outcome, key, now, Priority.REPLY, minutes=minutes)


async def attack(desk: Desk, what: Attack, now: datetime, *, who: str = "") -> Outcome:
    """The county's officers hear of it; the townships' where the county has nobody."""
    for role in ("county_officer", "township_officer"):
        officers = await desk.store.acting(role, now)
        if officers:
            break
    return attacked(what, officers, now=now, policy=desk.policy, who=who)


def _answer(
    desk: Desk, said: Said, outcome: Outcome, key: str, now: datetime, priority: Priority, **values: object
) -> tuple[Outcome, Reply]:
    messages = (Message(text=desk.words.say(known_language(said.language), key, **values)),)
    notices = tuple(replace(n, priority=priority) for n in replies(said, messages, to=None))
    return outcome + Outcome(notices=notices), Reply(messages=messages, at=now, stranger=True)
