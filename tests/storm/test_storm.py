"""A short storm, with every kind of weather: 25 kills. `make storm` has more of it."""

from pathlib import Path

import pytest

from tests.storage import postgres
from tests.storm.plan import Plan
from tests.storm.storm import storm
from tests.storm.table import promises


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    "plan",
    [
        Plan(kills=26, seconds=140, seed=20261124, calm=4),
        pytest.param(
            Plan(kills=10, seconds=100, seed=7, calm=3, database="postgresql", mode="webhook"),
            marks=pytest.mark.skipif(not postgres.is_there(), reason="PostgreSQL is not installed"),
        ),
    ],
    ids=["sqlite-polling", "postgresql-webhook"],
)
async def test_a_storm_loses_nothing_doubles_nothing_and_swaps_nothing(plan: Plan, tmp_path: Path) -> None:
    async with storm(plan, tmp_path) as one:
        verdict = await one.run()
        broken = [(name, seen) for name, seen, kept in promises(one, verdict) if not kept]
        assert not broken, verdict.examples
        assert one.figures.ends >= plan.kills * 0.9
        assert len(one.model.reports) > plan.kills
        assert verdict.alerts > plan.kills / 4


@pytest.mark.timeout(120)
async def test_stopped_under_load_again_and_again_it_loses_and_repeats_nothing(
    tmp_path: Path,
) -> None:
    async with storm(Plan(kills=4, seed=3, calm=1, stop=True), tmp_path) as one:
        verdict = await one.run()
        broken = [(name, seen) for name, seen, kept in promises(one, verdict) if not kept]
        assert not broken, verdict.examples
        assert len(one.figures.stops) == 5
