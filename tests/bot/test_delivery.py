"""One message on its way: what Telegram is asked, and what is concluded from each of its answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.telegram.deliver import Delivery, Result
from bot.telegram.request import NotSent
from casework.outcome import Notice, Priority
from conversations.said import Button, Message, Together
from storage.errors import Unavailable
from storage.outbox import OutboxRow

NOTICE = Notice(key="k", to="wang", kind="reply", priority=Priority.REPLY)
PLAIN = Message(text="今天")
RICH = Message(
    text="今天",
    buttons=((Button(label="点", token="t"),),),
    marks=(("bold", 0, 2),),
    protect=True,
    silent=True,
)
KEYBOARD = {"inline_keyboard": [[{"text": "点", "callback_data": "t"}]]}
BOLD = [{"type": "bold", "offset": 0, "length": 2}]
PLAIN_LINKS = {"link_preview_options": {"is_disabled": True}}
ALL = {
    "chat_id": 42,
    "text": "今天",
    **PLAIN_LINKS,
    "entities": BOLD,
    "protect_content": True,
    "disable_notification": True,
    "reply_markup": KEYBOARD,
}


class Telegram:
    """Answers each call with the next of ``answers`` (an error is raised), then with a message number 7."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def call(self, method: str, parameters: Mapping[str, Any], **_: Any) -> Any:
        self.asked.append((method, dict(parameters)))
        answer = self.answers.pop(0) if self.answers else {"message_id": 7}
        if isinstance(answer, Exception):
            raise answer
        return answer


def row(**more: Any) -> OutboxRow:
    plain = {"seq": 1, "key": "k", "to": "wang", "address": "telegram:42", "priority": 2, "notice": NOTICE}
    return OutboxRow(**{**plain, "tries": 1, "ambiguous": False, **more})


async def alone(notices: Sequence[Notice]) -> Together:
    raise AssertionError("one message is not several")


async def sent(
    telegram: Telegram, message: Message | None = PLAIN, *, content: bytes | None = b"", **more: Any
) -> Result:
    """What becomes of ``message`` where Telegram answers so; ``content``: of its picture."""

    async def word(notice: Notice) -> Message | None:
        assert notice == NOTICE
        return message

    async def mark(notice: Notice) -> str:
        assert notice == NOTICE
        return "（可能重复）"

    async def media(name: str) -> bytes | None:
        assert message is not None
        assert name == message.media != ""
        return content

    return await Delivery(telegram, word, alone, mark, media).send(row(**more))  # type: ignore[arg-type]


async def test_a_message_is_sent_with_all_that_it_carries_and_its_number_is_known() -> None:
    telegram = Telegram()
    assert await sent(telegram, RICH) == Result(fate="sent", message_id="7")
    assert telegram.asked == [("sendMessage", ALL)]


@pytest.mark.parametrize("answer", [True, {}, [1]])
async def test_an_answer_without_a_number_is_sent_all_the_same(answer: Any) -> None:
    assert await sent(Telegram(answer)) == Result(fate="sent", message_id="")


async def test_an_edit_asks_for_what_an_edit_can_carry_and_keeps_the_number() -> None:
    telegram = Telegram(True)
    assert await sent(telegram, replace(RICH, edits="5")) == Result(fate="sent", message_id="5")
    asked = {
        "chat_id": 42,
        "text": "今天",
        **PLAIN_LINKS,
        "entities": BOLD,
        "reply_markup": KEYBOARD,
        "message_id": 5,
    }
    assert telegram.asked == [("editMessageText", asked)]


async def test_an_edit_of_what_has_no_number_is_a_new_message() -> None:
    telegram = Telegram()
    assert await sent(telegram, replace(RICH, edits="m5")) == Result(fate="sent", message_id="7")
    assert telegram.asked == [("sendMessage", ALL)]


async def test_an_edit_that_changes_nothing_is_done_and_keeps_its_number() -> None:
    same = BadRequest("Message is not modified: exactly the same")
    assert await sent(Telegram(same), replace(PLAIN, edits="5")) == Result(fate="sent", message_id="5")
    assert await sent(Telegram(same)) == Result(fate="sent", message_id="")


