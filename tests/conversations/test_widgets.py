"""Searching long lists, ranges as buttons, places rounded."""

import pytest

from conversations.widgets.numbers import steps
from conversations.widgets.places import rounded
from conversations.widgets.search import matches
from xlsform import Range

TOWNS = ("青石镇", "柳河镇", "大柳河村", "Lakeside")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("柳河", [1, 2]),
        ("lhz", [1]),
        ("liuhe", [1, 2]),
        ("QSZ", [0]),
        ("lake", [3]),
        ("ＬＨ", [1, 2]),
        ("山", []),
        ("？", []),
    ],
)
def test_labels_are_found_by_letters_pinyin_and_initials(text: str, found: list[int]) -> None:
    assert matches(TOWNS, text) == found


@pytest.mark.parametrize(
    ("start", "end", "step", "values"),
    [
        ("1", "5", "1", ["1", "2", "3", "4", "5"]),
        ("0", "1", "0.25", ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        ("3", "1", "1", ["3", "2", "1"]),
        ("0", "100", "1", []),
        ("0", "10", "0", []),
        ("0", "x", "1", []),
    ],
)
def test_a_range_of_few_steps_becomes_buttons(start: str, end: str, step: str, values: list[str]) -> None:
    assert steps(Range(start=start, end=end, step=step)) == values


def test_a_place_keeps_no_more_decimals_than_the_policy_allows() -> None:
    assert rounded("28.4567891 119.9234567 312.5 4.0", 3) == "28.457 119.923 0 0"
    assert rounded("28.45,119.92;28.46,119.93", 1) == "28.4 119.9 0 0; 28.5 119.9 0 0"
