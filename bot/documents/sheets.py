"""Writes workbooks as offices print them: a title, the day that the figures are of, a table with borders."""

import io
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from math import ceil
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
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
_TEXT, _NUMBER, _DAY, _HEADS = "table text", "table number", "table day", "table head"
_HEAD_ROW = 3  # after the title and the day
_LANDSCAPE, _LARGE = 90, 220  # characters of half width, from which on a page lies, and is A3
_FORMULAS = ("=", "+", "-", "@")  # a text that begins so is marked as one


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The file's content."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for style in _styles():
        book.add_named_style(style)
    for sheet in sheets:
        page = book.create_sheet(sheet.name[:31])
        _fill(page, sheet)
        _set_up_print(page, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _styles() -> Iterator[NamedStyle]:
    """How cells of the table look; a workbook takes each as its own."""
    for name, font, side, form in (
        (_TEXT, _BODY, "left", "@"), (_NUMBER, _BODY, "center", "General"),
        (_DAY, _BODY, "center", "yyyy-mm-dd"), (_HEADS, _HEAD, "center", "@"),
    ):  # fmt: skip
        yield NamedStyle(
            name=name, font=font, border=_FRAME, number_format=form,
            fill=_SHADE if name == _HEADS else PatternFill(),
            alignment=Alignment(horizontal=side, vertical="center", wrap_text=True),
        )  # fmt: skip


def _fill(page: Worksheet, sheet: Sheet) -> None:
    width, first = len(sheet.columns), _HEAD_ROW + _depth(sheet)
    _across(page, 1, width, sheet.title, _TITLE, "center")
    _across(page, 2, width, sheet.as_of, _BODY, "right")
    page.row_dimensions[1].height = 34
    _fill_heads(page, sheet)
    for number, row in enumerate(sheet.rows, first):
        for place, value in enumerate(row, 1):
            _put(page, number, place, value)
        lines = map(_lines, row, (column.width for column in sheet.columns))
        page.row_dimensions[number].height = min(LINE * max(lines, default=1), HIGHEST)
    for number, note in enumerate(sheet.notes, first + len(sheet.rows)):
        _across(page, number, width, note, _BODY, "left")


def _depth(sheet: Sheet) -> int:
    """How many rows of heads there are."""
    return 1 + max((len(column.over) for column in sheet.columns), default=0)


def _fill_heads(page: Worksheet, sheet: Sheet) -> None:
    depth = _depth(sheet)
    paths = [(*column.over, column.head) for column in sheet.columns]
    for place, (column, path) in enumerate(zip(sheet.columns, paths, strict=True), 1):
        page.column_dimensions[get_column_letter(place)].width = column.width
        for level in range(depth):
            cell = page.cell(_HEAD_ROW + level, place)
            assert isinstance(cell, SheetCell)
            cell.style = _HEADS
            _write(cell, path[level] if level < len(path) else "")
        if len(path) < depth:
            page.merge_cells(
                start_row=_HEAD_ROW + len(path) - 1, start_column=place,
                end_row=_HEAD_ROW + depth - 1, end_column=place,
            )  # fmt: skip
    for level in range(depth - 1):
        for start, end in _runs([path[: level + 1] if len(path) > level + 1 else None for path in paths]):
            page.merge_cells(
                start_row=_HEAD_ROW + level, start_column=start, end_row=_HEAD_ROW + level, end_column=end
            )
    if depth > 1:  # programs set the height of a row by themselves only where nothing is merged
        lines = max(_lines(column.head, column.width) for column in sheet.columns if column.over)
        page.row_dimensions[_HEAD_ROW + depth - 1].height = min(LINE * lines, HIGHEST)


def _runs(paths: Sequence[tuple[str, ...] | None]) -> Iterator[tuple[int, int]]:
    """From which to which column (from 1) the same heads stand beside each other, where they are several."""
    start = 0
    for place in range(1, len(paths) + 1):
        if place == len(paths) or paths[place] != paths[start]:
            if paths[start] is not None and place - start > 1:
                yield start + 1, place
            start = place


def _lines(value: Cell, width: float) -> int:
    """How many lines a value takes in a column: not every program works that out by itself."""
    texts = value.splitlines() if isinstance(value, str) else [str(value)]
    return max(sum(max(ceil(_halves(text) / max(width - 1, 1)), 1) for text in texts), 1)


@lru_cache(maxsize=4096)
def _halves(text: str) -> int:
    return sum(2 if east_asian_width(char) in "FWA" else 1 for char in text)


def _across(page: Worksheet, row: int, width: int, text: str, font: Font, side: str) -> None:
    cell = page.cell(row, 1)
    assert isinstance(cell, SheetCell)
    _write(cell, text)
    cell.number_format = "@"
    cell.font = font
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
    if width > 1:
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)


def _put(page: Worksheet, row: int, place: int, value: Cell) -> None:
    """A cell of the table; a style by name is set once, each of its parts would take openpyxl its time."""
    cell = page.cell(row, place)
    assert isinstance(cell, SheetCell)
    cell.style = _TEXT if isinstance(value, str) else _DAY if isinstance(value, date) else _NUMBER
    _write(cell, value)


def _write(cell: SheetCell, value: Cell) -> None:
    """The value as what it is; a text never as a formula."""
    if isinstance(value, str):
        text = _text(value)
        cell.value, cell.data_type = text, "s"
        if text[:1] in _FORMULAS:
            cell.quotePrefix = True
    else:
        cell.value = value


def _text(value: str) -> str:
    return "\n".join(map(one_line, value.splitlines()))[:LONGEST]


def _set_up_print(page: Worksheet, sheet: Sheet) -> None:
    """A4 (A3 for many columns), all on one page's width, the head on every page, page numbers."""
    width = sum(column.width for column in sheet.columns)
    page.page_setup.orientation = "landscape" if width > _LANDSCAPE else "portrait"
    page.page_setup.paperSize = page.PAPERSIZE_A3 if width > _LARGE else page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    last = _HEAD_ROW + _depth(sheet) - 1
    page.print_title_rows = f"1:{last}"
    page.freeze_panes = f"A{last + 1}"
    page.print_options.horizontalCentered = True
    page.oddFooter = HeaderFooterItem(center=_HeaderFooterPart("&P / &N"))
