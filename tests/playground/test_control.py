"""The control API over HTTP, and the server in a process of its own."""

import asyncio
import base64
import json
import sys
from typing import Any

import aiohttp
import pytest

from playground.people import Phone
from playground.server import StandIn
from tests.playground.conftest import TOKEN, Api


class Sim:
    """Calls the control API."""

    def __init__(self, api: Api) -> None:
        self.root, self.session = f"{api.root}/sim", api.session

    async def get(self, path: str, **query: Any) -> Any:
        async with self.session.get(f"{self.root}/{path}", params=query) as response:
            return (
                await response.json() | {"status": response.status}
                if response.status > 299
                else await response.json()
            )

    async def post(self, path: str, **body: Any) -> Any:
        async with self.session.post(f"{self.root}/{path}", json=body) as response:
            answer = await response.json()
            return {**answer, "status": response.status} if response.status > 299 else answer


@pytest.fixture
def sim(api: Api) -> Sim:
    return Sim(api)


async def test_people_are_made_and_listed(sim: Sim, server: StandIn) -> None:
    made = await sim.post("people", user_id=11, first_name="赵敏", language_code="en")
    assert made == {"user_id": 11, "first_name": "赵敏", "language_code": "en", "state": "open", "version": 0}
    await sim.post("people", user_id=12, started=False)
    people = await sim.get("people")
    assert [(one["user_id"], one["state"]) for one in people] == [(11, "open"), (12, "unopened")]
    assert server.phone(11).first_name == "赵敏"


async def test_a_conversation_goes_through_the_control_api(sim: Sim, api: Api, worker: Phone) -> None:
    said = await sim.post("people/1001/say", text="/today")
    markup = {
        "inline_keyboard": [[{"text": "好", "callback_data": "d"}, {"text": "看", "url": "https://a.cn/"}]]
    }
    sent = await api.ok(
        "sendMessage", chat_id=1001, text="<b>今天</b>", parse_mode="HTML", reply_markup=markup
    )
    query = (await sim.post("people/1001/tap", label="好"))["callback_query_id"]
    await sim.post("people/1001/tap", data="d", message_id=sent["message_id"])
    await sim.post("people/1001/tap", label="看", message_id=sent["message_id"])
    await api.ok("answerCallbackQuery", callback_query_id=query, text="行")
    await sim.post("people/1001/edit", message_id=said["message_id"], text="/visit")
    await sim.post("people/1001/location", latitude=30.5, longitude=104)
    await sim.post("people/1001/contact", phone_number="138")
    view = await sim.get("people/1001")
    assert [message["text"] for message in view["messages"]] == ["/visit", "今天", "", ""]
    shown = view["messages"][1]
    assert shown["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert shown["buttons"] == [
        [{"text": "好", "data": "d", "url": None}, {"text": "看", "data": None, "url": "https://a.cn/"}]
    ]
    assert view["popups"] == [{"text": "行", "alert": False, "url": ""}]
    assert view["opened"] == ["https://a.cn/"]
    kinds = [next(key for key in update if key != "update_id") for update in await api.ok("getUpdates")]
    assert kinds == ["message", "callback_query", "callback_query", "edited_message", "message", "message"]


async def test_files_are_uploaded_as_a_form_or_as_json_and_shown_again(sim: Sim, worker: Phone) -> None:
    form = aiohttp.FormData({"kind": "photo", "caption": "家里"})
    form.add_field("file", b"\xff\xd8jpeg", filename="a.jpg", content_type="image/jpeg")
    async with sim.session.post(f"{sim.root}/people/1001/upload", data=form) as response:
        assert response.status == 200
    for kind in ("voice", "document"):
        content = base64.b64encode(kind.encode()).decode()
        await sim.post("people/1001/upload", kind=kind, content=content, name=f"{kind}.bin")
    photo, voice, document = (await sim.get("people/1001"))["messages"]
    assert (photo["kind"], photo["text"], voice["kind"], document["kind"]) == (
        "photo",
        "家里",
        "voice",
        "document",
    )
    assert document["file"]["name"] == "document.bin"
    async with sim.session.get(f"{sim.root}/files/{voice['file']['file_id']}") as response:
        assert await response.read() == b"voice"


async def test_a_view_can_be_waited_for(sim: Sim, api: Api, worker: Phone) -> None:
    version = (await sim.get("people/1001"))["version"]
    waiting = asyncio.create_task(sim.get("people/1001", since=version, wait=5))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await api.ok("sendMessage", chat_id=1001, text="来了")
    view = await waiting
    assert (view["messages"][0]["text"], view["version"]) == ("来了", version + 1)


async def test_changes_are_streamed_as_events(sim: Sim, api: Api, worker: Phone, officer: Phone) -> None:
    async with sim.session.get(f"{sim.root}/events") as stream:

        async def next_event() -> dict[str, int]:
            line = (await stream.content.readline()).decode()
            await stream.content.readline()
            event: dict[str, int] = json.loads(line.removeprefix("data: "))
            return event

        assert await next_event() == {"1001": 0, "2002": 0}
        await api.ok("sendMessage", chat_id=2002, text="x")
        assert await next_event() == {"2002": 1}


