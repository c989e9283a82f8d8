"""Finding records: every search carries the reader, and "not found" is the same as "not yours"."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, func, or_, select

from casework.access import CLOCK, Reader
from casework.records import KINDS, Child, Escalation, Person, Record
from storage.codec import R
from storage.moments import from_number, to_number
from storage.rows import open_child, open_record
from storage.scope import select_kind
from storage.tables import CHILDREN, POSTS, RECORDS
from storage.vault import Vault

Order = Literal["wake_at", "id", "newest"]


@dataclass(frozen=True, kw_only=True)
class Search:
    """What is looked for; None = whatever it may be. ``area``: a village, township or county."""

    status: Collection[str] | None = None
    child: str | None = None
    person: str | None = None
    area: str | None = None
    number: int | None = None
    limit: int | None = None
    order: Order = "id"


def get(conn: Connection, vault: Vault, reader: Reader, kind: type[R], id: str) -> R | None:
    """The record if it is there and the reader's."""
    table = CHILDREN if kind is Child else RECORDS
    return _one(loaded(conn, vault, kind, select_kind(reader, kind).where(table.c.id == id)))


def _one(found: list[R]) -> R | None:
    return found[0] if found else None


def find(conn: Connection, vault: Vault, reader: Reader, kind: type[R], search: Search) -> list[R]:
    """All of a kind that fit and are the reader's, in order."""
    rows = _narrowed(select_kind(reader, kind), kind, search)
    table = CHILDREN if kind is Child else RECORDS
    if search.order == "wake_at":
        rows = rows.order_by(table.c.wake_at.is_(None), table.c.wake_at, table.c.id)
    elif search.order == "id":
        rows = rows.order_by(table.c.id)
    found = loaded(conn, vault, kind, rows.limit(search.limit) if search.order != "newest" else rows)
    if search.order == "newest":
        found = sorted(found, key=_age, reverse=True)[: search.limit]
    return found


def _age(record: Record) -> tuple[str, str]:
    """By when it began; the columns do not tell, for they would tell an onlooker too."""
    for name in ("at", "opened_at", "changed_at", "closed_at", "due", "registered_on"):
        moment = getattr(record, name, None)
        if moment is not None:
            return moment.isoformat(), record.id
    return "", record.id


def count(conn: Connection, reader: Reader, kind: type[Record], search: Search) -> int:
    """How many `find` would find."""
    return conn.scalar(_narrowed(select_kind(reader, kind, func.count()), kind, search)) or 0


def _narrowed(rows: Select[Any], kind: type[Record], search: Search) -> Select[Any]:
    table = CHILDREN if kind is Child else RECORDS
    if search.status is not None:
        rows = rows.where(table.c.status.in_(sorted(search.status)))
    if search.child is not None:
        rows = rows.where((CHILDREN.c.id if kind is Child else RECORDS.c.child) == search.child)
    if search.person is not None:
        rows = rows.where((CHILDREN.c.worker if kind is Child else RECORDS.c.person) == search.person)
    if search.number is not None:
        rows = rows.where(RECORDS.c.number == search.number)
    return rows if search.area is None else rows.where(_in_area(kind, search.area))


def _in_area(kind: type[Record], area: str) -> Any:
    lies = or_(CHILDREN.c.village == area, CHILDREN.c.township == area, CHILDREN.c.county == area)
    if kind is Child:
        return lies
    if kind.kind == "area":
        return RECORDS.c.area == area
    if kind is Person:
        held = select(POSTS.c.person).where(
            POSTS.c.area == area, POSTS.c.role.not_in(("cares_for", "deputy"))
        )
        return RECORDS.c.id.in_(held)
    return RECORDS.c.child.in_(select(CHILDREN.c.id).where(lies))


def loaded(conn: Connection, vault: Vault, kind: type[R], rows: Select[Any]) -> list[R]:
    """The records in the rows of a select of whole rows."""
    found = conn.execute(rows).mappings().all()
    keys = vault.openers(conn, (row["body"] for row in found))
    if kind is Child:
        return [open_child(row, keys) for row in found]  # type: ignore[misc]
    return [open_record(kind, row, keys) for row in found]


def due(conn: Connection, vault: Vault, now: datetime, limit: int) -> list[Record]:
    """What waits for a moment that has come, of all kinds, the longest waiting first."""
    until = to_number(now)
    where = RECORDS.c.wake_at.is_not(None), RECORDS.c.wake_at <= until
    rows = (
        conn.execute(select(RECORDS).where(*where).order_by(RECORDS.c.wake_at).limit(limit)).mappings().all()
    )
    keys = vault.openers(conn, (row["body"] for row in rows))
    found: list[Record] = [open_record(KINDS[row["kind"]], row, keys) for row in rows]
    asleep = CHILDREN.c.wake_at.is_not(None), CHILDREN.c.wake_at <= until
    found += loaded(
        conn, vault, Child, select(CHILDREN).where(*asleep).order_by(CHILDREN.c.wake_at).limit(limit)
    )
    return sorted(found, key=lambda record: (record.wake_at or now, record.id))[:limit]


def next_wake(conn: Connection) -> datetime | None:
    """The first moment that anything waits for."""
    moments = [
        conn.scalar(select(func.min(table.c.wake_at)).where(table.c.wake_at.is_not(None)))
        for table in (RECORDS, CHILDREN)
    ]
    known = [moment for moment in moments if moment is not None]
    return from_number(min(known)) if known else None


def find_child(
    conn: Connection, vault: Vault, reader: Reader, name: str | None, id_number: str | None
) -> list[Child]:
    """The reader's children of this whole name, or with this identity number: found by keyed index."""
    rows = select_kind(reader, Child)
    if name is not None:
        rows = rows.where(CHILDREN.c.name_index == vault.index("name", name))
    if id_number is not None:
        rows = rows.where(CHILDREN.c.id_number_index == vault.index("id_number", id_number))
    return loaded(conn, vault, Child, rows.order_by(CHILDREN.c.id))


def by_look(conn: Connection, vault: Vault, kind: type[R], look: str) -> R | None:
    """The newest record with this keyed digest, whoever asks: who knows the secret itself may."""
    rows = select_kind(CLOCK, kind).where(RECORDS.c.look == look).order_by(RECORDS.c.status != "open")
    return _one(loaded(conn, vault, kind, rows.limit(1)))


def by_number(conn: Connection, vault: Vault, reader: Reader, number: int) -> Escalation | None:
    """The escalation that people call by this number, if it is the reader's."""
    return _one(find(conn, vault, reader, Escalation, Search(number=number)))
