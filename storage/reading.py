"""Finding records: every search carries the reader, and "not found" is the same as "not yours"."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, Table

from casework.access import CLOCK, Reader
from casework.records import KINDS, Area, Child, Person, R, Record, Vacancy
from storage import kept
from storage.legible import legible
from storage.moments import from_number, to_number
from storage.rows import open_child, open_record
from storage.scope import scope
from storage.statements import Statement, aside, selecting
from storage.tables import CHILDREN, RECORDS
from storage.vault import Vault

Order = Literal["wake_at", "id", "newest"]
Keep = Callable[[R], bool]
Where = tuple[list[str], dict[str, Any]]  # conditions that must all hold, and their values
_FEW = 100  # rows that are worth remembering when they are opened
_UNSEEN = " || ''"  # makes an expression of a column, for which SQLite chooses no index
_STAFF = "('cares_for', 'deputy')"


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


def table_of(kind: type[Record]) -> Table:
    """Where records of a kind are kept."""
    return CHILDREN if kind is Child else RECORDS


@lru_cache(maxsize=512)
def _statement(table: Table, conditions: tuple[str, ...], rest: str, counting: bool) -> Statement:
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    whole = f"FROM {table.name}{where}{rest}"
    return Statement(f"SELECT count(*) AS found {whole}") if counting else selecting(table, whole)


def find(
    conn: Connection, vault: Vault, reader: Reader, kind: type[R], search: Search, keep: Keep[R] | None = None
) -> list[R]:
    """All of a kind that fit and are the reader's, in order.

    With ``keep`` those of them for which it holds: a history is long, and is read some at a time.
    """
    conditions, values = _narrowed(reader, kind, search)
    name = table_of(kind).name
    rest = {
        "wake_at": f" ORDER BY {name}.wake_at IS NULL, {name}.wake_at, {name}.id",
        "id": f" ORDER BY {name}.id{_UNSEEN}",  # or SQLite walks a whole kind to have it in this order
        "newest": "",
    }[search.order]
    if search.limit is not None and search.order != "newest":
        rest, values = f"{rest} LIMIT :most", values | {"most": search.limit}
    statement = _statement(table_of(kind), tuple(conditions), rest, False)
    if keep is None:
        found = _opened(conn, vault, kind, statement.rows(conn, **values))
    else:
        with closing(statement.pages(conn, **values)) as pages:
            found = [record for page in pages for record in _opened(conn, vault, kind, page, keep)]
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
    conditions, values = _narrowed(reader, kind, search)
    row = _statement(table_of(kind), tuple(conditions), "", True).first(conn, **values)
    return int(row["found"])


def _narrowed(reader: Reader, kind: type[Record], search: Search) -> Where:
    conditions, values = scope(reader, kind)
    child = kind is Child
    for column, wanted in (
        ("children.id" if child else "records.child", search.child),
        ("children.worker" if child else "records.person", search.person),
        ("records.number", search.number),
    ):
        if wanted is not None:
            name = column.replace(".", "_")
            conditions, values = [*conditions, f"{column} = :{name}"], values | {name: wanted}
    if search.status is not None:
        # As an expression where there is a child: a child has few records, a status has many.
        found = f"{table_of(kind).name}.status{_UNSEEN if search.child else ''}"
        conditions = [*conditions, f"{found} IN :statuses[]"]
        values = values | {"statuses": sorted(search.status)}
    if search.area is not None:
        conditions, values = [*conditions, _in_area(kind)], values | {"area": search.area}
    return conditions, values


def _in_area(kind: type[Record]) -> str:
    lies = "(children.village = :area OR children.township = :area OR children.county = :area)"
    if kind is Child:
        return lies
    if kind in (Area, Vacancy):
        return "records.area = :area"
    if kind is Person:
        held = f"SELECT person FROM posts WHERE posts.area = :area AND posts.role NOT IN {_STAFF}"  # noqa: S608
        return f"records.id IN ({held})"
    return f"records.child IN (SELECT children.id FROM children WHERE {lies})"  # noqa: S608


def loaded(conn: Connection, vault: Vault, kind: type[R], where: Where, rest: str = "") -> list[R]:
    """The records of one table that fit."""
    conditions, values = where
    rows = _statement(table_of(kind), tuple(conditions), rest, False).rows(conn, **values)
    return _opened(conn, vault, kind, rows)


def _opened(
    conn: Connection, vault: Vault, kind: type[R], rows: Sequence[Any], keep: Keep[R] | None = None
) -> list[R]:
    if len(rows) <= _FEW:
        few = [kept.opened(conn, vault, kind, row) for row in rows]
        return few if keep is None else [record for record in few if keep(record)]
    keys = vault.openers(conn, (row["body"] for row in rows))

    def opened() -> list[R]:
        many: Iterator[R] = (
            (open_child(row, keys) for row in rows)  # type: ignore[misc]
            if kind is Child
            else (open_record(kind, row, keys) for row in rows)
        )
        return list(many) if keep is None else [record for record in many if keep(record)]

    return aside(conn, opened)


_DUE = " ORDER BY wake_at LIMIT :most"


def due(conn: Connection, vault: Vault, now: datetime, limit: int) -> list[Record]:
    """What waits for a moment that has come, of all kinds, the longest waiting first.

    What others have altered and does not open is left out, and takes nobody's place.
    """
    values = {"until": to_number(now), "most": limit}
    conditions = ("wake_at IS NOT NULL", "wake_at <= :until")
    while True:
        rows = [
            row
            for table in (RECORDS, CHILDREN)
            for row in _statement(table, conditions, _DUE, False).rows(conn, **values)
        ]
        found = legible(rows, lambda some: _opened_of_any_kind(conn, vault, some))
        if len(found) >= limit or len(rows) < values["most"]:
            return sorted(found, key=lambda record: (record.wake_at or now, record.id))[:limit]
        values["most"] += len(rows) - len(found)


def _opened_of_any_kind(conn: Connection, vault: Vault, rows: Sequence[Any]) -> list[Record]:
    keys = vault.openers(conn, (row["body"] for row in rows))
    return [
        open_record(KINDS[row["kind"]], row, keys) if "kind" in row.keys() else open_child(row, keys)  # noqa: SIM118
        for row in rows
    ]


_NEXT = [
    Statement(f"SELECT min(wake_at) AS moment FROM {table.name} WHERE wake_at IS NOT NULL")  # noqa: S608
    for table in (RECORDS, CHILDREN)
]


def next_wake(conn: Connection) -> datetime | None:
    """The first moment that anything waits for."""
    moments = [statement.first(conn)["moment"] for statement in _NEXT]
    known = [moment for moment in moments if moment is not None]
    return from_number(min(known)) if known else None


def about(conn: Connection, vault: Vault, child: str) -> list[Record]:
    """All records of any kind about a child, whoever asks; the child's own file is not one of them."""
    rows = _statement(RECORDS, ("records.child = :child",), " ORDER BY kind, id", False).rows(
        conn, child=child
    )
    return _opened_of_any_kind(conn, vault, rows)


