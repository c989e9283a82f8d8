"""Some of the points of each main flow at which the bot is killed; `make storm-points` takes every one."""

from pathlib import Path

import pytest

from tests.storm.every_point import theatre
from tests.storm.scripts import FLOWS


@pytest.mark.timeout(150)
async def test_killed_at_any_point_of_a_flow_it_ends_where_it_would_have_ended(tmp_path: Path) -> None:
    async with theatre(tmp_path, at_once=3) as house:
        for name, step, first in (("start", 29, 20), ("alert", 43, 19), ("alerts", 41, 17)):
            tally = await house.every(FLOWS[name], step=step, first=first)
            assert tally.wrong == {}
            assert tally.killed >= tally.points - 1 > 0  # a point in its last moments may not come again
