"""Writes the empty roster workbook that counties fill in: drop-downs, and a sheet that explains them."""

from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from bot.commands.words import say
from bot.roster.column import Column, Sheet
from bot.roster.columns import (
    CATEGORIES,
    LANGUAGES,
    LEVELS,
    ROLE_LEVELS,
    SEXES,
    SHEETS,
    department_labels,
    role_labels,
)
from bot.roster.fact_columns import CHOICES, FACTS_BY_COLUMN
from casework.policy_models import Policy

ROWS = 20_000  # for which columns are formatted and drop-downs work
_HEAD = PatternFill("solid", fgColor="1F4E5F")
_NEEDED = PatternFill("solid", fgColor="B5542B")
_TEXT = "@"  # codes, telephones and ID numbers keep their zeros and all their digits
_DAY = "yyyy-mm-dd"
_DATES = ("birth_date", "next_visit")


def write_template(path: Path, *, policy: Policy, language: str = "zh_Hans") -> None:
    """Write it to ``path`` with headers in ``language`` ("zh_Hans" or "en"); the reader takes either."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in SHEETS:
        _fill(book.create_sheet(sheet.zh if language != "en" else sheet.name), sheet, policy, language)
    _explain(book.create_sheet(say(language, "template.title")), language)
    book.save(path)


def _fill(page: Any, sheet: Sheet, policy: Policy, language: str) -> None:
    page.freeze_panes = "A2"
    page.row_dimensions[1].height = 24
    columns = [column for column in sheet.columns if not column.extra]
    for position, column in enumerate(columns, 1):
        head = page.cell(1, position, column.key if language == "en" else column.zh)
        head.font = Font(bold=True, color="FFFFFF")
        head.fill = _NEEDED if column.needed else _HEAD
        head.alignment = Alignment(horizontal="center", vertical="center")
        head.comment = Comment(_explained(sheet, column, language), "Xiangban", width=280, height=90)
        letter = get_column_letter(position)
        page.column_dimensions[letter].width = column.width
        page.column_dimensions[letter].number_format = _DAY if column.key in _DATES else _TEXT
        choices = _choices(sheet, column, policy, language)
        if choices:
            _drop_down(page, letter, choices, column, language)


def _explained(sheet: Sheet, column: Column, language: str) -> str:
    other = column.zh if language == "en" else column.key
    return f"{_how(sheet, column, language)}\n({other})"


def _choices(sheet: Sheet, column: Column, policy: Policy, language: str) -> list[str]:
    """What the drop-down of a column offers; empty where the column has none."""
    english = language == "en"
    if column.key == "risk":
        return [str(level) for level in sorted(policy.visits.risks)]
    if column.key == "role":
        labels = role_labels(policy)
        return [role if english else labels[role] for role in ROLE_LEVELS if role != "guardian"]
    if column.key == "department":
        known = department_labels(policy)
        return [key if english else label for key, label in known.items()]
    tables = {"level": LEVELS, "sex": SEXES, "language": LANGUAGES, "categories": CATEGORIES}
    table: Any = tables.get(column.key, {})
    return [code if english else label for code, label in table.items()]


def _drop_down(page: Any, letter: str, choices: list[str], column: Column, language: str) -> None:
    """A list to choose from; where a cell may hold several entries, others can be typed."""
    several = column.key in ("role", "categories")
    rule = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True)
    rule.showErrorMessage = not several
    rule.error = say(language, "template.wrong_value")
    rule.add(f"{letter}2:{letter}{ROWS}")
    page.add_data_validation(rule)


def _explain(page: Any, language: str) -> None:
    for key in ("template.intro", "template.again", "template.codes"):
        page.append([say(language, key)])
    page.append([])
    heads = (
        "template.head.sheet",
        "template.head.column",
        "template.head.needed",
        "template.head.how",
        "template.head.example",
    )
    page.append([say(language, key) for key in heads])
    for cell in page[page.max_row]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
    for sheet in SHEETS:
        for column in sheet.columns:
            titles = (sheet.name, column.key) if language == "en" else (sheet.zh, column.zh)
            needed = say(language, "template.yes") if column.needed else ""
            page.append([*titles, needed, _how(sheet, column, language), column.example])
    for letter, width in zip("ABCDE", (12, 20, 10, 60, 24), strict=True):
        page.column_dimensions[letter].width = width


def _how(sheet: Sheet, column: Column, language: str) -> str:
    if column.key in FACTS_BY_COLUMN:
        return _how_fact(column.key, language)
    return say(language, _HOW[sheet.name, column.key])


def _how_fact(key: str, language: str) -> str:
    fact = FACTS_BY_COLUMN[key]
    if not fact.choices:
        return say(language, f"template.fact.{fact.kind}")
    known = CHOICES[fact.choices]
    words = ", ".join(known) if language == "en" else "、".join(label[0] for label in known.values())
    return say(language, f"template.fact.{fact.kind}", known=words)


_HOW = {
    ("areas", "code"): "template.areas.code",
    ("areas", "name"): "template.areas.name",
    ("areas", "level"): "template.areas.level",
    ("areas", "parent"): "template.areas.parent",
    ("people", "code"): "template.people.code",
    ("people", "name"): "template.people.name",
    ("people", "role"): "template.people.role",
    ("people", "area"): "template.people.area",
    ("people", "phone"): "template.people.phone",
    ("people", "language"): "template.people.language",
    ("people", "deputy"): "template.people.deputy",
    ("people", "status"): "template.people.status",
    ("people", "employment"): "template.people.employment",
    ("people", "started_on"): "template.people.started_on",
    ("people", "ended_on"): "template.people.ended_on",
    ("people", "trainings"): "template.people.trainings",
    ("people", "checked_on"): "template.people.checked_on",
    ("people", "department"): "template.people.department",
    ("people", "school"): "template.people.school",
    ("children", "code"): "template.children.code",
    ("children", "name"): "template.children.name",
    ("children", "sex"): "template.children.sex",
    ("children", "birth_date"): "template.children.birth_date",
    ("children", "id_number"): "template.children.id_number",
    ("children", "village"): "template.children.village",
    ("children", "worker"): "template.children.worker",
    ("children", "guardian"): "template.children.guardian",
    ("children", "guardian_relation"): "template.children.guardian_relation",
    ("children", "guardian_phone"): "template.children.guardian_phone",
    ("children", "risk"): "template.children.risk",
    ("children", "categories"): "template.children.categories",
    ("children", "school"): "template.children.school",
    ("children", "next_visit"): "template.children.next_visit",
}
