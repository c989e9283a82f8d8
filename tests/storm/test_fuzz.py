"""Some thousand damaged updates; `make storm-fuzz` takes a million."""

from tests.storm.fuzz import fuzz


async def test_of_damaged_updates_nothing_comes_but_an_answer_or_that_they_are_put_aside() -> None:
    seen = await fuzz(6_000, seed=20261124, every=15)
    assert seen["put aside"] > 500
    assert seen["understood"] > 1_500
    assert seen["answered"] > 100
