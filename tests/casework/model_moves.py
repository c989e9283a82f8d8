"""What can happen to one alert, step by step, by the rules themselves: the moves of the model check."""

from collections.abc import Callable, Hashable, Iterator
from datetime import timedelta
from functools import cache, partial

from casework.absence import came_back, went_on
from casework.calendar import local_day
from casework.clocks import arrived, latest_rest, may_rest, rest, seen, telling_key
from casework.closing import propose, refuse, seconders
from casework.deeds import acknowledge, decline, hand_over, note_step, resolve, withdraw
from casework.escalations import undelivered
from casework.ladder import OPEN, in_circle
from casework.outages import escalation_after_outage
from casework.outcome import Notice, Outcome
from casework.record import replace
from casework.records import Escalation
from casework.waking import wake_record
from storage import codec
from tests.casework.model_state import (
    AWAY,
    PEOPLE,
    Move,
    State,
    Step,
    is_told,
    kept,
    nobody,
    ring,
    ring_of,
    roles_of,
)
from tests.casework.world import CHILD, DAY, HOUR, MINUTE, POLICY

CLOCK = {"+1 minute": MINUTE, "+1 hour": HOUR, "+1 day": DAY, "-1 hour": -HOUR}
OUTAGE = 3 * HOUR


def look(s: State, *, on_its_way: bool = False) -> Step:
    """The clock looks at the moment for which the alert waits; later, where that has passed."""
    now = max(s.now, s.e.wake_at or s.now)
    outcome = wake_record(
        s.e, child=CHILD, circle=s.circle, policy=POLICY, now=now, new_id=lambda: "x", on_its_way=on_its_way
    )
    return kept(replace(s, now=now), outcome)


def restart(s: State) -> Step:
    """The process ends; what is kept is read again."""
    return Step(replace(s, e=codec.load(Escalation, codec.dump(s.e), s.e.version)))


def _clock(by: timedelta, s: State) -> Step:
    return Step(replace(s, now=s.now + by))


def _outage(s: State) -> Step:
    end = s.now + OUTAGE
    return Step(replace(s, e=escalation_after_outage(s.e, start=s.now, end=end), now=end))


def _done(deed: Callable[..., Outcome], s: State, **more: object) -> Step:
    return kept(s, deed(s.e, circle=s.circle, policy=POLICY, now=s.now, **more))


def _refuse(by: str, s: State) -> Step:
    return kept(s, refuse(s.e, by=PEOPLE[by], now=s.now))


def _noted(by: str, s: State) -> Step:
    return kept(s, note_step(s.e, by=PEOPLE[by], note="去过了", now=s.now))


def _arrived(person: str, s: State) -> Step:
    return kept(s, arrived(s.e, person=person, key=telling_key(s.e, person), now=s.now))


def _seen(person: str, s: State) -> Step:
    return Step(replace(s, e=seen(s.e, person=person, now=s.now)))


def _blocked(person: str, s: State) -> Step:
    """A message does not reach him; a second later his work goes on without him."""
    first = kept(
        s, undelivered(s.e, person=person, reason="blocked", circle=s.circle, policy=POLICY, now=s.now)
    )
    gone = replace(first.to, blocked=s.blocked | {person})
    after = _without(gone, person, None)
    return Step(after.to, first.notices + after.notices)


def _unblocked(person: str, s: State) -> Step:
    return Step(replace(s, blocked=s.blocked - {person}))


def _without(s: State, person: str, deputy: str | None) -> Step:
    to = PEOPLE[deputy] if deputy in in_circle(s.circle) else None
    return kept(s, went_on(s.e, person, to=to, circle=s.circle, policy=POLICY, now=s.now))


def _on_leave(person: str, s: State) -> Step:
    deputy = PEOPLE[person].deputy
    held = s.e.person
    step = _without(replace(s, away=s.away | {person}), person, deputy)
    went = deputy is not None and step.to.e.person == deputy and held == person
    return Step(replace(step.to, moved=s.moved | {person}), step.notices) if went else step


def _back(person: str, s: State) -> Step:
    ids = (s.e.id,) if person in s.moved else ()
    who = replace(PEOPLE[person], leave=replace(AWAY, moved=ids))
    here = replace(s, away=s.away - {person}, moved=s.moved - {person})
    if who.deputy is None or s.e.person != who.deputy:
        return Step(here)
    return _done(partial(came_back, person=who, deputy=who.deputy), here)


def _in_turn(parts: tuple[Move, ...], s: State) -> Step:
    notices: tuple[Notice, ...] = ()
    for part in parts:
        step = part.act(s)
        s, notices = step.to, notices + step.notices
    return Step(s, notices)


def _by_all(kind: str, act: Callable[[str, State], Step]) -> dict[str, Move]:
    return {id: Move(kind.format(id), partial(act, id), nobody) for id in PEOPLE}


def _deed_of_all(
    kind: str, deed: Callable[..., Outcome], reads: Callable[[State], Hashable], **more: object
) -> dict[str, Move]:
    return {id: Move(kind.format(id), partial(_done, deed, by=p, **more), reads) for id, p in PEOPLE.items()}


LOOK = Move("the clock looks", look, ring)
LOOK_EARLY = Move("the clock looks, the message is on its way", partial(look, on_its_way=True), ring)
PASSING = (
    Move("an outage of 3 hours", _outage, nobody),
    *(Move(f"clock {name}", partial(_clock, by), nobody) for name, by in CLOCK.items()),
)


