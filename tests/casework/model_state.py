"""The state of the model check: one alert, the people around it by the product's own rule, and its moves."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from casework.circles import Around
from casework.ladder import in_circle
from casework.outcome import Notice, Outcome
from casework.record import replace
from casework.records import Circle, Escalation, Leave
from tests.casework.world import CHILD, LI, SUN, WANG, ZHAO

PEOPLE = {p.id: p for p in (WANG, replace(LI, deputy="zhao"), ZHAO, SUN)}
AWAY = Leave(start=date(2020, 1, 1), end=date(2100, 1, 1), begun=True)


@dataclass(frozen=True, kw_only=True)
class State:
    """One alert and what is around it. ``moved``: it went to a deputy for the leave of these.

    ``keys``: of all messages so far, each of which is sent once for ever, as bits (`bit_of`).
    """

    e: Escalation
    now: datetime
    away: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()
    keys: int = 0

    @property
    def circle(self) -> Circle:
        return circle_of(self.away, self.blocked)


@dataclass(frozen=True)
class Step:
    """Where a move leads, and which messages it made."""

    to: State
    notices: tuple[Notice, ...] = ()


Act = Callable[[State], Step]


@dataclass(frozen=True)
class Move:
    """Something that can happen.

    ``reads``: what of the people decides where it leads, beside the alert itself; where that is the same, it
    leads to the same. ``parts``: it is no more than these, one after the other.
    """

    name: str
    act: Act
    reads: Callable[[State], Hashable]
    parts: tuple["Move", ...] = ()


@cache
def _known(away: frozenset[str], blocked: frozenset[str]) -> Circle:
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


_CIRCLES: list[Circle] = []


@cache
def ring_of(away: frozenset[str], blocked: frozenset[str]) -> int:
    """The number of the circle; the same for all in which the same people act for the same posts."""
    circle = _known(away, blocked)
    if circle not in _CIRCLES:
        _CIRCLES.append(circle)
    return _CIRCLES.index(circle)


@cache
def roles_of(number: int) -> Mapping[str, str]:
    """Who works in a circle, person -> role."""
    return in_circle(_CIRCLES[number])


def circle_of(away: frozenset[str], blocked: frozenset[str]) -> Circle:
    """The people around the child by the product's own rule."""
    return _CIRCLES[ring_of(away, blocked)]


_BITS: dict[str, int] = {}


def bit_of(key: str) -> int:
    """A message's key as one bit."""
    return 1 << _BITS.setdefault(key, len(_BITS))


def kept(s: State, outcome: Outcome) -> Step:
    """The state once an outcome is kept."""
    e = next((r for r in outcome.records if isinstance(r, Escalation)), s.e)
    if not outcome.notices:
        return Step(s if e is s.e else replace(s, e=e))
    keys = s.keys
    for notice in outcome.notices:
        keys |= bit_of(notice.key)
    return Step(replace(s, e=e, keys=keys), outcome.notices)


def is_told(s: State, person: str) -> bool:
    """Whether somebody was told of the alert."""
    return any(t.person == person for t in s.e.told)


def nobody(s: State) -> Hashable:
    """Of the people nothing: the alert alone decides."""
    return None


def ring(s: State) -> Hashable:
    """Who acts for whom."""
    return ring_of(s.away, s.blocked)
