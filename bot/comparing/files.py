"""A comparison as a workbook or a CSV file: all roles, townships and people, and the keys that differ."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from bot.commands.words import say
from bot.comparing.layout import label_of
from bot.comparing.lines import COURSES, FIGURES, SIDES, Line
from casework.policy import Policy
from casework.policy_changes import Change
from xlsform.export import guarded

Cell = str | float | int
_LEVELS = ("role", "township", "person")


def write_table(
    path: Path, lines: Sequence[Line], changes: Sequence[Change], notes: Sequence[str], policy: Policy,
    language: str,
) -> None:  # fmt: skip
    """Writes what ``path`` ends in: .xlsx with a sheet for each level, or .csv with a row for each figure."""
    if path.suffix.lower() == ".csv":
        path.write_bytes(_csv(lines, policy, language))
        return
    book = Workbook()
    book.remove(book.worksheets[0])
    for level in _LEVELS:
        sheet = book.create_sheet(say(language, f"compare.sheet.{level}"))
        _fill(sheet, _wide(level, lines, policy, language))
        sheet.freeze_panes = "D2"
    columns = ("key", "today", "new", "source_today", "source_new")
    head: list[Cell] = [say(language, f"compare.{name}") for name in columns]
    rows = [[c.key, c.before or "", c.after or "", c.source_before, c.source_after] for c in changes]
    _fill(book.create_sheet(say(language, "compare.sheet.changes")), iter([head, *rows]))
    title = say(language, "compare.sheet.notes")
    _fill(book.create_sheet(title), iter([[title], *([note] for note in notes)]))
    book.save(path)


def _fill(sheet: Worksheet, rows: Iterator[Sequence[Cell]]) -> None:
    for number, row in enumerate(rows, 1):
        sheet.append([guarded(cell) if isinstance(cell, str) else cell for cell in row])
        if number == 1:
            for cell in sheet[1]:
                cell.font = Font(bold=True)
    sheet.column_dimensions["A"].width = 34


def _wide(level: str, lines: Sequence[Line], policy: Policy, language: str) -> Iterator[list[Cell]]:
    """A row for each line and course: of each figure today's, the new one and the difference."""
    parts = [say(language, f"compare.{name}") for name in ("today", "new", "change")]
    head: list[Cell] = [say(language, f"compare.{name}") for name in ("who", "code", "course")]
    for figure in FIGURES:
        head += [f"{say(language, f'compare.figure.{figure}')}·{part}" for part in parts]
    yield head
    for line in lines:
        if line.level != level:
            continue
        for course in COURSES:
            row: list[Cell] = [label_of(line, policy, language), line.code]
            row.append(say(language, f"compare.course.{course}"))
            for figure in FIGURES:
                row += [round(line.figures[course, side, figure], 2) for side in SIDES]
                row.append(round(line.change(course, figure), 2))
            yield row


def _csv(lines: Sequence[Line], policy: Policy, language: str) -> bytes:
    """UTF-8 with a mark, which Excel needs for Chinese; a row for each line, course and figure."""
    columns = ("level", "who", "code", "course", "what", "today", "new", "change")
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(say(language, f"compare.{name}") for name in columns)
    for line in lines:
        level = say(language, f"compare.sheet.{line.level}")
        who = level, guarded(label_of(line, policy, language)), guarded(line.code)
        for course in COURSES:
            for figure in FIGURES:
                sides = [round(line.figures[course, side, figure], 2) for side in SIDES]
                named = say(language, f"compare.course.{course}"), say(language, f"compare.figure.{figure}")
                writer.writerow((*who, *named, *sides, round(line.change(course, figure), 2)))
    return out.getvalue().encode("utf-8-sig")
