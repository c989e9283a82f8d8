"""A county for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conversations.county import County

STAFF = ("wang", "liu", "li", "zhao", "sun")


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    """Everybody has joined but the family."""
    opened = County(tmp_path / "county.db", "zh_Hans")
    await opened.open()
    await opened.settle(STAFF)
    yield opened
    await opened.close()
