"""One person sends a thousand updates a second; how long the others wait for an answer, before and meanwhile.

    python -m tests.storm.flood [--rate 1000] [--seconds 60] [--strangers 3000]

With --strangers, so many people who have not joined write once each instead, at that rate.

The bot has its own pace towards each chat, as in use.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playground.server import StandIn
from storage.store import KeyRing, Store
from tests.bot.harness import KEY, TOKEN, stand_in
from tests.storm.county import folk, settle
from tests.storm.process import Nursery
from tests.storm.storm import now

NOISE = 0.15  # seconds by which a shared machine delays anything
PAUSE = 1.2  # seconds between questions of one person: within what one chat may be sent
PEOPLE = tuple(folk().workers.values())
FLOODER, OTHERS = PEOPLE[0], PEOPLE[1:]
FIRST_STRANGER = 700_000_000


@dataclass(frozen=True, kw_only=True)
class Waits:
    """Seconds that 99 of 100 answers took at most, before the flood and in it; updates of the flood."""

    calm: float
    flooded: float
    sent: int
    rate: float

    @property
    def fair(self) -> bool:
        """Whether the others waited at most twice as long."""
        return self.flooded <= 2 * max(self.calm, NOISE)


@asynccontextmanager
async def county(folder: Path) -> AsyncIterator[tuple[StandIn, Nursery]]:
    """A server with everybody's telephones, and what starts bots for it."""
    url = f"sqlite:///{folder}/storm.db"
    store = await Store.open(url, KeyRing([KEY]))
    await settle(store, folk(), now())
    await store.close()
    async with stand_in() as server:
        known = {
            "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API": server.root, "DATA_DIR": str(folder), "SECRET_KEYS": KEY,
            "DATABASE_URL": url,
        }  # fmt: skip
        for number in PEOPLE:
            server.phone(number)
        async with Nursery(folder, {f"XIANGBAN_{key}": value for key, value in known.items()}) as nursery:
            yield server, nursery


async def flood(folder: Path, *, rate: int, times: int, strangers: int = 0) -> Waits:
    """Everybody asks ``times`` times in peace, and as often while one person floods or strangers crowd in."""
    async with county(folder) as (server, nursery):
        bot = await nursery.start(unhurried=False)
        await _ask(server, OTHERS[0], 1)
        calm, over, begin = await _p99(server, times), asyncio.Event(), time.monotonic()
        flooding = asyncio.create_task(_send(server, over, rate, strangers))
        flooded = await _p99(server, times)
        over.set()
        sent, seconds = await flooding, time.monotonic() - begin
        await bot.kill()
        return Waits(calm=calm, flooded=flooded, sent=sent, rate=sent / seconds)


async def _ask(server: StandIn, number: int, times: int) -> list[float]:
    """Ask for help every so often; how long each answer took."""
    phone, took = server.phone(number), []
    for _ in range(times):
        await phone.quiet(0.01)
        begin = time.monotonic()
        await phone.say("/help")
        await phone.wait_for("/today", timeout=30)
        took.append(time.monotonic() - begin)
        await asyncio.sleep(PAUSE)
    return took


async def _p99(server: StandIn, times: int) -> float:
    found = await asyncio.gather(*(_ask(server, number, times) for number in OTHERS))
    every = sorted(second for one in found for second in one)
    return every[int(len(every) * 0.99)]


async def _send(server: StandIn, over: asyncio.Event, rate: int, strangers: int) -> int:
    """At the rate, as far as this process gets on, from one person or so many strangers; how many."""
    said, begin = 0, time.monotonic()
    most = strangers or sys.maxsize
    while not over.is_set():
        while said < min((time.monotonic() - begin) * rate, most) and not over.is_set():
            await server.phone(FIRST_STRANGER + said if strangers else FLOODER).say("你好")
            said += 1
            if said % 20 == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(0.01)
    return said


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm.flood", description="One person's flood.")
    parser.add_argument("--rate", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--strangers", type=int, default=0)
    given = parser.parse_args()
    times = max(int(given.seconds / PAUSE), 1)
    with tempfile.TemporaryDirectory() as folder:
        waits = asyncio.run(flood(Path(folder), rate=given.rate, times=times, strangers=given.strangers))
    whose = "strangers, each one" if given.strangers else f"one person, {waits.rate:.0f} a second"
    print(
        f"{waits.sent} updates of {whose}; 99 of 100 answers to the others "
        f"within {waits.flooded:.2f} s, before the flood {waits.calm:.2f} s"
    )
    return 0 if waits.fair else 1


if __name__ == "__main__":
    sys.exit(main())
