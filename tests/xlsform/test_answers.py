"""What people type, in both languages."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlsform import Choice, Problem, Prompt
from xlsform.answers import chinese_number, parse

TODAY = date(2026, 11, 23)  # a Monday
CHOICES = tuple(
    Choice(value=value, label=label)
    for value, label in [
        ("in", "在校"),
        ("drop", "辍学"),
        ("leave", "请假"),
        ("other", "其他 (请说明)"),
        ("none", "没有上学"),
    ]
)
ENGLISH = (
    Choice(value="y", label="Yes"),
    Choice(value="n", label="No"),
    Choice(value="u", label="Not known"),
)


def read(kind: str, text: str, choices: tuple[Choice, ...] = (), appearance: str = "") -> object:
    prompt = Prompt(ref="/d/q", name="q", kind=kind, label="", choices=choices, appearance=appearance)
    return parse(prompt, text, today=TODAY)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"), ("１２", "12"), (" 12 ", "12"), ("12岁", "12"), ("12 years", "12"), ("三十二", "32"),
        ("十", "10"),
        ("两个", "2"), ("一百零五", "105"), ("3.0", "3"), ("-4", "-4"), ("负4", "-4"), ("1,200", "1200"),
        ("007", "7"),
    ],
)  # fmt: skip
def test_whole_numbers(text: str, value: str) -> None:
    assert read("integer", text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.5", "3.5"),
        ("3,5", "3.5"),
        ("３．５", "3.5"),
        ("36.6", "36.6"),
        ("1,234.5", "1234.5"),
        ("12kg", "12"),
        ("4", "4"),
    ],
)
def test_decimal_numbers(text: str, value: str) -> None:
    assert read("decimal", text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-5-1", "2026-05-01"), ("2026/05/01", "2026-05-01"), ("2026.5.1", "2026-05-01"),
        ("20260501", "2026-05-01"),
        ("2026年5月1日", "2026-05-01"), ("２０２６年５月１日", "2026-05-01"), ("26年5月1号", "2026-05-01"),
        ("98.5.1", "1998-05-01"),
        ("5月1日", "2026-05-01"), ("五月一日", "2026-05-01"), ("十二月二十三日", "2026-12-23"),
        ("1月5日", "2027-01-05"),
        ("去年5月1日", "2025-05-01"), ("今天", "2026-11-23"), ("昨天", "2026-11-22"), ("前天", "2026-11-21"),
        ("明天", "2026-11-24"),
        ("today", "2026-11-23"), ("Yesterday", "2026-11-22"), ("3天前", "2026-11-20"),
        ("两周前", "2026-11-09"), ("3 days ago", "2026-11-20"),
        ("周五", "2026-11-20"), ("上周三", "2026-11-18"), ("下周一", "2026-11-30"), ("星期天", "2026-11-22"),
        ("last Friday", "2026-11-20"),
        ("12号", "2026-11-12"), ("上个月12号", "2026-10-12"), ("May 3, 2020", "2020-05-03"),
        ("3 May 2020", "2020-05-03"),
        ("3rd of may", None), ("Nov 3", "2026-11-03"),
        ("2026-02-30", None), ("13月1日", None), ("hello", None), ("5", None),
    ],
)  # fmt: skip
def test_dates(text: str, value: str | None) -> None:
    assert read("date", text) == (value if value is not None else Problem(kind="type", ref="/d/q"))


def test_dates_of_which_only_the_month_or_the_year_is_asked() -> None:
    assert read("date", "2026年5月", appearance="month-year") == "2026-05-01"
    assert read("date", "2019", appearance="year") == "2019-01-01"
    assert read("date", "2019") == Problem(kind="type", ref="/d/q")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("15:20", "15:20:00.000"), ("15：20", "15:20:00.000"), ("下午3点", "15:00:00.000"),
        ("下午3点半", "15:30:00.000"),
        ("3点一刻", "03:15:00.000"), ("晚上8点10分", "20:10:00.000"), ("3pm", "15:00:00.000"),
        ("12am", "00:00:00.000"),
        ("25:00", None), ("noonish", None), ("3", None),
    ],
)  # fmt: skip
def test_times(text: str, value: str | None) -> None:
    assert read("time", text) == (value if value is not None else Problem(kind="type", ref="/d/q"))


def test_a_date_and_a_time_together() -> None:
    assert read("dateTime", "昨天 下午3点") == "2026-11-22T15:00:00.000"
    assert read("dateTime", "2026-5-1 8:05") == "2026-05-01T08:05:00.000"
    assert read("dateTime", "sometime") == Problem(kind="type", ref="/d/q")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", "drop"), ("２", "drop"), ("2.", "drop"), ("第2个", "drop"), ("辍学", "drop"), ("drop", "drop"),
        ("DROP", "drop"),
        ("其他", "other"), ("没有", "none"), ("在校。", "in"), ("其他(请说明)", "other"),
        ("学", None), ("9", None), ("0", None), ("？", None), ("不知道", None),
    ],
)  # fmt: skip
def test_one_choice(text: str, value: str | None) -> None:
    assert read("select_one", text, CHOICES) == (value or Problem(kind="choice", ref="/d/q"))


def test_a_whole_label_wins_over_one_that_only_begins_so() -> None:
    assert read("select_one", "no", ENGLISH) == "n"
    assert read("select_one", "not", ENGLISH) == "u"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 3 5", ["in", "leave", "none"]), ("1、3", ["in", "leave"]), ("1,3", ["in", "leave"]),
        ("１，３", ["in", "leave"]),
        ("135", ["in", "leave", "none"]), ("在校，辍学", ["in", "drop"]), ("在校 请假", ["in", "leave"]),
        ("其他 (请说明)", ["other"]),
        ("1 1", ["in"]), ("in leave", ["in", "leave"]), ("1 9", None), ("nothing", None),
    ],
)  # fmt: skip
def test_several_choices(text: str, value: list[str] | None) -> None:
    assert read("select_multiple", text, CHOICES) == (value or Problem(kind="choice", ref="/d/q"))


def test_an_acknowledgement_takes_words_that_agree() -> None:
    for word in ("好的", "收到", "OK", "yes", "知道了。", "👍"):
        assert read("acknowledge", word) == "OK"
    for word in ("no", "不", "为什么"):
        assert read("acknowledge", word) == Problem(kind="type", ref="/d/q")


def test_text_is_taken_as_it_is() -> None:
    assert read("text", " 他 说：１２ ") == "他 说：１２"


def test_a_place_is_latitude_and_longitude() -> None:
    assert read("geopoint", "30.1, 120.2") == "30.1 120.2"
    assert read("geopoint", "home") == Problem(kind="type", ref="/d/q")


KINDS = ["integer", "decimal", "date", "time", "dateTime", "range", "geopoint", "acknowledge"]


@given(st.text(max_size=30), st.sampled_from([*KINDS, "select_one", "select_multiple", "rank"]))
def test_nothing_that_can_be_typed_breaks_the_reading(text: str, kind: str) -> None:
    found = read(kind, text, CHOICES)
    assert isinstance(found, str | list | Problem)


@given(st.integers(0, 99_999))
def test_chinese_numerals_are_read_digit_by_digit_without_units(number: int) -> None:
    assert chinese_number("".join("零一二三四五六七八九"[int(d)] for d in str(number))) == number
