"""Every fault: what the caller sees, whether the call took effect, and what the journal says."""

import asyncio
import time

import aiohttp
import pytest

from playground.faults import Fault
from playground.people import Phone
from playground.server import StandIn
from playground.wire import Args
from tests.playground.conftest import TOKEN, Api


async def send(api: Api, text: str = "x") -> dict[str, object]:
    answer: dict[str, object] = await api("sendMessage", chat_id=1001, text=text)
    return answer


async def test_a_refusal_comes_as_often_as_planned(api: Api, server: StandIn, worker: Phone) -> None:
    server.faults.add(method="sendMessage", code=500, times=2)
    assert [(await send(api))["ok"] for _ in range(3)] == [False, False, True]
    assert len(worker.messages) == 1
    calls = server.journal.calls("sendMessage")
    assert [(call.status, call.executed) for call in calls] == [(500, False), (500, False), (200, True)]


async def test_too_many_requests_says_how_long_to_wait(api: Api, server: StandIn, worker: Phone) -> None:
    server.faults.add(method="send*", retry_after=7)
    answer = await send(api)
    assert answer["error_code"] == 429
    assert answer["description"] == "Too Many Requests: retry after 7"
    assert answer["parameters"] == {"retry_after": 7}
    assert server.journal.calls("sendMessage")[0].status == 429


async def test_a_fault_can_be_for_one_chat_some_words_and_later_calls(
    api: Api, server: StandIn, worker: Phone, officer: Phone
) -> None:
    server.faults.add(code=403, chat_id=2002, times=None, description="Forbidden: user is deactivated")
    server.faults.add(code=400, contains="警报", skip=1)
    assert (await send(api))["ok"]
    refused = await api("sendMessage", chat_id=2002, text="x")
    assert (refused["error_code"], refused["description"]) == (403, "Forbidden: user is deactivated")
    assert (await send(api, "警报一"))["ok"]
    assert not (await send(api, "警报二"))["ok"]
    assert (await send(api, "警报三"))["ok"]


async def test_a_share_of_the_calls_fails_and_the_dice_are_the_same_again(server: StandIn, api: Api) -> None:
    server.phone(1001)
    server.faults.add(retry_after=1, times=None, share=0.6)
    outcomes = [bool((await send(api))["ok"]) for _ in range(60)]
    assert 10 <= outcomes.count(True) <= 40
    again = StandIn(token="1:x").faults
    again.add(retry_after=1, times=None, share=0.6)
    assert [again.pick("sendMessage", Args({})) is None for _ in range(60)] == outcomes


async def test_dropped_before_execution_nothing_has_happened(
    api: Api, server: StandIn, worker: Phone
) -> None:
    server.faults.add("drop_before")
    with pytest.raises(aiohttp.ClientError):
        await send(api)
    assert worker.messages == []
    (call,) = server.journal
    assert (call.status, call.executed, call.fault) == (0, False, "drop_before")


async def test_dropped_after_execution_the_message_is_there(api: Api, server: StandIn, worker: Phone) -> None:
    server.faults.add("drop_after")
    with pytest.raises(aiohttp.ClientError):
        await send(api)
    (message,) = worker.messages
    (call,) = server.journal
    assert (call.status, call.executed, call.answer) == (0, True, message.id)


@pytest.mark.parametrize("execute", [False, True])
async def test_half_open_no_byte_comes_back(api: Api, server: StandIn, worker: Phone, execute: bool) -> None:
    server.faults.add("half_open", execute=execute)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await send(api)
    assert len(worker.messages) == int(execute)
    assert (await send(api))["ok"]


async def test_clearing_cuts_half_open_connections(api: Api, server: StandIn, worker: Phone) -> None:
    server.faults.add("half_open")
    hanging = asyncio.create_task(send(api))
    await asyncio.sleep(0.1)
    server.faults.clear()
    with pytest.raises(aiohttp.ClientError):
        await hanging


