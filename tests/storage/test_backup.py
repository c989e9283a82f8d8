"""Backups: consistent under load, restored on either database, sent twice never, brought back nobody."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Child, Person, Talk, Visit
from storage import sealed_file
from storage.keys import KeyRing
from storage.store import BackupFault, Incoming, Sent, StillClosed, Store
from storage.tables import METADATA
from tests.storage.conftest import DATABASES
from tests.storage.world import KEY, LEASE, NOW, bare, child, event, keep, notice, person, visit

Fresh = Callable[[str], str]
CONTENT = [t for t in METADATA.sorted_tables if t.name not in ("meta", "beats")]


@pytest.fixture
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Fresh:
    """The URL of a new, empty database of a kind."""
    numbers = iter(range(100))

    def url(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path}/other{next(numbers)}/store.db"
        return str(request.getfixturevalue("cluster").database())

    return url


@pytest.fixture
async def other(url: str, fresh: Fresh) -> AsyncIterator[Store]:
    """An empty store on the same kind of database."""
    opened = await Store.open(fresh(url.partition(":")[0]), KeyRing([KEY]))
    yield opened
    await opened.close()


async def _rows(conn: AsyncConnection) -> dict[str, list[tuple[Any, ...]]]:
    return {
        t.name: [tuple(r) for r in await conn.execute(select(t).order_by(*t.primary_key))] for t in CONTENT
    }


async def _content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    async with store._database.snapshot() as conn:
        return await _rows(conn)


@pytest.mark.parametrize("target", DATABASES)
async def test_a_backup_under_load_is_row_for_row_what_stood_there_at_its_moment(
    store: Store, url: str, fresh: Fresh, tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(store, *(child(f"c{i}") for i in range(3_000)))
    seen: dict[str, list[tuple[Any, ...]]] = {}
    snapshot = store._database.snapshot

    @asynccontextmanager
    async def watched() -> AsyncIterator[AsyncConnection]:
        async with snapshot() as conn:
            seen.update(await _rows(conn))
            yield conn

    monkeypatch.setattr(store._database, "snapshot", watched)
    over = asyncio.Event()
    writing = [asyncio.create_task(_write_on(store, lane, over)) for lane in range(4)]
    await asyncio.sleep(0.3)
    before = await store.count(CLOCK, Talk)
    await store.backup(tmp_path / "a.bak", now=NOW, home=tmp_path)
    over.set()
    written = sum(await asyncio.gather(*writing))
    assert written > before > 0  # others went on writing meanwhile
    second = await Store.open(fresh(target), KeyRing([KEY]))
    await second.restore(tmp_path / "a.bak", now=NOW, home=tmp_path)
    restored = await _content(second)
    for name in ("children", "records", "posts", "keys"):
        assert restored[name] == seen[name]
    assert restored["events"][:-1] == seen["events"]  # and that it was restored
    assert _unheld(restored["outbox"]) == _unheld(seen["outbox"])
    assert _unheld(restored["inbox"]) == _unheld(seen["inbox"])
    assert (await second.verify_audit(tmp_path)).intact
    await second.close()


async def _write_on(store: Store, lane: int, over: asyncio.Event) -> int:
    """Adds, changes and completes without a pause; how many were added."""
    number = 0
    while not over.is_set():
        number += 1
        id = f"{lane}-{number}"
        update = Incoming(source="t", update_id=hash(id), lane_address=id, raw=b"{}", received_at=NOW)
        (row,) = await store.take_in([update])
        records = (Talk(id=id), *await _changed(store, f"c{lane}"))
        outcome = Outcome(records=records, events=(event(record=id),), notices=(notice(id),))
        await store.apply(outcome, done=row.seq if number % 3 else None)
    return number


async def _changed(store: Store, id: str) -> list[Child]:
    kept = await store.get(CLOCK, Child, id)
    return [replace(kept, school=f"{kept.version}")] if kept is not None else []


def _unheld(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows of a queue without what holding back changes: state and lease."""
    return [tuple(v for v in row if v not in ("new", "open", "held")) for row in rows]


