"""A loop that dies or hangs is noticed, and the next life goes on; one person's flood slows nobody else."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from playground.server import StandIn
from storage.store import KeyRing, Store
from tests.bot.harness import KEY, TOKEN, stand_in
from tests.storm.county import folk, settle
from tests.storm.process import Nursery
from tests.storm.storm import now

NOISE = 0.15  # seconds by which a shared machine delays anything
PEOPLE = tuple(folk().workers.values())
FLOODER, OTHERS = PEOPLE[0], PEOPLE[1:]


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


NOTICED, STOPPED = 30.0, 5.0  # seconds: until a dead loop is noticed, and for an orderly end
LOOPS = ("clock", "beats", "intake", "lanes", "outbox", "greeting")


@pytest.mark.timeout(150)
@pytest.mark.parametrize("how", ["end", "hang"])
async def test_any_loop_that_ends_or_hangs_ends_the_process_and_the_next_life_catches_up(
    tmp_path: Path, how: str
) -> None:
    async with AsyncExitStack() as counties:
        ready = {loop: await counties.enter_async_context(county(tmp_path / loop)) for loop in LOOPS}
        await asyncio.gather(*(_die_and_live(f"{how}:{loop}", *one) for loop, one in ready.items()))


async def _die_and_live(what: str, server: StandIn, nursery: Nursery) -> None:
    phone, bot = server.phone(OTHERS[0]), await nursery.start(hang=what)
    while bot.alive and len(server.journal) < 2:  # after its greeting the loops have begun
        await asyncio.sleep(0.05)
    begin = time.monotonic()
    await phone.say("/help")
    assert await bot.ended(40) == 1, what
    assert time.monotonic() - begin < NOTICED + STOPPED, what
    bot = await nursery.start()
    await phone.wait_for("/today", timeout=30)  # it may have been answered before the loop died
    await phone.say("/language")
    await phone.wait_for("请选择语言", timeout=30)
    assert await bot.terminate() == 0, what


async def _ask(server: StandIn, number: int, times: int) -> list[float]:
    """Ask for help every so often; how long each answer took."""
    phone, took = server.phone(number), []
    for _ in range(times):
        await phone.quiet(0.01)
        begin = time.monotonic()
        await phone.say("/help")
        await phone.wait_for("/today", timeout=30)
        took.append(time.monotonic() - begin)
        await asyncio.sleep(1.2)  # within what one chat may be sent
    return took


async def _p99(server: StandIn) -> float:
    found = await asyncio.gather(*(_ask(server, number, 6) for number in OTHERS))
    every = sorted(second for one in found for second in one)
    return every[int(len(every) * 0.99)]


async def _flood(server: StandIn, over: asyncio.Event) -> int:
    said = 0
    while not over.is_set():
        for _ in range(20):
            await server.phone(FLOODER).say("你好")
            said += 1
        await asyncio.sleep(0.05)
    return said


@pytest.mark.timeout(150)
async def test_a_flood_from_one_person_makes_the_others_wait_at_most_twice_as_long(tmp_path: Path) -> None:
    async with county(tmp_path) as (server, nursery):
        bot = await nursery.start(unhurried=False)
        await _ask(server, OTHERS[0], 1)
        calm = await _p99(server)
        over = asyncio.Event()
        flooding = asyncio.create_task(_flood(server, over))
        flooded = await _p99(server)
        over.set()
        assert await flooding > 1_000
        assert flooded <= 2 * max(calm, NOISE), f"{flooded:.2f} s in the flood, {calm:.2f} s before"
        await bot.kill()
