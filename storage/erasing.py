"""Erasing a child: the data key and every row about it go; the bare code in one event stays."""

import os
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete

from casework.outcome import Event
from storage.committer import Committer
from storage.database import Database
from storage.events import append
from storage.tables import CHILDREN, KEYS, OUTBOX, POSTS, RECORDS
from storage.vault import Vault, child_key


def erased_list(database: Database) -> Path | None:
    """Where erased keys are listed beside a SQLite file, so that restoring an older backup does not undo it.

    Beside the database and not in it: the restored file would bring its own, older list. PostgreSQL has no
    folder of ours; there the caller names the list (a file in the data folder).
    """
    return None if database.path is None else database.path.with_name(database.path.name + ".erased")


async def erase(
    database: Database,
    vault: Vault,
    commits: Committer,
    child: str,
    now: datetime,
    actor: str,
    listed: Path | None,
) -> bool:
    """See `Store.erase`."""
    marks = await database.read(lambda conn: vault.marks_of(conn, [child]))
    if not marks:
        return False
    if listed is None:
        raise ValueError("the list of erased keys must be named for PostgreSQL")
    _add_line(listed, marks[child])  # first, so that a crash in between errs on the side of erasing
    await commits.run_long(lambda conn: _erase(conn, vault, child, now, actor))
    vault.forget()
    if database.is_sqlite:
        await database.bare("PRAGMA wal_checkpoint(TRUNCATE)")
    return True


def _add_line(path: Path, line: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def _erase(conn: Connection, vault: Vault, child: str, now: datetime, actor: str) -> None:
    wipe(conn, [child])
    event = Event(name="child_erased", at=now, actor=actor, child=child, ground="operator")
    append(conn, vault.audit, [event])


def wipe(conn: Connection, children: list[str]) -> None:
    """Delete the rows about these children, and their keys."""
    conn.execute(delete(OUTBOX).where(OUTBOX.c.child.in_(children)))
    conn.execute(delete(RECORDS).where(RECORDS.c.child.in_(children)))
    conn.execute(delete(CHILDREN).where(CHILDREN.c.id.in_(children)))
    conn.execute(delete(POSTS).where(POSTS.c.role == "cares_for", POSTS.c.area.in_(children)))
    conn.execute(delete(KEYS).where(KEYS.c.name.in_(list(map(child_key, children)))))
