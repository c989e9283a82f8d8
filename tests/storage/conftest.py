"""A fresh store on each database that this machine has: every test here runs on all of them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.keys import KeyRing
from storage.store import Store
from tests.storage import postgres
from tests.storage.world import KEY

DATABASES = ("sqlite", "postgresql") if postgres.is_there() else ("sqlite",)


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    with postgres.cluster(durable=False) as server:
        yield server


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
        return
    server: postgres.Cluster = request.getfixturevalue("cluster")
    database = server.database()
    yield database
    server.drop(database)


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await Store.open(url, KeyRing([KEY]))
    yield opened
    await opened.close()
