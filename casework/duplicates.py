"""Which files may be of one and the same child: found by what rarely agrees by chance, decided by people."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from casework.households import telephone
from casework.record import replace
from casework.records import Child

Why = Literal["id_number", "birth", "phone"]
_WHYS: tuple[Why, ...] = get_args(Why)  # the strongest first
Sound = Callable[[str], str]  # how a name sounds: 晓明 and 小明 are one


@dataclass(frozen=True, kw_only=True)
class Alike:
    """Two files, the older one first, and what agrees: the ID number; the name (also by its sound) with the
    birth date; the name with the carer's telephone, where a birth date may have been told by either calendar.
    """

    older: Child
    newer: Child
    why: tuple[Why, ...]


def duplicates(children: Iterable[Child], sound: Sound) -> list[Alike]:
    """The pairs that may be one child, the surest first. At least one of the two is open.

    Leaves out what was joined already, and those of whom it was said that they are two children
    (`Child.not_same`). Of several files alike, each is held against the first one that it may be.
    """
    whys: dict[tuple[str, str], list[Why]] = defaultdict(list)
    known: dict[str, Child] = {}
    for why, group in _groups([c for c in children if c.merged_into is None], sound):
        for older, newer in _pairs(group):
            known |= {older.id: older, newer.id: newer}
            whys[older.id, newer.id].append(why)
    found = [Alike(older=known[a], newer=known[b], why=tuple(why)) for (a, b), why in whys.items()]
    return sorted(found, key=lambda pair: (_rank(pair), pair.older.id, pair.newer.id))


def _rank(pair: Alike) -> tuple[int, int]:
    return min(map(_WHYS.index, pair.why)), -len(pair.why)


def _groups(children: Sequence[Child], sound: Sound) -> Iterator[tuple[Why, list[Child]]]:
    """The groups in which each two agree in one thing."""
    yield from (("id_number", group) for group in _alike(children, lambda c: c.id_number.upper()))
    for group in _alike(children, lambda c: c.birth_date.isoformat() if c.birth_date else ""):
        yield from (("birth", same) for same in _alike(group, lambda c: sound(c.name)))
    for group in _alike(children, telephone):
        yield from (("phone", same) for same in _alike(group, lambda c: sound(c.name)))


def _alike(children: Sequence[Child], of: Callable[[Child], str]) -> Iterator[list[Child]]:
    groups: dict[str, list[Child]] = defaultdict(list)
    for child in children:
        if value := of(child):
            groups[value].append(child)
    return (group for group in groups.values() if len(group) > 1)


def _pairs(group: Sequence[Child]) -> Iterator[tuple[Child, Child]]:
    placed = sorted(group, key=lambda c: (c.registered_on, c.id))
    for place, newer in enumerate(placed):
        older = next((one for one in placed[:place] if _may_be_one(one, newer)), None)
        if older is not None:
            yield older, newer


def _may_be_one(one: Child, other: Child) -> bool:
    told_apart = other.id in one.not_same or one.id in other.not_same
    return not told_apart and "active" in (one.status, other.status)


def told_apart(one: Child, other: Child) -> tuple[Child, Child]:
    """Both files, with it written down that they are of two children."""
    return (
        replace(one, not_same=tuple(sorted({*one.not_same, other.id}))),
        replace(other, not_same=tuple(sorted({*other.not_same, one.id}))),
    )
