"""Reads the further columns of the sheet of children, and what of them can't be so together."""

from collections.abc import Mapping

from bot.roster.cells import phone, several
from bot.roster.column import folded
from bot.roster.fact_columns import FACTS_BY_COLUMN, LABELS, NOT_COLLECTED_WORDS, WORDS
from bot.roster.tables import Row
from casework.facts import UNKNOWN, Fact

_LONGEST_NAME = 40


def read_facts(row: Row) -> dict[str, str]:
    """What the row says of these columns, by fact: only of cells in which there is something."""
    found: dict[str, str] = {}
    for key in row.table.columns:
        fact = FACTS_BY_COLUMN.get(key)
        text = row.text(key) if fact is not None and row.filled(key) else None
        if fact is None or not text:
            continue
        if folded(text) in NOT_COLLECTED_WORDS:
            found[key] = UNKNOWN if fact.choices else ""
        elif (value := _value(row, fact, text)) is not None:
            found[key] = value
    _contradictions(row, found)
    return found


def _value(row: Row, fact: Fact, text: str) -> str | None:
    """None where the cell is at fault."""
    if fact.kind == "phone":
        return row.take(fact.key, phone)
    if not fact.choices:
        return text[:_LONGEST_NAME]
    words, labels = WORDS[fact.choices], LABELS[fact.choices]
    if fact.kind == "choice" or folded(text) in words:
        return row.word(fact.key, words, folded, labels)
    chosen = row.words(fact.key, words, folded, labels)
    if "none" in chosen and len(several(text)) > 1:
        row.fault(fact.key, "roster.none_with_others")
    return " ".join(chosen) or None


def _contradictions(row: Row, found: Mapping[str, str]) -> None:
    """What one row says of a family and cannot be so; the same as the forms refuse."""
    away = [found.get(who) not in ("home", None, UNKNOWN) for who in ("father", "mother")]
    if found.get("carer") == "parent" and all(away):
        row.fault("carer", "roster.no_parent_home")
    guardian = row.text("guardian") or ""
    for who in ("father", "mother"):
        if found.get(who) == "dead" and found.get(f"{who}_phone"):
            row.fault(f"{who}_phone", "roster.dead_phone")
        stranger = found.get("carer") not in ("parent", None, UNKNOWN)
        if stranger and guardian and guardian == found.get(f"{who}_name"):
            row.fault("guardian", "roster.carer_is_parent")
        for part in (f"{who}_able", f"{who}_why"):
            if found.get(part, UNKNOWN) != UNKNOWN and found.get(who, "home") not in ("home", UNKNOWN):
                row.warn(part, "roster.only_at_home")
