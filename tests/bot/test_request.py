"""The aiohttp request under python-telegram-bot: what works, and what each failure says."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import NetworkError, TelegramError, TimedOut

from bot.telegram.api import Api, verdict
from bot.telegram.request import BadAnswer, ConnectTimedOut, NotSent, surely_not_sent
from playground.server import StandIn

TOKEN = "123456:test-token"


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    stand_in = StandIn(token=TOKEN)
    await stand_in.start()
    stand_in.phone(42)
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def api(server: StandIn) -> AsyncIterator[Api]:
    made = Api(TOKEN, server.root)
    await made.open()
    yield made
    await made.close()


async def failure(api: Api, chat_id: int = 42, timeout: float | None = None) -> TelegramError:
    with pytest.raises(TelegramError) as caught:
        await api.call("sendMessage", {"chat_id": chat_id, "text": "x"}, read_timeout=timeout)
    return caught.value


async def test_python_telegram_bots_own_methods_work_on_it(api: Api, server: StandIn) -> None:
    assert (await api.bot.get_me()).username == "xiangban_demo_bot"
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("好", callback_data="x")]])
    sent = await api.bot.send_message(42, "您好", reply_markup=keyboard)
    document = await api.bot.send_document(42, b"content", filename="表.txt", caption="附件")
    assert document.document is not None
    file = await api.bot.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"content"
    assert [m.id for m in server.phone(42).messages] == [sent.message_id, document.message_id]


async def test_the_short_way_sends_the_same(api: Api, server: StandIn) -> None:
    markup = {"inline_keyboard": [[{"text": "好", "callback_data": "x"}]]}
    entities = [{"type": "bold", "offset": 0, "length": 2}]
    await api.call(
        "sendMessage", {"chat_id": 42, "text": "您好", "reply_markup": markup, "entities": entities}
    )
    (message,) = server.phone(42).messages
    assert message.text == "您好"
    assert message.buttons[0][0].data == "x"


async def test_without_a_server_nothing_was_sent(api: Api, server: StandIn) -> None:
    await server.stop()
    error = await failure(api)
    assert isinstance(error, NotSent)
    assert verdict(error).fate == "not_sent"


async def test_a_connection_that_can_not_be_made_in_time_sent_nothing_either() -> None:
    assert surely_not_sent(ConnectTimedOut("no connection in time"))
    assert isinstance(ConnectTimedOut("x"), TimedOut)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
async def test_a_lost_connection_leaves_it_unknown(api: Api, server: StandIn, kind: str) -> None:
    server.faults.add(kind, method="sendMessage")  # type: ignore[arg-type]
    error = await failure(api)
    assert isinstance(error, NetworkError)
    assert not surely_not_sent(error)
    assert verdict(error).fate == "unknown"


async def test_no_answer_in_time_leaves_it_unknown(api: Api, server: StandIn) -> None:
    server.faults.add("half_open", method="sendMessage")
    error = await failure(api, timeout=0.2)
    assert isinstance(error, TimedOut)
    assert verdict(error).fate == "unknown"
    server.faults.clear()


async def test_an_answer_that_drips_ends_at_the_limit_for_the_whole(
    api: Api, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.request.CONNECT_TIMEOUT", 0.1)
    server.faults.add("slow", method="sendMessage", delay=0.05)
    began = asyncio.get_running_loop().time()
    error = await failure(api, timeout=0.4)
    assert isinstance(error, TimedOut)
    assert asyncio.get_running_loop().time() - began < 2


@pytest.mark.parametrize("kind", ["wrong_json", "html"])
async def test_an_unreadable_answer_leaves_it_unknown(api: Api, server: StandIn, kind: str) -> None:
    server.faults.add(kind, method="sendMessage", execute=True)  # type: ignore[arg-type]
    error = await failure(api)
    assert verdict(error).fate == "unknown"


async def test_an_answer_without_a_result_is_a_bad_answer(api: Api) -> None:
    with pytest.raises(BadAnswer):
        api._request.parse_json_payload(b"[1, 2]")


async def test_429_says_how_long(api: Api, server: StandIn) -> None:
    server.faults.add(method="sendMessage", retry_after=17)
    found = verdict(await failure(api))
    assert (found.fate, found.wait) == ("later", timedelta(seconds=17))


async def test_whom_nothing_can_be_sent_to_is_named_by_a_code(api: Api, server: StandIn) -> None:
    await server.phone(42).block()
    assert (verdict(await failure(api)).fate, verdict(await failure(api)).reason) == ("gone", "blocked")
    assert verdict(await failure(api, chat_id=4711)).reason == "chat_not_found"
    server.phone(43, started=False)
    assert verdict(await failure(api, chat_id=43)).reason in ("never_wrote", "chat_not_found")


async def test_a_wrong_token_is_said_to_be_one(server: StandIn) -> None:
    other = Api("123456:another", server.root)
    await other.open()
    assert verdict(await failure(other)).fate == "token"
    await other.close()


async def test_an_edit_that_changes_nothing_and_one_of_nothing_are_told_apart(api: Api) -> None:
    sent = await api.call("sendMessage", {"chat_id": 42, "text": "x"})
    same = {"chat_id": 42, "message_id": sent["message_id"], "text": "x"}
    with pytest.raises(TelegramError) as unchanged:
        await api.call("editMessageText", same)
    with pytest.raises(TelegramError) as missing:
        await api.call("editMessageText", {**same, "message_id": 999})
    assert verdict(unchanged.value).fate == "unchanged"
    assert verdict(missing.value).fate == "no_message"
