"""What is wrong with a roster, cell by cell, and how it is said."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from bot.commands.words import say

MOST_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Either:
    """A value that is a word itself, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong. ``row`` and ``column`` count from 1 as in Excel; None = all of it.

    ``key`` names the sentence that says what is wrong and what would be right; ``values`` fill it.
    """

    sheet: str
    key: str
    row: int | None = None
    column: int | None = None
    header: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


class RosterError(Exception):
    """The workbook is at fault and nothing was changed; ``lines`` say where and what."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def refusal(file: str, key: str, language: str, values: Mapping[str, str]) -> RosterError:
    """A workbook that is not read at all."""
    return RosterError((f"{file}: {say(language, key, **values)}",))


def fault_lines(file: str, faults: list[Fault], language: str) -> tuple[str, ...]:
    """One line per fault, at most 200, and then how many more there are."""
    shown = tuple(fault_line(file, fault, language) for fault in faults[:MOST_SHOWN])
    if len(faults) <= MOST_SHOWN:
        return shown
    return (*shown, f"{file}: {say(language, 'roster.more_faults', count=len(faults) - MOST_SHOWN)}")


def fault_line(file: str, fault: Fault, language: str) -> str:
    """File, sheet, row, column: what is wrong and what would be right."""
    values = {name: _in(language, value) for name, value in fault.values.items()}
    what = say(language, fault.key, **values)
    if fault.row is None and fault.column is None:
        return say(language, "roster.at_sheet", file=file, sheet=fault.sheet, what=what)
    if fault.column is None:
        return say(language, "roster.at_row", file=file, sheet=fault.sheet, row=fault.row, what=what)
    place = {"file": file, "sheet": fault.sheet, "row": fault.row, "header": fault.header}
    return say(language, "roster.at_cell", **place, column=get_column_letter(fault.column), what=what)


def _in(language: str, value: object) -> object:
    if isinstance(value, Either):
        return value.en if language == "en" else value.zh
    return value
