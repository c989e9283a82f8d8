"""A storm: the real bot is killed again and again while people go on talking and everything else goes wrong.

    python -m tests.storm.storm [--kills 100] [--seconds 600] [--calm 20] [--seed 1] [--stop]
                                [--database sqlite|postgresql] [--mode polling|webhook] [--keep FOLDER]

``--seconds`` ends the killing early. Prints a table and keeps it in the folder; the exit status is 1 if any
promise was broken, and then the database and the bot's log are kept as well.
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
import traceback
from collections.abc import AsyncIterator
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
from tests.storm.plan import Ending, Figures, Plan
from tests.storm.process import Bot, Nursery
from tests.storm.screens import Screens
from tests.storm.table import report
from tests.storm.weather import Weather


def now() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


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
        blowing = asyncio.create_task(asyncio.sleep(0) if self.plan.stop else weather.run())
        end = time.monotonic() + self.plan.seconds
        while self.figures.ends < self.plan.kills and time.monotonic() < end:
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
        self.figures.exits.append(await self._stopped(bot))
        self.happened, self.intruders, self.model = weather.happened, weather.intruders, people.model
        return await judge(
            self.url, people.model, self.screens, updates=weather.updates, poisoned=weather.poisoned,
            saved=weather.saved,
        )  # fmt: skip

    async def _one_life(self, nursery: Nursery, weather: Weather) -> None:
        """A start, and an end: at a random moment, or at or near a commit, a send, a poll, a tick."""
        weather.back()
        ending = Ending.drawn(self.dice, stop=self.plan.stop)
        bot = weather.bot = await self._started(nursery, ending.point)
        with contextlib.suppress(TimeoutError):
            await bot.ended(ending.after)
        self._look()
        status = await (self._stopped(bot) if self.plan.stop else bot.kill())
        if status == -9 or (self.plan.stop and status == 0):
            self.figures.count(ending.how)
            self.in_vain = 0
        elif status == REFUSED:  # the second instance has just taken the place of a dead one
            await asyncio.sleep(0.1)
        else:
            self._ended(status)

    async def _stopped(self, bot: Bot) -> int:
        begin = time.monotonic()
        status = await bot.terminate()
        self.figures.stops.append(time.monotonic() - begin)
        return status

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
        bot = await nursery.start(die_at=point, forgetful=not self.plan.kills)
        while bot.alive and self.screens.greetings == before and time.monotonic() - at < 20:
            await asyncio.sleep(0.01)
            self.screens.follow()
        self.figures.starts.append(time.monotonic() - at)
        return bot

    def _look(self) -> float:
        """How large the WAL is, in MB."""
        wal = Path(f"{self.url.removeprefix('sqlite:///')}-wal")
        size = wal.stat().st_size / 2**20 if self.plan.database == "sqlite" and wal.exists() else 0.0
        self.figures.wal = max(self.figures.wal, size)
        return size

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
                    self.figures.watched.append((passed, bot.memory(), bot.handles(), self._look()))
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
async def storm(plan: Plan, folder: Path) -> AsyncIterator[Storm]:
    """A storm, ready to `run`. What it leaves stays in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    if plan.database == "sqlite":
        yield Storm(plan, folder, f"sqlite:///{folder}/storm.db", None)
        return
    with postgres.cluster() as cluster:
        yield Storm(plan, folder, cluster.database(), cluster)


logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # the dead leave connections open


async def _main(plan: Plan, kept: Path) -> int:
    """0 when all promises were kept; else the database and its log stay beside the verdict."""
    folder, begin = Path(tempfile.mkdtemp(prefix="storm")), time.monotonic()
    status, verdict = 1, kept / f"{plan.name}.txt"
    kept.mkdir(parents=True, exist_ok=True)
    try:
        async with storm(plan, folder) as one:
            status, lines = report(one, await one.run(), time.monotonic() - begin)
    except Exception:
        lines = traceback.format_exc().splitlines()
    verdict.write_text("\n".join(lines) + "\n")
    print(*lines, sep="\n")
    if status:
        shutil.copytree(folder, kept / plan.name, dirs_exist_ok=True)
        print(f"the verdict stands in {verdict}, the database and its log in {kept / plan.name}/")
    shutil.rmtree(folder, ignore_errors=True)
    return status


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm.storm", description="A storm; see the docs.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--calm", type=float, default=20.0, help="seconds without kills at the end")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--mode", choices=("polling", "webhook"), default="polling")
    parser.add_argument("--stop", action="store_true", help="SIGTERM in fair weather instead of SIGKILL")
    parser.add_argument("--keep", type=Path, default=Path("var/storms"), help="where the verdict is kept")
    given = vars(parser.parse_args())
    kept = given.pop("keep")
    return asyncio.run(_main(Plan(**given), kept))


if __name__ == "__main__":
    sys.exit(main())
