"""Writes the workbook in which a county begins a form of its own: drop-downs, an example, explanations."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from bot.commands.words import say
from xlsform.workbook import Grid, read_workbook
from xlsform.writing import fill_sheet

ROWS = 2_000  # for which drop-downs work
_HEAD = PatternFill("solid", fgColor="1F4E5F")
_NEEDED = PatternFill("solid", fgColor="B5542B")
_MUST = {("survey", "type"), ("survey", "name"), ("choices", "list_name"), ("choices", "name")}
COLUMNS = (
    "type", "name", "label", "hint", "required", "relevant", "constraint", "constraint_message",
    "calculation", "choice_filter", "repeat_count", "appearance", "default", "read_only", "save_to",
    "list_name", "form_title", "form_id", "default_language", "version",
)  # fmt: skip
TYPES = (
    "text", "integer", "decimal", "date", "time", "dateTime", "select_one", "select_multiple",
    "rank", "range", "note", "acknowledge", "image", "audio", "video", "file", "geopoint",
    "begin_group", "end_group", "begin_repeat", "end_repeat", "calculate", "hidden", "csv-external",
)  # fmt: skip
_NEEDS_LIST = ("select_one", "select_multiple", "rank")
_APPEARANCES = ("minimal", "autocomplete", "search", "likert", "columns", "field-list", "month-year", "year")


def write_form_template(path: Path, *, language: str) -> None:
    """Write it to ``path``; explanations in ``language`` ("zh_Hans" or "en")."""
    content = files("bot").joinpath("form_template.md").read_bytes()
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, grid in read_workbook(content, "md").items():
        page = book.create_sheet(title)
        fill_sheet(page, grid)
        _explain_heads(page, title, grid[0], language)
    _survey_lists(book["survey"], language)
    _explain(book.create_sheet(say(language, "formguide.title")), language)
    book.save(path)


def _explain_heads(page: Any, sheet: str, heads: list[str], language: str) -> None:
    for place, head in enumerate(heads, 1):
        plain = head.partition("::")[0]
        cell = page.cell(1, place)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = _NEEDED if (sheet, plain) in _MUST else _HEAD
        cell.comment = Comment(say(language, f"formguide.column.{plain}"), "Xiangban", width=320, height=110)


def _survey_lists(page: Any, language: str) -> None:
    heads = {cell.value: get_column_letter(cell.column) for cell in page[1]}
    types = [f"{kind} yes_no" if kind in _NEEDS_LIST else kind for kind in TYPES]
    for column, choices in (
        ("type", types), ("required", ["yes"]), ("read_only", ["yes"]), ("appearance", list(_APPEARANCES)),
    ):  # fmt: skip
        source = f'"{",".join(choices)}"'
        if len(source) > 255:  # Excel's limit for a list written in place
            source = _beside(page.parent, column, choices)
        rule = DataValidation(type="list", formula1=source, allow_blank=True)
        rule.showErrorMessage = False  # others may be typed: select_one with a list of one's own
        rule.promptTitle, rule.prompt = column, say(language, f"formguide.column.{column}")[:250]
        rule.showInputMessage = True
        rule.add(f"{heads[column]}2:{heads[column]}{ROWS}")
        page.add_data_validation(rule)


def _beside(book: Any, column: str, choices: list[str]) -> str:
    """The choices in a hidden sheet of their own, and how a rule points to them."""
    page = book.create_sheet(f"_{column}")
    page.sheet_state = "hidden"
    for choice in choices:
        page.append([choice])
    return f"'_{column}'!$A$1:$A${len(choices)}"


def _explain(page: Any, language: str) -> None:
    rows: Grid = [[say(language, f"formguide.intro.{number}")] for number in range(1, 6)]
    rows += [[], [say(language, "formguide.head.column"), say(language, "formguide.head.how")]]
    rows += [[column, say(language, f"formguide.column.{column}")] for column in COLUMNS]
    rows += [[], [say(language, "formguide.head.type"), say(language, "formguide.head.how")]]
    for kind in TYPES:
        key = kind.replace("-", "_")
        rows.append([kind, say(language, f"formguide.type.{key}")])
    for number, row in enumerate(rows, 1):
        for place, text in enumerate(row, 1):
            cell = page.cell(number, place, text)
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=place > 1, vertical="top")
    for number in (7, 9 + len(COLUMNS)):
        for cell in page[number]:
            cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
    page.column_dimensions["A"].width = 22
    page.column_dimensions["B"].width = 90