async def test_an_edit_of_what_is_gone_is_sent_anew_with_all_that_it_carries() -> None:
    telegram = Telegram(BadRequest("Message to edit not found"))
    assert await sent(telegram, replace(RICH, edits="5")) == Result(fate="sent", message_id="7")
    assert [method for method, _ in telegram.asked] == ["editMessageText", "sendMessage"]
    assert telegram.asked[1][1] == ALL


async def test_a_chat_that_moved_is_written_to_where_it_is_now() -> None:
    telegram = Telegram(ChatMigrated(-100))
    assert await sent(telegram, replace(RICH, edits="5")) == Result(fate="sent", message_id="7")
    assert telegram.asked[1] == ("sendMessage", {**ALL, "chat_id": -100})


async def test_a_message_at_which_telegram_takes_offence_goes_as_bare_words() -> None:
    telegram = Telegram(BadRequest("Button_data_invalid"))
    assert await sent(telegram, RICH) == Result(fate="sent", message_id="7")
    assert telegram.asked[1] == ("sendMessage", {"chat_id": 42, "text": "今天"})


async def test_if_even_the_bare_words_fail_that_is_what_counts() -> None:
    offended = BadRequest("Button_data_invalid")
    assert await sent(Telegram(offended, offended)) == Result(fate="ours", reason="refused")
    assert await sent(Telegram(offended, Forbidden("bot was blocked by the user"))) == Result(
        fate="gone", reason="blocked"
    )
    assert await sent(Telegram(offended, TimedOut()), replace(PLAIN, edits="5")) == Result(
        fate="unknown", repeats=True
    )


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (RetryAfter(timedelta(seconds=9)), Result(fate="later", wait=timedelta(seconds=9))),
        (NotSent("no connection"), Result(fate="not_sent")),
        (Forbidden("bot was blocked by the user"), Result(fate="gone", reason="blocked")),
        (BadRequest("Chat not found"), Result(fate="gone", reason="chat_not_found")),
        (InvalidToken(), Result(fate="token")),
        (TimedOut(), Result(fate="unknown", repeats=True)),
        (TelegramError("what?"), Result(fate="unknown", repeats=True)),
    ],
)
async def test_each_error_says_what_has_become_of_the_message(error: TelegramError, result: Result) -> None:
    assert await sent(Telegram(error)) == result


async def test_an_edit_whose_fate_is_unknown_shows_nothing_twice() -> None:
    assert await sent(Telegram(TimedOut()), replace(PLAIN, edits="5")) == Result(fate="unknown")


async def test_a_message_to_edit_that_is_missing_though_none_was_named_is_our_fault() -> None:
    assert await sent(Telegram(BadRequest("Message to edit not found"))) == Result(
        fate="ours", reason="refused"
    )


LONG = Message(text="\n".join("字" * 1000 for _ in range(9)), edits="5")


async def test_only_the_first_part_of_a_long_message_is_an_edit_and_the_last_number_counts() -> None:
    telegram = Telegram(True, {"message_id": 8}, {"message_id": 9})
    assert await sent(telegram, LONG) == Result(fate="sent", message_id="9", extra_parts=2)
    assert [method for method, _ in telegram.asked] == ["editMessageText", "sendMessage", "sendMessage"]


async def test_when_a_later_part_fails_the_first_comes_again() -> None:
    held = RetryAfter(timedelta(seconds=3))
    second = await sent(Telegram(True, held), LONG)
    assert second == Result(fate="later", wait=timedelta(seconds=3), repeats=True)
    first = await sent(Telegram(held), LONG)
    assert first == Result(fate="later", wait=timedelta(seconds=3))


async def test_what_may_have_arrived_is_marked_before_its_first_word_and_bold_moves_along() -> None:
    telegram = Telegram()
    await sent(telegram, RICH, ambiguous=True)
    assert telegram.asked[0][1]["text"] == "（可能重复）今天"
    assert telegram.asked[0][1]["entities"] == [{"type": "bold", "offset": 6, "length": 2}]


