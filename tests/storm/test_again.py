"""Updates that come again and in any order, and two instances at once, change nothing in the end."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.storm.every_point import Theatre, theatre
from tests.storm.launcher import REFUSED
from tests.storm.process import Nursery
from tests.storm.scripts import FLOWS
from tests.storm.stage import settle, stage
from tests.storm.trace import parted


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Theatre]:
    async with theatre(tmp_path, at_once=1) as one:
        yield one


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ["alert", "check-in"])
async def test_each_update_delivered_one_to_five_times_leaves_the_same_database(
    house: Theatre, name: str
) -> None:
    _, expected = await house.rehearse(FLOWS[name])
    _, found, one = await house.play(FLOWS[name], again=20261126)
    assert parted(expected, found) == []
    assert one.repeats == 0


@pytest.mark.timeout(120)
async def test_two_instances_whose_lock_was_taken_away_do_nothing_twice(house: Theatre) -> None:
    _, expected = await house.rehearse(FLOWS["alert"])
    _, found, one = await house.play(FLOWS["alert"], twins=True, unlocked=True)
    assert parted(expected, found) == []
    assert one.repeats == 0


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
