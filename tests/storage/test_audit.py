"""The audit trail: whatever is altered, taken away, added or moved, the first broken row is named."""

import asyncio
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from casework.outcome import Outcome
from storage.events import AuditResult, Checker
from storage.keys import KeyRing
from storage.store import StorageError, Store
from tests.storage.world import KEY, bare, event

LENGTH = 9
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Trail:
    """The rows of a trail in their order, the head as it is kept, and the heads that stood there before."""

    key: bytes
    rows: tuple[Row, ...]
    head: bytes | None
    heads: tuple[bytes, ...] = ()

    def judged(self) -> AuditResult:
        """What a verification says, which knows the true trail's last head from outside."""
        last = trail().head or b""
        checker = Checker(self.key, {int.from_bytes(last[:8], "big"): last[8:40]})
        fault = checker.walk(sorted(self.rows, key=lambda row: int(row[0])))
        return fault or checker.close(self.head)


async def _add(path: Path, first: int, upto: int, word: str) -> list[bytes]:
    """Goes on with the trail in ``path``, an event at a time; the heads."""
    store = await Store.open(f"sqlite:///{path}", KeyRing([KEY]))
    heads = []
    for n in range(first, upto + 1):
        await store.apply(Outcome(events=(event(record=f"{word}{n}", child="c1", detail={"n": str(n)}),)))
        heads.append(_read(path)[1] or b"")
    heads.append(store._vault.audit)
    await store.close()
    return heads


def _read(path: Path) -> tuple[tuple[Row, ...], bytes | None]:
    conn = sqlite3.connect(path)
    rows = tuple(conn.execute("SELECT * FROM events ORDER BY seq").fetchall())
    head = conn.execute("SELECT value FROM meta WHERE name = 'audit_head'").fetchone()
    conn.close()
    return rows, head and head[0]


@cache
def trail() -> Trail:
    """The true trail."""
    return forks()[0]


