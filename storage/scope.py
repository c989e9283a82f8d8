"""Whose is what, in SQL: the same answer as `casework.access.sees`, so that no row leaves unseen by it."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from casework.access import OPEN_KINDS, OWN_KINDS, Reader
from casework.records import CheckIn, Child, Person, Record
from storage.tables import CHILDREN, RECORDS


def child_scope(reader: Reader) -> ColumnElement[bool]:
    """Which rows of ``children`` are the reader's."""
    if reader.everything:
        return true()
    parts: list[ColumnElement[bool]] = []
    if reader.workers:
        parts.append(CHILDREN.c.worker.in_(sorted(reader.workers)))
    if reader.townships:
        parts.append(CHILDREN.c.township.in_(sorted(reader.townships)))
    if reader.counties:
        parts.append(CHILDREN.c.county.in_(sorted(reader.counties)))
    return or_(*parts) if parts else false()


def select_kind(reader: Reader, kind: type[Record], *columns: Any) -> Select[Any]:
    """Select from the rows of a kind that are the reader's; all columns unless some are named."""
    if kind is Child:
        return select(*(columns or (CHILDREN,))).select_from(CHILDREN).where(child_scope(reader))
    rows = select(*(columns or (RECORDS,))).where(RECORDS.c.kind == kind.kind)
    if reader.everything or kind.kind in OPEN_KINDS:
        return rows
    if kind is Person:
        return rows.where(or_(RECORDS.c.person == reader.person, RECORDS.c.id == reader.person))
    if kind.kind in OWN_KINDS:
        return rows.where(RECORDS.c.person == reader.person)
    theirs = select(CHILDREN.c.id).where(CHILDREN.c.id == RECORDS.c.child, child_scope(reader)).exists()
    if kind is CheckIn:
        return rows.where(or_(theirs, RECORDS.c.person == reader.person))
    return rows.where(and_(RECORDS.c.child.is_not(None), theirs))
