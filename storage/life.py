"""The life of the process: heartbeats, small facts, lengths of queues."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.moments import from_number, to_number
from storage.tables import BEATS, INBOX, META, OUTBOX


@dataclass(frozen=True, kw_only=True)
class Status:
    """How many rows wait, and since when the oldest does."""

    inbox_open: int
    inbox_parked: int
    inbox_held: int
    inbox_oldest: datetime | None
    outbox_waiting: int
    outbox_dead: int
    outbox_held: int

    @property
    def lengths(self) -> dict[str, int]:
        """What is measured, by name."""
        return {
            "inbox": self.inbox_open,
            "inbox_parked": self.inbox_parked,
            "outbox": self.outbox_waiting,
            "outbox_dead": self.outbox_dead,
        }


def beat(conn: Connection, loop: str, now: datetime) -> None:
    """Note that a loop lives."""
    make = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    at = to_number(now)
    conn.execute(
        make(BEATS).on_conflict_do_update(index_elements=["loop"], set_={"at": at}), {"loop": loop, "at": at}
    )


def beats(conn: Connection) -> dict[str, datetime]:
    """The last beat of each loop."""
    return {row.loop: from_number(row.at) for row in conn.execute(select(BEATS))}


def note(conn: Connection, name: str, value: str) -> None:
    """Keep a small plain fact."""
    make = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    body = value.encode()
    row = {"name": f"note:{name}", "value": body}
    conn.execute(make(META).on_conflict_do_update(index_elements=["name"], set_={"value": body}), row)


def noted(conn: Connection, name: str) -> str | None:
    """The fact kept under a name."""
    value = conn.scalar(select(META.c.value).where(META.c.name == f"note:{name}"))
    return None if value is None else bytes(value).decode()


def forget(conn: Connection, name: str) -> None:
    """No longer keep that fact."""
    conn.execute(delete(META).where(META.c.name == f"note:{name}"))


def status(conn: Connection) -> Status:
    """Lengths and ages of the queues."""
    came: dict[str, tuple[int, int]] = {
        row[0]: (row[1], row[2]) for row in conn.execute(_by_state_with_age())
    }
    by_state = select(OUTBOX.c.state, func.count()).group_by(OUTBOX.c.state)
    goes: dict[str, int] = {row[0]: row[1] for row in conn.execute(by_state)}
    waiting = came.get("open")
    return Status(
        inbox_open=waiting[0] if waiting else 0,
        inbox_parked=came["parked"][0] if "parked" in came else 0,
        inbox_held=came["held"][0] if "held" in came else 0,
        inbox_oldest=from_number(waiting[1]) if waiting else None,
        outbox_waiting=goes.get("new", 0) + goes.get("sending", 0),
        outbox_dead=goes.get("dead", 0),
        outbox_held=goes.get("held", 0),
    )


def _by_state_with_age() -> Select[Any]:
    rows = select(INBOX.c.state, func.count(), func.min(INBOX.c.received_at))
    return rows.where(INBOX.c.state != "done").group_by(INBOX.c.state)
