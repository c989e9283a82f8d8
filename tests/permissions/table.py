"""The rule as officers read it, `docs/permissions.md`: three tables, parsed as they are printed."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
MAY, LATE, NOT = "可", "晚", "–"
Row = Mapping[str, str]


@cache
def _tables() -> tuple[Mapping[str, Row], ...]:
    tables: list[dict[str, Row]] = []
    head: list[str] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            head = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not head:
            head = cells
            tables.append({})
        elif not set(line) <= set("|-"):
            tables[-1][cells[0]] = dict(zip(head[1:], cells[1:], strict=True))
    return tuple(tables)


def people() -> Mapping[str, Row]:
    """Who may do what: by key, each row with ``谁 who`` and a cell for each deed."""
    return _tables()[0]


def states() -> Mapping[str, Row]:
    """What a state of the record does to each deed, for whoever may."""
    return _tables()[1]


def commands() -> Mapping[str, Row]:
    """Which commands are for whom."""
    return _tables()[2]


def expected(who: str, deed: str, state: str) -> str:
    """What is to come of it: 可, 晚 or –."""
    may, after = people()[who][deed], states()[state][deed]
    if NOT in (may, after):
        return NOT
    return LATE if may == LATE else after
