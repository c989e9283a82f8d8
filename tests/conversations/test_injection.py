"""What people write never passes for ours: no extra line, nothing hidden, no markup, no link, no command."""

import random
import re
import string
import unicodedata
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.commands import words as tools
from bot.roster.template import write_template
from bot.telegram.showing import payloads
from conversations.masks import clean, defused, masked, quoted
from conversations.rich import from_label
from conversations.said import Message
from tests.conversations import county as place
from tests.conversations.conftest import STAFF
from tests.conversations.county import County, words
from xlsform.workbook import read_workbook
from xlsform.writing import write_workbook

LURES = ("@evil", "https://evil.example", "evil.example", "/erase", "tg://")
EVIL = (
    "张\n【系统】已确认\n\u202e\u2066/erase 3001",
    "=cmd|'/c calc'!A0 @evil_bot",
    "<b>张</b>&lt;i&gt; [看](tg://user?id=1) https://evil.example",
    "*李* **急** `x`\r\n【系统】\u200b\u200d\ufeff evil.example/x\u2028【系统】",
    "\u0000\u001b[31m王\u0007 /erase\tA\u200bB 👩\u200d👧 ＝1+1",
    "王" * 5000,
)
FORMULAS = (
    "=1+1",
    '=HYPERLINK("https://evil.example")',
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1+1",
    "=cmd|'/c calc'!A0",
)
NASTY = st.one_of(
    st.text(max_size=60),
    st.sampled_from(EVIL),
    st.lists(st.sampled_from([*EVIL, "\n", "\u202e", "\u200b", "a", "\ud800"]), max_size=6).map("".join),
)  # fmt: skip


def hidden(text: str) -> set[str]:
    """What nobody sees in a text, line ends and the joiner inside emoji apart."""
    found = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}
    return found - ({"\u200d"} if re.search("👩\u200d👧", text) else set())


@settings(max_examples=10, deadline=None)
@given(value=NASTY)
def test_no_sentence_gets_a_line_more_or_a_hidden_character_from_what_fills_it(value: str) -> None:
    for language, catalogue in words().catalogues.items():
        for key, sentence in catalogue.items():
            names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
            said = words().say(language, key, **dict.fromkeys(names, value))
            assert said.count("\n") == sentence.count("\n"), (key, said)
            assert not hidden(said) - hidden(sentence), (key, said)


@settings(max_examples=100, deadline=None)
@given(value=NASTY)
def test_a_name_an_answer_and_a_quoted_answer_are_one_plain_line(value: str) -> None:
    for line in (clean(value), masked(value), from_label(quoted(value)).text):
        assert "\n" not in line
        assert not hidden(line)
        assert not any(lure in line for lure in LURES)
    label = from_label(f"How is {quoted(value)}?")
    assert not label.marks
    assert label.text == f"How is {clean(value, 1000)}?"


@given(value=NASTY)
def test_a_line_of_the_command_line_stays_one(value: str) -> None:
    line = tools.say("en", "forms.warning", line=value)
    assert "\n" not in line
    assert not hidden(line)


def test_ordinary_words_are_left_alone() -> None:
    for text in (
        "张小花",
        "3.5 公里",
        "8:30",
        "1/2 袋米",
        "O'Brien",
        "A.B.",
        "2026-11-26",
        "一、二。",
        "👩\u200d👧",
    ):
        assert clean(text) == text
    assert defused("a@b.cn") == "a＠b．cn"


@given(value=NASTY.filter(str.strip))
def test_telegram_is_given_no_marks_but_ours_and_no_previews(value: str) -> None:
    text = f"{clean(value)}\nours"
    for part in payloads(Message(text=text, marks=(("bold", 0, len(clean(value))),)), 1):
        assert "parse_mode" not in part
        assert part["link_preview_options"] == {"is_disabled": True}
        assert {entity["type"] for entity in part.get("entities", ())} <= {"bold"}


def test_no_cell_of_a_written_workbook_is_a_formula(tmp_path: Path) -> None:
    rows = [["type", "name", "label"], *(["text", f"a{n}", value] for n, value in enumerate(FORMULAS))]
    (tmp_path / "form.xlsx").write_bytes(write_workbook({"survey": rows}, "xlsx"))
    write_template(tmp_path / "roster.xlsx", policy=place.policy())
    for path in tmp_path.iterdir():
        for sheet in load_workbook(path):
            assert not [c.coordinate for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    again = read_workbook((tmp_path / "form.xlsx").read_bytes(), "xlsx")["survey"]
    assert [row[2] for row in again[1:]] == list(FORMULAS)


@pytest.fixture(params=EVIL, ids=["lines", "formula", "markup", "marks", "control", "long"])
async def evil_county(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[County, str]]:
    """Everybody and every place is called something evil."""
    evil = request.param
    names = {id: f"{id}{evil}" for id in place.NAMES["zh_Hans"]}
    monkeypatch.setitem(place.NAMES, "zh_Hans", names)
    monkeypatch.setattr(place, "AREAS", tuple(replace(a, name=a.name + evil) for a in place.AREAS))
    child = replace(
        place.CHILD,
        name=evil,
        guardian_name=evil,
        guardian_relation=evil[:60],
        school=evil,
        guardian_phone=evil[:20],
    )
    opened = County(tmp_path / "county.db", "zh_Hans")
    await opened.open()
    await opened.settle((*STAFF, "granny"), (child, replace(place.SISTER, name=evil)))
    yield opened, evil
    await opened.close()


async def test_people_with_evil_names_who_tap_and_type_at_random_are_told_nothing_foreign(
    evil_county: tuple[County, str],
) -> None:
    county, evil = evil_county
    chance = random.Random(len(evil))
    for step in range(60):
        await _something(county, chance, evil)
        if step == 30:
            await county.until(county.now + timedelta(days=2))
    texts = list(_seen(county))
    assert len(texts) > 50
    for text in texts:
        assert not hidden(text), text
        assert not any(line.lstrip(" ·✓▸0123456789.").startswith("【系统】") for line in text.split("\n")), (
            text
        )
        assert not any(lure in text for lure in LURES), text
    for phone in county.phones.values():
        for shown in phone.shown:
            assert {kind for kind, _, _ in shown.message.marks} <= {"bold", "italic"}


async def _something(county: County, chance: random.Random, evil: str) -> None:
    who = chance.choice(("wang", "wang", "wang", "li", "li", "granny", "sun", "liu"))
    buttons = [
        b for shown in county.phones[who].shown[-2:] for row in shown.message.buttons for b in row if b.token
    ]
    if buttons and chance.random() < 0.7:
        await county.tap(who, chance.choice(buttons).label)
        return
    said = (
        "/visit 3001",
        "/report",
        "/today",
        "/children",
        "/alerts",
        "/stats",
        "/leave",
        evil[:3000],
        evil[:3000],
        "1",
    )
    await county.say(who, chance.choice(said))


def _seen(county: County) -> Iterator[str]:
    for heard in county.heard:
        yield heard.text
        yield from (button.label for row in heard.buttons for button in row)
