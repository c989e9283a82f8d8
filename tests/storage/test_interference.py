"""Every row that there is deleted, every column of it altered, one after the other: each is found at once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Connection, Integer, LargeBinary, Table, select, text

from casework.auditing import Memory
from casework.outcome import Outcome
from storage.auditing import picture
from storage.store import Incoming, Store
from storage.tables import CHILDREN, INBOX, KEYS, OUTBOX, POSTS, RECORDS
from tests.conversations.county import KEYS as RING
from tests.conversations.county import County, policy
from tests.storage.world import notice
from tests.transcripts.play import HERE, play

WATCHED = (CHILDREN, RECORDS, POSTS, KEYS, INBOX, OUTBOX)
# How a queue row stands: the bot changes it all the time; tests/storage/test_auditing.py tells what is found.
FREE = {
    "inbox": {"state", "tries", "error"},
    "outbox": {"state", "next_at", "lease", "tries", "ambiguous", "message_id", "reason"},
}


class Elsewhere(County):
    """The county of the transcripts on any database."""

    def __init__(self, url: str, path: Path) -> None:
        super().__init__(path, "zh_Hans")
        self.url = url

    async def _opened(self) -> Store:
        return await Store.open(self.url, RING)


async def _lived(url: str, path: Path) -> County:
    """A county in the middle of things: alerts, a visit, a message that waits, an update not handled."""
    county = Elsewhere(url, path)
    await county.open()
    await play((HERE / "dropout.zh.md").read_text(encoding="utf-8"), "zh_Hans", county)
    at = county.now
    update = Incoming(source="t", update_id=1, lane_address="test:wang", raw=b"{}", received_at=at)
    await county.store.receive([update])
    later = notice("later", not_before=at + timedelta(hours=1))
    await county.store.apply(Outcome(notices=(later,)))
    return county


def _tried(conn: Connection, county: County, before: Memory) -> tuple[int, list[str]]:
    """How much was tried, and what of it was not found."""
    tried, missed = 0, []
    for table in WATCHED:
        rows = conn.execute(select(table)).mappings().all()
        assert rows
        for row in rows:
            for statement, values in _by_hand(table, row):
                conn.exec_driver_sql("SAVEPOINT before")
                assert conn.execute(text(statement), values).rowcount == 1
                seen = picture(conn, county.store._vault, county.now, policy().audit, before)
                conn.exec_driver_sql("ROLLBACK TO SAVEPOINT before")
                tried += 1
                if not any(seen.wrong.values()):
                    missed.append(f"{statement} {values}")
    return tried, missed


def _by_hand(table: Table, row: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """A deletion of the row, and a change of each of its columns."""
    keys = {f"k{n}": row[column.name] for n, column in enumerate(table.primary_key)}
    where = " AND ".join(f"{column.name} = :k{n}" for n, column in enumerate(table.primary_key))
    yield f"DELETE FROM {table.name} WHERE {where}", keys
    for column in table.columns:
        if column.name in FREE.get(table.name, ()):
            continue
        value: object = "other"
        if isinstance(column.type, LargeBinary):
            value = b"other"
        elif isinstance(column.type, Integer | Boolean):
            value = 77
        yield f"UPDATE {table.name} SET {column.name} = :value WHERE {where}", {**keys, "value": value}


async def test_no_row_goes_and_no_column_changes_without_being_found(url: str, tmp_path: Path) -> None:
    county = await _lived(url, tmp_path / "county.db")
    lawful = await county.store.audited(county.now, policy().audit, Memory())
    assert not any(lawful.wrong.values())
    tried, missed = await county.store._database.write(lambda conn: _tried(conn, county, lawful.memory))
    assert missed == []
    assert tried > 300, tried
    await county.close()
