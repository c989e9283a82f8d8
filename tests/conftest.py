"""For all tests: no county's own settings leak in, and what `.ci/run` promises to have is there."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.storage import postgres

# No test is judged by its time: machines differ. In CI the examples are the same every time.
settings.register_profile(
    "xiangban",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
settings.load_profile("xiangban")

if "postgres" in os.environ.get("XIANGBAN_TESTS_NEED", "") and not postgres.is_there():
    raise RuntimeError("PostgreSQL is needed here and is not installed: apt-get install postgresql-15")


LONG = (
    "test_killed",
    "test_matrix",
    "test_hunt",
)  # files that take minutes: at the end one worker would idle


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A file stays on one worker. Storms wait more than they work: one worker begins with all of them."""
    for item in items:
        storm = item.path.parent.name == "storm"
        item.add_marker(pytest.mark.xdist_group("storm" if storm else item.path.stem))
    items.sort(key=lambda item: (item.path.parent.name != "storm", item.path.stem not in LONG))


for _key in [key for key in os.environ if key.startswith("XIANGBAN_") and key != "XIANGBAN_TESTS_NEED"]:
    del os.environ[_key]
