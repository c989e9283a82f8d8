"""Checks a roster as a whole: every row read, every code looked up, every fault noted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.roster.area_rows import AreaReader
from bot.roster.child_rows import ChildReader
from bot.roster.columns import SHEETS
from bot.roster.person_rows import PersonReader
from bot.roster.tables import Findings, Row, Table, tables_of
from casework.policy_models import Policy
from casework.roster import Kept, Roster


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A roster that may be brought in, if ``findings`` have no fault."""

    roster: Roster
    findings: Findings


def checked(
    lines: Iterable[Any],
    kept: Kept,
    *,
    policy: Policy,
    today: date,
    tick: Callable[[], None] = lambda: None,
) -> Checked:
    """The rows that the reading process gave, checked against each other and against what is kept.

    ``today`` is the day in the county; ``tick`` is called once per row.
    """
    found = Findings()
    tables = tables_of(lines, found)
    areas = AreaReader(kept)
    people = PersonReader(kept, areas, policy, today)
    children = ChildReader(kept, areas, people, policy, today)
    _read(tables.get("areas"), areas.take, found, tick)
    areas.finish()
    _read(tables.get("people"), people.take, found, tick)
    people.finish()
    _read(tables.get("children"), children.take, found, tick)
    order = {table.title: [s.name for s in SHEETS].index(table.sheet.name) for table in tables.values()}
    found.faults.sort(key=lambda f: (order.get(f.sheet, -1), f.row or 0, f.column or 0))
    roster = Roster(
        areas=tuple(areas.rows) if "areas" in tables else None,
        people=tuple(people.rows) if "people" in tables else None,
        children=tuple(children.rows) if "children" in tables else None,
    )
    return Checked(roster=roster, findings=found)


def _read(
    table: Table | None, take: Callable[[Row], None], found: Findings, tick: Callable[[], None]
) -> None:
    for cells in table.rows if table else ():
        if any(cell is not None and str(cell).strip() for cell in cells[1:]):
            take(Row(table, cells, found))  # type: ignore[arg-type]  # rows come from a table
        tick()
