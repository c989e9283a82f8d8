"""The pace at which Telegram takes messages, when a test asks for it."""

import asyncio

import pytest

from playground.flood import Flood
from playground.people import Phone
from playground.refusal import Refusal
from playground.server import StandIn
from playground.wire import Args
from tests.playground.conftest import Api, Clock


def refused(flood: Flood, chat_id: int, name: str = "sendmessage") -> int:
    """The seconds to wait; 0 when the call goes through."""
    try:
        flood.admit(name, Args({"chat_id": str(chat_id)}))
    except Refusal as refusal:
        return int((refusal.parameters or {})["retry_after"])
    return 0


@pytest.fixture
def flood(clock: Clock) -> Flood:
    return Flood(clock=clock)


def test_a_chat_takes_a_short_burst_and_then_one_message_a_second(flood: Flood, clock: Clock) -> None:
    assert [refused(flood, 7) for _ in range(6)] == [0, 0, 0, 0, 0, 1]
    clock.now += 1
    assert [refused(flood, 7) for _ in range(2)] == [0, 1]
    assert refused(flood, 8) == 0


def test_all_chats_together_take_thirty_a_second(flood: Flood, clock: Clock) -> None:
    assert [refused(flood, chat) for chat in range(31)] == [0] * 30 + [1]
    clock.now += 0.5
    assert [refused(flood, 100 + chat) for chat in range(16)] == [0] * 15 + [1]


def test_a_group_takes_twenty_a_minute(flood: Flood, clock: Clock) -> None:
    assert [refused(flood, -7) for _ in range(21)] == [0] * 20 + [3]
    clock.now += 60
    assert refused(flood, -7) == 0


def test_asking_and_typing_cost_nothing(flood: Flood) -> None:
    assert [refused(flood, 7, "sendchataction") for _ in range(40)] == [0] * 40
    assert [refused(flood, 7, "answercallbackquery") for _ in range(40)] == [0] * 40


async def test_a_bot_that_sends_too_fast_is_refused_and_may_go_on_later(
    api: Api, server: StandIn, worker: Phone, clock: Clock
) -> None:
    server.flood = Flood(clock=clock)
    texts = [str(number) for number in range(8)]
    answers = await asyncio.gather(*(api("sendMessage", chat_id=1001, text=text) for text in texts))
    assert sorted(answer["ok"] for answer in answers) == [False] * 3 + [True] * 5
    assert {answer["description"] for answer in answers if not answer["ok"]} == {
        "Too Many Requests: retry after 1"
    }
    assert len(worker.messages) == 5
    clock.now += 1
    await api.ok("sendMessage", chat_id=1001, text="später")
