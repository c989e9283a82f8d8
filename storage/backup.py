"""Backup and restore, in one format for both databases: a copy of SQLite may be restored into PostgreSQL.

A backup carries the children's wrapped data keys, so that one file and SECRET_KEYS are all that a restore
needs. Erasure reaches older backups through the list of erased keys beside the database (`erasing`): what
stands in it is dropped while restoring. Who restores on another machine must bring that list along.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select, text

from storage.database import Database
from storage.erasing import erased_list, wipe
from storage.errors import BackupFault
from storage.events import AuditResult, Checker, head_of, read_batch
from storage.migrating import newest
from storage.sealed_file import Reader, Writer
from storage.tables import CHILDREN, EVENTS, INBOX, KEYS, METADATA, OUTBOX, RECORDS
from storage.vault import Vault

_ROWS = 1_000
_OWN_CONTENT = (CHILDREN, RECORDS, EVENTS, INBOX, OUTBOX)


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What a restore did: rows taken over, messages held back, children dropped because they were erased."""

    rows: int
    held: int
    erased: int


async def backup(database: Database, vault: Vault, path: Path) -> None:
    """See `Store.backup`."""
    writer = Writer(path, vault.ring, {"shape": newest()})
    try:
        async with database.snapshot() as conn:
            for table in METADATA.sorted_tables:
                rows = await conn.stream(select(table))
                async for part in rows.partitions(_ROWS):
                    writer.chunk({"table": table.name, "rows": [list(row) for row in part]})
        writer.finish()
    except BaseException:
        writer.give_up()
        raise


async def restore(database: Database, vault: Vault, path: Path, erased: Path | None) -> Restored:
    """See `Store.restore`."""
    reader = Reader(path, vault.ring)
    if reader.facts.get("shape") != newest():
        raise BackupFault(
            "was made by another version of this program; restore it with that one, then upgrade"
        )
    marks = _marks(erased or erased_list(database))
    try:
        return await database.write_long(lambda conn: _restore(conn, vault, reader, marks))
    except BaseException:
        await database.write_long(vault.prepare)  # the keys of the database as it was
        raise


def _marks(path: Path | None) -> frozenset[str]:
    if path is None or not path.exists():
        return frozenset()
    return frozenset(path.read_text().split())


def _restore(conn: Connection, vault: Vault, reader: Reader, marks: frozenset[str]) -> Restored:
    if any(conn.scalar(select(func.count()).select_from(table)) for table in _OWN_CONTENT):
        raise BackupFault("can only be restored into an empty database; this one holds something")
    for table in METADATA.sorted_tables:
        if table not in _OWN_CONTENT:
            conn.execute(table.delete())
    rows = sum(_load(conn, chunk) for chunk in reader.chunks())
    _set_counters(conn)
    vault.forget()
    vault.prepare(conn)
    result = walk(conn, vault)
    if not result.intact:
        raise BackupFault(f"holds a broken audit trail: event {result.seq} {result.fault}")
    gone = vault.marked(conn, marks) if marks else []
    if gone:
        wipe(conn, gone)
    held = conn.execute(
        OUTBOX.update().where(OUTBOX.c.state.in_(("new", "sending"))).values(state="held")
    ).rowcount
    return Restored(rows=rows, held=held, erased=len(gone))


def _load(conn: Connection, chunk: dict[str, Any]) -> int:
    table = METADATA.tables[chunk["table"]]
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, row, strict=True)) for row in chunk["rows"]]
    conn.execute(table.insert(), rows)
    return len(rows)


def _set_counters(conn: Connection) -> None:
    """PostgreSQL counts on from its sequences, which do not see numbers that were given."""
    if conn.dialect.name != "postgresql":
        return
    tables: tuple[tuple[Table, str], ...] = ((KEYS, "no"), (INBOX, "seq"), (OUTBOX, "seq"))
    for table, column in tables:
        last = conn.scalar(select(func.max(table.c[column])))
        if last is not None:
            conn.execute(
                text("SELECT setval(pg_get_serial_sequence(:t, :c), :n)"),
                {"t": table.name, "c": column, "n": last},
            )


def walk(conn: Connection, vault: Vault) -> AuditResult:
    """The whole audit trail, on one connection."""
    checker = Checker(vault.audit)
    while rows := read_batch(conn, checker.seq, None, 5 * _ROWS):
        fault = checker.walk(rows)
        if fault is not None:
            return fault
    return checker.close(head_of(conn))
