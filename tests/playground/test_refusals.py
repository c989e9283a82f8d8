"""Every refusal, in Telegram's own words."""

from typing import Any

import pytest

from playground.people import Phone
from playground.server import StandIn
from tests.playground.conftest import TOKEN, Api, Clock

BLOCKED = "Forbidden: bot was blocked by the user"


def button(**parts: Any) -> dict[str, Any]:
    return {"text": "好", **parts}


def keyboard(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n\t "}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "chat_id": 4040}, "chat not found"),
        ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "a <b>c", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag corresponding"),
        ({"text": "x", "reply_to_message_id": 99}, "message to be replied not found"),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"text": "x", "reply_markup": "{not json"}, "can't parse reply keyboard markup JSON object"),
        ({"text": "x", "reply_markup": keyboard([button(callback_data="d" * 65)])}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keyboard([button(callback_data="汉" * 22)])}, "DATA_INVALID"),
        ({"text": "x", "reply_markup": keyboard([button(callback_data="")])}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keyboard([button()])}, "Text buttons are unallowed"),
        ({"text": "x", "reply_markup": keyboard([button(url="no url")])}, "Wrong HTTP URL"),
        ({"text": "x", "reply_markup": keyboard([{"callback_data": "d"}])}, 'Can\'t find field "text"'),
        (
            {"text": "x", "reply_markup": keyboard([button(callback_data="d")] * 9)},
            "reply markup is too long",
        ),
        (
            {"text": "x", "reply_markup": keyboard(*[[button(callback_data="d")] * 8] * 13)},
            "reply markup is too long",
        ),
        (
            {"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
            "ends after the end of the text",
        ),
    ],
)
async def test_a_message_against_the_rules_is_refused(
    api: Api, worker: Phone, fields: dict[str, Any], words: str
) -> None:
    answer = await api("sendMessage", **{"chat_id": worker.user_id, **fields})
    assert (answer["ok"], answer["error_code"]) == (False, 400)
    assert answer["description"].startswith("Bad Request: ")
    assert words in answer["description"]
    assert worker.messages == []


@pytest.mark.parametrize("text", ["x" * 4096, "😀" * 2048, "<b>" + "x" * 4096 + "</b>"])
async def test_a_text_of_4096_units_after_parsing_goes_through(api: Api, worker: Phone, text: str) -> None:
    await api.ok("sendMessage", chat_id=worker.user_id, text=text, parse_mode="HTML")
    assert len(worker.messages) == 1


async def test_a_full_keyboard_of_100_buttons_with_64_bytes_goes_through(api: Api, worker: Phone) -> None:
    full = keyboard(*[[button(callback_data="d" * 64)] * 8] * 12, [button(callback_data="汉" * 21)] * 4)
    await api.ok("sendMessage", chat_id=worker.user_id, text="x", reply_markup=full)
    assert len(worker.messages[0].labels) == 100


async def test_the_same_edit_twice_is_not_modified(api: Api, worker: Phone) -> None:
    sent = await api.ok("sendMessage", chat_id=worker.user_id, text="一")
    where = {"chat_id": worker.user_id, "message_id": sent["message_id"]}
    await api.ok("editMessageText", **where, text="二", reply_markup=keyboard([button(callback_data="d")]))
    again = await api(
        "editMessageText", **where, text="二", reply_markup=keyboard([button(callback_data="d")])
    )
    assert again["description"] == (
        "Bad Request: message is not modified: specified new message content and reply markup are "
        "exactly the same as a current content and reply markup of the message"
    )
    same = await api("editMessageReplyMarkup", **where, reply_markup=keyboard([button(callback_data="d")]))
    assert "message is not modified" in same["description"]
    await api.ok("editMessageReplyMarkup", **where)
    assert worker.messages[0].buttons == []


async def test_edits_of_what_is_not_there_or_not_the_bots_are_refused(api: Api, worker: Phone) -> None:
    own = await worker.say("我的话")
    photo = await api.ok("sendLocation", chat_id=worker.user_id, latitude=30.1, longitude=104.2)
    text = await api.ok("sendMessage", chat_id=worker.user_id, text="x")

    async def words(method: str, message_id: int, **fields: Any) -> str:
        answer = await api(method, chat_id=worker.user_id, message_id=message_id, **fields)
        return str(answer["description"])

    assert await words("editMessageText", 999, text="y") == "Bad Request: message to edit not found"
    assert await words("editMessageReplyMarkup", 999) == "Bad Request: message to edit not found"
    assert await words("editMessageText", own, text="y") == "Bad Request: message can't be edited"
    no_text = await words("editMessageText", photo["message_id"], text="y")
    assert no_text == "Bad Request: there is no text in the message to edit"
    no_caption = await words("editMessageCaption", text["message_id"], caption="y")
    assert no_caption == "Bad Request: there is no caption in the message to edit"
    too_long = await words("editMessageText", text["message_id"], text="y" * 4097)
    assert too_long == "Bad Request: MESSAGE_TOO_LONG"