def _leaves(id: str) -> Move:
    def reads(s: State) -> Hashable:
        alone = s.e.person == id or (s.e.person is None and is_told(s, id))
        return ring_of(s.away | {id}, s.blocked) if alone else None

    return Move(f"{id} on leave", partial(_on_leave, id), reads)


def _comes_back(id: str) -> Move:
    def reads(s: State) -> Hashable:
        moved = id in s.moved
        return (moved, ring_of(s.away - {id}, s.blocked) if s.e.person == PEOPLE[id].deputy else None)

    return Move(f"{id} is back", partial(_back, id), reads)


def _blocks(id: str) -> Move:
    def reads(s: State) -> Hashable:
        if s.e.person != id and not is_told(s, id):
            return None
        return ring_of(s.away, s.blocked), ring_of(s.away, s.blocked | {id})

    return Move(f"{id} blocks", partial(_blocked, id), reads)


LEAVE, BACK, BLOCK = ({id: of(id) for id in PEOPLE} for of in (_leaves, _comes_back, _blocks))
UNBLOCK = _by_all("{} unblocks", _unblocked)
ARRIVES, SEES = _by_all("it arrives at {}", _arrived), _by_all("{} sees it", _seen)
NOTES, REFUSES = _by_all("{} notes a step", _noted), _by_all("{} refuses its end", _refuse)
TAKES = _deed_of_all("{} takes it on", acknowledge, nobody)
GIVES_BACK = _deed_of_all("{} gives it back", decline, ring)
PROPOSES = _deed_of_all("{} proposes its end", propose, nobody, outcome="好了")
ENDS = _deed_of_all("{} ends it", resolve, nobody, outcome="好了")
HANDS = {
    (by, to): Move(f"{by} hands it to {to}", partial(_done, hand_over, by=PEOPLE[by], to=PEOPLE[to]), ring)
    for by in PEOPLE
    for to in PEOPLE
}
WITHDRAWN = Move("it is withdrawn", partial(_done, withdraw, by=None, reason="corrected"), nobody)


def looks(s: State) -> Iterator[Move]:
    """The clock's."""
    yield LOOK
    if s.e.status == "open" and s.e.counted_from is not None:
        yield LOOK_EARLY


def moves(s: State) -> Iterator[Move]:
    """Everything that can happen next. A restart is tried in each state (`fault_in`)."""
    yield from looks(s)
    yield from PASSING
    yield from _around(s)
    if s.e.status in OPEN:
        yield from _deeds(s)


def _around(s: State) -> Iterator[Move]:
    on_ladder = "village_worker" in s.e.ladder[0]["to"]
    for id in PEOPLE:
        if id == "wang" and not on_ladder and s.e.person != id:
            continue  # no rung is his: whether he is there changes nothing
        yield (BACK if id in s.away else LEAVE)[id]
        yield (UNBLOCK if id in s.blocked else BLOCK)[id]
    if len(s.blocked) < len(PEOPLE):
        yield _together("everybody gone", tuple(id for id in PEOPLE if id not in s.blocked), ())
    if s.blocked or s.away:
        yield _together("everybody here", tuple(sorted(s.blocked)), tuple(sorted(s.away)))
    for t in s.e.told:
        if s.e.counted_from is not None and not t.undelivered:
            yield ARRIVES[t.person]
        if t.person not in s.blocked and (s.e.counted_from is not None or t.undelivered):
            yield SEES[t.person]


@cache
def _together(name: str, turned: tuple[str, ...], away: tuple[str, ...]) -> Move:
    """``turned``: who blocks, or unblocks; ``away``: who comes back."""
    change = BLOCK if name == "everybody gone" else UNBLOCK
    parts = (*(change[id] for id in turned), *(BACK[id] for id in away))
    return Move(name, partial(_in_turn, parts), nobody, parts)


def _deeds(s: State) -> Iterator[Move]:
    """What people do; whoever is on leave may still tap, whoever has blocked the bot can't."""
    e, roles = s.e, roles_of(ring_of(s.away, s.blocked))
    told = {t.person for t in e.told}
    able = [id for id in PEOPLE if id not in s.blocked and (id != "wang" or id in told or id == e.person)]
    for id in able:
        if e.status == "open":
            yield TAKES[id]
        if e.person == id:
            yield GIVES_BACK[id]
            yield NOTES[id]
        if e.proposed_by is not None and e.proposed_by != id:
            yield REFUSES[id]
        yield (PROPOSES if seconders(e, by=id, circle=s.circle, policy=POLICY) else ENDS)[id]
        if id in roles and may_rest(e, by=PEOPLE[id], circle=s.circle):
            yield from _rests(s, id)
    giver = e.person if e.person in able else "li"
    for id in roles:
        if id not in (giver, e.person) and giver in able:
            yield HANDS[giver, id]
    yield WITHDRAWN


def _rests(s: State, id: str) -> Iterator[Move]:
    days = (local_day(s.now, POLICY) + DAY, latest_rest(s.e, policy=POLICY, now=s.now))
    for name, until in zip(("a day", "as long as may be"), days, strict=True):
        act = partial(_done, rest, by=PEOPLE[id], until=until, reason="等入学")
        yield Move(f"{id} lets it rest for {name}", act, ring)
