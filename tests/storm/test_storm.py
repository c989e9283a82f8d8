"""A short storm, with every kind of weather: 25 kills. `make storm` has more of it."""

import pytest

from tests.storage import postgres
from tests.storm.storm import Plan, storm
from tests.storm.table import promises


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    "plan",
    [
        Plan(kills=26, seconds=45, seed=20261124, calm=4),
        pytest.param(
            Plan(kills=10, seconds=20, seed=7, calm=3, database="postgresql", mode="webhook"),
            marks=pytest.mark.skipif(not postgres.is_there(), reason="PostgreSQL is not installed"),
        ),
    ],
    ids=["sqlite-polling", "postgresql-webhook"],
)
async def test_a_storm_loses_nothing_doubles_nothing_and_swaps_nothing(plan: Plan) -> None:
    async with storm(plan) as one:
        verdict = await one.run()
        broken = [(name, seen) for name, seen, kept in promises(one, verdict) if not kept]
        assert not broken, verdict.examples
        assert one.figures.kills >= plan.kills * 0.9
        assert len(one.model.reports) > plan.kills
        assert verdict.alerts > plan.kills / 4
