"""可能重复: files that may be of one child, for officers; who sees only one of the two is told no more."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from casework.access import CLOCK, Reader
from casework.duplicates import Alike, duplicates, told_apart
from casework.outcome import Notice, Outcome, Priority
from casework.records import Area, Child
from conversations import pins
from conversations.said import Button
from conversations.turn import Turn
from conversations.widgets.choices import mark_of
from conversations.widgets.search import sound_of

LIST = "du"
PER_PAGE = 8


def may(turn: Turn) -> bool:
    """Officers alone: a worker hears of it when registering."""
    return bool(turn.reader.townships or turn.reader.counties)


def decides(reader: Reader, *children: Child) -> bool:
    """Whether the reader answers for all of these files: in his townships, or in his county."""
    return all(child.township in reader.townships or child.county in reader.counties for child in children)


@dataclass(frozen=True, kw_only=True)
class Found:
    """``mine``: pairs of which both are the reader's to decide; ``far``: the reader's file of the others."""

    mine: Sequence[Alike]
    far: Sequence[Child]


async def found_for(turn: Turn) -> Found:
    """What the whole county's register holds twice, as far as this person may know it."""
    pairs: list[Alike] = []
    for county in await _counties(turn):
        children = await turn.desk.store.find(CLOCK, Child, area=county)
        pairs += await asyncio.to_thread(duplicates, children, sound_of)  # the first time reads a dictionary
    reader = turn.reader
    mine = [pair for pair in pairs if decides(reader, pair.older, pair.newer)]
    far = [
        child
        for pair in pairs
        for child in (pair.older, pair.newer)
        if decides(reader, child) and not decides(reader, pair.older, pair.newer)
    ]
    return Found(mine=mine, far=list({child.id: child for child in far}.values()))


async def _counties(turn: Turn) -> list[str]:
    townships = [await turn.desk.store.get(CLOCK, Area, code) for code in sorted(turn.reader.townships)]
    parents = {area.parent for area in townships if area is not None and area.parent is not None}
    return sorted(parents | turn.reader.counties)


async def list_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A page of the pairs; behind them what another township has as well, of which the county is told."""
    if not may(turn):
        turn.pop("stale.unknown")
        return
    found = await found_for(turn)
    page = int(parts[0]) % max(1, -(-len(found.mine) // PER_PAGE))
    lines = [turn.words("alike.head", count=len(found.mine)) if found.mine else turn.words("alike.none")]
    if found.far:
        far = turn.words("list.comma").join(turn.desk.label(child) for child in found.far[:PER_PAGE])
        lines += ["", turn.words("alike.far", children=far, count=len(found.far))]
        turn.decide(await _county_told(turn, found))
    rows = [[_pair_button(turn, pair)] for pair in found.mine[page * PER_PAGE : (page + 1) * PER_PAGE]]
    if len(found.mine) > PER_PAGE:
        rows.append([turn.button(turn.words("list.more"), LIST, page + 1)])
    turn.tell("\n".join(lines), rows, bold=lines[:1], edit=page > 0)


def _pair_button(turn: Turn, pair: Alike) -> Button:
    label = turn.words(
        "alike.pair", older=turn.desk.label(pair.older), newer=pair.newer.id, why=why_said(turn, pair)
    )
    return turn.button(label, "dup", pair.older.id, mark_of(pair.newer.id))


def why_said(turn: Turn, pair: Alike) -> str:
    """What agrees, in words."""
    return turn.words("list.comma").join(turn.words(f"alike.why.{why}") for why in pair.why)


async def _county_told(turn: Turn, found: Found) -> Outcome:
    """The county's officers, once a day: only they see both files."""
    notices = {}
    for county in sorted({child.county for child in found.far}):
        for officer in await turn.desk.store.staff(role="county_officer", area=county):
            key = f"alike:{county}:{turn.today.isoformat()}:{officer.id}"
            notices[key] = Notice(
                key=key, to=officer.id, kind="files_alike", priority=Priority.DIGEST,
                about=("person", officer.id), silent=True,
            )  # fmt: skip
    return Outcome(notices=tuple(notices.values()))


async def pair_of(turn: Turn, parts: tuple[str, ...]) -> Alike | None:
    """The pair of a button, while it may still be one child and this person decides it; else it is said."""
    found = await found_for(turn) if may(turn) else Found(mine=(), far=())
    for pair in found.mine:
        if pair.older.id == parts[0] and mark_of(pair.newer.id) == parts[1]:
            return pair
    turn.pop("alike.gone")
    return None


async def pair_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Both files: the way to each, and what can be decided."""
    if not await pins.gate(turn, "dup", *parts):
        return
    pair = await pair_of(turn, parts)
    if pair is None:
        return
    older, newer = turn.desk.label(pair.older), turn.desk.label(pair.newer)
    text = turn.words("alike.both", older=older, newer=newer, why=why_said(turn, pair))
    turn.tell(
        text,
        [
            [turn.button(turn.words("alike.see", child=c.id), "c", c.id) for c in (pair.older, pair.newer)],
            [turn.button(turn.words("alike.one"), "mgb", *parts)],  # `merging`, which needs this module
            [turn.button(turn.words("alike.two"), "dux", *parts)],
        ],
    )


async def apart_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """不是同一个: it is written down in both files, and the pair is not shown again."""
    pair = await pair_of(turn, parts)
    if pair is None:
        return
    turn.keep(*told_apart(pair.older, pair.newer))
    for child, other in ((pair.older, pair.newer), (pair.newer, pair.older)):
        turn.happened("files_told_apart", child=child.id, record=child.id, other=other.id)
    text = turn.words("alike.noted", older=turn.desk.label(pair.older), newer=turn.desk.label(pair.newer))
    turn.tell(text, [[turn.button(turn.words("alike.list"), LIST, 0)]])


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    LIST: list_tapped,
    "dup": pair_tapped,
    "dux": apart_tapped,
}
