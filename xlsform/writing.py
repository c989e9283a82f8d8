"""Workbooks written: Markdown for people who compare versions, Excel for people who edit, CSV for the rest.

What is written reads back cell by cell the same (`read_workbook`); only rows without anything in them go.
"""

from __future__ import annotations

import csv
import io
import re

from xlsform.errors import FormError
from xlsform.workbook import Book, Grid

WRITABLE = ("xlsx", "csv", "md")
_BREAK = re.compile(r"<br\s*/?>")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WIDTHS = {"type": 24, "name": 20, "list_name": 18, "relevant": 34, "calculation": 44, "constraint": 34}


def write_workbook(book: Book, kind: str) -> bytes:
    """The file's content. Raises FormError for another kind, or for what such a file can't hold."""
    for title, grid in book.items():
        for number, row in enumerate(grid, 1):
            if any(_FORBIDDEN.search(cell) for cell in row):
                raise FormError("a cell holds a control character", f"{title} row {number}")
    if kind == "md":
        return write_md(book).encode()
    if kind == "csv":
        return write_csv(book).encode("utf-8")
    if kind == "xlsx":
        try:
            return write_xlsx(book)
        except ValueError as error:  # a sheet's name that Excel does not allow
            raise FormError(str(error)) from error
    raise FormError(f"a form can't be written as .{kind}: {', '.join(WRITABLE)}")


def write_md(book: Book) -> str:
    """One table for each sheet; `<br>` for a new line, `\\|` for a pipe, `\\<br>` for the letters <br>."""
    lines: list[str] = []
    for title, grid in book.items():
        lines.append(f"| {_escaped(title)} |")
        width = max(len(row) for row in grid)
        for row in grid:
            if any(row):
                cells = [*row, *[""] * (width - len(row))]
                lines.append("| |" + "|".join(f" {_escaped(c)} " if c else " " for c in cells) + "|")
        lines.append("")
    return "\n".join(lines)


def _escaped(cell: str) -> str:
    text = _BREAK.sub(lambda found: "\\" + found[0], cell)
    return text.replace("|", "\\|").replace("\r\n", "\n").replace("\r", "\n").replace("\n", "<br>")


def write_csv(book: Book) -> str:
    """The sheet's name in the first column, its rows from the second on, as pyxform reads CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    for title, grid in book.items():
        width = max(len(row) for row in grid)
        writer.writerow([title, *[""] * width])
        for row in grid:
            if any(row):
                writer.writerow(["", *row, *[""] * (width - len(row))])
    return out.getvalue()


def write_xlsx(book: Book) -> bytes:
    """Every cell as text, so that 007 stays 007 and = is no formula; headings bold and always in view."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for title, grid in book.items():
        fill_sheet(workbook.create_sheet(title[:31]), grid)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def fill_sheet(sheet: object, grid: Grid) -> None:
    """Write the rows into an openpyxl worksheet."""
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.worksheet import Worksheet

    assert isinstance(sheet, Worksheet)
    for number, row in enumerate(grid, 1):
        for place, text in enumerate(row, 1):
            cell = sheet.cell(number, place)
            if text:
                cell.value = text
                cell.data_type = "s"
                cell.number_format = "@"
                cell.quotePrefix = text[0] in "=+-@"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1:
                cell.font = Font(bold=True)
                width = _WIDTHS.get(text, 28 if "::" in text else 14)
                sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "C2" if grid and len(grid[0]) > 2 else "A2"
