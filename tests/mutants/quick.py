"""Among the tests that could notice a mutant, those that took least time come first."""

import json
from pathlib import Path

import pytest

DURATIONS = Path("mutmut-stats.json")  # beside the mutated copy, in which the tests run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if DURATIONS.exists():
        seconds: dict[str, float] = json.loads(DURATIONS.read_text())["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
