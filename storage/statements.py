"""Statements of the busiest paths in plain SQL, run on the driver itself: a fifth of SQLAlchemy's CPU."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Table
from sqlalchemy.util import await_only

T = TypeVar("T")
Values = Mapping[str, Any]
_PAGE = 2_000  # rows
_NAME = re.compile(r"\bIN :(\w+)\[\]|:(\w+)")


class Statement:
    """SQL that both databases take, with ``:name`` for a value and ``IN :names[]`` for any of a list.

    Made of what the program itself says: no value ever becomes part of the SQL. Rows are read by column name,
    ``row["name"]``. Runs on a connection that `Database` handed out.
    """

    def __init__(self, sql: str) -> None:
        self._sqlite_names: list[tuple[str, bool]] = []
        self._sqlite = _NAME.sub(self._question_mark, sql)
        self._names: list[str] = []
        self._postgres = _NAME.sub(self._dollar, sql)

    def _question_mark(self, found: re.Match[str]) -> str:
        self._sqlite_names.append((found[1] or found[2], found[1] is not None))
        return "IN (SELECT value FROM json_each(?))" if found[1] else "?"

    def _dollar(self, found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in self._names:
            self._names.append(name)
        number = 1 + self._names.index(name)
        return f"= ANY(${number})" if found[1] else f"${number}"

    def rows(self, conn: Connection, **values: Any) -> Sequence[Any]:
        """What it selects or returns, all of it."""
        raw = _raw(conn)
        if isinstance(raw, sqlite3.Connection):
            cursor = raw.cursor()
            cursor.row_factory = sqlite3.Row
            return cursor.execute(self._sqlite, self._for_sqlite(values)).fetchall()
        found: Sequence[Any] = await_only(raw.fetch(self._postgres, *self._for_postgres(values)))
        return found

    def pages(self, conn: Connection, **values: Any) -> Generator[Sequence[Any], None, None]:
        """The same of very many, some at a time, all of one moment; to be closed where it is not read out."""
        raw = _raw(conn)
        if isinstance(raw, sqlite3.Connection):
            lines = raw.cursor()
            lines.row_factory = sqlite3.Row
            lines.execute(self._sqlite, self._for_sqlite(values))
            while page := lines.fetchmany(_PAGE):
                yield page
            return
        reading = raw.transaction(readonly=True)
        await_only(reading.start())
        try:
            cursor = await_only(raw.cursor(self._postgres, *self._for_postgres(values)))
            while page := await_only(cursor.fetch(_PAGE)):
                yield page
        finally:
            await_only(reading.rollback())

    def first(self, conn: Connection, **values: Any) -> Any:
        """Its first row; None where there is none."""
        found = self.rows(conn, **values)
        return found[0] if found else None

    def run(self, conn: Connection, many: Iterable[Values]) -> None:
        """Run it for each of ``many``."""
        raw = _raw(conn)
        if isinstance(raw, sqlite3.Connection):
            raw.executemany(self._sqlite, [self._for_sqlite(values) for values in many])
        else:
            await_only(raw.executemany(self._postgres, [self._for_postgres(values) for values in many]))

    def returned(self, conn: Connection, many: Iterable[Values]) -> Sequence[Any]:
        """Run it for each of ``many``; the rows that all of them return, in order."""
        raw = _raw(conn)
        if isinstance(raw, sqlite3.Connection):
            cursor = raw.cursor()
            cursor.row_factory = sqlite3.Row
            return [
                row
                for values in many
                for row in cursor.execute(self._sqlite, self._for_sqlite(values)).fetchall()
            ]
        rows = [self._for_postgres(values) for values in many]
        found: Sequence[Any] = await_only(raw.fetchmany(self._postgres, rows))
        return found

    def _for_sqlite(self, values: Values) -> list[Any]:
        return [
            orjson.dumps(list(values[name])).decode() if listed else values[name]
            for name, listed in self._sqlite_names
        ]

    def _for_postgres(self, values: Values) -> list[Any]:
        return [values[name] for name in self._names]


def inserting(table: Table, *, rest: str = "") -> Statement:
    """An insert of whole rows of ``table``; numbers that count up by themselves are left out."""
    names = [column.name for column in table.columns if column is not table.autoincrement_column]
    marks = ", ".join(f":{name}" for name in names)
    return Statement(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}) {rest}")  # noqa: S608


def keeping(table: Table) -> Statement:
    """An insert of a whole row, or an update of the one with its key."""
    keys = [column.name for column in table.primary_key]
    values = ", ".join(f"{c.name} = excluded.{c.name}" for c in table.columns if c.name not in keys)
    return inserting(table, rest=f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {values}")


def changing(table: Table) -> Statement:
    """An update of a whole row, found by its key."""
    keys = [column.name for column in table.primary_key]
    values = ", ".join(f"{c.name} = :{c.name}" for c in table.columns if c.name not in keys)
    found = " AND ".join(f"{key} = :{key}" for key in keys)
    return Statement(f"UPDATE {table.name} SET {values} WHERE {found}")  # noqa: S608


def selecting(table: Table, rest: str) -> Statement:
    """A select of whole rows of ``table``; ``rest`` goes on after its columns."""
    columns = ", ".join(f"{table.name}.{column.name}" for column in table.columns)
    return Statement(f"SELECT {columns} {rest}")


def selecting_all(table: Table, *rests: str) -> Statement:
    """The rows of several selects of ``table``, one after another, in one statement."""
    columns = ", ".join(f"{table.name}.{column.name}" for column in table.columns)
    return Statement(" UNION ALL ".join(f"SELECT {columns} {rest}" for rest in rests))


def aside(conn: Connection, work: Callable[[], T]) -> T:
    """What takes its time, in a thread: on SQLite we are in one already, on PostgreSQL on the event loop."""
    if isinstance(_raw(conn), sqlite3.Connection):
        return work()
    done: T = await_only(asyncio.to_thread(work))
    return done


def _raw(conn: Connection) -> Any:
    return conn.connection.driver_connection
