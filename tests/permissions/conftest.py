"""One empty store for all rows, copied for each."""

import asyncio
from pathlib import Path

import pytest

from tests.permissions.stage import template


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(template(tmp_path_factory.mktemp("permissions")))
