"""A year on a false clock, with some hundred visits; `make year` has a million of them."""

import time
from collections.abc import Iterator

import pytest

from tests.storm.year import Year


@pytest.fixture
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own time zone, or none."""
    if request.param is None:
        monkeypatch.delenv("TZ", raising=False)
    else:
        monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_in_a_year_with_outages_and_a_clock_that_is_moved_no_step_is_forgotten_or_told_twice() -> None:
    year = Year(seed=3)
    year.run(1_000)
    assert year.wrong == {}
    assert year.visits > 1_000
    assert min(year.steps[step] for step in ("due_soon", "due_today", "overdue", "missed")) > 100
    assert year.latest.total_seconds() <= 60


# None: not set. New York's has summer time; the third is what a slip of the pen leaves.
@pytest.mark.parametrize("zone", [None, "America/New_York", "Asia/Shanghia"], indirect=True)
def test_the_machines_own_time_zone_changes_nothing(zone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Year(seed=5)
    here.run(300)
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    there = Year(seed=5)
    there.run(300)
    assert here.digest == there.digest != 0