async def test_a_repeated_edit_and_a_first_try_are_not_marked() -> None:
    telegram = Telegram(True)
    await sent(telegram, replace(PLAIN, edits="5"), ambiguous=True)
    await sent(telegram, PLAIN)
    assert [asked["text"] for _, asked in telegram.asked] == ["今天", "今天"]


async def test_what_is_no_longer_true_is_dropped_even_if_it_may_have_arrived() -> None:
    telegram = Telegram()
    assert await sent(telegram, None, ambiguous=True) == Result(fate="dropped")
    assert telegram.asked == []


@pytest.mark.parametrize("address", ["", "web:42", "telegram:x"])
async def test_who_has_no_address_here_is_gone(address: str) -> None:
    telegram = Telegram()
    assert await sent(telegram, address=address) == Result(fate="gone", reason="no_address")
    assert telegram.asked == []


async def test_what_cannot_be_put_into_words_is_our_fault_but_a_lost_database_is_nobodys() -> None:
    async def mark(_: Notice) -> str:
        return ""

    async def media(_: str) -> bytes | None:
        return None

    async def broken(_: Notice) -> Message | None:
        raise KeyError("no such sentence")

    async def cut_off(_: Notice) -> Message | None:
        raise Unavailable("locked")

    telegram: Any = Telegram()
    assert await Delivery(telegram, broken, alone, mark, media).send(row()) == Result(
        fate="ours", reason="unworded"
    )
    with pytest.raises(Unavailable):
        await Delivery(telegram, cut_off, alone, mark, media).send(row())
    assert telegram.asked == []


PICTURE = replace(RICH, media="photo:forms/visit/house.png")


def of_file(asked: tuple[str, dict[str, Any]], kind: str) -> tuple[str, str, bytes, dict[str, Any]]:
    """A request with a file: its method, the file's name and content, and all the rest."""
    method, parameters = asked
    file = parameters[kind]
    return method, file.filename, file.input_file_content, {k: v for k, v in parameters.items() if k != kind}


@pytest.mark.parametrize(
    ("kind", "method"),
    [("photo", "sendPhoto"), ("audio", "sendAudio"), ("video", "sendVideo"), ("document", "sendDocument")],
)
async def test_a_message_with_a_picture_a_sound_or_a_film_is_its_caption(kind: str, method: str) -> None:
    telegram = Telegram()
    message = replace(RICH, media=f"{kind}:forms/visit/house.png")
    assert await sent(telegram, message, content=b"content") == Result(fate="sent", message_id="7")
    (asked,) = telegram.asked
    rest = {name: value for name, value in ALL.items() if name not in ("text", "entities", *PLAIN_LINKS)}
    caption = {"caption": "今天", "caption_entities": BOLD}
    assert of_file(asked, kind) == (method, "house.png", b"content", {**rest, **caption})


async def test_words_too_long_for_a_caption_follow_the_picture() -> None:
    telegram = Telegram({"message_id": 7}, {"message_id": 8})
    message = replace(PICTURE, text="字" * 2000, marks=())
    assert await sent(telegram, message, content=b"x") == Result(fate="sent", message_id="8", extra_parts=1)
    bare = {"chat_id": 42, "protect_content": True, "disable_notification": True}
    assert of_file(telegram.asked[0], "photo") == ("sendPhoto", "house.png", b"x", bare)
    assert telegram.asked[1][0] == "sendMessage"
    assert telegram.asked[1][1]["text"] == "字" * 2000
    assert telegram.asked[1][1]["reply_markup"] == KEYBOARD


@pytest.mark.parametrize("content", [None, b""])
async def test_without_the_picture_the_words_go_alone(content: bytes | None) -> None:
    telegram = Telegram()
    await sent(telegram, PICTURE, content=content)
    assert telegram.asked == [("sendMessage", ALL)]


async def test_an_edit_brings_no_picture() -> None:
    telegram = Telegram(True)
    await sent(telegram, replace(PICTURE, edits="5"), content=b"x")
    carried = ("chat_id", "text", "link_preview_options", "entities", "reply_markup")
    rest = {name: ALL[name] for name in carried}
    assert telegram.asked == [("editMessageText", {**rest, "message_id": 5})]


