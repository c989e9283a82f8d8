"""The template that counties fill in: what is in it, and that it can be read back."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.roster.checks import checked
from bot.roster.columns import SHEETS
from bot.roster.process import read_workbook
from bot.roster.template import write_template
from casework.policy import load_policy
from casework.roster import Kept
from tests.roster.books import AREAS, CHILDREN, PEOPLE, TODAY

POLICY = load_policy()


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_a_filled_template_is_a_good_roster(tmp_path: Path, language: str) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, policy=POLICY, language=language)
    book = load_workbook(path)
    for sheet, rows in zip(book.worksheets, (AREAS, PEOPLE, CHILDREN), strict=False):
        for row in rows:
            sheet.append(row)
    book.save(path)
    lines = list(read_workbook(path, language))
    found = checked(lines, Kept(), policy=POLICY, today=TODAY)
    assert found.findings.faults == []
    assert found.findings.warnings == []
    assert found.roster.children is not None
    assert len(found.roster.children) == len(CHILDREN)


def test_an_empty_template_says_that_there_is_nothing_in_it(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, policy=POLICY)
    found = checked(list(read_workbook(path, "zh_Hans")), Kept(), policy=POLICY, today=TODAY)
    assert [fault.key for fault in found.findings.faults] == ["roster.no_rows"]


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_every_column_is_explained_and_lists_offer_the_countys_words(tmp_path: Path, language: str) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, policy=POLICY, language=language)
    book = load_workbook(path)
    explained = {(row[0], row[1]) for row in book.worksheets[-1].iter_rows(min_row=6, values_only=True)}
    for sheet in SHEETS:
        title = sheet.name if language == "en" else sheet.zh
        page = book[title]
        assert page.freeze_panes == "A2"
        headers = [cell.value for cell in page[1]]
        assert headers == [
            column.key if language == "en" else column.zh for column in sheet.columns if not column.extra
        ]
        assert {(title, header) for header in headers} <= explained
    people = book.worksheets[1]
    lists = " ".join(rule.formula1 for rule in people.data_validations.dataValidation)
    assert ("village_worker" if language == "en" else POLICY.roles["village_worker"].zh_Hans) in lists
    assert all(len(rule.formula1) <= 257 for page in book for rule in page.data_validations.dataValidation)
