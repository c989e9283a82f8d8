"""Running numbers of documents: each series counts from 1; numbers may be left out, never given twice."""

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.tables import META

_SERIES = "number:"
AFTER_RESTORE = 100  # numbers of a series that were given since the backup, at most: none of them comes again


def next_number(conn: Connection, series: str) -> int:
    """The next number. Who asks at the same moment waits for the row, and gets the one after."""
    make = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    name = _SERIES + series
    conn.execute(make(META).on_conflict_do_nothing(), {"name": name, "value": b"0"})
    last = conn.scalar(select(META.c.value).where(META.c.name == name).with_for_update())
    number = int(bytes(last or b"0")) + 1
    conn.execute(update(META).where(META.c.name == name).values(value=str(number).encode()))
    return number


def skip_ahead(conn: Connection) -> None:
    """After a restore: nobody knows which numbers were given since the backup and stand on papers."""
    for row in conn.execute(select(META).where(META.c.name.startswith(_SERIES, autoescape=True))).all():
        number = int(bytes(row.value)) + AFTER_RESTORE
        conn.execute(update(META).where(META.c.name == row.name).values(value=str(number).encode()))