def find_child(
    conn: Connection, vault: Vault, reader: Reader, name: str | None, id_number: str | None
) -> list[Child]:
    """The reader's children of this whole name, or with this identity number: found by keyed index."""
    conditions, values = scope(reader, Child)
    for column, wanted in (("name", name), ("id_number", id_number)):
        if wanted is not None:
            conditions = [*conditions, f"children.{column}_index = :{column}"]
            values = values | {column: vault.index(column, wanted)}
    return loaded(conn, vault, Child, (conditions, values), " ORDER BY children.id")


def by_look(conn: Connection, vault: Vault, kind: type[R], look: str) -> R | None:
    """The newest record with this keyed digest, whoever asks: who knows the secret itself may."""
    conditions, values = scope(CLOCK, kind)
    where = [*conditions, "records.look = :look"], values | {"look": look}
    found = loaded(
        conn, vault, kind, where, " ORDER BY CASE WHEN records.status = 'open' THEN 0 ELSE 1 END LIMIT 1"
    )
    return found[0] if found else None


def by_number(conn: Connection, vault: Vault, reader: Reader, kind: type[R], number: int) -> R | None:
    """The escalation, matter or referral that people call by this number, if it is the reader's."""
    found = find(conn, vault, reader, kind, Search(number=number))
    return found[0] if found else None
