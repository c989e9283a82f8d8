"""Reads the sheet of areas: counties, townships and villages, each in the one above it."""

from dataclasses import dataclass

from bot.roster.cells import code
from bot.roster.codes import Codes
from bot.roster.column import folded
from bot.roster.columns import LEVEL_WORDS, LEVELS
from bot.roster.faults import Either
from bot.roster.tables import Row
from casework.roster import AreaRow, Kept, Level

PARENT_LEVEL: dict[Level, Level | None] = {"county": None, "township": "county", "village": "township"}


@dataclass(frozen=True, kw_only=True)
class _Read:
    row: Row
    code: str
    name: str
    level: Level | None
    parent: str | None


class AreaReader:
    """Takes row by row.

    ``levels`` are those of all known areas, kept and in the file; None = the file's is at fault.
    """

    def __init__(self, kept: Kept) -> None:
        self.codes = Codes(kept.areas)
        self.levels: dict[str, Level | None] = {known: area.level for known, area in kept.areas.items()}
        self.rows: list[AreaRow] = []
        self._kept = kept.areas
        self._read: list[_Read] = []

    def take(self, row: Row) -> None:
        """One row of the sheet."""
        own = self.codes.own(row)
        name = row.text("name", needed=True) or ""
        level = row.word("level", LEVEL_WORDS, folded, LEVELS, needed=True)
        parent = row.take("parent", code)
        if own is None:
            return
        before = self._kept.get(own)
        if before and level and before.level != level:
            row.fault("level", "roster.level_changed", code=own)
        self.levels[own] = level
        self._read.append(_Read(row=row, code=own, name=name, level=level, parent=parent))

    def finish(self) -> None:
        """Parents may stand below what lies in them, so they are looked up last."""
        for read in self._read:
            parent = self._parent(read)
            if not read.row.bad and read.level:
                self.rows.append(AreaRow(code=read.code, name=read.name, level=read.level, parent=parent))

    def _parent(self, read: _Read) -> str | None:
        row, given = read.row, read.parent
        if row.bad or read.level is None:
            return None
        wanted = PARENT_LEVEL[read.level]
        if wanted is None:
            if given:
                row.fault("parent", "roster.county_has_parent")
            return None
        if given is None:
            row.fault("parent", "roster.parent_missing", level=Either(zh=LEVELS[wanted], en=wanted))
            return None
        known = self.codes.resolve(given, row, "parent")
        if known is None:
            row.fault("parent", "roster.unknown_area", code=given)
        elif self.levels[known] not in (wanted, None):
            row.fault("parent", "roster.wrong_parent", code=known, level=Either(zh=LEVELS[wanted], en=wanted))
        return known
