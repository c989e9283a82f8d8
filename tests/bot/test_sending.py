"""Sending when Telegram refuses, hangs, loses answers or tells us to wait."""

import asyncio
from pathlib import Path

import pytest

from bot.telegram.limits import Limits
from playground.server import StandIn
from tests.bot.echo import MARK
from tests.bot.harness import replies, running, stand_in, until


def sends(server: StandIn, user: int) -> list[float]:
    """When messages to ``user`` were asked for."""
    return [call.monotonic for call in server.journal.calls("sendMessage", chat_id=user)]


async def test_a_429_is_kept_to_the_second_and_delays_nobody_else(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        server.faults.add(method="sendMessage", chat_id=42, retry_after=2)
        phone, other = server.phone(42), server.phone(43)
        await phone.say("x")
        await until(lambda: len(sends(server, 42)) == 1)
        for n in range(5):
            await other.say(f"m{n}")
        await other.wait_for("5:m4", timeout=1.0)
        await phone.wait_for("1:x")
        first, second = sends(server, 42)
        assert 2.0 <= second - first < 3.5
        assert replies(server, 42) == ["1:x"]


async def test_while_a_chat_is_held_back_its_next_messages_keep_their_order(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        server.faults.add(method="sendMessage", chat_id=42, retry_after=1)
        phone = server.phone(42)
        for n in range(6):
            await phone.say(f"m{n}")
        await phone.wait_for("6:m5")
        assert replies(server, 42) == [f"{n + 1}:m{n}" for n in range(6)]


async def test_an_alert_overtakes_ordinary_messages_of_the_same_person_that_wait(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        server.faults.add(method="sendMessage", chat_id=42, retry_after=1)
        phone = server.phone(42)
        for text in ("a", "b", "alert"):
            await phone.say(text)
        await phone.wait_for("2:b")
        shown = replies(server, 42)
        assert shown.index("3:alert") < shown.index("2:b")
        assert shown.index("1:a") < shown.index("2:b")


@pytest.mark.parametrize("state", ["blocked", "deactivated"])
async def test_who_can_not_be_reached_becomes_an_event_at_once(tmp_path: Path, state: str) -> None:
    async with stand_in() as server, running(server, tmp_path) as (app, echo):
        phone, other = server.phone(42), server.phone(43)
        server.faults.add("delay", method="sendMessage", chat_id=42, delay=0.3)
        await phone.say("x")
        await (phone.block() if state == "blocked" else phone.deactivate())
        server.faults.clear()
        await until(lambda: echo.unreachable)
        ((notice, why),) = echo.unreachable[:1]
        assert (notice.address, why) == ("telegram:42", state)
        await other.say("y")
        await other.wait_for("1:y")
        await until(lambda: app.channel.sender.counts["dead"] >= 1)


async def test_a_lost_answer_leads_to_one_more_message_that_says_so(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        phone = server.phone(42)
        server.faults.add("drop_after", method="sendMessage")
        await phone.say("x")
        await phone.wait_for(MARK)
        await phone.quiet(1.5)
        assert replies(server, 42) == ["1:x", MARK + "1:x"]


@pytest.mark.parametrize("kind", ["html", "wrong_json", "drop_before"])
async def test_whatever_leaves_it_open_whether_it_arrived_is_repeated_marked(
    tmp_path: Path, kind: str
) -> None:
    async with stand_in() as server, running(server, tmp_path):
        phone = server.phone(42)
        server.faults.add(kind, method="sendMessage")  # type: ignore[arg-type]
        await phone.say("x")
        await phone.wait_for(MARK + "1:x")


async def test_an_edit_whose_answer_was_lost_is_repeated_without_a_mark(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (app, _):
        phone = server.phone(42)
        await phone.say("x")
        await phone.wait_for("1:x")
        server.faults.add("drop_after", method="editMessageText")
        await phone.tap("点")
        await until(lambda: app.channel.sender.counts["sent"] == 2)
        assert replies(server, 42) == ["2:same"]


async def test_while_no_connection_can_be_made_everything_waits_and_is_sent_once(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (app, _):
        phone = server.phone(42)
        port = int(server.root.rsplit(":", 1)[1])
        for n in range(3):
            await phone.say(f"later m{n}")
        await until(lambda: app.channel.lanes.handled == 3)
        await server.stop()
        await asyncio.sleep(2.5)
        await server.start(port=port)
        await phone.wait_for("3:later m2", timeout=15)
        assert replies(server, 42) == [f"{n + 1}:later m{n}" for n in range(3)]


async def test_a_frozen_server_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.telegram.request.READ_TIMEOUT", 1.0)
    async with stand_in() as server, running(server, tmp_path):
        phones = [server.phone(100 + n) for n in range(5)]
        for phone in phones:
            await phone.say("a")
        await asyncio.sleep(0.02)
        server.faults.freeze(3.0)
        for phone in phones:
            await phone.say("b")
        for phone in phones:
            await phone.wait_for("2:b", timeout=20)
            shown = replies(server, phone.user_id)
            assert [text for text in shown if MARK not in text] == ["1:a", "2:b"] or MARK in "".join(shown)


async def test_under_a_storm_of_429_and_lost_answers_nothing_is_lost_or_overtaken(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        server.faults.add("drop_after", method="sendMessage", times=None, share=0.1)
        server.faults.add(method="sendMessage", times=None, share=0.2, retry_after=1)
        phones = [server.phone(100 + n) for n in range(8)]
        for n in range(4):
            for phone in phones:
                await phone.say(f"m{n}")
        for phone in phones:
            await phone.wait_for("4:m3", timeout=60)
        for phone in phones:
            firsts = [text.removeprefix(MARK) for text in replies(server, phone.user_id)]
            assert list(dict.fromkeys(firsts)) == [f"{n + 1}:m{n}" for n in range(4)]
            plain = [text for text in replies(server, phone.user_id) if not text.startswith(MARK)]
            assert len(plain) == len(set(plain)), "a repeat without a mark"


async def test_the_whole_keeps_to_the_pace(tmp_path: Path) -> None:
    limits = Limits(per_second=20, burst=5)
    async with stand_in() as server, running(server, tmp_path, limits=limits):
        phones = [server.phone(100 + n) for n in range(45)]
        for phone in phones:
            await phone.say("x")
        for phone in phones:
            await phone.wait_for("1:x", timeout=15)
        times = sorted(call.monotonic for call in server.journal.calls("sendMessage"))
        assert times[-1] - times[0] >= 1.8
        most = max(sum(start <= at < start + 1 for at in times) for start in times)
        assert most <= 27


async def test_one_chat_gets_three_at_once_and_then_one_a_second(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path, limits=Limits()):
        phone = server.phone(42)
        for n in range(5):
            await phone.say(f"m{n}")
        await phone.wait_for("5:m4", timeout=10)
        times = sends(server, 42)
        assert times[2] - times[0] < 0.8
        assert times[4] - times[3] >= 0.9


async def test_one_person_who_floods_does_not_hold_up_the_others(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (_, echo):
        echo.slow = 0.01
        flood, other = server.phone(1), server.phone(2)
        for n in range(400):
            await flood.say(f"m{n}")
        await asyncio.sleep(0.3)
        began = asyncio.get_running_loop().time()
        await other.say("x")
        await other.wait_for("1:x")
        assert asyncio.get_running_loop().time() - began < 1.0
        assert len(replies(server, 1)) < 400


async def test_an_alert_for_somebody_without_an_address_is_undelivered(tmp_path: Path) -> None:
    from casework.outcome import Notice, Outcome, Priority
    from conversations.said import Message

    async with stand_in() as server, running(server, tmp_path) as (app, echo):
        words = Message(text="x").as_values()
        nobody = Notice(key="k", to="W99", kind="reply", priority=Priority.ALERT, values={"message": words})
        await app.store.apply(Outcome(notices=(nobody,)))
        await until(lambda: [why for _, why in echo.unreachable] == ["no_address"])
