"""Writes workbooks as offices print them: a title, the day that the figures are of, a table with borders."""

import io
from collections.abc import Sequence
from datetime import date
from math import ceil
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from conversations.masks import one_line
from conversations.press import Cell, Sheet

LINE, HIGHEST = 17, 409  # points; Excel draws no higher row
LONGEST = 32_767  # characters in one cell, Excel's own limit
_TITLE = Font(name="黑体", size=18, bold=True)
_HEAD = Font(name="黑体", size=11, bold=True)
_BODY = Font(name="宋体", size=11)
_SHADE = PatternFill("solid", fgColor="E8EEF0")
_LINE = Side(style="thin", color="808080")
_FRAME = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD_ROW = 3  # after the title and the day


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The file's content."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        page = book.create_sheet(sheet.name[:31])
        _fill(page, sheet)
        _set_up_print(page, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(page: Worksheet, sheet: Sheet) -> None:
    width = len(sheet.columns)
    _across(page, 1, width, sheet.title, _TITLE, "center")
    _across(page, 2, width, sheet.as_of, _BODY, "right")
    page.row_dimensions[1].height = 34
    for place, column in enumerate(sheet.columns, 1):
        cell = _put(page, _HEAD_ROW, place, column.head, _HEAD)
        cell.fill = _SHADE
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        page.column_dimensions[get_column_letter(place)].width = column.width
    for number, row in enumerate(sheet.rows, _HEAD_ROW + 1):
        for place, value in enumerate(row, 1):
            _put(page, number, place, value, _BODY)
        lines = map(_lines, row, (column.width for column in sheet.columns))
        page.row_dimensions[number].height = min(LINE * max(lines, default=1), HIGHEST)
    for number, note in enumerate(sheet.notes, _HEAD_ROW + 1 + len(sheet.rows)):
        _across(page, number, width, note, _BODY, "left")


def _lines(value: Cell, width: float) -> int:
    """How many lines a value takes in a column: not every program works that out by itself."""
    texts = value.splitlines() if isinstance(value, str) else [str(value)]
    return max(sum(max(ceil(_halves(text) / max(width - 1, 1)), 1) for text in texts), 1)


def _halves(text: str) -> int:
    return sum(2 if east_asian_width(char) in "FWA" else 1 for char in text)


def _across(page: Worksheet, row: int, width: int, text: str, font: Font, side: str) -> None:
    cell = page.cell(row, 1)
    _write(cell, text)
    cell.font = font
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
    if width > 1:
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)


def _put(page: Worksheet, row: int, place: int, value: Cell, font: Font) -> SheetCell:
    cell = page.cell(row, place)
    assert isinstance(cell, SheetCell)
    _write(cell, value)
    cell.font, cell.border = font, _FRAME
    side = "center" if isinstance(value, int | float | date) else "left"
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
    return cell


def _write(cell: object, value: Cell) -> None:
    """The value as what it is; a text never as a formula."""
    assert isinstance(cell, SheetCell)
    if isinstance(value, str):
        text = "\n".join(map(one_line, value.splitlines()))[:LONGEST]
        cell.value = text
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = text[:1] in ("=", "+", "-", "@")
        return
    cell.value = value
    if isinstance(value, date):
        cell.number_format = "yyyy-mm-dd"


def _set_up_print(page: Worksheet, sheet: Sheet) -> None:
    """A4, all columns on one page's width, the head on every page, page numbers."""
    wide = sum(column.width for column in sheet.columns) > 90
    page.page_setup.orientation = "landscape" if wide else "portrait"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"1:{_HEAD_ROW}"
    page.freeze_panes = f"A{_HEAD_ROW + 1}"
    page.print_options.horizontalCentered = True
    page.oddFooter = HeaderFooterItem(center=_HeaderFooterPart("&P / &N"))
