"""Each main flow, with the bot killed once at each point: before and after every commit and every API call.

    python -m tests.storm.every_point [--flow visit …] [--every 1] [--at-once 2]
                                      [--database sqlite|postgresql]

A first run without a kill says which points there are and how the database must look in the end; each run
with a kill must end with the same.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.storage import postgres
from tests.storm.process import Nursery
from tests.storm.scripts import FLOWS, Flow
from tests.storm.stage import Stage, settle, stage
from tests.storm.trace import parted, trace

POINTS = ("commit.before", "commit.after", "call.before", "call.after", "poll.after", "ddl.before")


@dataclass
class Tally:
    """What came of one flow. ``wrong``: the points after which something was not as it must be."""

    points: int = 0
    killed: int = 0
    repeats: int = 0
    wrong: dict[str, list[str]] = field(default_factory=dict)


class Theatre:
    """Plays flows; at most so many at once."""

    def __init__(
        self, nursery: Nursery, folder: Path, cluster: postgres.Cluster | None, at_once: int
    ) -> None:
        self._nursery, self._folder, self._cluster = nursery, folder, cluster
        self._gate = asyncio.Semaphore(at_once)
        self._opening = asyncio.Lock()  # alembic knows one migration for each process
        self._played = 0

    async def every(self, flow: Flow, *, step: int = 1, first: int = 0) -> Tally:
        """All points of a flow, or each ``step``-th."""
        counted, expected = await self.rehearse(flow)
        names = [f"{name}:{n}" for name in POINTS for n in range(1, counted.get(name, 0) + 1)]
        chosen, tally = names[first::step], Tally()
        await asyncio.gather(*(self._one(flow, point, expected, tally) for point in chosen))
        return tally

    async def rehearse(self, flow: Flow) -> tuple[dict[str, int], Counter[str]]:
        """The flow as it goes when nothing is amiss: the points passed, and the database in the end."""
        counted, expected, _ = await self.play(flow)
        for words, count in flow.kept.items():
            found = sum(n for line, n in expected.items() if line.startswith(words))
            assert found == count, f"the model wants {count} × {words!r}: {sorted(expected)}"
        return counted, expected

    async def _one(self, flow: Flow, point: str, expected: Counter[str], tally: Tally) -> None:
        tally.points += 1
        try:
            _, found, one = await self.play(flow, die_at=point)
        except Exception as error:
            tally.wrong[point] = [f"{type(error).__name__}: {error}"]
            return
        tally.killed += one.lives > 1
        tally.repeats += one.repeats
        wrong = parted(expected, found) + [f"again, and not marked: {text}" for text in one.unmarked()]
        if wrong:
            tally.wrong[point] = wrong

    async def play(
        self, flow: Flow, *, twins: bool = False, **job: object
    ) -> tuple[dict[str, int], Counter[str], Stage]:
        """One run to its end: the points passed, the trace of the database, the stage.

        The first life is as ``job`` says; ``twins``: with a second one beside it all the time.
        """
        async with self._gate:
            self._played += 1
            folder = self._folder / str(self._played)
            url = self._cluster.database() if self._cluster else f"sqlite:///{folder}/stage.db"
            async with stage(self._nursery, folder, url) as one:
                if not flow.empty:
                    async with self._opening:
                        await settle(url, one.first_day, one.now, more=flow.more)
                await one.begin(armed=flow.empty, **job)
                twin = await one.live(**job) if twins else None
                await self._through(flow, one)
                if twin is not None:
                    assert await twin.terminate() == 0
                async with self._opening:
                    found = await trace(url)
            counted = json.loads((folder / "points.json").read_text())
            shutil.rmtree(folder, ignore_errors=True)
            return counted, found, one

    async def _through(self, flow: Flow, one: Stage) -> None:
        keeping = asyncio.create_task(one.keep_alive())
        playing = asyncio.create_task(_whole(flow, one))
        try:
            await asyncio.wait((keeping, playing), return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                keeping.result()
            await playing
        finally:
            for task in (keeping, playing):
                task.cancel()
            await asyncio.gather(keeping, playing, return_exceptions=True)
        await one.finish()


async def _whole(flow: Flow, one: Stage) -> None:
    await flow.play(one)
    await one.rest()


@asynccontextmanager
async def theatre(folder: Path, *, database: str = "sqlite", at_once: int = 2) -> AsyncIterator[Theatre]:
    """Ready to play."""
    async with Nursery(folder, {}) as nursery:
        if database == "sqlite":
            yield Theatre(nursery, folder, None, at_once)
            return
        with postgres.cluster() as cluster:
            yield Theatre(nursery, folder, cluster, at_once)


async def _main(flows: list[str], step: int, database: str, at_once: int) -> int:
    folder, wrong = Path(tempfile.mkdtemp(prefix="points")), 0
    async with theatre(folder, database=database, at_once=at_once) as house:
        for name in flows:
            begin = time.monotonic()
            tally = await house.every(FLOWS[name], step=step)
            recovered = tally.points - len(tally.wrong)
            print(
                f"{name:<9} {tally.points:>4} points, killed at {tally.killed}, recovered {recovered}, "
                f"{tally.repeats} messages shown again and marked, {time.monotonic() - begin:.0f} s",
                flush=True,
            )
            for point, lines in tally.wrong.items():
                print(f"  WRONG {point}", *(line[:400] for line in lines[:12]), sep="\n    ", flush=True)
            wrong += len(tally.wrong)
    shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong else 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.storm.every_point", description="Every point once."
    )
    parser.add_argument("--flow", nargs="*", choices=tuple(FLOWS), default=list(FLOWS))
    parser.add_argument("--every", type=int, default=1, help="each so-many-th point only")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--at-once", type=int, default=2)
    given = parser.parse_args()
    return asyncio.run(_main(given.flow, given.every, given.database, given.at_once))


if __name__ == "__main__":
    sys.exit(main())
