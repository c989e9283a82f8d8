"""Among the tests that could notice a mutant, the quick come first and the very slow not at all."""

import json
from pathlib import Path

import pytest

DURATIONS = Path("mutmut-stats.json")  # beside the mutated copy, in which the tests run
SLOW = 4.0  # seconds: storms and crashes, which are there for other faults than a changed line
ELSEWHERE = ("tests/bot/test_keys.py",)  # runs the installed program, which is not the mutated copy


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    seconds: dict[str, float] = {}
    if DURATIONS.exists():
        seconds = json.loads(DURATIONS.read_text())["duration_by_test"]
    took = {item: seconds.get(item.nodeid, 0.0) for item in items}
    left_out = [item for item in items if took[item] > SLOW or item.nodeid.startswith(ELSEWHERE)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = sorted((item for item in items if item not in left_out), key=lambda item: took[item])
