"""Whose is what, in SQL: the same answer as `casework.access.sees`, so that no row leaves unseen by it."""

from typing import Any

from casework.access import COUNTY_KINDS, OPEN_KINDS, OWN_KINDS, Reader, is_asked_of
from casework.records import CheckIn, Child, Person, Record, Referral, Request

_NOBODYS = "1 = 0"


def child_scope(reader: Reader) -> tuple[str, dict[str, Any]]:
    """Which rows of ``children`` are the reader's: a condition, and its values."""
    held = {"worker": reader.workers, "township": reader.townships, "county": reader.counties}
    parts = [f"children.{column} IN :my_{column}[]" for column, mine in held.items() if mine]
    values = {f"my_{column}": sorted(mine) for column, mine in held.items() if mine}
    return f"({' OR '.join(parts)})" if parts else _NOBODYS, values


def scope(reader: Reader, kind: type[Record]) -> tuple[list[str], dict[str, Any]]:
    """Which rows of a kind are the reader's: conditions that must all hold, and their values."""
    if kind is Child:
        if reader.everything:
            return [], {}
        condition, values = child_scope(reader)
        return [condition], values
    of_kind, values = ["records.kind = :kind"], {"kind": kind.kind}
    if reader.everything or kind.kind in OPEN_KINDS:
        return of_kind, values
    values["me"] = reader.person
    if kind is Person:
        return [*of_kind, "(records.person = :me OR records.id = :me)"], values
    if kind.kind in OWN_KINDS:
        return [*of_kind, "records.person = :me"], values
    if kind.kind in COUNTY_KINDS:
        mine = sorted(reader.counties)
        return [*of_kind, "records.area IN :mine[]"], {"kind": kind.kind, "mine": mine}
    condition, held = child_scope(reader)
    theirs = f"EXISTS (SELECT 1 FROM children WHERE children.id = records.child AND {condition})"  # noqa: S608
    if kind is CheckIn:
        return [*of_kind, f"({theirs} OR records.person = :me)"], values | held
    if kind is Referral and reader.contacts:
        values["my_contacts"] = sorted(reader.contacts)
        return [*of_kind, f"({theirs} OR records.person IN :my_contacts[])"], values | held
    if kind is Request and reader.townships:
        values["my_areas"] = sorted(reader.townships)
        asked = "records.area IN :my_areas[] AND records.status = 'waiting'"
        return [*of_kind, f"({theirs} OR {asked})"], values | held
    return [*of_kind, theirs], values | held


def is_theirs(reader: Reader, kind: type[Record], row: Any) -> bool:
    """The same rule for a single row, which must have the child's worker, township and county."""
    if reader.everything or kind.kind in OPEN_KINDS:
        return True
    if kind is Person:
        return reader.person in (row["person"], row["id"])
    if kind.kind in OWN_KINDS:
        return bool(row["person"] == reader.person)
    if kind.kind in COUNTY_KINDS:
        return row["area"] in reader.counties
    if kind is CheckIn and row["person"] == reader.person:
        return True
    if kind is Referral and row["person"] in reader.contacts:
        return True
    if kind is Request and is_asked_of(reader, row["area"], row["status"]):
        return True
    return (
        row["worker"] in reader.workers
        or row["township"] in reader.townships
        or row["county"] in reader.counties
    )
