"""Delivery by webhook: secret, order, retries, and answers in the response."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from playground.people import Phone
from playground.server import StandIn
from playground.webhook import SECRET_HEADER
from tests.playground.conftest import Api, Clock


class Endpoint:
    """A bot's webhook: keeps what arrives; `reply` decides the response."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.url = ""
        self.in_flight = 0
        self.most_in_flight = 0
        self.pause = 0.0
        self.reply: Callable[[dict[str, Any]], web.Response] = lambda update: web.Response()

    async def handle(self, request: web.Request) -> web.Response:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(self.pause)
        self.in_flight -= 1
        self.secrets.append(request.headers.get(SECRET_HEADER))
        self.got.append(await request.json())
        return self.reply(self.got[-1])

    async def count(self, number: int) -> None:
        """Waits until so many deliveries have come."""
        async with asyncio.timeout(5):
            while len(self.got) < number:
                await asyncio.sleep(0.01)

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.got if "message" in update]


@pytest.fixture
async def endpoint(server: StandIn) -> AsyncIterator[Endpoint]:
    server.webhook.pause = 0.05
    bot = Endpoint()
    app = web.Application()
    app.router.add_post("/hook", bot.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield bot
    await server.webhook.remove()
    await runner.cleanup()


async def test_updates_go_to_the_webhook_with_the_secret(api: Api, worker: Phone, endpoint: Endpoint) -> None:
    await worker.say("早")
    await api.ok("setWebhook", url=endpoint.url, secret_token="s3cret")
    await worker.say("晚")
    await endpoint.count(2)
    assert endpoint.texts() == ["早", "晚"]
    assert endpoint.secrets == ["s3cret", "s3cret"]
    assert (await api.ok("getWebhookInfo"))["pending_update_count"] == 0


async def test_polling_is_refused_while_a_webhook_is_set(
    api: Api, endpoint: Endpoint, server: StandIn
) -> None:
    server.world.updates.same_offset_hold = 0.0
    waiting = asyncio.create_task(api("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    await api.ok("setWebhook", url=endpoint.url)
    assert (await waiting)["description"] == "Conflict: terminated by setWebhook request"
    answer = await api("getUpdates")
    assert answer["error_code"] == 409
    assert answer["description"].startswith("Conflict: can't use getUpdates method while webhook is active")
    await api.ok("deleteWebhook")
    assert await api.ok("getUpdates") == []


async def test_a_failed_delivery_is_tried_again_with_longer_pauses_and_stays_in_order(
    api: Api, worker: Phone, endpoint: Endpoint
) -> None:
    endpoint.reply = lambda update: web.Response(status=500 if len(endpoint.got) < 4 else 200)
    await api.ok("setWebhook", url=endpoint.url)
    started = asyncio.get_running_loop().time()
    await worker.say("一")
    await worker.say("二")
    await endpoint.count(2)
    info = await api.ok("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
    assert info["pending_update_count"] == 2
    await endpoint.count(5)
    assert endpoint.texts() == ["一", "一", "一", "一", "二"]
    assert asyncio.get_running_loop().time() - started > 0.05 + 0.1 + 0.2


async def test_retry_after_of_the_bot_is_honoured(api: Api, worker: Phone, endpoint: Endpoint) -> None:
    endpoint.reply = lambda update: web.Response(
        status=503 if len(endpoint.got) < 2 else 200, headers={"Retry-After": "1"}
    )
    await api.ok("setWebhook", url=endpoint.url)
    started = asyncio.get_running_loop().time()
    await worker.say("一")
    await endpoint.count(2)
    assert asyncio.get_running_loop().time() - started > 0.9


async def test_a_bot_that_is_down_gets_everything_when_it_is_back(
    api: Api, worker: Phone, endpoint: Endpoint, server: StandIn
) -> None:
    await api.ok("setWebhook", url="http://127.0.0.1:9/hook")
    await worker.say("一")
    await asyncio.sleep(0.1)
    info = await api.ok("getWebhookInfo")
    assert (info["last_error_message"], info["pending_update_count"]) == ("Connection refused", 1)
    await api.ok("setWebhook", url=endpoint.url)
    await endpoint.count(1)
    assert endpoint.texts() == ["一"]


async def test_one_update_of_a_chat_is_in_flight_at_a_time_and_chats_run_side_by_side(
    api: Api, worker: Phone, officer: Phone, endpoint: Endpoint
) -> None:
    endpoint.pause = 0.1
    await api.ok("setWebhook", url=endpoint.url)
    for text in ("一", "二", "三"):
        await worker.say(text)
    await endpoint.count(3)
    assert endpoint.most_in_flight == 1
    await worker.say("四")
    await officer.say("五")
    await endpoint.count(5)
    assert endpoint.most_in_flight == 2


async def test_a_tap_may_overtake_the_text_typed_before_it(
    api: Api, worker: Phone, endpoint: Endpoint
) -> None:
    markup = {"inline_keyboard": [[{"text": "收到", "callback_data": "ack"}]]}
    await api.ok("sendMessage", chat_id=1001, text="警报", reply_markup=markup)
    endpoint.reply = lambda update: web.Response(status=500 if "message" in update else 200)
    await api.ok("setWebhook", url=endpoint.url)
    await worker.say("一")
    await worker.tap("收到")
    async with asyncio.timeout(5):
        while not any("callback_query" in update for update in endpoint.got):
            await asyncio.sleep(0.01)
    assert (await api.ok("getWebhookInfo"))["pending_update_count"] == 1


async def test_what_expires_is_not_delivered(
    api: Api, worker: Phone, endpoint: Endpoint, clock: Clock
) -> None:
    endpoint.reply = lambda update: web.Response(status=500)
    await api.ok("setWebhook", url=endpoint.url)
    await worker.say("旧")
    await endpoint.count(1)
    clock.now += 86_401
    tries = len(endpoint.got)
    endpoint.reply = lambda update: web.Response()
    await asyncio.sleep(0.3)
    await worker.say("新")
    await endpoint.count(tries + 1)
    assert endpoint.texts()[-1] == "新"
    assert "旧" not in endpoint.texts()[tries + 1 :]


async def test_a_webhook_that_says_gone_for_23_hours_is_removed(
    api: Api, worker: Phone, endpoint: Endpoint, clock: Clock
) -> None:
    endpoint.reply = lambda update: web.Response(status=410)
    await api.ok("setWebhook", url=endpoint.url)
    await worker.say("一")
    await endpoint.count(1)
    clock.now += 23 * 3600 + 1
    await endpoint.count(2)
    await asyncio.sleep(0.05)
    assert (await api.ok("getWebhookInfo"))["url"] == ""
    assert [update["message"]["text"] for update in await api.ok("getUpdates")] == ["一"]


async def test_a_method_in_the_response_is_executed_unless_it_asks_or_steers(
    api: Api, worker: Phone, endpoint: Endpoint, server: StandIn
) -> None:
    calls = [
        {"method": "sendMessage", "chat_id": 1001, "text": "回"},
        {"method": "deleteWebhook"},
        {"method": "sendMessage", "chat_id": 1001, "text": ""},
    ]
    endpoint.reply = lambda update: web.json_response(calls[len(endpoint.got) - 1])
    await api.ok("setWebhook", url=endpoint.url)
    for text in ("一", "二", "三"):
        await worker.say(text)
    await worker.wait_for("回")
    await endpoint.count(3)
    await worker.quiet(0.1)
    assert (await api.ok("getWebhookInfo"))["url"] == endpoint.url
    assert [call.status for call in server.journal.calls("sendMessage")] == [200, 400]


async def test_pending_updates_can_be_dropped(api: Api, worker: Phone, endpoint: Endpoint) -> None:
    await worker.say("旧")
    await api.ok("setWebhook", url=endpoint.url, drop_pending_updates=True, max_connections=3)
    await worker.say("新")
    await endpoint.count(1)
    assert endpoint.texts() == ["新"]
    assert (await api.ok("getWebhookInfo"))["max_connections"] == 3
    await api.ok("setWebhook", url="")
    assert (await api.ok("getWebhookInfo"))["url"] == ""