async def test_wrong_json_is_cut_in_the_middle(api: Api, server: StandIn, worker: Phone) -> None:
    server.faults.add("wrong_json")
    with pytest.raises(ValueError):
        await send(api)
    assert worker.messages == []


async def test_a_proxy_answers_with_a_page(api: Api, server: StandIn, worker: Phone) -> None:
    server.faults.add("html")
    async with api.session.get(f"{server.root}/bot{TOKEN}/getMe") as response:
        assert (response.status, response.content_type) == (502, "text/html")
        assert "502 Bad Gateway" in await response.text()


async def test_a_slow_answer_trickles(api: Api, server: StandIn, worker: Phone) -> None:
    server.faults.add("slow", delay=0.002, method="getMe")
    started = time.monotonic()
    assert (await api("getMe"))["ok"]
    assert time.monotonic() - started > 0.2


async def test_a_delayed_call_is_executed_late(api: Api, server: StandIn, worker: Phone) -> None:
    server.faults.add("delay", delay=0.2)
    started = time.monotonic()
    assert (await send(api))["ok"]
    assert time.monotonic() - started >= 0.2


async def test_a_frozen_server_executes_everything_after_the_thaw_even_for_callers_that_left(
    api: Api, server: StandIn, worker: Phone
) -> None:
    server.faults.freeze(seconds=0.4)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await send(api, "走了")
    assert worker.messages == []
    assert (await send(api, "等着"))["ok"]
    assert sorted(message.text for message in worker.messages) == ["等着", "走了"]
    gone = next(call for call in server.journal if call.args["text"] == "走了")
    assert (gone.status, gone.executed) == (0, True)


async def test_a_frozen_server_delivers_no_updates_either(api: Api, server: StandIn, worker: Phone) -> None:
    polling = asyncio.create_task(api.ok("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    server.faults.freeze()
    await worker.say("一")
    await asyncio.sleep(0.1)
    assert not polling.done()
    server.faults.thaw()
    assert len(await polling) == 1


async def test_downloads_can_fail_too(api: Api, server: StandIn, worker: Phone) -> None:
    await worker.send_document(b"roster", name="roster.xlsx")
    file = worker.messages[0].file
    assert file is not None
    path = (await api.ok("getFile", file_id=file.file_id))["file_path"]
    server.faults.add("html", method="file")
    async with api.session.get(f"{server.root}/file/bot{TOKEN}/{path}") as response:
        assert response.status == 502
    async with api.session.get(f"{server.root}/file/bot{TOKEN}/{path}") as response:
        assert await response.read() == b"roster"


async def test_an_outage_ends_when_the_server_starts_again_on_its_port(
    api: Api, server: StandIn, worker: Phone
) -> None:
    port = int(server.root.rpartition(":")[2])
    polling = asyncio.create_task(api("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    await server.stop()
    with pytest.raises(aiohttp.ClientError):
        await polling
    with pytest.raises(aiohttp.ClientConnectionError):
        await send(api)
    await worker.say("断网时说的")
    await server.start(port=port)
    (update,) = await api.ok("getUpdates")
    assert update["message"]["text"] == "断网时说的"


def test_an_unknown_kind_of_fault_is_named() -> None:
    with pytest.raises(ValueError, match="no such kind of fault: gremlin"):
        Fault(kind="gremlin")  # type: ignore[arg-type]


async def test_the_journal_counts_calls_and_keeps_both_clocks(
    api: Api, server: StandIn, worker: Phone
) -> None:
    before = time.monotonic()
    await worker.say("一")
    (update,) = await api.ok("getUpdates")
    await send(api)
    polled, sent = server.journal
    assert (polled.n, polled.answer) == (0, [update["update_id"]])
    assert (sent.n, sent.chat_id, sent.args["text"]) == (1, 1001, "x")
    assert before < polled.monotonic < sent.monotonic < time.monotonic()
    assert sent.wall == server.world.clock()
    assert server.journal.since(1) == [sent]
    assert server.journal.calls(chat_id=1001) == [sent]