async def test_blocking_is_done_and_undone(sim: Sim, worker: Phone) -> None:
    await sim.post("people/1001/block")
    refused = await sim.post("people/1001/say", text="喂")
    assert (refused["status"], refused["error"]) == (409, "王芳's chat is blocked")
    await sim.post("people/1001/unblock")
    assert "message_id" in await sim.post("people/1001/say", text="喂")
    await sim.post("people/1001/deactivate")
    assert (await sim.get("people/1001"))["state"] == "deactivated"


async def test_faults_are_planned_seen_and_cleared(sim: Sim, api: Api, worker: Phone) -> None:
    await sim.post("faults", kind="refuse", method="sendMessage", retry_after=4, times=None)
    assert (await api("sendMessage", chat_id=1001, text="x"))["error_code"] == 429
    assert (await sim.get("faults"))["planned"][0]["hits"] == 1
    async with sim.session.delete(f"{sim.root}/faults") as response:
        assert response.status == 200
    await api.ok("sendMessage", chat_id=1001, text="x")
    wrong = await sim.post("faults", kind="gremlin")
    assert wrong["status"] == 400
    assert wrong["error"].startswith("no such kind of fault: gremlin")
    assert (await sim.post("faults", nonsense=1))["status"] == 400


async def test_telegrams_pace_is_asked_for_and_lifted(sim: Sim, api: Api, worker: Phone) -> None:
    await sim.post("flood", chat_burst=1)
    answers = [await api("sendMessage", chat_id=1001, text=text) for text in ("一", "二")]
    assert [answer["ok"] for answer in answers] == [True, False]
    async with sim.session.delete(f"{sim.root}/flood") as response:
        assert response.status == 200
    await api.ok("sendMessage", chat_id=1001, text="三")
    assert (await sim.post("flood", nonsense=1))["status"] == 400


async def test_an_open_event_stream_does_not_hold_up_a_stop(sim: Sim, server: StandIn) -> None:
    async with sim.session.get(f"{sim.root}/events") as stream:
        assert stream.status == 200
        async with asyncio.timeout(2):
            await server.stop()


async def test_the_server_is_frozen_and_thawed(sim: Sim, api: Api, worker: Phone) -> None:
    await sim.post("freeze")
    assert (await sim.get("faults"))["frozen"] is True
    waiting = asyncio.create_task(api.ok("getMe"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await sim.post("thaw")
    assert (await waiting)["is_bot"]


async def test_the_journal_and_the_queue_are_read_and_updates_injected(sim: Sim, api: Api) -> None:
    injected = await sim.post("updates", message={"poison": True})
    queue = await sim.get("updates")
    assert queue == {"pending": 1, "next_id": injected["update_id"] + 1}
    assert (await sim.post("updates/restart", update_id=5))["status"] == 400
    await api.ok("getUpdates", offset=injected["update_id"] + 1)
    await sim.post("updates/restart", update_id=5)
    assert (await sim.get("updates"))["next_id"] == 5
    journal = await sim.get("journal", since=0)
    assert (journal["next"], [call["method"] for call in journal["calls"]]) == (1, ["getUpdates"])
    assert (await sim.get("journal", since=1))["calls"] == []
    assert journal["calls"][0]["answer"] == []


async def test_wrong_calls_are_told_what_is_wrong(sim: Sim, worker: Phone) -> None:
    assert (await sim.get("people/404"))["error"] == "no person 404"
    assert (await sim.post("people/1001/fly"))["error"] == "a phone can't fly"
    assert (await sim.post("people/1001/say"))["error"] == "text is missing"
    nowhere = await sim.post("people/1001/tap", label="好")
    assert (nowhere["status"], "sees no button '好'" in nowhere["error"]) == (404, True)


async def test_another_sites_page_may_not_steer(sim: Sim, server: StandIn) -> None:
    url = f"{sim.root}/people"
    async with sim.session.get(url, headers={"Origin": "https://evil.example"}) as response:
        assert response.status == 403
    async with sim.session.get(url, headers={"Origin": server.root}) as response:
        assert response.status == 200


async def test_without_control_there_is_no_control_api(api: Api) -> None:
    closed = StandIn(token=TOKEN, control=False)
    root = await closed.start()
    async with api.session.get(f"{root}/sim/people") as response:
        assert response.status == 404
    async with api.session.get(f"{root}/bot{TOKEN}/getMe") as response:
        assert response.status == 200
    await closed.stop()


async def test_the_server_runs_in_its_own_process_and_says_where() -> None:
    command = [sys.executable, "-m", "playground.server", "--port", "0", "--token", TOKEN]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    root = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession() as session:
        sim = Sim(Api(root, session))
        await sim.post("people", user_id=11)
        await sim.post("people/11/say", text="早")
        (update,) = await Api(root, session).ok("getUpdates")
        assert update["message"]["text"] == "早"
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 5) == 0