@cache
def forks() -> tuple[Trail, ...]:
    """The true trail, and others under the same key that part from it, as that of a restored copy does."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = []
        *heads, key = asyncio.run(_add(folder / "true.db", 1, LENGTH, "r"))
        found.append(Trail(key, *_read(folder / "true.db"), tuple(heads)))
        for apart in (0, 3, LENGTH - 1):
            shutil.copy(folder / "true.db", folder / "fork.db")
            conn = sqlite3.connect(folder / "fork.db")
            conn.execute("DROP TRIGGER events_no_delete")
            conn.execute("DELETE FROM events WHERE seq > ?", (apart,))
            if apart:
                conn.execute("UPDATE meta SET value = ? WHERE name = 'audit_head'", (heads[apart - 1],))
            else:
                conn.execute("DELETE FROM meta WHERE name = 'audit_head'")
            conn.commit()
            conn.close()
            asyncio.run(_add(folder / "fork.db", apart + 1, LENGTH + 2, "other"))
            found.append(Trail(key, *_read(folder / "fork.db"), tuple(heads)))
        return tuple(found)


VALUES = st.sampled_from([None, "", "x", "r1", 0, 5, 5.0, b"x", b"\0" * 32, "\udcff", 2**62])


@st.composite
def tampered(draw: st.DrawFn) -> Trail:
    """The true trail after one to three strokes of somebody who knows everything but the key."""
    now = trail()
    for _ in range(draw(st.integers(1, 3))):
        now = draw(st.sampled_from(STROKES))(draw, now)
    return now


def _alter(draw: st.DrawFn, t: Trail) -> Trail:
    if not t.rows:
        return t
    at, column = draw(st.integers(0, len(t.rows) - 1)), draw(st.integers(1, len(t.rows[0]) - 1))
    row = list(t.rows[at])
    row[column] = draw(VALUES)
    return Trail(t.key, (*t.rows[:at], tuple(row), *t.rows[at + 1 :]), t.head)


def _delete(draw: st.DrawFn, t: Trail) -> Trail:
    gone = draw(st.sets(st.integers(1, LENGTH), min_size=1))
    return Trail(t.key, tuple(row for row in t.rows if row[0] not in gone), t.head)


def _cut(draw: st.DrawFn, t: Trail) -> Trail:
    """The last ones are taken away, and the head that stood there before them is put back."""
    last = draw(st.integers(1, LENGTH - 1))
    return Trail(t.key, tuple(row for row in t.rows if row[0] <= last), trail().heads[last - 1])


def _insert(draw: st.DrawFn, t: Trail) -> Trail:
    taken = {row[0] for row in t.rows}
    seq = draw(st.integers(-2, LENGTH + 4).filter(lambda n: n not in taken))
    model = draw(st.sampled_from(trail().rows))
    return Trail(t.key, (*t.rows, (seq, *model[1:])), t.head)


def _move(draw: st.DrawFn, t: Trail) -> Trail:
    order = draw(st.permutations(range(len(t.rows))))
    numbers = [row[0] for row in t.rows]
    return Trail(t.key, tuple((numbers[n], *t.rows[m][1:]) for n, m in enumerate(order)), t.head)


def _replace(draw: st.DrawFn, t: Trail) -> Trail:
    """A whole suffix, with its head, of another history under the same key."""
    other = draw(st.sampled_from(forks()[1:]))
    return Trail(t.key, other.rows, draw(st.sampled_from((other.head, t.head))))


def _head(draw: st.DrawFn, t: Trail) -> Trail:
    heads = (None, b"", b"x" * 72, *trail().heads[:-1], (forks()[1].head or b""))
    return Trail(t.key, t.rows, draw(st.sampled_from(heads)))


STROKES = (_alter, _delete, _cut, _insert, _move, _replace, _head)


@settings(max_examples=300)
@given(tampered())
def test_every_kind_of_tampering_is_seen_and_the_first_broken_row_is_named(now: Trail) -> None:
    true = trail()
    rows = tuple(sorted(now.rows, key=lambda row: int(row[0])))
    assume(repr((rows, now.head)) != repr((true.rows, true.head)))
    result = now.judged()
    assert not result.intact
    pairs = zip(rows, true.rows, strict=False)
    same = next((n for n, (row, was) in enumerate(pairs) if repr(row) != repr(was)), None)
    same = min(len(rows), LENGTH) if same is None else same
    if same < len(rows) and any(rows[same] in fork.rows for fork in forks()[1:]):
        assert same < (result.seq or 0)  # a true chain, but not ours: that it is not, shows at its end only
    elif same == LENGTH == len(rows):
        assert result.fault in ("head_missing", "head_altered", "added", "missing")
    else:
        expected = min(same + 1, rows[same][0]) if same < len(rows) else same + 1
        assert result.seq == expected


def test_the_true_trail_is_whole() -> None:
    assert trail().judged() == AuditResult(checked=LENGTH)


async def _told(store: Store, url: str, *statements: str) -> tuple[int | None, str]:
    for i in range(6):
        await store.apply(Outcome(events=(event(record=f"r{i}", detail={"n": str(i)}),)))
    assert (await store.verify_audit()).intact
    if url.startswith("sqlite"):
        open_up = ("DROP TRIGGER events_no_update", "DROP TRIGGER events_no_delete")
    else:
        open_up = ("DROP TRIGGER events_only_added ON events",)
    await bare(url, *open_up, *statements)
    result = await store.verify_audit()
    return result.seq, result.fault


_ROW = "at, name, actor, child, record, ground, detail, mac"
CASES = {
    "UPDATE events SET at = 5 WHERE seq = 4": (4, "altered"),
    "UPDATE events SET detail = '{}' WHERE seq = 4": (4, "altered"),
    "UPDATE events SET mac = (SELECT mac FROM events WHERE seq = 2) WHERE seq = 4": (4, "altered"),
    "DELETE FROM events WHERE seq = 3": (3, "missing"),
    "DELETE FROM events WHERE seq > 4": (5, "missing"),
    "DELETE FROM events": (1, "missing"),
    "DELETE FROM events; DELETE FROM meta WHERE name = 'audit_head'": (0, "head_missing"),
    f"INSERT INTO events SELECT 7, {_ROW} FROM events WHERE seq = 6": (7, "altered"),
    f"INSERT INTO events SELECT -1, {_ROW} FROM events WHERE seq = 6": (-1, "added"),
    "UPDATE events SET seq = 99 WHERE seq = 2; UPDATE events SET seq = 2 WHERE seq = 5": (2, "altered"),
    "UPDATE meta SET value = (SELECT mac FROM events WHERE seq = 1) WHERE name = 'audit_head'":
        (6, "head_altered"),
}  # fmt: skip


@pytest.mark.parametrize("change", CASES)
async def test_in_the_database_as_well(store: Store, url: str, change: str) -> None:
    assert await _told(store, url, *change.split("; ")) == CASES[change]


async def test_text_that_is_no_text_is_named_by_its_row(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    store = await Store.open(url, KeyRing([KEY]))
    broken = "UPDATE events SET actor = CAST(x'ff' AS TEXT) WHERE seq = 2"
    assert await _told(store, url, broken) == (2, "altered")
    await store.close()


async def test_the_last_events_with_their_head_are_missed_by_the_head_kept_outside(
    store: Store, url: str, tmp_path: Path
) -> None:
    await store.apply(Outcome(events=(event(),)))
    ((old,),) = await bare(url, "SELECT value FROM meta WHERE name = 'audit_head'")
    for _ in range(3):
        await store.apply(Outcome(events=(event(),)))
    assert await store.keep_head(tmp_path)
    if url.startswith("sqlite"):
        open_up = "DROP TRIGGER events_no_delete"
    else:
        open_up = "DROP TRIGGER events_only_added ON events"
    value = f"x'{bytes(old).hex()}'" if url.startswith("sqlite") else f"'\\x{bytes(old).hex()}'"
    head = f"UPDATE meta SET value = {value} WHERE name = 'audit_head'"
    await bare(url, open_up, "DELETE FROM events WHERE seq > 1", head)
    assert (await store.verify_audit()).intact  # within the database nothing tells
    result = await store.verify_audit(tmp_path)
    assert (result.seq, result.fault) == (2, "missing")
    assert not await store.keep_head(tmp_path)  # and the running bot says so
    (kept,) = tmp_path.glob("*.head")
    kept.write_bytes(b"x" * 72)
    with pytest.raises(StorageError):
        await store.verify_audit(tmp_path)


@pytest.mark.parametrize("statement", ["UPDATE events SET name = 'x'", "DELETE FROM events"])
async def test_the_database_itself_refuses_to_change_events(store: Store, url: str, statement: str) -> None:
    await store.apply(Outcome(events=(event(),)))
    with pytest.raises(Exception, match="only added"):
        await bare(url, statement)
    assert (await store.verify_audit()).checked == 1
