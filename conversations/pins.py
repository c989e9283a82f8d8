"""The PIN in the chat: set, asked for before names and reports, locked, forgotten, taken away."""

import unicodedata
from dataclasses import replace
from datetime import timedelta

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.pins import is_good, need, set_anew, taken_away, tell, typed_right, typed_wrong
from casework.records import Area, Person, Pin, Post
from conversations.desk import Desk
from conversations.masks import clean
from conversations.said import Button
from conversations.turn import Turn

_RUNGS = ("village_worker", "township_officer", "county_officer")
_MINUTE = timedelta(minutes=1)
CHANGE = "pin"  # what the PIN is asked for where another is to be set


async def gate(turn: Turn, action: str, *parts: str) -> bool:
    """Whether names may be shown now; if not, it is said what to do first.

    Asked before anything is looked up, so that the answer tells nothing of what there is.
    """
    pin = await _mine(turn)
    what = need(pin, turn.roles, turn.now, turn.desk.policy)
    if what == "set":
        turn.say("pin.set_first")
    elif what == "locked":
        _say_locked(turn, pin)
    elif what == "type":
        _ask(turn, action, *parts)
    return not what


async def is_open(turn: Turn) -> bool:
    """Whether names may be shown now, without a word about it."""
    return not need(await _mine(turn), turn.roles, turn.now, turn.desk.policy)


async def asked(turn: Turn, rest: str) -> None:
    """/pin: a first one, or another after the old one; what stands behind the command is erased."""
    pin = await _mine(turn)
    if pin is None or pin.status != "set":
        if rest:
            await new_typed(turn, (), rest)
            return
        _ask_new(turn)
        return
    if rest:
        turn.erase()
    if need(pin, (), turn.now, turn.desk.policy) == "locked":
        _say_locked(turn, pin)
    else:
        _ask(turn, CHANGE)


async def typed(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The PIN was typed: what it was asked for can go on, or it was wrong."""
    turn.erase()
    policy, pin = turn.desk.policy, await _mine(turn)
    if pin is None or pin.status != "set":
        turn.expect()
        turn.say("pin.set_first")
        return
    if need(pin, (), turn.now, policy) == "locked":
        turn.expect()
        _say_locked(turn, pin)
        return
    if not await turn.desk.store.pin_fits(_plain(text), pin.digest):
        await _wrong(turn, pin)
        return
    turn.expect()
    turn.decide(typed_right(pin, turn.now, policy))
    if parts[0] == CHANGE:
        _ask_new(turn)
        return
    go_on = turn.button(turn.words("pin.go_on"), *parts)
    turn.tell(turn.words("pin.right", minutes=policy.pin.minutes), [[go_on]])


async def _wrong(turn: Turn, pin: Pin) -> None:
    officers = await officers_of(turn.desk, turn.person)
    outcome = typed_wrong(pin, officers, turn.now, turn.desk.policy)
    turn.decide(outcome)
    (after,) = (r for r in outcome.records if isinstance(r, Pin))
    if after.locked_until is not None and after.locked_until > turn.now:
        turn.expect()
        _say_locked(turn, after)
    else:
        left = turn.desk.policy.pin.tries - after.wrong
        turn.tell(turn.words("pin.wrong", left=left), [[_forgotten(turn)]])


async def new_typed(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """A new PIN was typed for the first time."""
    turn.erase()
    plain = _plain(text)
    if not is_good(plain, turn.desk.policy):
        turn.expect("pin_new")
        turn.say("pin.weak", digits=turn.desk.policy.pin.digits)
        return
    pin = await _mine(turn) or Pin(id=turn.person.id, person=turn.person.id)
    turn.keep(replace(pin, fresh=await turn.desk.store.pin_hash(plain)))
    turn.expect("pin_again")
    turn.say("pin.again")


async def again_typed(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """And for the second time: both must be the same."""
    turn.erase()
    pin = await _mine(turn)
    if pin is None or not pin.fresh or not await turn.desk.store.pin_fits(_plain(text), pin.fresh):
        turn.expect("pin_new")
        turn.say("pin.differ", digits=turn.desk.policy.pin.digits)
        return
    turn.expect()
    turn.decide(set_anew(pin, turn.now, turn.desk.policy))
    turn.say("pin.set", minutes=turn.desk.policy.pin.minutes)


async def forgotten_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Forgotten: the officer is asked to take it away."""
    turn.expect()
    pin = await _mine(turn)
    if pin is None or pin.status != "set":
        turn.pop("stale.unknown")
        return
    officers = await officers_of(turn.desk, turn.person)
    hour = turn.now.strftime("%Y%m%d%H")
    turn.decide(Outcome(notices=tell("pin_forgotten", pin, officers, hour, turn.now, turn.desk.policy)))
    comma = turn.words("list.comma")
    who = comma.join(clean(officer.name, 30) for officer in officers[:3]) or turn.words("somebody")
    turn.say("pin.officer_told", who=who)


async def reset_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """An officer takes away the PIN of somebody whom he knows to be asking."""
    person = await turn.desk.store.person(parts[0])
    pin = await turn.desk.store.get(CLOCK, Pin, parts[0])
    known = person is not None and turn.person.id in {p.id for p in await officers_of(turn.desk, person)}
    if person is None or pin is None or pin.status != "set" or not known:
        turn.pop("stale.unknown")
        return
    turn.decide(taken_away(pin, turn.person.id, turn.now))
    news = tell("pin_reset", pin, [person], turn.said.key, turn.now, turn.desk.policy)
    turn.decide(Outcome(notices=news))
    turn.say("pin.reset_done", who=clean(person.name, 30))


async def officers_of(desk: Desk, person: Person) -> list[Person]:
    """Those next above somebody who have joined; for the county's, colleagues in the same office."""
    found: dict[str, Person] = {}
    for post in person.posts:
        if post.role in _RUNGS:
            found |= {officer.id: officer for officer in await _above(desk, person, post)}
    return list(found.values())


async def _above(desk: Desk, person: Person, post: Post) -> list[Person]:
    """Who holds the nearest rung above a post that somebody holds."""
    place = post.area
    for role in _RUNGS[_RUNGS.index(post.role) + 1 :] or _RUNGS[-1:]:
        area = await desk.store.get(CLOCK, Area, place)
        if role != post.role and area is not None and area.parent:
            place = area.parent
        officers = await desk.store.acting(role, desk.clock(), area=place)
        if others := [p for p in officers if p.id != person.id]:
            return others
    return []


async def _mine(turn: Turn) -> Pin | None:
    return await turn.desk.store.get(turn.reader, Pin, turn.person.id)


def _ask(turn: Turn, action: str, *parts: str) -> None:
    turn.expect("pin", action, *parts)
    turn.tell(turn.words("pin.ask"), [[_forgotten(turn)]])


def _ask_new(turn: Turn) -> None:
    turn.expect("pin_new")
    turn.say("pin.new", digits=turn.desk.policy.pin.digits)


def _forgotten(turn: Turn) -> Button:
    return turn.button(turn.words("pin.forgotten"), "pf")


def _say_locked(turn: Turn, pin: Pin | None) -> None:
    until = pin.locked_until if pin is not None else None
    minutes = -((turn.now - until) // _MINUTE) if until is not None else 0
    turn.tell(turn.words("pin.locked", minutes=minutes), [[_forgotten(turn)]])


def _plain(text: str) -> str:
    """The digits as they are meant: full-width ones are the same, spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", text).split())
