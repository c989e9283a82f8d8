"""Killed in the middle of a backup, a restore or a migration: all or nothing, and what was there stays."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.records import Child, Draft
from storage.database import Database
from storage.errors import BackupFault
from storage.migrating import newest, shape
from storage.store import Store
from tests.conversations.county import KEYS
from tests.storage.shapes import lay_down, rows_of
from tests.storage.test_backup import Fresh, _content, fresh
from tests.storage.world import NOW, bare, child, keep

__all__ = ["fresh"]
CHILDREN = 4_100  # several chunks


class Victim:
    """Starts work that is killed. Use with ``async with``."""

    async def __aenter__(self) -> "Victim":
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.storage.dying",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def killed(self, what: str, url: str, file: Path, at: int) -> bool:
        """Whether it was killed at step ``at``; False where it was done before."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what} {url} {file} {at}\n".encode())
        status = int(await self._process.stdout.readline())
        assert status in (-signal.SIGKILL, 0)
        return bool(status)


@pytest.fixture
async def victim() -> AsyncIterator[Victim]:
    async with Victim() as started:
        yield started


@pytest.fixture
async def county(url: str) -> AsyncIterator[Store]:
    store = await Store.open(url, KEYS)
    await keep(store, *(child(f"c{n}") for n in range(CHILDREN)))
    yield store
    await store.close()


async def test_a_backup_that_was_killed_is_none(
    county: Store, url: str, fresh: Fresh, tmp_path: Path, victim: Victim
) -> None:
    before = await _content(county)
    file = tmp_path / "a.bak"
    at = 1
    while await victim.killed("backup", url, file, at):
        assert not file.exists()
        at += 1
    assert at > 8
    assert await _content(county) == before
    restored = await Store.open(fresh("sqlite"), KEYS)
    await restored.restore(file, now=NOW, home=tmp_path)
    assert await restored.count(CLOCK, Child) == CHILDREN
    await restored.close()


async def test_a_restore_that_was_killed_leaves_the_database_empty_and_may_be_tried_again(
    county: Store, url: str, fresh: Fresh, tmp_path: Path, victim: Victim
) -> None:
    file = tmp_path / "a.bak"
    await county.backup(file, now=NOW, home=tmp_path)
    there = fresh(url.partition(":")[0])
    await (await Store.open(there, KEYS)).close()
    at = 1
    while await victim.killed("restore", there, file, at):
        counts = [await bare(there, f"SELECT count(*) FROM {t}") for t in ("children", "events", "outbox")]
        assert counts == [[(0,)]] * 3
        at += 1
    assert at > 8
    restored = await Store.open(there, KEYS, closed_too=True)
    assert (await _content(restored))["children"] == (await _content(county))["children"]
    with pytest.raises(BackupFault):
        await restored.restore(file, now=NOW, home=tmp_path)
    await restored.close()


async def test_a_migration_that_was_killed_leaves_the_shape_and_every_row_as_they_were(
    url: str, tmp_path: Path, victim: Victim
) -> None:
    await lay_down(url, "0001")
    rows = rows_of("0001")
    database = Database(url)
    at = 1
    while await victim.killed("migrate", url, tmp_path, at):
        assert await database.read(shape) == "0001"
        for table in ("records", "outbox", "events", "keys"):
            assert await bare(url, f"SELECT count(*) FROM {table}") == [(len(rows[table]),)]
        at += 1
    assert at > 8
    assert await database.read(shape) == newest()
    await database.close()
    store = await Store.open(url, KEYS)
    assert len(await store.find(CLOCK, Draft, status=("open",))) == 1
    assert (await store.verify_audit()).intact
    await store.close()
