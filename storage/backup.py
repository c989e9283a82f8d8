"""Writing a backup: one snapshot of either database as a stream of sealed chunks, while others work on.

The format knows no database: a copy of SQLite may be restored into PostgreSQL, and back (`restoring`). It
carries the children's wrapped data keys, so that one file and SECRET_KEYS are all that a restore needs;
how erasure reaches older files is told in `erased_list`.
"""

from binascii import b2a_base64
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import LargeBinary, Table, select

from storage.database import Database
from storage.migrating import newest
from storage.sealed_file import Writer
from storage.tables import METADATA
from storage.vault import Vault

ROWS = 200  # of which each may be a part of a file, near 200 kB


async def backup(database: Database, vault: Vault, path: Path, now: datetime) -> None:
    """See `Keeping.backup`."""
    writer = Writer(path, vault.ring, {"shape": newest(), "taken": now.isoformat()})
    try:
        async with database.snapshot() as conn:
            for table in METADATA.sorted_tables:
                head = {
                    "table": table.name,
                    "columns": [c.name for c in table.columns],
                    "bytes": _bytes(table),
                }
                rows = await conn.stream(select(table))
                async for part in rows.partitions(ROWS):
                    writer.chunk({**head, "rows": _written(part, head["bytes"])})
        writer.finish()
    except BaseException:
        writer.give_up()
        raise


def _bytes(table: Table) -> list[int]:
    """Which columns hold bytes: they are written in base64."""
    return [n for n, column in enumerate(table.columns) if isinstance(column.type, LargeBinary)]


def _written(rows: Iterable[Sequence[Any]], binary: Any) -> list[list[Any]]:
    written = [list(row) for row in rows]
    for row in written:
        for n in binary:
            if row[n] is not None:
                row[n] = b2a_base64(row[n], newline=False).decode()
    return written
