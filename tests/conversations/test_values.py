"""The small pieces: masked names, clean texts, days as read and typed, button tokens, catalogues."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.dates import read_span, say_day
from conversations.masks import clean, masked
from conversations.quiet import read_hours
from conversations.tokens import LONGEST, make_token, read_token
from tests import words as word_check

TODAY = date(2026, 11, 24)


def mac(purpose: str, data: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(purpose.encode() + data).digest()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张小花", "张*"),
        ("欧阳小花", "欧阳*"),
        ("欧阳", "欧*"),
        ("Mary Smith", "M*"),
        ("", "*"),
        ("\u202e张三", "张*"),
    ],
)
def test_a_name_is_masked_to_its_surname(name: str, shown: str) -> None:
    assert masked(name) == shown


@given(st.text())
def test_a_clean_text_is_one_line_without_hidden_characters(text: str) -> None:
    line = clean(text, 50)
    assert len(line) <= 50
    assert not set(line) & set("\n\r\t\u202e\u200b\u2066\x00\u2028")


def test_days_are_said_with_their_weekday() -> None:
    assert say_day(TODAY, "zh_Hans") == "11月24日 周二"
    assert say_day(TODAY, "en") == "Tue 24 Nov"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("3天", TODAY, date(2026, 11, 26)),
        ("1 day", TODAY, TODAY),
        ("11月25日到11月28日", date(2026, 11, 25), date(2026, 11, 28)),
        ("今天", TODAY, TODAY),
        ("1月3日", date(2027, 1, 3), date(2027, 1, 3)),
        ("11月25日到28日", date(2026, 11, 25), date(2026, 11, 28)),
        ("11月28日至3日", date(2026, 11, 28), date(2026, 12, 3)),
        ("请三天假", TODAY, date(2026, 11, 26)),
        ("一周", TODAY, date(2026, 11, 30)),
        ("半个月", TODAY, date(2026, 12, 8)),
        ("2 weeks", TODAY, date(2026, 12, 7)),
        ("从明天起三天", date(2026, 11, 25), date(2026, 11, 27)),
        ("11月30日 请2天", date(2026, 11, 30), date(2026, 12, 1)),
        ("28日", date(2026, 11, 28), date(2026, 11, 28)),
        ("25 Nov to 28 Nov", date(2026, 11, 25), date(2026, 11, 28)),
        ("腊月廿三到正月初六", date(2027, 1, 30), date(2027, 2, 11)),
        ("12月30日到1月2日", date(2026, 12, 30), date(2027, 1, 2)),
    ],
)
def test_days_away_are_read_in_many_ways(text: str, first: date, last: date) -> None:
    assert read_span(text, TODAY) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "以后再说", "0天", "9999天", "11月28日到11月25日", "2月28日到30日", "明天到以后", "到"]
)
def test_what_means_no_days_is_not_guessed(text: str) -> None:
    assert read_span(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("8:00-11:30", time(8), time(11, 30)),
        ("8点到12点", time(8), time(12)),
        ("每天上午", time(7), time(12)),
        ("下午2点到5点", time(14), time(17)),
        ("八点半到十点", time(8, 30), time(10)),
        ("afternoon", time(14), time(18)),
    ],
)
def test_hours_are_read_as_people_say_them(text: str, start: time, end: time) -> None:
    assert read_hours(text) == (start, end)


@pytest.mark.parametrize("text", ["", "一会儿", "8点", "8点到", "25点到26点"])
def test_what_means_no_hours_is_not_guessed(text: str) -> None:
    assert read_hours(text) is None


@given(st.text(max_size=8), st.text(max_size=8))
def test_a_button_gives_back_what_was_put_in(first: str, second: str) -> None:
    try:
        token = make_token(mac, "wang", "f", first, second)
    except ValueError:
        return  # too long for a button: refused when it is made
    assert len(token.encode()) <= LONGEST
    assert read_token(mac, "wang", token) == ("f", (first, second))


def test_a_button_is_good_for_its_person_only_and_can_not_be_altered() -> None:
    token = make_token(mac, "wang", "ack", "e1")
    assert read_token(mac, "li", token) is None
    assert read_token(mac, "wang", token.replace("e1", "e2")) is None
    assert read_token(mac, "wang", "") is None
    assert read_token(mac, "wang", "ack|e1|é") is None


def test_the_catalogues_of_the_chat_are_whole() -> None:
    assert [
        fault for fault in word_check.faults() if "chat.po" in fault or fault.startswith("conversations")
    ] == []


def test_a_missing_or_differing_sentence_is_found() -> None:
    one, other = word_check.Sentence("{a}", "x:1"), word_check.Sentence("{b}", "y:2")
    assert list(word_check._one_sided({"k": one}, {}, "en")) == ["x:1: k: is missing in en"]
    assert list(word_check._differing("k", one, other)) == ["y:2: k: has ['b'] where zh_Hans has ['a']"]
    assert not word_check.is_used("no.such_key_anywhere")
