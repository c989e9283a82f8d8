"""What can happen to one alert, step by step, by the rules themselves: the moves of the model check."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial

from casework.absence import came_back, went_on
from casework.calendar import local_day
from casework.circles import Around
from casework.clocks import arrived, latest_rest, may_rest, rest, seen, telling_key
from casework.closing import propose, refuse, seconders
from casework.deeds import acknowledge, decline, hand_over, note_step, resolve, withdraw
from casework.escalations import undelivered
from casework.ladder import in_circle
from casework.outages import escalation_after_outage
from casework.outcome import Notice, Outcome
from casework.records import Circle, Escalation, Leave
from casework.waking import wake_record
from storage import codec
from tests.casework.world import CHILD, DAY, HOUR, LI, MINUTE, POLICY, SUN, WANG, ZHAO

PEOPLE = {p.id: p for p in (WANG, replace(LI, deputy="zhao"), ZHAO, SUN)}
AWAY = Leave(start=date(2020, 1, 1), end=date(2100, 1, 1), begun=True)
CLOCK = {"+1 minute": MINUTE, "+1 hour": HOUR, "+1 day": DAY, "-1 hour": -HOUR}
OUTAGE = 3 * HOUR
FEW = (
    "the clock looks", "on its way", "+1 minute", "+1 hour", "+1 day", "-1 hour", "outage of 3 hours",
    "li takes it on", "sun takes it on", "gives it back", "hands it to zhao", "li notes a step",
    "li proposes its end", "refuses its end", "sun ends it", "for a day",
    "li on leave", "li is back", "li blocks", "li unblocks", "zhao blocks", "sun blocks", "sun unblocks",
    "everybody gone", "everybody here",
    "arrives at li", "li sees it",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class State:
    """One alert and what is around it. ``moved``: it went to a deputy for the leave of these.

    ``keys``: of all messages so far, each of which is sent once for ever.
    """

    e: Escalation
    now: datetime
    away: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()

    @property
    def circle(self) -> Circle:
        return circle_of(self.away, self.blocked)


@dataclass(frozen=True)
class Step:
    """Where a move leads, and which messages it made."""

    to: State
    notices: tuple[Notice, ...] = ()


Move = Callable[[State], Step]


@cache
def circle_of(away: frozenset[str], blocked: frozenset[str]) -> Circle:
    """The people around the child by the product's own rule."""
    known = {
        id: replace(
            p,
            leave=AWAY if id in away else None,
            status="unreachable" if id in blocked else "joined",
        )
        for id, p in PEOPLE.items()
    }
    held = {"township_officer": ("li",), "county_officer": ("sun",), "cares_for": ()}
    return Around(held=held, known=known, today=date(2026, 11, 23)).circle(CHILD)


def kept(s: State, outcome: Outcome) -> Step:
    """The state once an outcome is kept."""
    e = next((r for r in outcome.records if isinstance(r, Escalation)), s.e)
    keys = s.keys.union(n.key for n in outcome.notices) if outcome.notices else s.keys
    return Step(replace(s, e=e, keys=keys), outcome.notices)


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


def _all_gone(s: State) -> Step:
    notices: tuple[Notice, ...] = ()
    for person in PEOPLE:
        if person not in s.blocked:
            step = _blocked(person, s)
            s, notices = step.to, notices + step.notices
    return Step(s, notices)


def _all_here(s: State) -> Step:
    return Step(replace(s, away=frozenset(), blocked=frozenset(), moved=frozenset()))


def few_moves(s: State) -> Iterator[tuple[str, Move]]:
    """Of the `moves` the few that a deep search can follow: the officer and the county, and the clock."""
    return ((name, move) for name, move in moves(s) if name.endswith(FEW))


def moves(s: State) -> Iterator[tuple[str, Move]]:
    """Everything that can happen next, each with its name. A restart is tried in each state (`fault_in`)."""
    yield "the clock looks", look
    if s.e.status == "open" and s.e.counted_from is not None:
        yield "the clock looks, the message is on its way", partial(look, on_its_way=True)
    yield "an outage of 3 hours", _outage
    for name, by in CLOCK.items():
        yield f"clock {name}", partial(_clock, by)
    yield from _around(s)
    if s.e.status in ("open", "acknowledged"):
        yield from _deeds(s)


def _around(s: State) -> Iterator[tuple[str, Move]]:
    on_ladder = "village_worker" in s.e.ladder[0]["to"]
    for id in PEOPLE:
        if id == "wang" and not on_ladder and s.e.person != id:
            continue  # no rung is his: whether he is there changes nothing
        blocked, away = id in s.blocked, id in s.away
        yield (f"{id} is back", partial(_back, id)) if away else (f"{id} on leave", partial(_on_leave, id))
        if blocked:
            yield f"{id} unblocks", lambda s, id=id: Step(replace(s, blocked=s.blocked - {id}))
        else:
            yield f"{id} blocks", partial(_blocked, id)
    if len(s.blocked) < len(PEOPLE):
        yield "everybody gone", _all_gone
    if s.blocked or s.away:
        yield "everybody here", _all_here
    for t in s.e.told:
        if s.e.counted_from is not None and not t.undelivered:
            yield f"it arrives at {t.person}", partial(_arrived, t.person)
        if t.person not in s.blocked and (s.e.counted_from is not None or t.undelivered):
            yield f"{t.person} sees it", partial(_seen, t.person)


def _deeds(s: State) -> Iterator[tuple[str, Move]]:
    """What people do; whoever is on leave may still tap, whoever has blocked the bot can't."""
    e, roles = s.e, in_circle(s.circle)
    told = {t.person for t in e.told}
    able = [id for id in PEOPLE if id not in s.blocked and (id != "wang" or id in told or id == e.person)]
    for id in able:
        by = PEOPLE[id]
        if e.status == "open":
            yield f"{id} takes it on", partial(_done, acknowledge, by=by)
        if e.person == id:
            yield f"{id} gives it back", partial(_done, decline, by=by)
            yield f"{id} notes a step", partial(_noted, id)
        if e.proposed_by is not None and e.proposed_by != id:
            yield f"{id} refuses its end", partial(_refuse, id)
        if seconders(e, by=id, circle=s.circle, policy=POLICY):
            yield f"{id} proposes its end", partial(_done, propose, by=by, outcome="好了")
        else:
            yield f"{id} ends it", partial(_done, resolve, by=by, outcome="好了")
        if id in roles and may_rest(e, by=by, circle=s.circle):
            yield from _rests(s, id)
    giver = PEOPLE[e.person] if e.person in able else LI
    for id in roles:
        if id not in (giver.id, e.person) and giver.id in able:
            yield f"{giver.id} hands it to {id}", partial(_done, hand_over, by=giver, to=PEOPLE[id])
    yield "it is withdrawn", partial(_done, withdraw, by=None, reason="corrected")


def _rests(s: State, id: str) -> Iterator[tuple[str, Move]]:
    days = (local_day(s.now, POLICY) + DAY, latest_rest(s.e, policy=POLICY, now=s.now))
    for name, until in zip(("a day", "as long as may be"), days, strict=True):
        yield (
            f"{id} lets it rest for {name}",
            partial(_done, rest, by=PEOPLE[id], until=until, reason="等入学"),
        )
