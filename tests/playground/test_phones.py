"""What a phone can do and see."""

import asyncio

import pytest

from playground.people import BotBlocked, Phone
from playground.server import StandIn
from tests.playground.conftest import Api


def rows(*labels: str) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": label, "callback_data": f"d:{label}"}] for label in labels]}


async def ask(api: Api, text: str, *labels: str) -> int:
    sent = await api.ok("sendMessage", chat_id=1001, text=text, reply_markup=rows(*labels))
    return int(sent["message_id"])


async def tapped(api: Api) -> list[tuple[int, str]]:
    """The message and the data of every tap that has arrived."""
    updates = await api.ok("getUpdates", offset=0)
    queries = [update["callback_query"] for update in updates if "callback_query" in update]
    return [(query["message"]["message_id"], query["data"]) for query in queries]


async def test_a_person_has_one_phone(server: StandIn) -> None:
    assert server.phone(7, first_name="甲") is server.phone(7)
    assert server.phone(7).user_id == server.phone(7).chat.id == 7


async def test_a_tap_goes_to_the_newest_message_with_such_a_button(api: Api, worker: Phone) -> None:
    await ask(api, "旧", "提交")
    new = await ask(api, "新", "✅ 提交", "上一题")
    await ask(api, "最新", "别的")
    await worker.tap("提交")
    assert await tapped(api) == [(new, "d:✅ 提交")]


async def test_a_tap_can_name_the_message(api: Api, worker: Phone) -> None:
    old = await ask(api, "旧", "提交")
    await ask(api, "新", "提交")
    await worker.tap("提交", message_id=old)
    assert await tapped(api) == [(old, "d:提交")]


async def test_a_button_that_is_not_there_is_reported_with_those_that_are(api: Api, worker: Phone) -> None:
    await ask(api, "x", "提交", "上一题")
    with pytest.raises(LookupError, match="no button '跳过'; there are: 提交, 上一题"):
        await worker.tap("跳过")


async def test_signs_alone_are_told_apart(api: Api, worker: Phone) -> None:
    message = await ask(api, "x", "➕", "➖")
    await worker.tap("➖")
    assert await tapped(api) == [(message, "d:➖")]


async def test_a_link_button_is_opened_and_sends_nothing(api: Api, worker: Phone) -> None:
    markup = {"inline_keyboard": [[{"text": "说明", "url": "https://example.org/x"}]]}
    await api.ok("sendMessage", chat_id=1001, text="x", reply_markup=markup)
    assert await worker.tap("说明") == ""
    assert worker.opened == ["https://example.org/x"]
    assert await tapped(api) == []


async def test_a_hostile_app_can_send_any_data_even_for_a_message_that_is_gone(
    api: Api, worker: Phone
) -> None:
    message = await ask(api, "x", "提交")
    await api.ok("deleteMessage", chat_id=1001, message_id=message)
    await worker.tap_data(message, "d:伪造")
    (update,) = await api.ok("getUpdates")
    query = update["callback_query"]
    assert query["data"] == "d:伪造"
    assert query["message"] == {
        "chat": worker.chat.card,
        "message_id": message,
        "date": 0,
    }


async def test_waiting_returns_each_message_once_and_an_edited_one_again(api: Api, worker: Phone) -> None:
    first = await ask(api, "第一", "好")
    await ask(api, "第二", "好")
    assert (await worker.wait_for("第")).text == "第一"
    assert (await worker.wait_for("第")).text == "第二"
    with pytest.raises(TimeoutError):
        await worker.wait_for("第", timeout=0.05)
    await api.ok("editMessageText", chat_id=1001, message_id=first, text="第一，改")
    again = await worker.wait_for(lambda message: message.edited)
    assert (again.id, again.text, again.buttons) == (first, "第一，改", [])


