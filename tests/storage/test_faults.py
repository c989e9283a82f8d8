"""Under fire: processes killed while writing, a locked database, a second instance, migrations at once."""

import asyncio
import random
import signal
import sqlite3
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Talk
from storage.database import Database
from storage.keys import KeyRing
from storage.store import AlreadyRunning, StorageError, Store, Unavailable
from storage.tables import METADATA
from tests.storage import postgres
from tests.storage.world import KEY, bare, event, keep

ROUNDS = 6


async def _killed_while_writing(url: str, start: int, after: float) -> dict[str, set[str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.storage.writer", url, KEY, str(start), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    lines = [await process.stdout.readline()]  # it works
    await asyncio.sleep(after)
    process.send_signal(signal.SIGKILL)
    lines += (await process.stdout.read()).splitlines()
    await process.wait()
    said: dict[str, set[str]] = {"in": set(), "ok": set()}
    for line in lines:
        word, _, id = line.decode().strip().partition(" ")
        if word in said and id:
            said[word].add(id)
    return said


@pytest.mark.timeout(120)
async def test_what_was_acknowledged_survives_a_kill_and_nothing_is_half_there(url: str) -> None:
    chance = random.Random(7)
    received: set[str] = set()
    applied: set[str] = set()
    for round in range(ROUNDS):
        said = await _killed_while_writing(url, round * 1_000_000, chance.uniform(0.02, 0.5))
        received |= {id for id in said["in"] if _whole(id)}
        applied |= {id for id in said["ok"] if _whole(id)}
    store = await Store.open(url, KeyRing([KEY]))
    kept = {talk.id for talk in await store.find(CLOCK, Talk)}
    waiting = {row.address for row in await store.waiting(limit=1_000_000)}
    recorded = {row[0] for row in await bare(url, "SELECT record FROM events")}
    told = {row[0] for row in await bare(url, "SELECT key FROM outbox")}
    assert len(applied) > 50
    assert received <= waiting
    assert {f"{id}{half}" for id in applied for half in "ab"} <= kept
    assert {id[:-1] + "a" for id in kept} == {id[:-1] + "a" for id in kept if id[:-1] + "b" in kept}
    assert recorded == told == {id[:-1] for id in kept}
    assert (await store.verify_audit()).intact
    await store.close()


def _whole(id: str) -> bool:
    """Whether a line was not cut by the kill."""
    lane, _, number = id.partition("-")
    return lane.isdigit() and number.isdigit() and len(number) in (1, 2, 3, 4, 7)


async def test_writers_wait_while_another_process_holds_the_database(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = await Store.open(f"sqlite:///{path}", KeyRing([KEY]))
    await keep(store, Talk(id="before"))
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    writes = asyncio.gather(*(keep(store, Talk(id=f"t{i}")) for i in range(30)))
    await asyncio.sleep(5)
    assert await store.get(CLOCK, Talk, "before") is not None  # readers don't wait
    assert not writes.done()
    holder.execute("COMMIT")
    await writes
    assert await store.count(CLOCK, Talk) == 31
    holder.close()
    await store.close()


async def test_who_waits_too_long_is_told_and_nothing_of_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = await Store.open(f"sqlite:///{path}", KeyRing([KEY]), patience=0.5)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await keep(store, Talk(id="late"))
    holder.execute("COMMIT")
    await keep(store, Talk(id="next"))
    assert [talk.id for talk in await store.find(CLOCK, Talk)] == ["next"]
    holder.close()
    await store.close()


async def test_writers_wait_while_the_disk_is_full(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = await Store.open(f"sqlite:///{path}", KeyRing([KEY]), patience=0.6)
    (pages,) = sqlite3.connect(path).execute("PRAGMA page_count").fetchone()

    def limit(conn: Connection, most: int) -> None:
        conn.exec_driver_sql(f"PRAGMA max_page_count={most}")

    await store._commits.run(lambda conn: limit(conn, pages + 8))
    with pytest.raises(Unavailable):
        await _fill(store)
    kept = await store.count(CLOCK, Talk)
    assert kept > 0
    await store._commits.run(lambda conn: limit(conn, 1_000_000))
    await keep(store, Talk(id="after"))
    assert await store.count(CLOCK, Talk) == kept + 1
    await store.close()


async def _fill(store: Store) -> None:
    for i in range(400):
        await keep(store, Talk(id=f"t{i}", expects=("x" * 900,)))


if postgres.is_there():

    @pytest.mark.timeout(100)
    async def test_writers_wait_while_postgresql_crashes_and_comes_back() -> None:
        with postgres.cluster() as server:
            store = await Store.open(server.database(), KeyRing([KEY]))
            await keep(store, Talk(id="before"))
            await asyncio.to_thread(server.stop)
            writes = asyncio.gather(*(keep(store, Talk(id=f"t{i}")) for i in range(20)))
            await asyncio.sleep(1)
            assert not writes.done()
            await asyncio.to_thread(server.start)
            await writes
            assert await store.count(CLOCK, Talk) == 21
            await store.close()


async def test_a_second_instance_is_refused_until_the_first_has_gone(store: Store, url: str) -> None:
    await store.lock()
    second = await Store.open(url, KeyRing([KEY]))
    with pytest.raises(AlreadyRunning):
        await second.lock()
    await store.close()
    await second.lock()
    await second.close()


async def test_opening_twice_and_at_once_migrates_once(url: str) -> None:
    stores = await asyncio.gather(*(Store.open(url, KeyRing([KEY])) for _ in range(4)))
    await asyncio.gather(*(keep(one, Talk(id=f"t{i}")) for i, one in enumerate(stores)))
    await asyncio.gather(*(one.apply(Outcome(events=(event(),))) for one in stores))
    assert await stores[0].count(CLOCK, Talk) == 4
    assert (await stores[3].verify_audit()).checked == 4
    for one in stores:
        await one.close()


async def test_a_database_that_was_not_migrated_is_not_opened_without_migrating(url: str) -> None:
    with pytest.raises(StorageError):
        await Store.open(url, KeyRing([KEY]), migrate=False)


async def test_the_migrations_lead_to_the_tables_that_the_program_uses(store: Store, url: str) -> None:
    def differences(conn: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(conn), METADATA))

    database = Database(url)
    assert await database.read(differences) == []
    await database.close()


@pytest.mark.skipif(not postgres.is_there(), reason="PostgreSQL is not installed")
async def test_who_held_the_database_holds_it_again_after_a_crash_unless_another_was_quicker() -> None:
    with postgres.cluster() as server:
        url = server.database()
        first = await Store.open(url, KeyRing([KEY]))
        await first.lock()
        server.stop()
        server.start()
        await first.lock()
        second = await Store.open(url, KeyRing([KEY]))
        with pytest.raises(AlreadyRunning):
            await second.lock()
        await second.close()
        server.stop()
        server.start()
        second = await Store.open(url, KeyRing([KEY]))
        await second.lock()
        with pytest.raises(AlreadyRunning):
            await first.lock()
        await first.close()
        await second.close()
