"""A storm: the real bot is killed again and again while people go on talking and everything else goes wrong.

    python -m tests.storm.storm [--kills 100] [--seconds 600] [--seed 1] [--database sqlite|postgresql]
                                [--mode polling|webhook] [--keep FOLDER]

``--seconds`` ends the killing early. Prints a table; the exit status is 1 if any promise was broken.
"""

import argparse
import asyncio
import contextlib
import logging
import random
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from playground.server import StandIn
from storage.store import KeyRing, Store
from tests.bot.harness import KEY, TOKEN
from tests.storage import postgres
from tests.storage.world import bare
from tests.storm.county import Folk, folk, settle
from tests.storm.judge import Verdict, judge
from tests.storm.launcher import REFUSED
from tests.storm.people import People
from tests.storm.points import POINTS
from tests.storm.process import Bot, Nursery
from tests.storm.screens import Screens
from tests.storm.table import report
from tests.storm.weather import Weather


def now() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What kind of storm."""

    kills: int = 100
    seconds: float = 1e9
    seed: int = 1
    database: str = "sqlite"
    mode: str = "polling"
    calm: float = 20.0  # seconds of weather without kills at the end, in which memory is watched


@dataclass
class Figures:
    """What was seen on the way."""

    kills: int = 0
    at_points: int = 0
    starts: list[float] = field(default_factory=list)  # seconds from a start to the first call
    memory: list[float] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    wal: float = 0.0
    exits: list[int] = field(default_factory=list)  # of lives that ended by themselves
    rest: float = 0.0  # seconds until all was at rest after the end


class Storm:
    """One storm on one database."""

    def __init__(self, plan: Plan, folder: Path, url: str, cluster: postgres.Cluster | None) -> None:
        self.plan, self.folder, self.url = plan, folder, url
        self.dice = random.Random(plan.seed)
        self.figures = Figures()
        self.folk: Folk = folk()
        self.server = StandIn(token=TOKEN)
        self.server.webhook.pause = 0.2
        self.screens = Screens(self.server)
        self.cluster = cluster
        self.in_vain = 0  # lives in a row that ended by themselves

    async def run(self) -> Verdict:
        """From an empty database to the verdict."""
        store = await Store.open(self.url, KeyRing([KEY]))
        await settle(store, self.folk, now())
        await store.close()
        await self.server.start()
        try:
            async with Nursery(self.folder, self._environment()) as nursery:
                return await self._blow(nursery)
        finally:
            await self.server.stop()

    def _environment(self) -> dict[str, str]:
        known = {
            "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API": self.server.root, "DATA_DIR": str(self.folder),
            "SECRET_KEYS": KEY, "DATABASE_URL": self.url,
        }  # fmt: skip
        if self.plan.mode == "webhook":
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                address = f"127.0.0.1:{free.getsockname()[1]}"
            known |= {
                "WEBHOOK_URL": f"http://{address}/hook", "WEBHOOK_LISTEN": address, "WEBHOOK_SECRET": "s" * 32
            }  # fmt: skip
        return {f"XIANGBAN_{name}": value for name, value in known.items()}

    async def _blow(self, nursery: Nursery) -> Verdict:
        people = People(self.server, self.screens, self.folk, self.dice)
        weather = Weather(self.server, nursery, self.folder, self.url, self.cluster, self.dice)
        talking, officers = people.workers(), people.officers()
        blowing = asyncio.create_task(weather.run())
        end = time.monotonic() + self.plan.seconds
        while self.figures.kills < self.plan.kills and time.monotonic() < end:
            await self._one_life(nursery, weather)
        bot = await self._calm(nursery, weather)
        people.over.set()
        weather.over.set()
        await blowing
        try:
            bot = await self._rest(nursery, weather, bot, talking, people)
            await asyncio.gather(*officers)
        finally:
            for task in (*talking, *officers):
                task.cancel()
        self.figures.exits.append(await bot.terminate())
        self.happened, self.intruders, self.model = weather.happened, weather.intruders, people.model
        return await judge(
            self.url, people.model, self.screens, updates=weather.updates, poisoned=weather.poisoned,
            workers=self.folk.workers.values(),
        )  # fmt: skip

    async def _one_life(self, nursery: Nursery, weather: Weather) -> None:
        """A start, and a kill: at a random moment, or before or after a commit, a send, a poll."""
        weather.back()
        at_point = self.dice.random() < 0.6
        point = (
            f"{self.dice.choice(POINTS)}:{self.dice.choice((1, 2, 3, 5, 8, 13, 21, 34))}" if at_point else ""
        )
        bot = weather.bot = await self._started(nursery, point)
        with contextlib.suppress(TimeoutError):
            await bot.ended(3.0 if at_point else self.dice.uniform(0.0, 1.5))
        self._look(bot)
        await bot.kill()
        status = bot.over.result()
        if status == -9:
            self.figures.kills += 1
            self.figures.at_points += at_point
            self.in_vain = 0
        elif status == REFUSED:  # the second instance has just taken the place of a dead one
            await asyncio.sleep(0.1)
        else:
            self._ended(status)

    def _ended(self, status: int) -> None:
        """A life that ended by itself. RuntimeError where that becomes a habit: the rest proves nothing."""
        self.figures.exits.append(status)
        self.in_vain += 1
        if self.in_vain > 20:
            raise RuntimeError(f"it can't be kept alive: {self.figures.exits}; see {self.folder}/log.txt")

    async def _started(self, nursery: Nursery, point: str = "") -> Bot:
        """A new life, once it is at work or over."""
        self.screens.follow()
        before, at = self.screens.greetings, time.monotonic()
        bot = await nursery.start(die_at=point)
        while bot.alive and self.screens.greetings == before and time.monotonic() - at < 20:
            await asyncio.sleep(0.01)
            self.screens.follow()
        self.figures.starts.append(time.monotonic() - at)
        return bot

    def _look(self, bot: Bot) -> None:
        wal = Path(f"{self.url.removeprefix('sqlite:///')}-wal")
        if self.plan.database == "sqlite" and wal.exists():
            self.figures.wal = max(self.figures.wal, wal.stat().st_size / 2**20)

    async def _calm(self, nursery: Nursery, weather: Weather) -> Bot:
        """Weather without kills: what one life holds must not grow. A life that ends is begun anew."""
        bot = weather.bot = await self._started(nursery)
        begin = time.monotonic()
        while (passed := time.monotonic() - begin) < self.plan.calm:
            if not bot.alive:
                self._ended(bot.over.result())
                bot = weather.bot = await self._started(nursery)
            await asyncio.sleep(min(0.5, self.plan.calm / 8))
            with contextlib.suppress(OSError, StopIteration):
                if passed > self.plan.calm / 4:
                    self.figures.memory.append(bot.memory())
                    self.figures.handles.append(bot.handles())
            self._look(bot)
        return bot

    async def _rest(
        self,
        nursery: Nursery,
        weather: Weather,
        bot: Bot,
        talking: list["asyncio.Task[None]"],
        people: People,
    ) -> Bot:
        """Good weather until everybody has finished and nothing is under way."""
        begin, quiet = time.monotonic(), 0
        while time.monotonic() - begin < 240 and quiet < 3:
            if not bot.alive:
                self._ended(bot.over.result())
                bot = weather.bot = await self._started(nursery)
            await asyncio.sleep(0.5)
            still = all(task.done() for task in talking) and not await self._under_way(weather)
            quiet = quiet + 1 if still else 0
        people.calm.set()
        self.figures.rest = time.monotonic() - begin
        return bot

    async def _under_way(self, weather: Weather) -> int:
        """How much waits to be dealt with or to be sent now."""
        if len(self.server.world.updates):
            return 1
        at = int((now().timestamp() + weather.offset) * 1e6)
        waits = f"state = 'sending' OR (state = 'new' AND (tries > 0 OR next_at <= {at}))"
        rows = await bare(
            self.url,
            "SELECT (SELECT count(*) FROM inbox WHERE state = 'open') + "
            f"(SELECT count(*) FROM outbox WHERE {waits})",
        )
        return int(rows[0][0])


@contextlib.asynccontextmanager
async def storm(plan: Plan, keep: Path | None = None) -> AsyncIterator[Storm]:
    """A storm, ready to `run`."""
    folder = keep or Path(tempfile.mkdtemp(prefix="storm"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if plan.database == "sqlite":
            yield Storm(plan, folder, f"sqlite:///{folder}/storm.db", None)
            return
        with postgres.cluster() as cluster:
            yield Storm(plan, folder, cluster.database(), cluster)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # the dead leave connections open


async def _main(plan: Plan, keep: Path | None) -> int:
    begin = time.monotonic()
    async with storm(plan, keep) as one:
        verdict = await one.run()
        return report(one, verdict, time.monotonic() - begin)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm.storm", description="A storm; see the docs.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--mode", choices=("polling", "webhook"), default="polling")
    parser.add_argument("--keep", type=Path, help="a folder in which database and log stay")
    given = parser.parse_args()
    plan = Plan(
        kills=given.kills, seconds=given.seconds, seed=given.seed, database=given.database, mode=given.mode
    )
    return asyncio.run(_main(plan, given.keep))


if __name__ == "__main__":
    sys.exit(main())
