"""Workbooks as plain cells: read from Excel, CSV and Markdown, so that one form is the same from each."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, Literal
from zipfile import BadZipFile

from xlsform.errors import FormError

Grid = list[list[str]]
"""The rows of a sheet, the heading first, as texts without blanks around them; "" is an empty cell. Row n of
the sheet is `grid[n - 1]`.
"""
Book = dict[str, Grid]
"""The sheets by name as written, in the file's order."""

FORM_SHEETS = ("survey", "choices", "settings", "entities", "external_choices", "osm")
MAX_ROWS = 200_000
MAX_COLUMNS = 500
_EMPTY_RUN = 60  # rows without anything in them after which a sheet is at its end
_DIGITS = re.compile(r"0{2,20}")
_COMMENT = re.compile(r"\s*#")
_COMMENT_BEHIND = re.compile(r"^(.*)(#[^|]+)$")
_ROW = re.compile(r"\s*\|(.*)\|\s*")
_RULE = re.compile(r"[|:\- ]*-[|:\- ]*")
_PIPE = re.compile(r"(?<!\\)\|")
_BREAK = re.compile(r"(\\?)<br\s*/?>")


def read_workbook(source: bytes, kind: str, name: str = "") -> Book:
    """All sheets that have anything in them. Raises FormError for what is no such file."""
    readers: dict[str, Callable[[bytes], Book]] = {
        "xlsx": _read_xlsx, "xls": _read_xls, "csv": _read_csv, "md": _read_md,
    }  # fmt: skip
    if kind not in readers:
        raise FormError(f"a form can't be read from a .{kind} file", name)
    try:
        book = readers[kind](source)
    except FormError:
        raise
    except (BadZipFile, UnicodeDecodeError, csv.Error) as error:
        raise FormError(f"this is not a readable .{kind} file: {error}", name) from error
    except Exception as error:  # the libraries let many kinds through on damaged files
        raise FormError(f"could not read this .{kind} file: {type(error).__name__}: {error}", name) from error
    return {sheet: rows for sheet, rows in book.items() if rows}


def _trimmed(rows: Iterable[Sequence[str]]) -> Grid:
    """The rows up to the last that is not empty, as long as none is too far from the one before."""
    grid: Grid = []
    filled = 0
    for row in rows:
        cells = [cell.strip() for cell in row[:MAX_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        grid.append(cells)
        if cells:
            filled = len(grid)
        if len(grid) - filled > _EMPTY_RUN:
            break
        if len(grid) > MAX_ROWS:
            raise FormError(f"a sheet has more than {MAX_ROWS} rows")
    return grid[:filled]


def _read_xlsx(source: bytes) -> Book:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(source), read_only=True, data_only=True)
    try:
        return {
            sheet.title: _trimmed([_shown(c.value, c) for c in row] for row in sheet.iter_rows())
            for sheet in book.worksheets
        }
    finally:
        book.close()


def _shown(value: Any, cell: Any) -> str:
    """The text of a cell as its author sees it: 7 in the format 000 is 007, and midnight is only a date."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        style = str(cell.number_format)
        return str(value).zfill(len(style)) if _DIGITS.fullmatch(style) else str(value)
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value).replace("\u00a0", " ").replace("\r\n", "\n").replace("_x000D_", "")


def _read_xls(source: bytes) -> Book:
    import xlrd

    book = xlrd.open_workbook(file_contents=source)
    try:
        return {
            sheet.name: _trimmed(
                [_xls_text(cell, book.datemode) for cell in sheet.row(number)]
                for number in range(sheet.nrows)
            )
            for sheet in book.sheets()
        }
    finally:
        book.release_resources()


def _xls_text(cell: Any, mode: Literal[0, 1]) -> str:
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR):
        return ""
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return _text(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_DATE:
        return _text(xlrd.xldate_as_datetime(cell.value, mode) if cell.value >= 1 else _clock(cell.value))
    return _text(cell.value)


def _clock(part: float) -> time:
    """The time of day of a part of a day."""
    seconds = round(part * 86400) % 86400
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _read_csv(source: bytes) -> Book:
    """A sheet's name stands alone in the first column, its rows from the second on."""
    rows = csv.reader(io.StringIO(source.decode("utf-8-sig"), newline=""))
    book: dict[str, list[Sequence[str]]] = {}
    name = ""
    for row in rows:
        if row and row[0].strip():
            name = row[0].strip()
            book.setdefault(name, [])
        if name and any(cell.strip() for cell in row[1:]):
            book[name].append(row[1:])
    if not book or not any(book.values()):
        raise FormError("this is not a form as CSV: sheet names stand in the first column, cells after it")
    return {sheet: _trimmed(cells) for sheet, cells in book.items()}


def _read_md(source: bytes) -> Book:
    """Markdown tables as pyxform reads them, and `<br>` as a new line (`\\<br>` as itself)."""
    book: dict[str, list[Sequence[str]]] = {}
    name = ""
    for line in source.decode("utf-8-sig").splitlines():
        if _COMMENT.match(line):
            continue
        behind = _COMMENT_BEHIND.match(line)
        found = _ROW.match(behind[1] if behind else line)
        if found is None or (_RULE.fullmatch(found[1]) and "---" in found[1]):
            continue
        first, *cells = [_cell(part) for part in _PIPE.split(found[1])]
        if first:
            name = first
            book.setdefault(name, [])
        if name and any(cells):
            book[name].append(cells)
    if not book:
        raise FormError("there is no table in this Markdown: | survey | stands above the rows of the survey")
    return {sheet: _trimmed(cells) for sheet, cells in book.items()}


def _cell(part: str) -> str:
    text = part.strip().replace(r"\|", "|")
    return _BREAK.sub(lambda found: found[0][1:] if found[1] else "\n", text)


def form_sheets(book: Book, name: str) -> dict[str, Any]:
    """The sheets of an XLSForm as pyxform takes them: rows by column, headings, the names as written.

    Rows that are empty stay in their places, so that row numbers hold. Raises FormError for a column that
    stands twice.
    """
    sheets: dict[str, Any] = {"sheet_names": list(book)}
    for title, grid in book.items():
        key = title.strip().lower()
        if key not in FORM_SHEETS:
            if len(book) > 1:
                continue
            key = "survey"
        columns = [re.sub(r" +", " ", column) for column in grid[0]]
        twice = next((c for c in columns if c and columns.count(c) > 1), None)
        if twice is not None:
            raise FormError(f"the column {twice} stands twice", f"{key} row 1, column {twice}")
        sheets[key] = [
            {column: cell for column, cell in zip(columns, row, strict=False) if column and cell}
            for row in grid[1:]
        ]
        sheets[f"{key}_header"] = [dict.fromkeys(column for column in columns if column)]
    if not sheets.get("survey"):
        raise FormError("the workbook has no sheet named survey, or nothing in it", name)
    return sheets
