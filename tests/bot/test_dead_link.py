"""A way to Telegram that is dead without saying so: noticed in its limit and five seconds, nothing lost."""

from itertools import pairwise
from pathlib import Path

import pytest

from playground.faults import Kind
from tests.bot.echo import MARK
from tests.bot.harness import replies, running, stand_in

LIMIT, NOTICED = 1.0, 5.0  # seconds: the limit on an answer in these tests, and what may come on top of it


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits of a second instead of fifteen."""
    monkeypatch.setattr("bot.telegram.request.READ_TIMEOUT", LIMIT)
    monkeypatch.setattr("bot.telegram.request.CONNECT_TIMEOUT", LIMIT)
    monkeypatch.setattr("bot.telegram.intake.POLL_SECONDS", 1)


@pytest.mark.parametrize(
    ("kind", "more"),
    [("half_open", {}), ("half_open", {"execute": True}), ("slow", {"delay": 1.0})],
)  # fmt: skip
async def test_a_send_over_a_dead_link_is_made_again_in_time_and_says_so_where_it_may_have_arrived(
    tmp_path: Path, kind: Kind, more: dict[str, object]
) -> None:
    async with stand_in() as server, running(server, tmp_path):
        phone = server.phone(42)
        server.faults.add(kind, method="sendMessage", **more)
        await phone.say("x")
        await phone.wait_for(lambda message: message.text == MARK + "1:x", timeout=15)
        first, second = server.journal.calls("sendMessage")[:2]
        assert second.monotonic - first.monotonic <= 2 * LIMIT + NOTICED
        assert replies(server, 42).count("1:x") <= 1


@pytest.mark.parametrize("kind", ["half_open", "drop_before"])
async def test_a_poll_over_a_dead_link_is_given_up_in_time_and_loses_nothing(
    tmp_path: Path, kind: Kind
) -> None:
    async with stand_in() as server, running(server, tmp_path):
        phone = server.phone(42)
        await phone.say("a")
        await phone.wait_for("1:a", timeout=10)
        server.faults.add(kind, method="getUpdates")
        await phone.say("b")
        await phone.say("c")
        await phone.wait_for("3:c", timeout=20)
        assert replies(server, 42) == ["1:a", "2:b", "3:c"]
        polls = [call.monotonic for call in server.journal.calls("getUpdates")]
        longest = max(second - first for first, second in pairwise(polls))
        assert longest <= 1 + 5 + LIMIT + NOTICED  # the poll, its margin, the limit on a connection