async def test_a_restore_holds_back_what_waited_until_the_operator_releases_it(
    store: Store, other: Store, tmp_path: Path
) -> None:
    await keep(store, child(wake_at=NOW), person("w1"), visit())
    await store.apply(
        Outcome(events=(event(),), notices=(notice("sent"), notice("waits"), notice("unwanted")))
    )
    (row,) = await store.claim(NOW, limit=1, lease=LEASE)
    await store.sent([Sent(seq=row.seq)])
    update = Incoming(source="t", update_id=1, lane_address="telegram:1", raw=b"{}", received_at=NOW)
    await store.receive([update])
    await store.backup(tmp_path / "a.bak", now=NOW, home=tmp_path)
    await keep(store, child("later"))
    done = await other.restore(tmp_path / "a.bak", now=NOW, home=tmp_path)
    assert (done.held, done.erased, done.closed, done.audit.intact) == (3, 0, False, True)
    assert await other.claim(NOW, limit=9, lease=LEASE) == []
    assert await other.waiting() == []
    for kind in (Child, Person, Visit):
        assert await other.find(CLOCK, kind) == [r for r in await store.find(CLOCK, kind) if r.id != "later"]
    held = await other.held()
    assert [(m.kind, m.to) for m in held.messages] == [("visit_due_today", None)] * 2
    wanted, unwanted = (message.seq for message in held.messages)
    assert await other.drop([unwanted], []) == 1
    assert await other.release([wanted], [held.updates[0].seq]) == 2
    (again,) = await other.claim(NOW, limit=9, lease=LEASE)
    assert (again.key, again.ambiguous) == ("waits", True)  # it says that it may be repeated
    assert [r.address for r in await other.waiting()] == ["telegram:1"]
    assert (await other.held()).messages == []
    await other.apply(Outcome(records=(child("new"),), events=(event(),)))
    assert (await other.verify_audit(tmp_path)).checked == 3


async def test_what_the_clock_finds_due_after_a_restore_says_that_it_may_be_repeated(
    store: Store, other: Store, tmp_path: Path
) -> None:
    await store.backup(tmp_path / "a.bak", now=NOW, home=tmp_path)
    assert not await store.is_restored()
    await other.restore(tmp_path / "a.bak", now=NOW, home=tmp_path)
    assert await other.is_restored()
    await other.apply(Outcome(notices=(notice("due"),)))
    await other.caught_up()
    await other.apply(Outcome(notices=(notice("new", address="telegram:2"),)))
    rows = await other.claim(NOW, limit=9, lease=LEASE)
    assert {row.key: row.ambiguous for row in rows} == {"due": True, "new": False}
    assert not await other.is_restored()


async def _erased_since(store: Store, tmp_path: Path, url: str) -> Path:
    """A backup in a folder of its own, made before c1 was erased."""
    backups = tmp_path / "backups"
    backups.mkdir()
    await keep(store, child("c1"), child("c2"), visit(), person("g", "guardian", cares_for=("c1",)))
    await store.apply(Outcome(notices=(notice("n", child="c1"),)))
    await store.backup(backups / "old.bak", now=NOW, home=tmp_path)
    later = NOW + timedelta(days=1)
    done = await store.erase("c1", now=later, home=tmp_path)
    assert done is not None
    assert (done.unreached, done.clean) == ((), True)
    assert await store.erase("c1", now=later, home=tmp_path) is None
    assert [c.id for c in await store.find(CLOCK, Child)] == ["c2"]
    assert [p.id for p in await store.find(CLOCK, Person)] == []
    assert await bare(url, "SELECT name, child FROM events") == [("child_erased", "c1")]
    return backups / "old.bak"


async def test_an_erased_child_stays_erased_in_an_older_backup_by_the_list_beside_it(
    store: Store, other: Store, url: str, tmp_path: Path
) -> None:
    old = await _erased_since(store, tmp_path, url)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = await other.restore(old, now=NOW + timedelta(days=3), home=elsewhere)
    assert (done.erased, done.closed) == (1, False)
    assert [c.id for c in await other.find(CLOCK, Child)] == ["c2"]
    assert await other.find(CLOCK, Visit) == []
    assert (await other.held()).messages == []
    await other.backup(elsewhere / "next.bak", now=NOW, home=elsewhere)  # and in what is made of it


