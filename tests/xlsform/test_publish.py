"""Workbooks of every kind compiled to XForms, and what is refused."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from openpyxl import Workbook

from tests.xlsform.forms import context, survey
from xlsform import FormError, Session, load
from xlsform.publish import publish, publish_sheets

TEXT = survey("text name ; label=Name<br>of the child", "integer age")


def workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "survey"
    for row in [("type", "name", "label"), ("text", "name", "Name\nof the child"), ("integer", "age", "age")]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


CSV = '"survey",,,\n,"type","name","label"\n,"text","name","Name\nof the child"\n,"integer","age","age"\n'


def test_the_same_form_from_excel_csv_and_markdown_is_the_same() -> None:
    found = {
        publish(TEXT.encode(), kind="md", name="visit").digest,
        publish(workbook(), kind="xlsx", name="visit").digest,
        publish(CSV.encode(), kind="csv", name="visit").digest,
    }
    assert len(found) == 1


def test_a_break_in_a_markdown_cell_becomes_a_new_line_and_the_name_the_id() -> None:
    form = load(publish(TEXT.encode(), kind="md", name="visit").xform)
    assert form.id == "visit"
    prompt = Session.start(form, context()).prompt()
    assert prompt is not None
    assert prompt.label == "Name\nof the child"


def test_an_unknown_type_names_the_type() -> None:
    with pytest.raises(FormError) as caught:
        publish(survey("txt name").encode(), kind="md", name="visit")
    assert "txt" in caught.value.message


def test_an_error_with_a_row_names_sheet_and_row() -> None:
    with pytest.raises(FormError) as caught:
        publish(survey("text name", "calculate x").encode(), kind="md", name="visit")
    assert caught.value.place == "survey row 3"


@pytest.mark.parametrize("kind", ["xlsx", "xls", "csv", "md"])
@pytest.mark.parametrize("source", [b"", b"hello", b"\x00\xff\xfe", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_refused_with_a_message(kind: str, source: bytes) -> None:
    with pytest.raises(FormError) as caught:
        publish(source, kind=kind, name="visit")  # type: ignore[arg-type]
    assert caught.value.message


def test_a_kind_of_file_that_is_not_known_is_refused() -> None:
    with pytest.raises(FormError, match="docx"):
        publish(b"", kind="docx", name="visit")  # type: ignore[arg-type]


def test_forms_of_the_community_health_toolkit_compile_with_a_warning() -> None:
    rows = [
        {"type": "db:person", "name": "contact", "label": "Who", "instance::tag": "x"},
        {"type": "begin group", "name": "meta", "label": "About"},
        {"type": "tel", "name": "phone", "label": "Phone"},
        {"type": "end group"},
    ]
    published = publish_sheets({"survey": rows}, name="contact")
    assert len(published.warnings) >= 4
    assert [f.kind for f in load(published.xform).fields if f.name in ("contact", "phone")] == [
        "text",
        "text",
    ]


def test_labels_that_would_be_lost_without_a_word_are_an_error() -> None:
    text = survey("text a ; label::en (en)=A", settings="| settings |\n| | default_language |\n| | en (en) |")
    with pytest.raises(FormError, match="lost without a word") as caught:
        publish(text.encode(), kind="md", name="visit")
    assert caught.value.place == "survey row 2, column label"


def test_the_engine_itself_never_imports_pyxform() -> None:
    code = "import sys, xlsform, xlsform.answers, xlsform.lint; sys.exit('pyxform' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_row_of_every_name_is_told() -> None:
    published = publish(survey("note hello", "text a", "integer b").encode(), kind="md", name="visit")
    assert published.rows == {"hello": 2, "a": 3, "b": 4}
