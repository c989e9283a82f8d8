"""What is asked at every step is found by an index: its time must not grow with what is kept of others."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from casework.access import Reader
from casework.auditing import Memory
from casework.policy import load_policy
from casework.records import Child, Draft, Escalation, Record, Visit
from storage import people, reading
from storage.arriving import arrivals
from storage.auditing import picture
from storage.keys import KeyRing
from storage.reading import Search
from storage.standing import standing
from storage.store import Store
from storage.vault import Vault
from tests.storage.world import KEY, NOW

WORKER = Reader(person="w1", workers=frozenset({"w1"}))
SEARCHES: list[tuple[type[Record], Search, str]] = [
    (Draft, Search(status=("open",), person="w1"), "records_person (person=?"),
    (Visit, Search(status=("planned",), person="w1"), "records_person (person=?"),
    (Escalation, Search(status=("open",), child="c1"), "records_child (child=?"),
    (Child, Search(person="w1"), "children_worker (worker=?"),
]


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    store = await Store.open(f"sqlite:///{tmp_path}/store.db", KeyRing([KEY]))
    await store.close()
    return tmp_path / "store.db"


def plans(database: Path, ask: Callable[[Any], object]) -> str:
    """How SQLite goes about all that ``ask`` asks of an empty database."""
    raw = sqlite3.connect(database)
    asked: list[str] = []
    raw.set_trace_callback(asked.append)
    sqlite = SimpleNamespace(name="sqlite")
    raw_conn = SimpleNamespace(driver_connection=raw)
    ask(SimpleNamespace(connection=raw_conn, dialect=sqlite, scalar=lambda _: None))
    raw.set_trace_callback(None)
    return "\n".join(row[3] for sql in asked for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}"))


@pytest.mark.parametrize(("kind", "search", "index"), SEARCHES)
async def test_a_search_for_what_is_somebodys_does_not_walk_what_is_others(
    database: Path, kind: type[Record], search: Search, index: str
) -> None:
    vault = Vault(KeyRing([KEY]))
    found = plans(database, lambda conn: reading.find(conn, vault, WORKER, kind, search))
    assert index in found


async def test_who_somebody_is_is_found_without_walking_all_people(database: Path) -> None:
    vault = Vault(KeyRing([KEY]))
    found = plans(database, lambda conn: people.reader(conn, vault, "w1", NOW.date()))
    assert "records USING INDEX sqlite_autoindex_records_1 (kind=? AND id=?)" in found


async def test_all_that_a_step_begins_with_is_found_by_keys(database: Path) -> None:
    store = await Store.open(f"sqlite:///{database}", KeyRing([KEY]))
    vault = store._vault
    await store.close()
    found = plans(database, lambda conn: arrivals(conn, vault, [("telegram:1", NOW.date())]))
    searched = [line for line in found.splitlines() if line.startswith(("SEARCH records", "SCAN"))]
    assert searched
    by_key = ("(kind=? AND id=?)", "(person=? AND kind=? AND status=?)")
    assert all(line.endswith(by_key) for line in searched)


async def test_the_auditor_walks_nothing_but_what_is_open_due_or_wrong(database: Path) -> None:
    rules, vault = load_policy().audit, Vault(KeyRing([KEY]))
    found = plans(database, lambda conn: picture(conn, vault, NOW, rules, Memory())).splitlines()
    small = (
        "asleep",
        "odd",
        "order",
        "sending",
        "lane",
        "open",
    )  # partial indexes: of what waits, or is wrong
    kept = [line for line in found if line.split()[1] in ("records", "children", "inbox", "outbox")]
    scans = [line for line in kept if line.startswith("SCAN")]
    assert len(kept) > len(scans) > 0
    assert all(line.split("_")[-1] in small for line in scans), scans


async def test_how_things_stand_before_a_batch_is_found_by_keys(database: Path) -> None:
    asked = {"records": [], "keys_of": ["c1"], "seqs": [1], "lanes": ["a"]}
    found = plans(database, lambda conn: standing(conn, **asked))
    tables = ("records", "children", "keys", "inbox", "outbox", "meta")
    read = [line for line in found.splitlines() if line.split()[1] in tables]
    assert len(read) == len(tables) + 1
    assert all(line.startswith("SEARCH") for line in read), found
