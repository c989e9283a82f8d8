"""Raw updates to what was said, and messages to what Telegram is asked to show."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.showing import LONGEST_TEXT, payloads, split, units
from bot.telegram.translate import (
    NOWHERE,
    Heard,
    Unreadable,
    canonical,
    chat_id_of,
    hear,
    lane_of,
    parse,
    update_id_of,
)
from conversations.said import Button, Message

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CHAT = {"id": 42, "type": "private", "first_name": "王"}
USER = {"id": 42, "is_bot": False, "first_name": "王", "language_code": "zh-hans"}
GROUP = {"id": -100123, "type": "supergroup", "title": "村"}
SENT = int(NOW.timestamp()) - 30


def message(**more: Any) -> dict[str, Any]:
    return {"message_id": 7, "date": SENT, "chat": CHAT, "from": USER, **more}


def update(kind: str, part: Any, number: int = 5_000_001) -> dict[str, Any]:
    return {"update_id": number, kind: part}


def heard(raw: Any) -> Heard:
    return hear(canonical(raw), receipt=3, now=NOW)


def said(raw: Any) -> Any:
    what = heard(raw).said
    assert what is not None
    return what


def test_a_text_is_what_a_person_said_when_they_said_it() -> None:
    what = said(update("message", message(text="今天")))
    assert (what.kind, what.text, what.address, what.receipt) == ("text", "今天", "telegram:42", 3)
    assert what.at == NOW - timedelta(seconds=30)
    assert what.language == "zh-hans"


def test_a_tap_carries_its_token_and_the_message_it_was_made_on() -> None:
    raw = update("callback_query", {"id": "99", "from": USER, "data": "a:1", "message": message()})
    what = said(raw)
    assert (what.kind, what.token, what.message, what.at) == ("tap", "a:1", "7", NOW)
    assert heard(raw).callback == "99"


def test_a_tap_joins_the_lane_of_its_chat() -> None:
    tap = update("callback_query", {"id": "9", "from": {**USER, "id": 43}, "message": message()})
    assert lane_of(tap) == lane_of(update("message", message(text="x"))) == "telegram:42"


def test_an_edit_names_the_message_that_was_changed() -> None:
    what = said(update("edited_message", message(text="改", edit_date=SENT + 10)))
    assert (what.kind, what.text, what.message, what.at) == ("edited", "改", "7", NOW - timedelta(seconds=20))


@pytest.mark.parametrize(("status", "kind"), [("kicked", "left"), ("member", "came")])
def test_blocking_the_bot_is_leaving_and_unblocking_is_coming(status: str, kind: str) -> None:
    part = {"chat": CHAT, "from": USER, "date": SENT, "new_chat_member": {"status": status, "user": USER}}
    assert said(update("my_chat_member", part)).kind == kind


def test_the_largest_size_of_a_photo_is_taken_with_its_caption() -> None:
    sizes = [{"file_id": f"f{w}", "width": w, "height": w, "file_size": w} for w in (90, 1280, 320)]
    what = said(update("message", message(photo=sizes, caption="成绩单")))
    assert (what.kind, what.text) == ("attachment", "成绩单")
    assert (what.attachment.kind, what.attachment.fetch, what.attachment.size) == ("photo", "f1280", 1280)


def test_a_place_has_latitude_and_longitude() -> None:
    place = said(update("message", message(location={"latitude": 26.5, "longitude": 106}))).attachment
    assert (place.kind, place.latitude, place.longitude) == ("location", 26.5, 106.0)


def test_a_sticker_is_something_else() -> None:
    assert said(update("message", message(sticker={"file_id": "s"}))).kind == "other"


def test_nothing_is_said_in_a_group_and_the_group_is_left() -> None:
    what = heard(update("message", message(chat=GROUP, text="大家好")))
    assert (what.said, what.leave) == (None, -100123)


def test_a_group_that_was_left_already_is_not_left_again() -> None:
    part = {"chat": GROUP, "from": USER, "date": SENT, "new_chat_member": {"status": "left", "user": USER}}
    assert heard(update("my_chat_member", part)) == Heard()


def test_a_kind_that_was_never_asked_for_is_nothing() -> None:
    assert heard(update("poll", {"id": "1"})) == Heard()


def test_a_date_of_the_future_or_of_last_week_is_not_believed() -> None:
    for date in (SENT + 3600, SENT - 8 * 86400, 0, -5, "soon", 10**30):
        assert said(update("message", {**message(text="x"), "date": date})).at == NOW


def test_the_key_is_the_same_for_the_same_update_and_another_for_another_under_the_same_number() -> None:
    one, two = update("message", message(text="a")), update("message", message(text="b"))
    turned = dict(reversed(one.items()))
    assert said(one).key == said(turned).key
    assert said(one).key != said(two).key


def test_a_text_with_half_a_character_is_read_all_the_same() -> None:
    raw = b'{"update_id": 5000001, "message": ' + json.dumps(message(text="x\ud83d")).encode() + b"}"
    assert hear(canonical(parse(raw)), receipt=1, now=NOW).said is not None


@pytest.mark.parametrize("number", [None, "7", True, 0, -3, 2**40, 1.5, [], {}])
def test_a_number_that_telegram_can_not_have_given_is_none(number: Any) -> None:
    assert update_id_of({"update_id": number}) is None


def test_what_names_no_chat_has_a_lane_of_its_own() -> None:
    for raw in (None, 7, [], "x", {}, {"message": 7}, {"message": {"chat": {"id": "x"}}}):
        assert lane_of(raw) == NOWHERE


def mutated(value: Any, dice: random.Random) -> Any:
    """``value`` with one part of it replaced by something that doesn't belong there."""
    strange = [None, 7, -1, 2**70, "", "x", [], {}, True, 1e308, "\ud83d", [[]], {"id": {}}]
    if isinstance(value, dict) and value and dice.random() < 0.9:
        key = dice.choice(sorted(value))
        rest = {k: v for k, v in value.items() if k != key}
        return rest if dice.random() < 0.2 else {**rest, key: mutated(value[key], dice)}
    if isinstance(value, list) and value and dice.random() < 0.9:
        at = dice.randrange(len(value))
        return [*value[:at], mutated(value[at], dice), *value[at + 1 :]]
    return dice.choice(strange)


