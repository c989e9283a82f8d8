"""Figures of keeping: a backup, and a change of the secret key, while others read and write."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from casework.access import CLOCK
from casework.outcome import Event, Outcome
from casework.records import Child
from storage.keys import KeyRing
from storage.store import Store
from tests.bench import contest, county

NEW_KEY = "n" * 43
READERS = 4


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Seconds of the command; the longest that a writer waited, with and without it; writes and reads."""

    seconds: float
    stall: float
    usual: float
    writes: int
    reads: int


async def backup(url: str, folder: Path, children: int) -> tuple[Shown, int]:
    """`xiangban backup` of so many children with a visit each, under load; and the size of the file."""
    await _fill(url, children)
    file = folder / "county.bak"
    shown = await _under_load(url, (county.KEY,), folder, children, "backup", str(file))
    return shown, file.stat().st_size


async def rotation(url: str, folder: Path, children: int) -> Shown:
    """`xiangban keys rotate` of so many children's keys, under load; all must be readable afterwards."""
    await _fill(url, children)
    shown = await _under_load(url, (NEW_KEY, county.KEY), folder, children, "keys", "rotate")
    store = await Store.open(url, KeyRing([NEW_KEY]))
    try:
        found = await store.find(CLOCK, Child)
        assert len(found) == children
        assert (await store.verify_audit()).checked == shown.writes
    finally:
        await store.close()
    return shown


async def _fill(url: str, children: int) -> None:
    store = await Store.open(url, KeyRing([county.KEY]))
    await county.keep(store, county.people(50, 0))
    await county.keep(store, county.books(children))
    await store.close()


async def _under_load(url: str, keys: Sequence[str], folder: Path, children: int, *words: str) -> Shown:
    """Run the command in a process of its own while this one writes and reads without a pause."""
    store = await Store.open(url, KeyRing(keys))
    over = asyncio.Event()
    waits: list[float] = []
    writing = asyncio.create_task(_write(store, over, waits))
    reading = [asyncio.create_task(_read(store, over, children, n)) for n in range(READERS)]
    await asyncio.sleep(2)
    usual, before = max(waits), len(waits)
    environment = dict(contest.settings("http://127.0.0.1:9", url, folder))
    environment["XIANGBAN_SECRET_KEYS"] = ",".join(keys)
    command = [str(Path(sys.executable).with_name("xiangban")), *words]
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
    assert await process.wait() == 0
    seconds = time.perf_counter() - begun
    over.set()
    await writing
    reads = sum(await asyncio.gather(*reading))
    await store.close()
    return Shown(
        seconds=seconds, stall=max(waits[before:]), usual=usual, writes=len(waits), reads=reads
    )  # fmt: skip


async def _write(store: Store, over: asyncio.Event, waits: list[float]) -> None:
    while not over.is_set():
        begun = time.perf_counter()
        event = Event(name="visit_planned", at=county.NOW, actor="clock", ground="clock")
        await store.apply(Outcome(events=(event,)))
        waits.append(time.perf_counter() - begun)
        await asyncio.sleep(0.005)


async def _read(store: Store, over: asyncio.Event, children: int, start: int) -> int:
    count = 0
    while not over.is_set():
        found = await store.get(CLOCK, Child, f"b{(start + 7919 * count) % children}")
        assert found is not None
        count += 1
        await asyncio.sleep(0.001)
    return count
