"""Among the tests that could notice a mutant, the quick come first and the very slow not at all."""

import json
from pathlib import Path

import pytest

DURATIONS = Path("mutmut-stats.json")  # beside the mutated copy, in which the tests run
SLOW = 4.0  # seconds: storms and crashes, which are there for other faults than a changed line


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not DURATIONS.exists():
        return
    seconds: dict[str, float] = json.loads(DURATIONS.read_text())["duration_by_test"]
    slow = [item for item in items if seconds.get(item.nodeid, 0.0) > SLOW]
    config.hook.pytest_deselected(items=slow)
    items[:] = sorted(
        (item for item in items if item not in slow), key=lambda item: seconds.get(item.nodeid, 0.0)
    )