async def test_deletion_needs_a_message_younger_than_48_hours(api: Api, worker: Phone, clock: Clock) -> None:
    old = await api.ok("sendMessage", chat_id=worker.user_id, text="旧")
    clock.now += 48 * 3600 + 1
    fresh = await worker.say("身份证号")
    late = await api("deleteMessage", chat_id=worker.user_id, message_id=old["message_id"])
    assert late["description"] == "Bad Request: message can't be deleted for everyone"
    assert await api.ok("deleteMessage", chat_id=worker.user_id, message_id=fresh) is True
    gone = await api("deleteMessage", chat_id=worker.user_id, message_id=fresh)
    assert gone["description"] == "Bad Request: message to delete not found"
    assert [message.text for message in worker.messages] == ["旧"]


async def test_several_messages_are_deleted_and_missing_ones_passed_over(api: Api, worker: Phone) -> None:
    ids = [await worker.say(text) for text in ("一", "二", "三")]
    await api.ok("deleteMessages", chat_id=worker.user_id, message_ids=[ids[0], 999, ids[2]])
    assert [message.text for message in worker.messages] == ["二"]


async def test_a_tap_is_answered_once_and_only_in_time(
    api: Api, worker: Phone, clock: Clock, server: StandIn
) -> None:
    words = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    await api.ok("sendMessage", chat_id=1001, text="x", reply_markup=keyboard([button(callback_data="d")]))
    first, second = await worker.tap("好"), await worker.tap("好")
    long = await api("answerCallbackQuery", callback_query_id=first, text="x" * 201)
    assert long["description"] == "Bad Request: MESSAGE_TOO_LONG"
    await api.ok("answerCallbackQuery", callback_query_id=first, text="行", show_alert=True)
    assert [(popup.text, popup.alert) for popup in worker.popups] == [("行", True)]
    assert (await api("answerCallbackQuery", callback_query_id=first))["description"] == words
    clock.now += server.world.query_seconds + 1
    assert (await api("answerCallbackQuery", callback_query_id=second))["description"] == words
    assert (await api("answerCallbackQuery", callback_query_id="77"))["description"] == words


async def test_a_person_who_blocked_the_bot_is_out_of_reach_until_unblocking(api: Api, worker: Phone) -> None:
    sent = await api.ok("sendMessage", chat_id=1001, text="x")
    await worker.block()
    for method, fields in (
        ("sendMessage", {"text": "y"}),
        ("editMessageText", {"text": "y", "message_id": sent["message_id"]}),
        ("sendChatAction", {"action": "typing"}),
        ("sendLocation", {"latitude": 1, "longitude": 2}),
    ):
        answer = await api(method, chat_id=1001, **fields)
        assert (answer["error_code"], answer["description"]) == (403, BLOCKED)
    await worker.unblock()
    await api.ok("sendMessage", chat_id=1001, text="z")


async def test_a_deleted_account_is_deactivated(api: Api, worker: Phone) -> None:
    await worker.deactivate()
    answer = await api("sendMessage", chat_id=1001, text="x")
    assert (answer["error_code"], answer["description"]) == (403, "Forbidden: user is deactivated")


async def test_the_bot_cannot_write_first(api: Api, server: StandIn) -> None:
    stranger = server.phone(3003, started=False)
    assert (await api("sendMessage", chat_id=3003, text="x"))["description"] == "Bad Request: chat not found"
    await stranger.say("/start")
    await api.ok("sendMessage", chat_id=3003, text="x")


async def test_an_upgraded_group_tells_its_new_id(api: Api, server: StandIn, worker: Phone) -> None:
    group = server.group(-500, "王家村")
    await group.add_bot(worker)
    await api.ok("sendMessage", chat_id=-500, text="x")
    await group.upgrade(-1005)
    answer = await api("sendMessage", chat_id=-500, text="x")
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": -1005}
    await api.ok("sendMessage", chat_id=-1005, text="x")


async def test_a_bot_thrown_out_of_a_group_is_kicked(api: Api, server: StandIn, worker: Phone) -> None:
    group = server.group(-500, "王家村")
    await group.add_bot(worker)
    await group.remove_bot(worker)
    answer = await api("sendMessage", chat_id=-500, text="x")
    assert (answer["error_code"], answer["description"]) == (
        403,
        "Forbidden: bot was kicked from the group chat",
    )


async def test_a_private_chat_cannot_be_left(api: Api, worker: Phone) -> None:
    answer = await api("leaveChat", chat_id=worker.user_id)
    assert answer["error_code"] == 400


