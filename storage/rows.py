"""Records as rows: the plain columns, with the sealed body bound to every one of them."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from sqlalchemy import RowMapping

from casework.records import (
    Area,
    Child,
    Escalation,
    Invite,
    Matter,
    Person,
    R,
    Record,
    Referral,
    Request,
    Vacancy,
)
from storage.codec import load, place
from storage.keys import DataKey
from storage.moments import to_optional
from storage.vault import Vault, open_with

Row = dict[str, Any]
Kept = Mapping[str, Any] | RowMapping  # a row as it was read


def child_row(child: Child, vault: Vault) -> Row:
    """The plain columns of a child."""
    return {
        "id": child.id,
        "village": child.village,
        "township": child.township,
        "county": child.county,
        "worker": child.worker,
        "status": child.status,
        "name_index": vault.index("name", child.name),
        "id_number_index": vault.index("id_number", child.id_number) if child.id_number else None,
        "wake_at": to_optional(child.wake_at),
        "version": child.version + 1,
    }


def record_row(record: Record) -> Row:
    """The plain columns of any other record."""
    return {
        "kind": record.kind,
        "id": record.id,
        "child": record.child,
        "person": record.person,
        "area": _area_of(record),
        "status": record.status,
        "wake_at": to_optional(record.wake_at),
        "number": record.number if isinstance(record, Escalation | Matter | Referral) else None,
        "look": record.digest if isinstance(record, Invite) else None,
        "version": record.version + 1,
    }


def _area_of(record: Record) -> str | None:
    """Where it lies, for those that are found by that."""
    if isinstance(record, Area):
        return record.parent
    if isinstance(record, Request):
        return record.area
    return record.county if isinstance(record, Vacancy) else None


_CHILD = itemgetter(
    "id", "village", "township", "county", "worker", "status", "name_index", "id_number_index", "wake_at",
    "version",
)  # fmt: skip
_RECORD = itemgetter(
    "kind", "id", "child", "person", "area", "status", "wake_at", "number", "look", "version"
)


def child_place(row: Kept) -> bytes:
    """What a child's body is bound to: table, column, and every plain column of its row."""
    return place("children", "body", *_CHILD(row))


def record_place(row: Kept) -> bytes:
    """The same, of another record."""
    return place("records", "body", *_RECORD(row))


def open_child(row: Kept, keys: Mapping[int, DataKey]) -> Child:
    """The child in a row. Raises `Tampered`."""
    return load(Child, open_with(keys, row["body"], child_place(row)), row["version"])


def open_record(kind: type[R], row: Kept, keys: Mapping[int, DataKey]) -> R:
    """The record in a row. Raises `Tampered`."""
    return load(kind, open_with(keys, row["body"], record_place(row)), row["version"])


def posts_of(person: Person) -> list[Row]:
    """What others find a person by: posts, children cared for, and who stands in for this person."""
    deputies = {person.deputy, person.leave.deputy if person.leave else None} - {None}
    found: list[tuple[str, str, str]] = [(post.role, person.id, post.area) for post in person.posts]
    found += [("cares_for", person.id, child) for child in person.cares_for]
    found += [("deputy", str(deputy), person.id) for deputy in sorted(map(str, deputies))]
    return [
        {"owner": person.id, "role": role, "person": who, "area": area}
        for role, who, area in dict.fromkeys(found)
    ]
