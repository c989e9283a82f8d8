"""Damaged rosters, brought in: each as a whole or not at all, and what is wrong is said with its place.

python -m tests.roster.mutate [--books 10000] [--seed 1]
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import orjson

from bot.guard import Refused
from bot.roster.bring_in import bring_in
from bot.roster.checks import checked
from bot.roster.faults import RosterError, refusal
from bot.roster.reading import lines
from casework.access import IMPORT
from casework.policy import load_policy
from casework.records import Area, Child, Person, Visit
from casework.roster import Kept
from storage.keys import KeyRing, new_secret_key
from storage.store import Store
from tests.roster.books import TODAY
from tests.roster.damage import good, mutated, saved

POLICY = load_policy()
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
WHOLE_SHEET = frozenset({"roster.no_sheet", "roster.no_rows", "roster.sheet_twice", "roster.no_column"})
BOOKS_OF_A_STORE = 100


def read_here(path: Path, language: str, _: object = None) -> Iterator[Any]:
    """As the reading process passes the lines on, without the process."""
    try:
        for line in lines(path):
            value = orjson.loads(orjson.dumps(line))
            if isinstance(value, list) or "rows" not in value:
                yield value
    except Refused as error:
        raise refusal(path.name, error.key, language, error.values) from None


@dataclass(kw_only=True)
class Seen:
    """What became of the books. ``wrong``: each fault of ours; ``slowest``: seconds of processor."""

    ends: Counter[str] = field(default_factory=Counter)
    damages: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0


async def _standing(store: Store) -> dict[str, dict[str, Any]]:
    kinds = (Area, Person, Child, Visit)
    return {kind.__name__: {one.id: one for one in await store.find(IMPORT, kind)} for kind in kinds}


def _placeless(path: Path, before: dict[str, dict[str, Any]]) -> list[str]:
    """The faults that name no sheet, row or column, though there is one."""
    kept = Kept(areas=before["Area"], people=before["Person"], children=before["Child"], visits={})
    try:
        read = list(read_here(path, "en"))
    except RosterError:
        return []  # refused as a file
    found = checked(read, kept, policy=POLICY, today=TODAY).findings.faults
    missing = {(f.sheet, f.values["en"]) for f in found if f.key == "roster.no_column"}
    sheets = {sheet for sheet, _ in missing}
    return [
        fault.key
        for fault in found
        if not (
            fault.sheet
            and (fault.key in WHOLE_SHEET or (fault.row and (fault.column or fault.sheet in sheets)))
        )
    ]


async def brought(store: Store, path: Path, seen: Seen, ids: Iterator[int]) -> str:
    """Brings one book in; "" or what went wrong."""
    before = await _standing(store)
    began = time.process_time()
    try:
        done = await bring_in(
            store, path, policy=POLICY, now=NOW, new_id=lambda: f"n{next(ids)}", language="en"
        )
    except RosterError as error:
        seen.slowest = max(seen.slowest, time.process_time() - began)
        seen.ends["refused"] += 1
        if await _standing(store) != before:
            return "refused, and yet something changed"
        if not error.lines or not all(line.startswith(path.name) for line in error.lines):
            return f"a fault without its file: {error.lines}"
        placeless = _placeless(path, before)
        return f"faults without a place: {placeless}" if placeless else ""
    seen.slowest = max(seen.slowest, time.process_time() - began)
    seen.ends["brought in" if done.changes.outcome else "brought in, nothing new"] += 1
    after = await _standing(store)
    told = (("Area", done.changes.areas), ("Person", done.changes.people), ("Child", done.changes.children))
    for kind, tally in told:
        if len(after[kind]) != len(before[kind]) + tally.new:
            return f"{kind}: {tally.new} told, {len(after[kind]) - len(before[kind])} new"
    return ""


async def play(books: int, seed: int, folder: Path) -> Seen:
    """Damages and brings in that many books; a new store for every hundred."""
    seen, ids = Seen(), count(1)
    dice = random.Random(seed)
    path = folder / "r.xlsx"
    with patch("bot.roster.bring_in.read_workbook", read_here):
        for first in range(0, books, BOOKS_OF_A_STORE):
            store = await Store.open(f"sqlite:///{folder}/{first}.db", KeyRing([new_secret_key()]))
            saved(random.Random(0), good(), path)
            await bring_in(store, path, policy=POLICY, now=NOW, new_id=lambda: f"n{next(ids)}")
            for number in range(first, min(books, first + BOOKS_OF_A_STORE)):
                damage = mutated(dice, path)
                seen.damages[damage] += 1
                try:
                    fault = await brought(store, path, seen, ids)
                except Exception as error:
                    fault = f"{type(error).__name__}: {error}"
                if fault:
                    kept = Path(tempfile.gettempdir()) / f"roster-{seed}-{number}.xlsx"
                    kept.write_bytes(path.read_bytes())
                    seen.wrong.append(f"book {number} ({damage}; {kept}): {fault}")
            await store.close()
    return seen


def main() -> int:
    """Prints what became of them; status 1 where anything went wrong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--books", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    wish = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seen = asyncio.run(play(wish.books, wish.seed, Path(folder)))
    for end, number in seen.ends.most_common():
        print(f"{number:7} {end}")
    print(f"the slowest took {seen.slowest:.2f} s of processor; {len(seen.wrong)} went wrong")
    print("\n".join(seen.wrong[:20]))
    return 1 if seen.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