async def test_unknown_methods_are_404_and_wrong_tokens_401(api: Api, server: StandIn) -> None:
    unknown = await api("sendTelepathy", chat_id=1)
    assert (unknown["error_code"], unknown["description"]) == (404, "Not Found")
    async with api.session.get(f"{server.root}/bot{TOKEN}x/getMe") as response:
        assert (response.status, (await response.json())["description"]) == (401, "Unauthorized")


async def test_method_names_are_taken_in_any_case_of_letters_and_by_get(api: Api, server: StandIn) -> None:
    async with api.session.get(f"{server.root}/bot{TOKEN}/GETme") as response:
        assert (await response.json())["result"]["username"] == "xiangban_demo_bot"


async def test_broken_bodies_are_refused_as_such(api: Api, server: StandIn) -> None:
    url = f"{server.root}/bot{TOKEN}/sendMessage"
    json_type = {"Content-Type": "application/json"}
    async with api.session.post(url, data=b"{", headers=json_type) as response:
        assert "can't parse request body as a JSON object" in (await response.json())["description"]
    form_type = {"Content-Type": "application/x-www-form-urlencoded"}
    async with api.session.post(url, data=b"text=\xff", headers=form_type) as response:
        assert "strings must be encoded in UTF-8" in (await response.json())["description"]


async def test_json_bodies_carry_objects_instead_of_texts(api: Api, server: StandIn, worker: Phone) -> None:
    body = {"chat_id": 1001, "text": "x", "reply_markup": keyboard([button(callback_data="d")])}
    async with api.session.post(f"{server.root}/bot{TOKEN}/sendMessage", json=body) as response:
        assert (await response.json())["ok"]
    assert worker.messages[0].labels == ["好"]


@pytest.mark.parametrize(
    ("method", "fields", "words"),
    [
        ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
        ("sendPhoto", {}, "there is no photo in the request"),
        ("sendPhoto", {"photo": "https://example.org/a.jpg"}, "failed to get HTTP URL content"),
        ("sendDocument", {"document": "BQAC"}, "wrong file identifier/HTTP URL specified"),
        ("sendDocument", {"document": "attach://nothing"}, "wrong file identifier/HTTP URL specified"),
        ("sendLocation", {"latitude": "x", "longitude": 1}, "wrong location specified"),
        ("sendMediaGroup", {"media": [{"type": "photo", "media": "x"}]}, "wrong number of media"),
        ("getFile", {"file_id": "nothing"}, "invalid file_id"),
        ("setMyCommands", {"commands": [{"command": "Grüße", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        (
            "setMyCommands",
            {"commands": [{"command": "a", "description": "x"}] * 101},
            "BOT_COMMANDS_TOO_MUCH",
        ),
        (
            "setMyCommands",
            {"commands": [{"command": "a", "description": ""}]},
            "description must be non-empty",
        ),
        ("setMyCommands", {"commands": "today"}, "can't parse bot commands"),
        ("setMyCommands", {"commands": ["today"]}, "can't parse bot commands: expected an Object"),
        ("setMyCommands", {"commands": {"command": "a"}}, "can't parse bot commands: expected an Array"),
        ("sendMessage", {"text": "x", "reply_parameters": [1]}, "can't parse reply parameters"),
        ("sendMessage", {"text": "x", "reply_markup": [1]}, "object expected as reply markup"),
        ("sendMessage", {"text": "x", "reply_markup": {"inline_keyboard": [1]}}, "Array of Arrays"),
        (
            "sendMessage",
            {"text": "x", "reply_markup": {"inline_keyboard": [[1]]}},
            "can't parse inline keyboard",
        ),
        ("getUpdates", {"allowed_updates": [1]}, "can't parse allowed updates"),
        ("deleteMessages", {"message_ids": []}, "must be an Array of 1 to 100 numbers"),
        ("setMessageReaction", {"message_id": 9}, "message to react not found"),
        ("pinChatMessage", {"message_id": 9}, "message to pin not found"),
        ("copyMessage", {"from_chat_id": 1001, "message_id": 9}, "message to copy not found"),
        ("getChatMember", {"user_id": 9}, "user not found"),
        ("setWebhook", {"url": "ftp://x"}, "An HTTPS URL must be provided for webhook"),
        ("setWebhook", {"url": "http://x", "secret_token": "ä"}, "unallowed characters"),
        ("setMyName", {"name": "x" * 65}, "name is too long"),
    ],
)
async def test_other_methods_refuse_what_telegram_refuses(
    api: Api, worker: Phone, method: str, fields: dict[str, Any], words: str
) -> None:
    answer = await api(method, **{"chat_id": worker.user_id, **fields})
    assert answer["error_code"] == 400
    assert words in answer["description"]


async def test_a_refused_call_is_in_the_journal_as_not_executed(api: Api, server: StandIn) -> None:
    await api("sendMessage", chat_id=4040, text="x")
    (call,) = server.journal
    assert (call.status, call.executed, call.answer) == (400, False, "Bad Request: chat not found")