EXAMPLES = [
    update("message", message(text="今天")),
    update(
        "message", message(photo=[{"file_id": "f", "width": 9, "height": 9, "file_size": 5}], caption="x")
    ),
    update("message", message(location={"latitude": 26.5, "longitude": 106.5})),
    update("message", message(document={"file_id": "d", "file_name": "a.xlsx", "file_size": 9})),
    update("callback_query", {"id": "9", "from": USER, "data": "a", "message": message()}),
    update("edited_message", message(text="改", edit_date=SENT)),
    update(
        "my_chat_member", {"chat": CHAT, "from": USER, "date": SENT, "new_chat_member": {"status": "kicked"}}
    ),
]


def test_of_twenty_thousand_mutated_updates_each_is_read_or_refused_and_none_breaks_anything() -> None:
    dice = random.Random(20261124)
    read = 0
    for _ in range(20_000):
        raw = dice.choice(EXAMPLES)
        for _ in range(dice.randint(1, 3)):
            raw = mutated(raw, dice)
        assert isinstance(lane_of(raw), str)
        try:
            hear(canonical(raw), receipt=1, now=NOW)
            read += 1
        except Unreadable:
            pass
    assert 2_000 < read < 18_000


def test_bold_and_italic_parts_are_counted_as_telegram_counts() -> None:
    (sent,) = payloads(Message(text="👧🏻 张* · 3001", marks=(("bold", 3, 2), ("italic", 8, 4))), 42)
    assert sent["entities"] == [
        {"type": "bold", "offset": 5, "length": 2},
        {"type": "italic", "offset": 10, "length": 4},
    ]


def test_a_message_of_ordinary_length_is_one_with_its_buttons() -> None:
    rows = ((Button(label="收到", token="t1"), Button(label="打开", url="https://example.org")),)
    (sent,) = payloads(Message(text="预警", buttons=rows, protect=True), 42)
    assert sent["protect_content"] is True
    assert sent["reply_markup"] == {
        "inline_keyboard": [
            [{"text": "收到", "callback_data": "t1"}, {"text": "打开", "url": "https://example.org"}]
        ]
    }


def test_a_long_message_is_cut_at_line_ends_with_the_buttons_under_the_last_part() -> None:
    text = "\n".join(f"{n:04d} 张小雨 清溪镇中心小学" for n in range(400))
    message_ = Message(
        text=text,
        buttons=((Button(label="好", token="t"),),),
        marks=(("bold", 0, 4), ("bold", len(text) - 3, 3)),
    )
    parts = payloads(message_, 42)
    assert len(parts) == 2
    assert "\n".join(part["text"] for part in parts) == text
    assert "reply_markup" not in parts[0]
    assert "reply_markup" in parts[1]
    assert parts[0]["entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    assert parts[1]["entities"] == [{"type": "bold", "offset": len(parts[1]["text"]) - 3, "length": 3}]


@given(st.text(alphabet=st.sampled_from("a字😀\n "), max_size=300), st.integers(min_value=2, max_value=40))
def test_no_part_is_too_long_and_nothing_but_line_ends_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(units(part) <= limit for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")


def test_a_wall_of_text_without_line_ends_is_cut_all_the_same() -> None:
    parts = split("😀" * 5000)
    assert [units(part) for part in parts] == [LONGEST_TEXT, LONGEST_TEXT, 10_000 - 2 * LONGEST_TEXT]


def test_the_chat_of_another_channel_is_none_of_ours() -> None:
    assert chat_id_of("telegram:42") == 42
    assert chat_id_of("terminal:1") is None
    assert chat_id_of(NOWHERE) is None