async def test_without_a_fresh_list_a_restored_database_stays_closed_until_the_operator_opens_it(
    store: Store, url: str, fresh: Fresh, tmp_path: Path
) -> None:
    old = await _erased_since(store, tmp_path, url)
    alone, home = tmp_path / "stick" / "old.bak", tmp_path / "home"
    alone.parent.mkdir()
    home.mkdir()
    alone.write_bytes(old.read_bytes())
    for lists, days in ((), 0), ((old.parent,), 30):
        there = fresh(url.partition(":")[0])
        second = await Store.open(there, KeyRing([KEY]))
        done = await second.restore(alone, now=NOW + timedelta(days=days), home=home, lists=lists)
        assert done.closed
        assert done.erased == len(lists)
        await second.close()
        for path in home.iterdir():
            path.unlink()
        with pytest.raises(StillClosed):
            await Store.open(there, KeyRing([KEY]))
        operator = await Store.open(there, KeyRing([KEY]), closed_too=True)
        await operator.erase("c1", now=NOW, home=home)
        await operator.open_up()
        await operator.close()
        opened = await Store.open(there, KeyRing([KEY]))
        assert [c.id for c in await opened.find(CLOCK, Child)] == ["c2"]
        await opened.close()


async def test_an_altered_list_or_another_countys_is_refused_and_a_missing_folder_is_named(
    store: Store, other: Store, url: str, tmp_path: Path
) -> None:
    old = await _erased_since(store, tmp_path, url)
    (listed,) = old.parent.glob("*.erased")
    good = listed.read_text()
    for bad in ("", good.replace("ERASED 1", "ERASED 2"), "\n".join(good.splitlines()[:2]), good + good):
        listed.write_text(bad)
        with pytest.raises(BackupFault):
            await other.restore(old, now=NOW, home=tmp_path / "nowhere")
    assert await other.count(CLOCK, Child) == 0
    listed.unlink()
    done = await store.erase("c2", now=NOW, home=tmp_path)
    assert done is not None
    assert done.unreached == (old.parent,)


async def test_a_damaged_or_foreign_backup_changes_nothing(
    store: Store, other: Store, tmp_path: Path
) -> None:
    await keep(store, *(child(f"c{i}", birth_date=date(2018, 1, 1)) for i in range(20)))
    await store.backup(tmp_path / "a.bak", now=NOW, home=tmp_path)
    good = (tmp_path / "a.bak").read_bytes()
    flipped = bytearray(good)
    flipped[-400] ^= 1
    for bad in (b"", b"hello", good[:-30], good[: len(good) // 2], bytes(flipped), good + b"x"):
        (tmp_path / "bad.bak").write_bytes(bad)
        with pytest.raises(BackupFault):
            await other.restore(tmp_path / "bad.bak", now=NOW, home=tmp_path)
    assert await other.count(CLOCK, Child) == 0
    await keep(other, child("own"))
    with pytest.raises(BackupFault):
        await other.restore(tmp_path / "a.bak", now=NOW, home=tmp_path)
    assert [c.id for c in await other.find(CLOCK, Child)] == ["own"]


def test_a_backup_leaves_the_disk_little_to_do_at_once_so_that_a_commit_waits_for_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [0]

    def sync(handle: int) -> None:
        sizes.append(os.fstat(handle).st_size)

    monkeypatch.setattr(sealed_file.os, "fdatasync", sync)
    writer = sealed_file.Writer(tmp_path / "a.bak", KeyRing([KEY]), {})
    chunk = "x" * 200_000
    for _ in range(30):
        writer.chunk(chunk)
    writer.finish()
    size = (tmp_path / "a.bak").stat().st_size
    left = [later - sooner for sooner, later in pairwise([*sizes, size])]
    assert size > 6_000_000
    assert max(left) <= sealed_file.SYNC_AT + len(chunk) + 100
