"""What `forms check` tells an author: where, what is wrong, what would be right, in both languages."""

from __future__ import annotations

import pytest

from xlsform.author import check
from xlsform.findings import MESSAGES, Finding
from xlsform.xpath.functions import TABLE

HEAD = "type | name | label | relevant | calculation | constraint | required | appearance"


def found(*rows: str, choices: str = "") -> tuple[Finding, ...]:
    """The findings of survey rows whose cells are divided by `|`."""
    lines = ["| survey |", f"| | {HEAD} |", *(f"| | {row} |" for row in rows), choices]
    return check("\n".join(lines).encode(), kind="md", name="visit").findings


def where(finding: Finding) -> tuple[str, str, int, str]:
    return finding.code, finding.sheet, finding.row, finding.column


@pytest.mark.parametrize(
    ("row", "code", "column", "right"),
    [
        ("calculate | x | | | if(1,2 | | |", "syntax", "calculation", "Close every bracket"),
        ("calculate | x | | | isblank(${a}) | | |", "syntax", "calculation", "string-length()"),
        ("calculate | x | | | cuont(/data/a) | | |", "syntax", "calculation", "count()"),
        ("calculate | x | | | round(1, 2, 3) | | |", "syntax", "calculation", "as many as it takes"),
        ("text | x | X | /data/aa > 1 | | | |", "unknown-path", "relevant", "${a}"),
        ("text | x | X | ${nobody} > 1 | | | |", "publishing", "relevant", ""),
        ("text | x | X | | | regex(., '(?=a)') | |", "pattern", "constraint", "[0-9]{11}"),
        ("geoshape | x | X | | | | yes |", "line-or-area", "required", "geopoint"),
        ("calculate | x | | | ${x} + 1 | | |", "cycle", "calculation", "out of the other"),
        ("txt | x | X | | | | |", "unknown-type", "type", "perhaps text"),
        ("end group | x | | | | | |", "publishing", "", ""),
        ("text | a | A again | | | | |", "publishing", "name", ""),
    ],
)
def test_every_error_has_its_sheet_row_and_column(row: str, code: str, column: str, right: str) -> None:
    (error,) = [f for f in found("text | a | A", row) if f.severity == "error"]
    assert where(error) == (code, "survey", 3, column)
    assert right in error.right


def test_widgets_that_a_chat_can_only_approximate_are_warnings_in_their_row() -> None:
    rows = (
        "image | x | X | | | | | signature",
        "barcode | y | Y",
        "audit | audit |",
        "text | z | Z | | | | | ex:a",
    )
    codes = {(f.code, f.row) for f in found(*rows)}
    assert {("drawn", 2), ("approximated", 3), ("ignored", 4), ("ignored", 5)} <= codes


def test_a_plain_label_beside_translated_ones_is_an_error_where_it_would_be_lost() -> None:
    text = "| survey |\n| | type | name | label::中文 (zh) | label |\n| | text | a | 甲 | A |\n"
    settings = "| settings |\n| | default_language |\n| | 中文 (zh) |"
    (error,) = check((text + settings).encode(), kind="md", name="visit").errors
    assert where(error) == ("bare-column", "survey", 2, "label")
    assert "label::中文 (zh)" in error.right_zh
    (warning,) = [
        f for f in check(text.encode(), kind="md", name="visit").findings if f.code == "bare-column"
    ]
    assert warning.severity == "warning"


def test_a_missing_translation_of_a_choice_points_to_the_choices_sheet() -> None:
    text = """
| survey |
| | type | name | label::中文 (zh) | label::English (en) |
| | select_one yn | ok | 好吗 | Well? |
| choices |
| | list_name | name | label::中文 (zh) | label::English (en) |
| | yn | yes | 是 | Yes |
| | yn | no | 否 | |
"""
    (warning,) = check(text.encode(), kind="md", name="visit").findings
    assert where(warning) == ("untranslated", "choices", 3, "label::English (en)")


def test_a_table_that_nobody_gave_is_named_and_one_that_is_there_is_not() -> None:
    text = "| survey |\n| | type | name | label |\n| | select_one_from_file kids.csv | kid | Kid |"
    (warning,) = check(text.encode(), kind="md", name="visit").findings
    assert (warning.code, "kids.csv" in warning.message_zh) == ("no-file", True)
    media = {"kids.csv": b"name,label\n1,A\n"}
    assert check(text.encode(), kind="md", name="visit", media=media).findings == ()


def test_a_form_of_the_community_health_toolkit_compiles_and_says_what_was_changed() -> None:
    text = """
| survey |
| | type | name | label | instance::tag |
| | db:person | who | Who | x |
| | begin group | meta | About | |
| | tel | phone | Phone | |
| | end group | | | |
"""
    verdict = check(text.encode(), kind="md", name="visit")
    assert verdict.errors == ()
    assert verdict.published is not None
    assert any("db:person" in f.message for f in verdict.findings)


@pytest.mark.parametrize("kind", ["xlsx", "xls", "csv", "md"])
def test_what_is_no_workbook_is_one_error_in_both_languages(kind: str) -> None:
    (error,) = check(b"\x00\x01nothing of the kind", kind=kind, name="visit").errors
    assert error.line("en")
    assert not error.line("zh_Hans").isascii()


def test_every_message_has_its_chinese() -> None:
    for english, chinese, right, right_zh in MESSAGES.values():
        assert bool(right) == bool(right_zh)
        assert english.startswith("{") or not chinese.isascii()


def test_a_broken_expression_is_explained_in_chinese_for_every_number_of_arguments() -> None:
    for function in TABLE.values():
        if function.least:
            (error,) = [
                f for f in found(f"calculate | x | | | {function.name}() | | |") if f.code == "syntax"
            ]
            assert "参数" in error.message_zh, error
