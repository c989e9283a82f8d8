"""What an author is told before anybody is asked."""

from __future__ import annotations

import pytest

from tests.xlsform.forms import YES_NO, form, survey
from xlsform import FormError, load
from xlsform.lint import lint, lint_xform
from xlsform.publish import publish


def codes(*rows: str, choices: str = "") -> list[tuple[str, str, str]]:
    text = publish(survey(*rows, choices=choices).encode(), kind="md", name="test").xform
    return [(finding.severity, finding.code, finding.place) for finding in lint_xform(text)]


def test_a_sound_form_has_no_findings() -> None:
    rows = ("text a", "integer b ; relevant=${a} != '' and regex(${a}, '[a-z]+')", "select_one yn c")
    assert codes(*rows, choices=YES_NO) == []


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("if(1, 2", "syntax"),
        ("nosuch(1)", "syntax"),
        ("substr('a')", "syntax"),
        ("/data/nowhere + 1", "unknown-path"),
        ("instance('nolist')/root/item", "unknown-instance"),
        ("regex('a', '(?=b)')", "pattern"),
        ("regex('a', '[')", "pattern"),
    ],
)
def test_every_broken_calculation_is_an_error_at_its_place(expression: str, code: str) -> None:
    found = codes("text a", f"calculate x ; calculation={expression}")
    assert found == [("error", code, "/data/x calculate")]


def test_all_broken_expressions_are_found_at_one_time() -> None:
    found = codes("text a ; relevant=1 +", "text b ; constraint=(", "calculate c ; calculation=x(")
    assert [place for _, _, place in found] == ["/data/a relevant", "/data/b constraint", "/data/c calculate"]


def test_a_circle_of_fields_is_an_error() -> None:
    found = codes("text a ; relevant=${b} = 1", "text b ; relevant=${a} = 1")
    assert [(severity, code) for severity, code, _ in found] == [("error", "cycle")]
    found = codes("text q", "calculate x ; calculation=${x} + 1")
    assert [(severity, code) for severity, code, _ in found] == [("error", "cycle")]


def test_what_a_chat_can_only_approximate_is_a_warning_unless_required() -> None:
    assert codes("geotrace way") == [("warning", "line-or-area", "/data/way type")]
    assert codes("geoshape way ; required=yes") == [("error", "line-or-area", "/data/way required")]
    assert codes("image sign ; appearance=signature") == [("warning", "drawn", "/data/sign appearance")]


def test_a_missing_translation_is_a_warning_that_names_the_language() -> None:
    text = """
| survey |
| | type | name | label::zh (zh) | label::en (en) |
| | text | a | 甲 | A |
| | text | b | 乙 | |
"""
    (finding,) = lint(form(text))
    assert (finding.severity, finding.code, finding.place) == ("warning", "untranslated", "/data/b:label")
    assert "en (en)" in finding.message
    assert "en (en)" in finding.message_zh


def test_loading_for_use_refuses_a_broken_expression_with_its_place() -> None:
    xform = publish(survey("text a", "calculate x ; calculation=1 +").encode(), kind="md", name="test").xform
    with pytest.raises(FormError) as caught:
        load(xform)
    assert caught.value.place == "/data/x calculate"
    assert "character" in caught.value.message