async def test_waiting_sees_what_comes_later_and_not_what_the_person_says(api: Api, worker: Phone) -> None:
    await worker.say("你好")
    waiting = asyncio.create_task(worker.wait_for("你好"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await ask(api, "你好！", "好")
    assert (await waiting).from_bot


async def test_a_wait_in_vain_shows_the_chat(api: Api, worker: Phone) -> None:
    await worker.say("在吗")
    await ask(api, "请选择", "提交", "跳过")
    with pytest.raises(TimeoutError) as error:
        await worker.wait_for("再见", timeout=0.05)
    assert "王芳: 在吗\nbot: 请选择 [提交] [跳过]" in str(error.value)


async def test_quiet_lasts_until_nothing_more_comes(api: Api, worker: Phone) -> None:
    async def talk() -> None:
        for number in range(5):
            await asyncio.sleep(0.1)
            await ask(api, str(number), "好")

    talking = asyncio.create_task(talk())
    await worker.quiet(0.3)
    assert talking.done()
    assert len(worker.messages) == 5


async def test_who_blocked_the_bot_can_neither_type_nor_tap(api: Api, worker: Phone) -> None:
    message = await ask(api, "x", "好")
    await worker.block()
    with pytest.raises(BotBlocked):
        await worker.say("喂")
    with pytest.raises(BotBlocked):
        await worker.tap_data(message, "d:好")
    await worker.unblock()
    await worker.unblock()
    changes = [update["my_chat_member"] for update in await api.ok("getUpdates")]
    assert [change["new_chat_member"]["status"] for change in changes] == ["kicked", "member"]


async def test_an_edit_changes_the_own_text_and_reaches_the_bot(api: Api, worker: Phone) -> None:
    own = await worker.say("三个孩子")
    bots = await ask(api, "x", "好")
    await worker.edit(own, "/cancel")
    assert (worker.messages[0].text, worker.messages[0].edited) == ("/cancel", True)
    edit = (await api.ok("getUpdates"))[-1]["edited_message"]
    assert (edit["message_id"], edit["text"], edit["entities"][0]["type"]) == (own, "/cancel", "bot_command")
    with pytest.raises(LookupError):
        await worker.edit(bots, "y")


async def test_a_very_long_text_is_sent_in_pieces(api: Api, worker: Phone) -> None:
    await worker.say("长" * 5000)
    received = [update["message"]["text"] for update in await api.ok("getUpdates")]
    assert "".join(received) == "长" * 5000
    assert all(len(text) <= 4096 for text in received)


async def test_an_empty_text_cannot_be_typed(worker: Phone) -> None:
    with pytest.raises(ValueError, match="empty"):
        await worker.say("  ")


async def test_a_reply_quotes_the_message(api: Api, worker: Phone) -> None:
    asked = await ask(api, "几个？", "好")
    await worker.say("三个", reply_to=asked)
    (update,) = await api.ok("getUpdates")
    assert update["message"]["reply_to_message"]["text"] == "几个？"
    assert worker.messages[-1].reply_to == asked


async def test_the_newest_messages_can_be_read_alone(worker: Phone) -> None:
    for text in ("一", "二", "三"):
        await worker.say(text)
    assert [message.text for message in worker.messages_after(1)] == ["二", "三"]
    assert worker.messages_after(3) == worker.messages_after(9) == []
    assert worker.messages_after(0) == worker.messages


async def test_phones_see_only_their_own_chat(api: Api, worker: Phone, officer: Phone) -> None:
    await ask(api, "只给王芳", "好")
    await worker.say("好的")
    assert officer.messages == []
    assert [message.from_bot for message in worker.messages] == [True, False]


async def test_a_group_is_seen_by_all_and_the_bot_hears_its_name(
    api: Api, server: StandIn, worker: Phone, officer: Phone
) -> None:
    group = server.group(-500, "王家村")
    await group.add_bot(worker)
    await officer.say("@xiangban_demo_bot 在吗", chat=group.chat)
    await officer.say("别理它", chat=group.chat)
    await api.ok("sendMessage", chat_id=-500, text="在")
    assert [message.sender for message in group.messages] == ["李强", "李强", "相伴"]
    heard = [update["message"]["text"] for update in await api.ok("getUpdates") if "message" in update]
    assert heard == ["@xiangban_demo_bot 在吗"]


def test_a_group_needs_a_negative_id(server: StandIn) -> None:
    with pytest.raises(ValueError, match="negative"):
        server.group(5, "x")
