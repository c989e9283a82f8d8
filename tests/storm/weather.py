"""What goes wrong in a storm beside the kills: the way to Telegram, the database, the clock, the updates."""

import asyncio
import contextlib
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from playground.faults import Kind
from playground.server import StandIn
from tests.storage.postgres import Cluster
from tests.storm.launcher import REFUSED
from tests.storm.process import Bot, Nursery

LONGEST_AHEAD = 30 * 3600.0  # what is done is remembered for 48 hours, and the judge counts it
POISON: tuple[dict[str, Any], ...] = (
    {"message": {"chat": {"id": "x"}, "date": 1}},
    {"message": 5},
    {"message": {"chat": {"id": 101, "type": "private"}, "message_id": "three", "date": 1, "text": "x"}},
    {"callback_query": {"id": 1, "from": {"id": 102}}},
    {"callback_query": {"id": "1", "from": [], "data": "x"}},
    {"edited_message": {"chat": {"id": 103, "type": "private"}, "message_id": 1, "text": ["x"]}},
    {"my_chat_member": {"chat": {"id": 104, "type": "private"}, "new_chat_member": {}}},
)


class Weather:
    """One fault after the other. ``bot`` is the present one; ``url`` the database's."""

    def __init__(
        self,
        server: StandIn,
        nursery: Nursery,
        folder: Path,
        url: str,
        cluster: Cluster | None,
        dice: random.Random,
    ) -> None:
        self.server, self.nursery, self.folder, self.url = server, nursery, folder, url
        self.cluster, self.dice = cluster, dice
        self.bot: Bot | None = None
        self.over = asyncio.Event()
        self.happened: Counter[str] = Counter()
        self.poisoned = 0
        self.pushed = 0  # updates of earlier numberings
        self.begun = server.world.updates.next_id
        self.offset = 0.0
        self.intruders = 0  # second instances that were let in
        self.mean = 1.0
        self.backups = 0
        self.saved: Path | None = None  # the newest backup that came to its end

    async def run(self) -> None:
        """Until `over`; then everything works again."""
        kinds: list[Callable[[], Awaitable[None]]] = [
            self._telegram, self._telegram, self._telegram, self._frozen, self._locked, self._database,
            self._second, self._numbers, self._poison, self._poison, self._clock, self._backup,
        ]  # fmt: skip
        try:
            while not self.over.is_set():
                await asyncio.sleep(self.dice.expovariate(1 / self.mean))
                await self.dice.choice(kinds)()
        finally:
            self.server.faults.clear()
            (self.folder / "full").unlink(missing_ok=True)

    async def _telegram(self) -> None:
        """Something between us and Telegram, now for sends, now for polls."""
        faults, method = self.server.faults, self.dice.choice(("send*", "send*", "edit*", "getUpdates"))
        kind: Kind = self.dice.choice(
            ("refuse", "refuse", "drop_before", "drop_after", "half_open", "wrong_json", "html", "slow")
        )
        more: dict[str, Any] = {"times": self.dice.choice((1, 2, 4)), "share": 0.7, "method": method}
        if kind == "refuse":
            more |= {"retry_after": 1} if self.dice.random() < 0.8 else {"code": 500}
        elif kind == "slow":
            more |= {"delay": self.dice.choice((0.002, 0.002, 1.0)), "times": 1}  # 1.0: a byte a second
        elif kind in ("wrong_json", "html"):
            more |= {"execute": self.dice.random() < 0.5 and method != "getUpdates"}
        faults.planned[:] = [fault for fault in faults.planned if not fault.spent]
        if any(fault.method == method == "getUpdates" for fault in faults.planned):
            return  # they would pile up faster than slow polls meet them, and taps live 150 seconds
        faults.add(kind, **more)
        self.happened[f"telegram {kind}"] += 1
        if kind == "half_open":
            await asyncio.sleep(self.dice.uniform(0.5, 2.0))
            faults.release()

    async def _frozen(self) -> None:
        self.server.faults.freeze()
        await asyncio.sleep(self.dice.uniform(0.3, 1.5))
        self.server.faults.thaw()
        self.happened["telegram frozen"] += 1

    async def _locked(self) -> None:
        """Somebody else holds the database for writing."""
        seconds = self.dice.uniform(0.3, 1.5)
        self.happened["database locked"] += 1
        if self.cluster is None:
            await asyncio.to_thread(_hold, self.url.removeprefix("sqlite:///"), seconds)
            return
        try:
            conn = await asyncpg.connect(self.url)
            try:
                async with conn.transaction():
                    await conn.execute("LOCK TABLE outbox, inbox, records IN EXCLUSIVE MODE")
                    await asyncio.sleep(seconds)
            finally:
                await conn.close(timeout=2)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return  # it was just not there

    async def _database(self) -> None:
        """The disk is full; on PostgreSQL the server crashes."""
        if self.cluster is None:
            (self.folder / "full").touch()
            await asyncio.sleep(self.dice.uniform(0.3, 1.5))
            (self.folder / "full").unlink()
            self.happened["disk full"] += 1
            return
        if self.dice.random() < 0.5:
            await asyncio.to_thread(self.cluster.stop, "immediate")
            await asyncio.sleep(self.dice.uniform(0.0, 0.7))
            await asyncio.to_thread(self.cluster.start)
            self.happened["database crashed"] += 1

    async def _second(self) -> None:
        """Another instance is started while this one is at work."""
        first = self.bot
        if first is None or not first.alive:
            return
        second = await self.nursery.start()
        await asyncio.wait((first.over, second.over), timeout=4, return_when=asyncio.FIRST_COMPLETED)
        if first.alive and self.cluster is None:  # on PostgreSQL a crash of the server takes the lock away
            self.intruders += second.alive or second.over.result() != REFUSED
        await second.kill()  # the first may have died and made room for it
        self.happened["second instance"] += 1

    async def _backup(self) -> None:
        """A backup is made while the bot is at work; half of them are killed on the way."""
        path = self.folder / f"{self.backups}.backup"
        self.backups += 1
        saving = await self.nursery.start(backup=str(path))
        with contextlib.suppress(TimeoutError):
            await saving.ended(self.dice.choice((self.dice.uniform(0.0, 0.3), 20.0)))
        status = await saving.kill()
        if status == 0:
            self.saved = path
        self.happened[{0: "backup finished", -9: "backup killed"}.get(status, "backup failed")] += 1

    async def _numbers(self) -> None:
        """After a quiet week the numbers begin anew, lower down."""
        updates = self.server.world.updates
        before = updates.next_id
        try:
            updates.restart_numbers(self.dice.randrange(1_000, 1_900_000))
        except ValueError:
            return  # some still wait; another time
        self.pushed += before - self.begun
        self.begun = updates.next_id
        self.happened["numbers begin anew"] += 1

    async def _poison(self) -> None:
        self.server.world.updates.inject(dict(self.dice.choice(POISON)))
        self.poisoned += 1
        self.happened["poison update"] += 1

    async def _clock(self) -> None:
        """The clock is put on while the bot runs; `back` puts it back before a start."""
        if self.offset < LONGEST_AHEAD and self.bot is not None:
            self.move(self.dice.choice((30.0, 400.0, 3_700.0)))
            self.bot.signal(signal.SIGUSR1)
            self.happened["clock put on"] += 1

    def back(self) -> None:
        """The clock is put back, which only a start finds."""
        if self.offset > 3_600 and self.dice.random() < 0.1:
            self.move(-self.dice.choice((2.0, 60.0, 3_600.0)))
            self.happened["clock put back"] += 1

    def move(self, seconds: float) -> None:
        """Put the clock on or back, to be read at the next start or signal."""
        self.offset += seconds
        (self.folder / "offset").write_text(str(self.offset))

    @property
    def updates(self) -> int:
        """How many updates Telegram had for the bot in all."""
        return self.pushed + self.server.world.updates.next_id - self.begun


def _hold(path: str, seconds: float) -> None:
    conn = sqlite3.connect(path, isolation_level=None, timeout=5)
    try:
        conn.execute("BEGIN IMMEDIATE")
        conn.execute("SELECT 1").fetchone()
        time.sleep(seconds)
        conn.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return  # it was locked by the bot all the time
    finally:
        conn.close()
