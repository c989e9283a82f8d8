"""Single records as they are kept, found by key: the reads of every step of a conversation.

The row is read each time, so that nobody ever decides on what has changed meanwhile; what is remembered is
only what a row's sealed body says when it is opened, under the whole row as it stands.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from casework.access import Reader
from casework.records import Child, R, Record, at_version
from storage.rows import Row, open_child, open_record
from storage.scope import is_theirs
from storage.statements import selecting
from storage.tables import CHILDREN, RECORDS
from storage.vault import Vault

REMEMBERED = 4_096
LARGEST = 65_536  # bytes of a sealed body that is worth remembering
_WIDTH = len(RECORDS.columns)
_IN_ORDER = {
    table.name: itemgetter(*(column.name for column in table.columns)) for table in (CHILDREN, RECORDS)
}

_CHILD = selecting(CHILDREN, "FROM children WHERE id = :id")
_RECORD = selecting(
    RECORDS, ", c.worker, c.township, c.county FROM records LEFT JOIN children c ON c.id = records.child "
    "WHERE records.kind = :kind AND records.id = :id",
)  # fmt: skip
_RECORDS = selecting(RECORDS, "FROM records WHERE kind = :kind AND id IN :ids[]")
_CHILDREN = selecting(CHILDREN, "FROM children WHERE id IN :ids[]")
_MIXED = selecting(
    RECORDS, ", c.worker, c.township, c.county FROM records LEFT JOIN children c ON c.id = records.child "
    "WHERE records.kind IN :kinds[] AND records.id IN :ids[]",
)  # fmt: skip
Asked = tuple[Reader, type[Record], str]  # in whose name, which kind, which id


def get(conn: Connection, vault: Vault, reader: Reader, kind: type[R], id: str) -> R | None:
    """The record if it is there and the reader's."""
    row = _CHILD.first(conn, id=id) if kind is Child else _RECORD.first(conn, kind=kind.kind, id=id)
    if row is None or not is_theirs(reader, kind, row):
        return None
    return opened(conn, vault, kind, row)


def several(conn: Connection, vault: Vault, asked: Sequence[Asked]) -> Mapping[Asked, Record | None]:
    """What `get` finds for each of them."""
    children = sorted({id for _, kind, id in asked if kind is Child})
    others = [(kind.kind, id) for _, kind, id in asked if kind is not Child]
    rows: dict[tuple[str, str], Any] = {}
    if children:
        rows = {(Child.kind, row["id"]): row for row in _CHILDREN.rows(conn, ids=children)}
    if others:
        kinds, ids = (sorted(set(column)) for column in zip(*others, strict=True))
        rows |= {(row["kind"], row["id"]): row for row in _MIXED.rows(conn, kinds=kinds, ids=ids)}
    found: dict[Asked, Record | None] = {}
    for reader, kind, id in asked:
        row = rows.get((kind.kind, id))
        theirs = row is not None and is_theirs(reader, kind, row)
        found[reader, kind, id] = opened(conn, vault, kind, row) if theirs else None
    return found


def records(conn: Connection, vault: Vault, kind: type[R], ids: Iterable[str]) -> Sequence[R]:
    """These records of a kind, whoever asks."""
    wanted = sorted(set(ids))
    rows = _RECORDS.rows(conn, kind=kind.kind, ids=wanted) if wanted else ()
    return [opened(conn, vault, kind, row) for row in rows]


def opened(conn: Connection, vault: Vault, kind: type[R], row: Any) -> R:
    """The record in a row whose first columns are the table's. Raises `Tampered`."""
    known = vault.opened
    whole = tuple(row)[: len(CHILDREN.columns) if kind is Child else _WIDTH]
    found = known.get(whole)
    if found is None:
        keys = vault.openers(conn, (row["body"],))
        found = open_child(row, keys) if kind is Child else open_record(kind, row, keys)
        _keep(vault, whole, found)
    else:
        known.move_to_end(whole)
    assert isinstance(found, kind)
    return found


def remember(vault: Vault, record: Record, row: Row) -> None:
    """What was just sealed into ``row`` need not be opened when the row is read.

    Should the row never be committed, nobody reads one with this body: no two are sealed alike.
    """
    table = CHILDREN if isinstance(record, Child) else RECORDS
    _keep(vault, _IN_ORDER[table.name](row), at_version(record, row["version"]))


def _keep(vault: Vault, whole: tuple[Any, ...], record: object) -> None:
    if len(whole[-1]) > LARGEST:  # a part of a file: rarely looked at, and memory is small
        return
    vault.opened[whole] = record
    if len(vault.opened) > REMEMBERED:
        vault.opened.popitem(last=False)