async def test_a_picture_that_telegram_refuses_does_not_keep_its_question_from_following() -> None:
    telegram = Telegram(BadRequest("Image_process_failed"), {"message_id": 8})
    message = replace(PICTURE, text="字" * 2000, marks=())
    assert await sent(telegram, message, content=b"x") == Result(fate="sent", message_id="8", extra_parts=1)
    telegram = Telegram(BadRequest("Image_process_failed"))
    assert await sent(telegram, PICTURE, content=b"x") == Result(fate="sent", message_id="7")
    assert telegram.asked[1] == ("sendMessage", {"chat_id": 42, "text": "今天"})


async def test_the_words_under_a_picture_are_edited_as_its_caption() -> None:
    telegram = Telegram(BadRequest("There is no text in the message to edit"), True)
    assert await sent(telegram, replace(RICH, edits="5")) == Result(fate="sent", message_id="5")
    caption = {"caption": "今天", "caption_entities": BOLD}
    asked = {"chat_id": 42, **caption, "reply_markup": KEYBOARD, "message_id": 5}
    assert telegram.asked[1] == ("editMessageCaption", asked)


async def test_words_too_long_for_the_caption_that_is_there_are_sent_anew() -> None:
    telegram = Telegram(BadRequest("There is no text in the message to edit"))
    message = replace(PLAIN, text="字" * 2000, edits="5")
    assert await sent(telegram, message) == Result(fate="sent", message_id="7")
    assert [method for method, _ in telegram.asked] == ["editMessageText", "sendMessage"]


ERASING = Message(text="", erases="12")


async def test_what_somebody_typed_is_taken_out_of_the_chat_and_nothing_is_said() -> None:
    telegram = Telegram(True)
    assert await sent(telegram, ERASING, ambiguous=True) == Result(fate="sent")
    assert telegram.asked == [("deleteMessage", {"chat_id": 42, "message_id": 12})]


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (BadRequest("Message to delete not found"), Result(fate="dropped")),
        (BadRequest("Message can't be deleted for everyone"), Result(fate="dropped")),
        (TimedOut(), Result(fate="unknown")),
        (Forbidden("bot was blocked by the user"), Result(fate="gone", reason="blocked")),
    ],
)
async def test_a_message_that_is_gone_already_is_done_and_the_rest_is_tried_again(
    error: TelegramError, result: Result
) -> None:
    assert await sent(Telegram(error), ERASING) == result


async def several(telegram: Telegram, message: Message | None, **more: Any) -> Result:
    """What becomes of three that leave as one: ``message`` is what they say, without the second, which is no
    longer true, and the third, which can't be put into words."""

    async def word(_: Notice) -> Message | None:
        raise AssertionError("several are not one message")

    async def together(notices: Sequence[Notice]) -> Together:
        assert [notice.key for notice in notices] == ["k", "k2", "k3"]
        return Together(message=message, untold=frozenset({"k2"}), unworded=frozenset({"k3"}))

    async def mark(_: Notice) -> str:
        return "（可能重复）"

    async def media(_: str) -> bytes | None:
        return None

    others = tuple(row(seq=n, key=f"k{n}", notice=replace(NOTICE, key=f"k{n}")) for n in (2, 3))
    delivery = Delivery(telegram, word, together, mark, media)  # type: ignore[arg-type]
    return await delivery.send(row(others=others, **more))


async def test_several_are_one_message_and_it_is_known_which_of_them_it_does_not_tell_and_why() -> None:
    telegram = Telegram()
    found = await several(telegram, RICH)
    lost = {"untold": frozenset({"k2"}), "unworded": frozenset({"k3"})}
    assert found == Result(fate="sent", message_id="7", **lost)  # type: ignore[arg-type]
    assert telegram.asked == [("sendMessage", ALL)]


async def test_several_of_which_one_may_have_arrived_say_so_once() -> None:
    telegram = Telegram()
    await several(telegram, PLAIN, ambiguous=True)
    assert [parameters["text"] for _, parameters in telegram.asked] == ["（可能重复）今天"]


async def test_several_of_which_none_is_true_any_more_are_not_sent() -> None:
    telegram = Telegram()
    assert await several(telegram, None) == Result(fate="dropped", unworded=frozenset({"k3"}))
    assert telegram.asked == []
