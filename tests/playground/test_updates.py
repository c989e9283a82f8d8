"""Offsets, long polls, conflicts and expiry, as the official server has them."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.people import Phone
from playground.server import StandIn
from playground.updates import Updates
from tests.playground.conftest import Api, Clock


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


@pytest.fixture(autouse=True)
def no_hurry(server: StandIn) -> None:
    """Most of these tests repeat an offset on purpose; the rules against that have tests of their own."""
    server.world.updates.same_offset_one = server.world.updates.same_offset_hold = 0.0


async def test_updates_come_again_until_a_higher_offset_confirms_them(api: Api, worker: Phone) -> None:
    for text in ("一", "二", "三"):
        await worker.say(text)
    first = await api.ok("getUpdates")
    assert texts(first) == ["一", "二", "三"]
    assert await api.ok("getUpdates") == first
    assert texts(await api.ok("getUpdates", offset=first[1]["update_id"])) == ["二", "三"]
    assert texts(await api.ok("getUpdates")) == ["二", "三"]
    assert await api.ok("getUpdates", offset=first[2]["update_id"] + 1) == []
    assert await api.ok("getUpdates") == []


async def test_numbers_follow_one_another_from_a_random_start(api: Api, worker: Phone) -> None:
    for text in ("一", "二", "三"):
        await worker.say(text)
    ids = [update["update_id"] for update in await api.ok("getUpdates")]
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]
    assert ids[0] > 2_000_000
    assert StandIn(token="1:x").world.updates.next_id != StandIn(token="1:x").world.updates.next_id


async def test_a_batch_has_at_most_its_limit_and_at_most_a_hundred(api: Api, worker: Phone) -> None:
    for number in range(120):
        await worker.say(str(number))
    assert texts(await api.ok("getUpdates", limit=2)) == ["0", "1"]
    assert len(await api.ok("getUpdates", limit=500)) == 100


async def test_a_negative_offset_forgets_all_but_the_last(api: Api, worker: Phone) -> None:
    for text in ("一", "二", "三"):
        await worker.say(text)
    assert texts(await api.ok("getUpdates", offset=-2)) == ["二", "三"]
    assert texts(await api.ok("getUpdates")) == ["二", "三"]


async def test_an_offset_far_past_the_end_is_ignored(api: Api, worker: Phone, server: StandIn) -> None:
    await worker.say("一")
    beyond = server.world.updates.next_id + 11
    assert texts(await api.ok("getUpdates", offset=beyond)) == ["一"]
    assert texts(await api.ok("getUpdates")) == ["一"]


async def test_numbers_may_start_anew_below_after_a_quiet_week(
    api: Api, worker: Phone, server: StandIn
) -> None:
    await worker.say("一")
    (update,) = await api.ok("getUpdates")
    with pytest.raises(ValueError, match="1 updates still wait"):
        server.world.updates.restart_numbers(1000)
    offset = update["update_id"] + 1
    await api.ok("getUpdates", offset=offset)
    server.world.updates.restart_numbers(1000)
    waiting = asyncio.create_task(api.ok("getUpdates", offset=offset, timeout=5))
    await asyncio.sleep(0.05)
    await worker.say("二")
    (low,) = await waiting
    assert (low["update_id"], low["message"]["text"]) == (1000, "二")


async def test_a_long_poll_returns_as_soon_as_something_comes(api: Api, worker: Phone) -> None:
    started = asyncio.get_running_loop().time()
    waiting = asyncio.create_task(api.ok("getUpdates", timeout=30))
    await asyncio.sleep(0.1)
    await worker.say("一")
    assert texts(await waiting) == ["一"]
    assert asyncio.get_running_loop().time() - started < 2


async def test_a_long_poll_ends_empty_after_its_seconds(api: Api) -> None:
    started = asyncio.get_running_loop().time()
    assert await api.ok("getUpdates", timeout=1) == []
    assert 0.9 < asyncio.get_running_loop().time() - started < 2


async def test_the_older_of_two_pollers_gets_the_conflict(api: Api, worker: Phone) -> None:
    older = asyncio.create_task(api("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    newer = asyncio.create_task(api("getUpdates", timeout=30))
    answer = await older
    assert answer["error_code"] == 409
    assert answer["description"].startswith("Conflict: terminated by other getUpdates request")
    await worker.say("一")
    assert texts((await newer)["result"]) == ["一"]


async def test_two_pollers_with_updates_waiting_both_get_them(api: Api, worker: Phone) -> None:
    await worker.say("一")
    first, second = await asyncio.gather(api.ok("getUpdates"), api.ok("getUpdates"))
    assert texts(first) == texts(second) == ["一"]


async def test_the_same_offset_within_half_a_second_gets_one_update(
    api: Api, worker: Phone, server: StandIn
) -> None:
    server.world.updates.same_offset_one = 0.5
    await worker.say("一")
    await worker.say("二")
    assert texts(await api.ok("getUpdates")) == ["一", "二"]
    assert texts(await api.ok("getUpdates")) == ["一"]


async def test_the_same_offset_again_is_held_for_seconds(api: Api, server: StandIn) -> None:
    server.world.updates.same_offset_hold = 0.6
    assert await api.ok("getUpdates", offset=5) == []
    started = asyncio.get_running_loop().time()
    assert await api.ok("getUpdates", offset=5) == []
    assert asyncio.get_running_loop().time() - started > 0.5


async def test_a_message_waits_a_day_and_a_tap_150_seconds(
    api: Api, worker: Phone, clock: Clock, server: StandIn
) -> None:
    markup = {"inline_keyboard": [[{"text": "收到", "callback_data": "ack"}]]}
    await api.ok("sendMessage", chat_id=1001, text="警报", reply_markup=markup)
    await worker.tap("收到")
    await worker.say("一")
    clock.now += 149
    assert len(await api.ok("getUpdates")) == 2
    clock.now += 2
    assert texts(await api.ok("getUpdates")) == ["一"]
    clock.now += 86_400
    assert await api.ok("getUpdates") == []
    assert len(server.world.updates) == 0


async def test_only_the_kinds_that_were_asked_for_are_queued(api: Api, worker: Phone) -> None:
    await api.ok("getUpdates", allowed_updates=["callback_query"])
    await worker.say("一")
    assert await api.ok("getUpdates") == []
    await api.ok("getUpdates", allowed_updates=[])
    await worker.say("二")
    assert texts(await api.ok("getUpdates")) == ["二"]


async def test_any_object_can_be_injected_and_delivered_twice(api: Api, server: StandIn) -> None:
    number = server.world.updates.inject({"message": {"message_id": "poison", "date": []}})
    server.world.updates.inject({"update_id": number, "message": {"message_id": "poison", "date": []}})
    first, second = await api.ok("getUpdates")
    assert first == second == {"update_id": number, "message": {"message_id": "poison", "date": []}}


async def test_a_poller_that_died_takes_nothing_with_it(api: Api, worker: Phone, server: StandIn) -> None:
    dying = asyncio.create_task(api.ok("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    dying.cancel()
    await asyncio.sleep(0.05)
    await worker.say("一")
    assert texts(await api.ok("getUpdates", timeout=30)) == ["一"]
    dead, _ = server.journal
    assert (dead.status, dead.answer) == (0, [server.world.updates.next_id - 1])


@given(st.lists(st.one_of(st.just("push"), st.integers(-3, 6)), max_size=40))
def test_nothing_is_lost_before_it_is_confirmed(steps: list[str | int]) -> None:
    """Compared with a plain list: a number is a poll that confirms so many, or (below 0) keeps so many."""
    updates = Updates(Clock())
    updates.same_offset_one = updates.same_offset_hold = 0.0
    kept: list[int] = []

    async def run() -> None:
        for step in steps:
            if step == "push":
                number = updates.push("message", {}, lane=1)
                assert number is not None
                kept.append(number)
                continue
            assert isinstance(step, int)
            if step < 0:
                offset = step
                del kept[:step]
            elif step == 0 or not kept:
                offset = 0
            else:
                offset = kept[min(step, len(kept)) - 1] + 1
                del kept[:step]
            assert [pending.id for pending in await updates.poll(offset, 100, 0)] == kept

    asyncio.run(run())
