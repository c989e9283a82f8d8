"""Texts in several languages."""

from __future__ import annotations

import pytest

from tests.xlsform.forms import asked, context, form, give
from xlsform import Session

TWO = """
| survey |
| | type | name | label::中文 (zh) | label::English (en) | hint | constraint | {}中文 (zh) | {}English (en) |
| | integer | age | 几岁？ | How old? | 周岁 | . < 18 | 太大了 | Too old |
| | select_one yn | ok | 好吗？ | Well? | | | | |
| | text | only | 只有中文 | | | | | |
| choices |
| | list_name | name | label::中文 (zh) | label::English (en) |
| | yn | yes | 是 | Yes |
| | yn | no | 否 | No |
| settings |
| | default_language |
| | 中文 (zh) |
""".replace("{}", "constraint_message::")


@pytest.mark.parametrize(
    ("wish", "label"),
    [
        ("zh_Hans", "几岁？"),
        ("zh", "几岁？"),
        ("中文 (zh)", "几岁？"),
        ("en", "How old?"),
        ("en-GB", "How old?"),
        ("EN", "How old?"),
        ("fr", "几岁？"),
        (None, "几岁？"),
    ],
)
def test_a_language_is_found_by_name_or_code_or_falls_back(wish: str | None, label: str) -> None:
    assert asked(Session.start(form(TWO), context(language=wish))).label == label


def test_the_language_may_change_in_the_middle() -> None:
    session = Session.start(form(TWO), context(language="en"))
    give(session, "5")
    assert [c.label for c in asked(session).choices] == ["Yes", "No"]
    session.set_language("zh_Hans")
    assert [c.label for c in asked(session).choices] == ["是", "否"]
    give(session, "no")
    assert [line.text for line in session.review()] == ["5", "否"]


def test_a_text_that_is_not_translated_is_shown_in_the_default_language() -> None:
    session = give(Session.start(form(TWO), context(language="en")), "5", "yes")
    assert asked(session).label == "只有中文"


def test_problems_speak_the_readers_language() -> None:
    problem = Session.start(form(TWO), context(language="en")).answer("30")
    assert problem is not None
    assert problem.message == "Too old"


def test_a_form_tells_its_languages() -> None:
    loaded = form(TWO)
    assert (loaded.languages, loaded.default_language) == (("中文 (zh)", "English (en)"), "中文 (zh)")


def test_a_form_in_one_language_has_no_list_of_them() -> None:
    assert form("| survey |\n| | type | name | label |\n| | text | a | A |").languages == ()


def test_the_language_survives_storing_unless_the_context_names_another() -> None:
    loaded = form(TWO)
    stored = Session.start(loaded, context(language="en")).dump()
    assert asked(Session.restore(loaded, stored, context())).label == "How old?"
    assert asked(Session.restore(loaded, stored, context(language="zh"))).label == "几岁？"
