"""Updates that come again and in any order, and two instances at once, change nothing in the end."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.storm.every_point import theatre
from tests.storm.launcher import REFUSED
from tests.storm.process import Nursery
from tests.storm.scripts import FLOWS
from tests.storm.stage import settle, stage
from tests.storm.trace import parted


@pytest.mark.timeout(150)
async def test_updates_that_come_five_times_and_two_instances_without_a_lock_leave_the_same_database(
    tmp_path: Path,
) -> None:
    flow = FLOWS["check-in"]
    async with theatre(tmp_path, at_once=2) as house:
        _, expected = await house.rehearse(flow)
        runs = await asyncio.gather(
            house.play(flow, again=20261126), house.play(flow, twins=True, unlocked=True)
        )
    for _, found, one in runs:
        assert parted(expected, found) == []
        assert one.repeats == 0


@pytest.mark.timeout(60)
async def test_a_bot_whose_start_was_called_off_is_not_taken_for_the_next_one(tmp_path: Path) -> None:
    async with (
        Nursery(tmp_path, {}) as nursery,
        stage(nursery, tmp_path, f"sqlite:///{tmp_path}/stage.db") as one,
    ):
        await settle(one.url, one.first_day, one.now)
        await one.server.start()
        called_off = asyncio.create_task(one.live())
        await asyncio.sleep(0)
        called_off.cancel()
        one.bot = await one.live(unlocked=True)
        while len(nursery.bots) > 1:
            await asyncio.sleep(0.02)
        assert nursery.bots == [one.bot]


@pytest.mark.timeout(60)
async def test_a_second_instance_is_refused_within_a_second(tmp_path: Path) -> None:
    async with (
        Nursery(tmp_path, {}) as nursery,
        stage(nursery, tmp_path, f"sqlite:///{tmp_path}/stage.db") as one,
    ):
        await settle(one.url, one.first_day, one.now)
        await one.begin(armed=False)
        took = []
        for _ in range(3):
            begin = time.monotonic()
            second = await one.live()
            assert await second.ended(20) == REFUSED
            took.append(time.monotonic() - begin)
        assert min(took) < 1.0
        assert one.bot.alive
