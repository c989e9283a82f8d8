"""Labels with Markdown and colours become text with marks."""

import pytest

from conversations.rich import Rich, from_label, joined, plain


@pytest.mark.parametrize(
    ("source", "text", "marks"),
    [
        ("普通的题目？", "普通的题目？", ()),
        ("请**马上**打电话", "请马上打电话", (("bold", 1, 2),)),
        ("*照原话*写", "照原话写", (("italic", 0, 3),)),
        ("# 家庭情况\n几口人？", "家庭情况\n几口人？", (("bold", 0, 4),)),
        ('<span style="color:red">危险</span>！', "危险！", ()),
        ("第一行<br>第二行", "第一行\n第二行", ()),
        ("见[说明](https://example.org/a)", "见说明 https://example.org/a", ()),
        (r"5 \* 3", "5 * 3", ()),
        ("__重要__", "重要", (("bold", 0, 2),)),
    ],
)
def test_what_authors_write_is_shown_as_they_meant_it(source: str, text: str, marks: object) -> None:
    assert from_label(source) == Rich(text, marks)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["张*、李*", "张* · 3001 和 李* · 3002", "a_b_c", "3 < 5", "2 * 3 * 4", "[见到了]"]
)
def test_stars_of_masked_names_and_lone_signs_stay(text: str) -> None:
    assert plain(text) == text


def test_nothing_is_marked_twice() -> None:
    label = from_label("请**马上**打*电话*").all_in("bold")
    assert label == Rich("请马上打电话", (("italic", 4, 2), ("bold", 0, 6)))


def test_marks_move_along_when_parts_are_joined() -> None:
    whole = joined("\n\n", ["✓ 好", "", Rich("题目").all_in("bold")])
    assert whole.text == "✓ 好\n\n题目"
    assert whole.marks == (("bold", 5, 2),)
