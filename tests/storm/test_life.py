"""A loop that dies or hangs is noticed, and the next life goes on; one person's flood slows nobody else."""

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from playground.server import StandIn
from tests.storm.flood import OTHERS, county, flood
from tests.storm.process import Nursery

PATIENCE = 90.0  # seconds: six lives start at once, on whatever machine this is
NOTICED, STOPPED = 30.0, 5.0  # seconds: until a dead loop is noticed, and for an orderly end
LOOPS = ("clock", "beats", "intake", "lanes", "outbox", "greeting", "auditor")


@pytest.mark.timeout(240)
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
    await phone.wait_for("/today", timeout=PATIENCE)  # it may have been answered before the loop died
    await phone.say("/language")
    await phone.wait_for("请选择语言", timeout=PATIENCE)
    assert await bot.terminate() == 0, what


@pytest.mark.timeout(150)
async def test_a_flood_from_one_person_makes_the_others_wait_at_most_twice_as_long(tmp_path: Path) -> None:
    waits = await flood(tmp_path, rate=1_000, times=5)
    assert waits.sent > 1_000
    assert waits.fair, waits
