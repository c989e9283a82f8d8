"""Reading a backup into an empty database: all of it or nothing, nothing sent twice, nobody brought back."""

import re
from binascii import a2b_base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select, text

from casework.outcome import Event
from storage.database import Database
from storage.erased_list import lists_in
from storage.erasing import add_marks, marks_kept, wipe
from storage.errors import BackupFault
from storage.events import AuditResult, append, verify
from storage.held import hold_all
from storage.life import note
from storage.migrating import migrate, newest, start_at
from storage.numbers import skip_ahead
from storage.sealed_file import Reader
from storage.statements import Statement
from storage.tables import CHILDREN, EVENTS, GONE, INBOX, KEYS, LAWFUL, METADATA, OUTBOX, RECORDS
from storage.tripwires import lawful
from storage.vault import Vault

FRESH = timedelta(days=7)  # a list of erased children that is older may lack some
CLOSED = "closed"  # the note of a restored database in which erased children may stand again: since when
RESTORED = "restored"  # the note of one that has not run since; from which moment it is
_OWN_CONTENT = (CHILDREN, RECORDS, EVENTS, INBOX, OUTBOX)
_NAME = re.compile(r"[a-z_]+")


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What a restore did.

    ``held``: messages and received updates held back; ``erased``: children dropped because they had been
    erased; ``known_until``: the moment up to which erasures are known; ``closed``: that is too long ago;
    ``audit``: whether the trail is whole, which says nothing about the file.
    """

    taken: datetime
    rows: int
    held: int
    erased: int
    known_until: datetime
    closed: bool
    audit: AuditResult


async def restore(
    database: Database, vault: Vault, path: Path, places: Sequence[Path], now: datetime
) -> Restored:
    """See `Keeping.restore`."""
    reader = Reader(path, vault.ring)
    try:
        return await database.write_long(lambda conn: _restore(conn, vault, reader, places, now))
    except BaseException:
        await database.write_long(vault.prepare)  # the keys of the database as it was
        raise


def _restore(
    conn: Connection, vault: Vault, reader: Reader, places: Sequence[Path], now: datetime
) -> Restored:
    if any(conn.scalar(select(func.count()).select_from(table)) for table in _OWN_CONTENT):
        raise BackupFault("can only be restored into an empty database; this one holds something")
    _make_room(conn, reader.facts["shape"])
    rows = sum(_load(conn, chunk) for chunk in reader.chunks())
    migrate(conn)
    _set_counters(conn)
    vault.forget()
    vault.prepare(conn)
    taken = datetime.fromisoformat(reader.facts["taken"])
    known = lists_in(places, vault)
    marks = marks_kept(conn).union(*(one.marks for one in known))
    gone = vault.marked(conn, marks) if marks else []
    wipe(conn, vault, gone)
    add_marks(conn, marks)
    audit = verify(conn, vault.audit)
    detail = {"taken": taken.isoformat()}
    append(
        conn,
        vault.audit,
        [Event(name="restored", at=now, actor="operator", ground="operator", detail=detail)],
    )
    until = max([taken, *(one.as_of for one in known)])
    closed = not known or now - until > FRESH
    skip_ahead(conn)
    note(conn, RESTORED, taken.isoformat())
    if closed:
        note(conn, CLOSED, until.isoformat())
    return Restored(
        taken=taken, rows=rows, held=hold_all(conn), erased=len(gone), known_until=until, closed=closed,
        audit=audit,
    )  # fmt: skip


def _make_room(conn: Connection, shape: str) -> None:
    """Empty tables of the shape that the backup has."""
    if shape != newest():
        start_at(conn, shape)
        return
    with lawful(conn, "restoring"):
        for table in METADATA.sorted_tables:
            if table not in (*_OWN_CONTENT, LAWFUL):
                conn.execute(table.delete())


def _load(conn: Connection, chunk: dict[str, Any]) -> int:
    names = [chunk["table"], *chunk["columns"]]
    if not all(map(_NAME.fullmatch, names)):
        raise BackupFault("is damaged")
    columns, marks = ", ".join(names[1:]), ", ".join(f":{name}" for name in names[1:])
    insert = Statement(f"INSERT INTO {names[0]} ({columns}) VALUES ({marks})")  # noqa: S608  only plain names
    for row in chunk["rows"]:
        for n in chunk["bytes"]:
            if row[n] is not None:
                row[n] = a2b_base64(row[n])
    insert.run(conn, (dict(zip(names[1:], row, strict=True)) for row in chunk["rows"]))
    return len(chunk["rows"])


def _set_counters(conn: Connection) -> None:
    """PostgreSQL counts on from its sequences, which do not see numbers that were given."""
    if conn.dialect.name != "postgresql":
        return
    tables: tuple[tuple[Table, str], ...] = ((KEYS, "no"), (INBOX, "seq"), (OUTBOX, "seq"), (GONE, "no"))
    for table, column in tables:
        last = conn.scalar(select(func.max(table.c[column])))
        if last is not None:
            conn.execute(
                text("SELECT setval(pg_get_serial_sequence(:t, :c), :n)"),
                {"t": table.name, "c": column, "n": last},
            )
