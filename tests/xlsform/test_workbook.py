"""A form is the same from Excel, CSV and Markdown, and is written from each into each without loss."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from xlsform import FormError
from xlsform.publish import publish
from xlsform.workbook import Book, form_sheets, read_workbook
from xlsform.writing import write_workbook

PACKAGED = sorted(
    (f.name, f.read_bytes())
    for f in files("conversations").joinpath("forms").iterdir()
    if f.name[-3:] == ".md"
)
NASTY: Book = {
    "survey": [
        ["type", "name", "label::中文 (zh)", "constraint"],
        ["text", "zeros", "007", "regex(., 'a|b')"],
        ["text", "pipe", "a|b\\|c\\", ". != '|'"],
        ["text", "lines", "一行\n二行<br>不换行<br/>\\<br>"],
        ["text", "formula", "=1+1"],
        ["note", "hash", "# 不是注释 #"],
        ["text", "day", "2026-05-01"],
        ["text", "half", "1.50"],
        ["text", "truth", "TRUE"],
        ["text", "dashes", "---"],
        ["text", "quotes", "'单' \"双\", ; \t|"],
        ["text", "marks", "<b>b</b> &amp; **x** \u202ertl\u200b"],
        ["", "", "", "", "没有表头的一列"],
    ],
    "choices": [["list_name", "name", "label::中文 (zh)"], ["yn", "01", "是"], ["yn", "02", "否"]],
    "说明": [["列", "意思"], ["type", "题型"]],
}


@pytest.mark.parametrize("kind", ["xlsx", "csv", "md"])
@pytest.mark.parametrize(("name", "content"), PACKAGED)
def test_a_packaged_form_survives_every_way_of_writing(name: str, content: bytes, kind: str) -> None:
    book = read_workbook(content, "md")
    written = write_workbook(book, kind)
    assert read_workbook(written, kind) == book
    assert read_workbook(write_workbook(read_workbook(written, kind), "md"), "md") == book
    assert publish(written, kind=kind, name=name).digest == publish(content, kind="md", name=name).digest


@pytest.mark.parametrize("kind", ["xlsx", "csv", "md"])
def test_zeros_pipes_breaks_formulas_and_comments_survive(kind: str) -> None:
    assert read_workbook(write_workbook(NASTY, kind), kind) == NASTY


_CELLS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]) | st.sampled_from("|\\<br>/#-=\n '\""),
    max_size=12,
).map(lambda text: "\n".join(part.strip() for part in text.split("\n")).strip())


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(_CELLS, min_size=2, max_size=2), min_size=1, max_size=4))
def test_any_cells_survive_any_way_of_writing(rows: list[list[str]]) -> None:
    book = {"survey": [["type", "name", "label"], *[["text", *row] for row in rows]]}
    book = {"survey": [row[: 1 + max(i for i, cell in enumerate(row) if cell)] for row in book["survey"]]}
    for kind in ("xlsx", "csv", "md"):
        assert read_workbook(write_workbook(book, kind), kind) == book, kind


def test_cells_of_excel_are_read_as_their_author_sees_them() -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    day, moment = datetime.fromisoformat("2026-05-01"), datetime.fromisoformat("2026-05-01T08:30")
    values = [7, 7.0, 1.5, True, day, moment, date(2026, 5, 1), time(8, 30)]
    sheet.append(["heading", *values])
    sheet.cell(1, 2).number_format = "000"
    out = io.BytesIO()
    workbook.save(out)
    ((row,),) = read_workbook(out.getvalue(), "xlsx").values()
    shown = ["007", "7", "1.5", "TRUE", "2026-05-01", "2026-05-01 08:30:00", "2026-05-01", "08:30:00"]
    assert row == ["heading", *shown]


def test_a_column_that_stands_twice_is_refused_with_its_place() -> None:
    with pytest.raises(FormError) as caught:
        form_sheets({"survey": [["type", "name", "type"], ["text", "a", "note"]]}, "visit")
    assert caught.value.place == "survey row 1, column type"


def test_a_control_character_is_refused_with_its_place() -> None:
    with pytest.raises(FormError) as caught:
        write_workbook({"survey": [["type"], ["te\x07xt"]]}, "xlsx")
    assert caught.value.place == "survey row 2"
