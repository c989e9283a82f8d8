"""Plays every cell of docs/permissions.md through the one door, and prints the table as it really is.

    python -m tests.permissions.matrix [WHO…]

Exit status 1 where a cell differs from the page; each such cell on a line of its own.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from casework.records import Person, Record, Talk
from conversations.said import Message, Reply, Said
from tests.permissions import table
from tests.permissions.cast import CAST
from tests.permissions.deeds import WAYS, Changed, Way, concerns
from tests.permissions.stage import NOTHING, Stage, Target, staged, template


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell, played: what the page says and what came of it; ``fault`` says how they part."""

    who: str
    state: str
    deed: str
    way: str
    expected: str
    found: str
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """All that a deed can tell: the whole replies, what changed, and where the talk stands."""

    replies: tuple[tuple[Sequence[Message], str, bool, bool], ...]
    changed: Changed
    notices: int
    events: int

    @property
    def outside(self) -> tuple[object, ...]:
        """What may not tell whether there was anything: to the byte, with what is kept of the talk."""
        talks = [replace(r, version=0) for r in self.changed.values() if isinstance(r, Talk)]
        rest = sorted(kind for kind, _ in self.changed if kind != "talk")
        return self.replies, talks, rest, self.notices, self.events


async def _play(stage: Stage, said: Sequence[Said]) -> tuple[_Seen, Reply]:
    before = stage.kept()
    replies = [await stage.play(one) for one in said]
    after = stage.kept()
    changed = await stage.changed(before, after)
    changed = {key: record for key, record in changed.items() if not _is_back(record)}
    seen = _Seen(
        replies=tuple((r.messages, r.popup, r.alarm, r.stranger) for r in replies),
        changed=changed,
        notices=after.messages - before.messages,
        events=after.events - before.events,
    )
    return seen, replies[-1]


def _is_back(record: Record) -> bool:
    """Who writes can be reached again: that is no effect of the deed."""
    return isinstance(record, Person) and record.id == "me" and record.status == "joined"


async def play(stage: Stage, who: str, way: Way, state: str, target: Target, nothing: _Seen) -> Cell:
    """One cell; ``nothing`` is the same deed on what is not there."""
    await stage.rest()
    seen, reply = await _play(stage, way.play(stage, target))
    expected = table.expected(who, way.deed, state)
    found, fault = _judged(stage, way, target, seen, reply, nothing, expected)
    return Cell(
        who=who, state=state, deed=way.deed, way=way.name, expected=expected, found=found, fault=fault
    )


def _judged(
    stage: Stage, way: Way, target: Target, seen: _Seen, reply: Reply, nothing: _Seen, expected: str
) -> tuple[str, str]:
    if way.done(stage, target, seen.changed, reply):
        return table.MAY, "" if expected == table.MAY else "it is done"
    effects = sorted(kind for kind, _ in seen.changed if kind != "talk")
    if effects:
        return "?", f"changes {effects}"
    alike = seen.outside == nothing.outside
    if expected == table.NOT and not alike:
        return table.LATE, f"tells: {seen.outside!r} is not {nothing.outside!r}"
    if expected == table.LATE:
        return table.LATE, ""
    return table.NOT if alike else table.LATE, "" if expected == table.NOT else "it is not done"


async def play_row(
    who: str, empty: Path, folder: Path, states: Sequence[str] = tuple(table.states())
) -> list[Cell]:
    """All cells of one person in these states of the record."""
    cells: list[Cell] = []
    nothing: dict[Way, _Seen] = {}
    async with staged(CAST[who], empty, folder / f"{who}.db") as stage:
        number = 3000
        for state in states:
            for way in WAYS:
                if table.states()[state][way.deed] and concerns(way, state, CAST[who]):
                    number += 1
                    target = await stage.set_up(number, state)
                    if way not in nothing or way.name == "asked":  # /visit shows a list that grows
                        await stage.rest()
                        nothing[way], _ = await _play(stage, way.play(stage, NOTHING))
                    cells.append(await play(stage, who, way, state, target, nothing[way]))
    return cells


async def play_all(rows: Sequence[str]) -> list[Cell]:
    """All cells of these people."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty = await template(folder)
        return [cell for who in rows for cell in await play_row(who, empty, folder)]


def shown(cells: Sequence[Cell], rows: Sequence[str]) -> str:
    """The table as it was found: by person for a child on the books, then by state."""
    deeds = list(dict.fromkeys(way.deed for way in WAYS))
    lines = ["  ".join([f"{'':22}", *deeds])]
    for who in rows:
        mine = [c for c in cells if c.who == who and c.state == "child active"]
        lines.append("  ".join([f"{who:22}", *(_found(mine, deed) for deed in deeds)]))
    lines.append("")
    for state in table.states():
        of_state = [c for c in cells if c.state == state and table.people()[c.who][c.deed] == table.MAY]
        lines.append("  ".join([f"{state:22}", *(_found(of_state, deed) for deed in deeds)]))
    return "\n".join(lines)


def _found(cells: Sequence[Cell], deed: str) -> str:
    found = {c.found for c in cells if c.deed == deed}
    one = next(iter(found)) if len(found) == 1 else "!" if found else ""
    return f" {one} " if one.isascii() or one == table.NOT else f" {one}"


def main(arguments: Sequence[str]) -> int:
    """Plays, prints, and says what differs."""
    rows = list(arguments) or list(CAST)
    cells = asyncio.run(play_all(rows))
    print(shown(cells, rows))
    wrong = [c for c in cells if c.fault]
    print(f"\n{len(cells)} cells played, {len(wrong)} differ from docs/permissions.md")
    for c in wrong:
        print(f"{c.who}, {c.state}, {c.deed} ({c.way}): {c.expected} expected, {c.found} found: {c.fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
