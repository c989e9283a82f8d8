"""What others remove or alter is written down by the database itself; what we remove is not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from casework.outcome import Outcome
from casework.records import Post, Talk
from storage.store import Incoming, KeyRing, Store
from storage.tripwires import ALTERED, missing
from tests.storage.world import KEY, LEASE, NOW, bare, child, event, keep, link, notice, person, visit

LEFT = "SELECT source, name, what FROM gone ORDER BY no"


async def _filled(store: Store) -> None:
    guardian = person("g1", "guardian", cares_for=("c1",))
    await keep(store, child("c1"), child("c2"), visit(), person("w1"), guardian)
    await link(store, "w1", "telegram:1")
    await store.apply(Outcome(events=(event(),), notices=(notice("n1"), notice("n2", child="c1"))))
    await store.receive([_update(1)])


def _update(number: int) -> Incoming:
    return Incoming(source="t", update_id=number, lane_address="telegram:1", raw=b"{}", received_at=NOW)


REMOVED = [
    ("DELETE FROM records WHERE kind = 'visit'", ("records", "visit vis1")),
    ("DELETE FROM children WHERE id = 'c2'", ("children", "c2")),
    ("DELETE FROM posts WHERE owner = 'w1'", ("posts", "w1 village_worker w1 v1")),
    ("DELETE FROM keys WHERE name = 'child:c1'", ("keys", "child:c1")),
    ("DELETE FROM outbox WHERE key = 'n1'", ("outbox", "1")),
    ("DELETE FROM inbox", ("inbox", "1")),
    ("DELETE FROM meta WHERE name = 'audit_head'", ("meta", "audit_head")),
]


@pytest.mark.parametrize(("statement", "left"), REMOVED)
async def test_a_row_removed_by_hand_leaves_its_table_and_key(
    store: Store, url: str, statement: str, left: tuple[str, str]
) -> None:
    await _filled(store)
    await bare(url, statement)
    assert await bare(url, LEFT) == [(*left, "removed")]


CHANGED = [
    ("UPDATE records SET wake_at = NULL WHERE kind = 'visit'", ("records", "visit vis1")),
    ("UPDATE records SET body = '' WHERE kind = 'visit'", ("records", "visit vis1")),
    ("UPDATE records SET id = 'x' WHERE kind = 'visit'", ("records", "visit vis1")),
    ("UPDATE children SET worker = 'w2' WHERE id = 'c1'", ("children", "c1")),
    ("UPDATE posts SET area = 'v9' WHERE owner = 'w1'", ("posts", "w1 village_worker w1 v1")),
    ("UPDATE keys SET wrapped = '' WHERE name = 'child:c1'", ("keys", "child:c1")),
    ("UPDATE inbox SET received_at = 1", ("inbox", "1")),
    ("UPDATE inbox SET raw = ''", ("inbox", "1")),
    ("UPDATE outbox SET lane = 'x' WHERE key = 'n1'", ("outbox", "1")),
    ("UPDATE outbox SET body = '' WHERE key = 'n1'", ("outbox", "1")),
    ("UPDATE meta SET name = 'note:x' WHERE name = 'audit_head'", ("meta", "audit_head")),
]


@pytest.mark.parametrize(("statement", "left"), CHANGED)
async def test_a_row_altered_by_hand_leaves_its_table_and_key(
    store: Store, url: str, statement: str, left: tuple[str, str]
) -> None:
    await _filled(store)
    await bare(url, statement)
    assert await bare(url, LEFT) == [(*left, "altered")]


async def test_what_this_program_removes_and_changes_itself_leaves_nothing(
    store: Store, url: str, tmp_path: Path
) -> None:
    await _filled(store)
    await store.note("a", "b")
    moved = replace(person("w1", area="v2"), version=1)
    await keep(store, moved, replace(visit(), status="done", version=1))
    again = replace(moved, posts=(*moved.posts, Post(role="township_officer", area="t1")), version=2)
    await keep(store, again, Talk(id="stranger", status="over"))
    assert await bare(url, "SELECT role, area FROM posts WHERE owner = 'w1' ORDER BY area") == [
        ("township_officer", "t1"), ("village_worker", "v2"),
    ]  # fmt: skip
    (row,) = await store.waiting()
    await store.apply(Outcome(), done=row.seq)
    assert await store.prune(NOW + timedelta(days=3)) == 2
    (other,) = await store.take_in([_update(2)])
    await store.apply(Outcome(), done=other.seq, forget=True)
    assert len(await store.claim(NOW, limit=5, lease=LEASE)) == 1
    assert await store.erase("c1", now=NOW, home=tmp_path) is not None
    await store.open_up()
    assert await bare(url, LEFT) == []
    assert await bare(url, "SELECT * FROM lawful") == []


async def test_the_tripwires_lie_where_the_migrations_laid_them(store: Store) -> None:
    assert await store._read(missing) == []


async def test_one_that_is_dropped_switched_off_or_replaced_is_named(store: Store, url: str) -> None:
    if url.startswith("sqlite"):
        await bare(
            url, "DROP TRIGGER outbox_gone", "DROP TRIGGER events_no_update", "DROP TRIGGER records_altered",
            "CREATE TRIGGER records_altered AFTER UPDATE ON records BEGIN SELECT 1; END",
        )  # fmt: skip
        assert await store._read(missing) == ["outbox_gone", "records_altered", "events_no_update"]
    else:
        await bare(
            url, "DROP TRIGGER outbox_gone ON outbox",
            "ALTER TABLE events DISABLE TRIGGER events_only_added",
            "CREATE OR REPLACE FUNCTION note_altered() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RETURN NULL; END'",
        )  # fmt: skip
        assert await store._read(missing) == [
            "outbox_gone", *ALTERED, "events_only_added",
        ]  # fmt: skip


@pytest.mark.parametrize("statement", ["DELETE FROM gone", "UPDATE gone SET name = 'other'"])
async def test_what_was_written_down_is_not_taken_back_by_hand(
    store: Store, url: str, statement: str
) -> None:
    await _filled(store)
    await bare(url, "DELETE FROM outbox")
    with pytest.raises(Exception, match="gone are only added"):
        await bare(url, statement)
    assert len(await bare(url, LEFT)) == 2


async def test_a_whole_table_emptied_is_written_down(store: Store, url: str) -> None:
    await _filled(store)
    if url.startswith("sqlite"):
        await bare(url, "DELETE FROM outbox")
        assert await bare(url, LEFT) == [("outbox", "1", "removed"), ("outbox", "2", "removed")]
    else:
        await bare(url, "TRUNCATE outbox")
        assert await bare(url, LEFT) == [("outbox", "*", "removed")]


async def test_what_was_written_down_is_in_the_backup_and_counts_on(
    store: Store, url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    await _filled(store)
    await bare(url, "DELETE FROM inbox")
    await store.backup(tmp_path / "b", now=NOW, home=tmp_path)
    other = f"sqlite:///{tmp_path}/other.db"
    if not url.startswith("sqlite"):
        other = request.getfixturevalue("cluster").database()
    again = await Store.open(other, KeyRing([KEY]))
    (tmp_path / "home").mkdir()
    await again.restore(tmp_path / "b", now=NOW, home=tmp_path / "home", lists=(tmp_path,))
    await bare(other, "DELETE FROM outbox WHERE key = 'n1'")
    assert await bare(other, LEFT) == [("inbox", "1", "removed"), ("outbox", "1", "removed")]
    await again.close()
