"""Databases as earlier versions of this program left them, row by row, in the middle of work.

0001: a worker has reported a danger (one alert, on its way to the officers) and stands in the middle of the
next visit record; an update of hers is received and not handled. Key and people are those of
`tests.conversations.county`.
"""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, MetaData, func, select, text

from storage.database import Database
from storage.migrating import _config

Rows = dict[str, list[dict[str, Any]]]


def rows_of(shape: str) -> Rows:
    """All rows, by table."""
    found: Rows = json.loads((Path(__file__).parent / f"{shape}.json").read_text(encoding="utf-8"))
    return {
        table: [{name: _value(name, value) for name, value in row.items()} for row in rows]
        for table, rows in found.items()
    }


def _value(name: str, value: Any) -> Any:
    if name == "ambiguous":
        return bool(value)
    return b64decode(value["b"]) if isinstance(value, dict) else value


async def lay_down(url: str, shape: str) -> None:
    """Make the database at ``url`` what it was at that shape, with the tables that its migrations made."""
    database = Database(url)
    await database.write_long(lambda conn: _lay_down(conn, shape))
    await database.close()


def _lay_down(conn: Connection, shape: str) -> None:
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, shape)
    tables = MetaData()
    tables.reflect(conn)
    for name, rows in rows_of(shape).items():
        if rows:
            conn.execute(tables.tables[name].insert(), rows)
    if conn.dialect.name == "postgresql":
        for name, column in (("keys", "no"), ("inbox", "seq"), ("outbox", "seq")):
            last = conn.scalar(select(func.max(tables.tables[name].c[column])))
            conn.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', '{column}'), {last})"))
