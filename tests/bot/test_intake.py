"""Taking updates in: kept first, confirmed after, and what is done when Telegram or the database balks."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from telegram.error import Conflict, InvalidToken, NetworkError, RetryAfter

from bot.clock import Clock
from bot.supervise import Beat
from bot.telegram import intake as module
from bot.telegram.intake import Intake, Poller
from storage.errors import Unavailable
from storage.inbox import InboxRow, Incoming
from tests.bot.hasty import Hasty

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


class Noon(Clock):
    """A clock that stands."""

    def now(self) -> datetime:
        return NOON


def update(number: Any, text: str = "") -> dict[str, Any]:
    return {"update_id": number, "message": {"chat": {"id": 42}, "text": text or str(number)}}


class Table:
    """What `Store.take_in` keeps; ``failing`` times it can't; while ``gate`` is shut it takes its time."""

    def __init__(self) -> None:
        self.rows: list[Incoming] = []
        self.commits: list[int] = []
        self.failing = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def take_in(self, updates: Sequence[Incoming]) -> list[InboxRow]:
        await self.gate.wait()
        self.commits.append(len(updates))
        if self.failing:
            self.failing -= 1
            raise Unavailable("locked")
        known = {(row.update_id, row.raw) for row in self.rows}
        new = [row for row in updates if (row.update_id, row.raw) not in known]
        self.rows += new
        return [InboxRow(seq=len(self.rows), address=row.lane_address, raw=row.raw) for row in new]


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def kept() -> list[Sequence[InboxRow]]:
    return []


@pytest.fixture
def intake(table: Table, kept: list[Sequence[InboxRow]]) -> Intake:
    return Intake(table, Noon(), kept.append, lambda _: 1_000, lambda *_: None)  # type: ignore[arg-type]


async def test_an_update_is_kept_as_it_came_under_its_number_in_its_chats_lane(
    intake: Intake, table: Table, kept: list[Sequence[InboxRow]]
) -> None:
    assert await intake.take([update(5, "今天")]) == 1
    raw = '{"message":{"chat":{"id":42},"text":"今天"},"update_id":5}'.encode()
    assert table.rows == [
        Incoming(source="telegram", update_id=5, lane_address="telegram:42", raw=raw, received_at=NOON)
    ]
    assert kept == [[InboxRow(seq=1, address="telegram:42", raw=raw)]]


async def test_what_came_before_is_counted_as_repeated_and_is_no_news(intake: Intake) -> None:
    assert await intake.take([update(5), update(6)]) == 2
    assert await intake.take([update(6)]) == 0
    assert await intake.take([update(6), update(7), update(5)]) == 1
    assert (intake.received, intake.repeated) == (3, 3)


async def test_an_update_without_a_number_gets_one_from_its_content_below_all_real_ones(
    intake: Intake, table: Table
) -> None:
    strange = [{"update_id": "x", "n": n} for n in range(64)]
    assert await intake.take(strange) == 64
    assert await intake.take(strange[:3]) == 0
    numbers = [row.update_id for row in table.rows]
    assert len(set(numbers)) == 64
    assert -(2**31) <= min(numbers) < -(2**30)
    assert -(2**30) < max(numbers) < 0
    assert numbers[0] == -1530823119, "the same for ever, or a repeat would not be known"


async def test_calls_made_at_the_same_time_are_written_together_and_in_order(
    intake: Intake, table: Table, kept: list[Sequence[InboxRow]]
) -> None:
    table.gate.clear()
    first = asyncio.create_task(intake.take([update(1)]))
    await asyncio.sleep(0)
    rest = [asyncio.create_task(intake.take([update(n)])) for n in (2, 3)]
    await asyncio.sleep(0.01)
    assert not first.done()
    table.gate.set()
    assert await asyncio.gather(first, *rest) == [1, 2, 2]
    assert table.commits == [1, 2]
    assert [row.update_id for row in table.rows] == [1, 2, 3]
    assert [len(rows) for rows in kept] == [1, 2]


async def test_when_the_commit_fails_everybody_who_waits_learns_of_it_and_the_next_is_kept(
    intake: Intake, table: Table, kept: list[Sequence[InboxRow]]
) -> None:
    table.gate.clear()
    table.failing = 1
    calls = [asyncio.create_task(intake.take([update(n)])) for n in (1, 2)]
    await asyncio.sleep(0.01)
    table.gate.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [str(result) for result in results] == ["locked", "locked"]
    assert (kept, intake.received, intake.repeated) == ([], 0, 0)
    assert await intake.take([update(1)]) == 1


async def test_what_comes_while_a_commit_fails_is_kept_all_the_same(intake: Intake, table: Table) -> None:
    table.gate.clear()
    table.failing = 1
    first = asyncio.create_task(intake.take([update(1)]))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(intake.take([update(2)]))
    await asyncio.sleep(0.01)
    table.gate.set()
    async with asyncio.timeout(5):
        failed, kept = await asyncio.gather(first, second, return_exceptions=True)
    assert (str(failed), kept) == ("locked", 1)
    assert [row.update_id for row in table.rows] == [2]


async def test_who_no_longer_waits_disturbs_nobody_who_does(intake: Intake, table: Table) -> None:
    for failing, expected in ((0, 2), (1, "locked")):
        table.gate.clear()
        table.failing = failing
        gone = asyncio.create_task(intake.take([update(10 + failing)]))
        waits = asyncio.create_task(intake.take([update(20 + failing)]))
        await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.sleep(0)
        table.gate.set()
        (result,) = await asyncio.gather(waits, return_exceptions=True)
        assert (str(result) if failing else result) == expected


async def test_a_stop_waits_for_what_is_being_kept_but_not_for_ever(intake: Intake, table: Table) -> None:
    await intake.stop()
    table.gate.clear()
    going = asyncio.create_task(intake.take([update(1)]))
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(0.05, table.gate.set)
    await intake.stop()
    assert len(table.rows) == 1
    assert await going == 1
    table.gate.clear()
    hanging = asyncio.create_task(intake.take([update(2)]))
    await asyncio.sleep(0)
    began = asyncio.get_running_loop().time()
    await intake.stop()
    assert 0.4 < asyncio.get_running_loop().time() - began < 1.2
    table.gate.set()
    await hanging


class Wire:
    """Answers `getUpdates` with the next of ``answers``; an error is raised, a function is called first."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any], float | None]] = []
        self.over = asyncio.Event()

    async def call(
        self, method: str, parameters: Mapping[str, Any], *, read_timeout: float | None = None
    ) -> Any:
        self.asked.append((method, dict(parameters), read_timeout))
        if not self.answers:
            self.over.set()
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def offsets(self) -> list[int | None]:
        return [parameters.get("offset") for _, parameters, _ in self.asked]


class Watched(Beat):
    """A beat that notes how long a wait may take at most."""

    def __init__(self) -> None:
        super().__init__()
        self.limits: list[float] = []

    async def during(self, work: Awaitable[Any], limit: float = 120.0) -> Any:
        if limit != 120.0:
            self.limits.append(limit)
        return await super().during(work, limit)


class Polling:
    """A poller whose pauses are noted instead of slept and whose monotonic clock the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, intake: Intake, *answers: Any) -> None:
        self.wire = Wire(*answers)
        self.at = 500.0
        self.hasty = Hasty()
        self.pauses = self.hasty.pauses
        self.returns: list[tuple[datetime, datetime]] = []
        self.wrong: list[bool] = []
        self.beat = Watched()

        async def returned(start: datetime, end: datetime) -> None:
            self.returns.append((start, end))

        monkeypatch.setattr(module, "asyncio", self.hasty)
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: self.at))
        self.poller = Poller(
            self.wire,  # type: ignore[arg-type]
            intake,
            Noon(),
            returned=returned,
            wrong_token=lambda: self.wrong.append(True),
        )

    async def run(self) -> None:
        """Until all answers are used up."""
        task = asyncio.create_task(self.poller.run(self.beat))
        async with asyncio.timeout(5):
            await self.wire.over.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def later(self, seconds: float, answer: Any = ()) -> Callable[[], Any]:
        """An answer that comes after so many seconds."""

        def come() -> Any:
            self.at += seconds
            return list(answer) if isinstance(answer, tuple) else answer

        return come


@pytest.fixture
def polling(monkeypatch: pytest.MonkeyPatch, intake: Intake) -> Callable[..., Polling]:
    return lambda *answers: Polling(monkeypatch, intake, *answers)


async def test_it_asks_for_all_that_is_understood_and_confirms_nothing_at_first(
    polling: Callable[..., Polling],
) -> None:
    bot = polling([])
    await bot.run()
    kinds = ["message", "edited_message", "callback_query", "my_chat_member"]
    asked = ("getUpdates", {"timeout": 20, "limit": 100, "allowed_updates": kinds}, 25.0)
    assert bot.wire.asked == [asked, asked]
    assert bot.poller.heard


async def test_it_confirms_the_last_in_order_once_it_is_kept_even_when_numbers_begin_anew(
    polling: Callable[..., Polling], table: Table
) -> None:
    bot = polling([update(900), update(901)], [update(7), update("strange")], [])
    await bot.run()
    assert bot.wire.offsets == [None, 902, 8, 8]
    assert len(table.rows) == 4
    assert bot.pauses == []


async def test_when_nothing_new_came_it_waits_a_little_before_it_asks_again(
    polling: Callable[..., Polling],
) -> None:
    bot = polling([update(5)], [update(5)], [update("strange")], [update(6)])
    await bot.run()
    assert bot.pauses == [0.2, 0.2]
    assert bot.wire.offsets == [None, 6, 6, 6, 7]


async def test_what_could_not_be_kept_is_not_confirmed_and_comes_again(
    polling: Callable[..., Polling], table: Table
) -> None:
    table.failing = 1
    bot = polling([update(5)], [update(5)])
    await bot.run()
    assert bot.wire.offsets == [None, None, 6]
    assert (bot.pauses, bot.poller.errors) == ([0.2], 1)


async def test_after_errors_it_asks_again_at_growing_gaps_and_a_success_ends_them(
    polling: Callable[..., Polling],
) -> None:
    broken = NetworkError("bad gateway")
    bot = polling(*[broken] * 7, {"not": "a list"}, [], broken)
    await bot.run()
    assert bot.pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0, 0.2]
    assert bot.beat.limits == [pause + 5.0 for pause in bot.pauses]
    assert bot.poller.errors == 9


async def test_a_429_is_kept_to_the_second(polling: Callable[..., Polling]) -> None:
    bot = polling(RetryAfter(timedelta(seconds=33)), [])
    await bot.run()
    assert bot.pauses == [33.0]
    assert bot.beat.limits == [38.0]


async def test_while_another_instance_polls_it_waits_and_says_so_once(
    polling: Callable[..., Polling], caplog: pytest.LogCaptureFixture
) -> None:
    other = Conflict("terminated by other getUpdates request")
    bot = polling(other, other, [], [], other, [])
    with caplog.at_level(logging.INFO, "bot.intake"):
        await bot.run()
    assert bot.pauses == [3.0] * 3
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO", "ERROR", "INFO"]
    assert bot.poller.errors == 0


async def test_a_wrong_token_is_reported_and_nothing_more_is_asked(polling: Callable[..., Polling]) -> None:
    bot = polling(InvalidToken(), [])
    task = asyncio.create_task(bot.poller.run(bot.beat))
    await asyncio.sleep(0.05)
    assert not task.done()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert (bot.wrong, len(bot.wire.asked)) == ([True], 1)
    assert bot.beat.age < 1.0


async def test_after_a_silence_longer_than_taps_live_the_conversation_is_told_from_when_to_when(
    polling: Callable[..., Polling],
) -> None:
    bot = polling()
    bot.wire.answers = [
        bot.later(1000.0),  # before the first answer nothing is known to have been missed
        bot.later(120.0),
        bot.later(120.5),
        bot.later(1.0, NetworkError("x")),
        bot.later(200.0),
        bot.later(20.0),
    ]
    await bot.run()
    assert bot.returns == [
        (NOON - timedelta(seconds=120.5), NOON),
        (NOON - timedelta(seconds=201), NOON),
    ]


async def test_the_silence_is_counted_from_the_last_answer(polling: Callable[..., Polling]) -> None:
    bot = polling()
    assert (bot.poller.heard, bot.poller.silence) == (False, 0.0)
    bot.wire.answers = [bot.later(5.0)]
    await bot.run()
    bot.at += 7.0
    assert (bot.poller.heard, bot.poller.silence) == (True, 7.0)


async def test_beyond_what_a_chat_may_have_waiting_nothing_is_kept_and_telegram_need_not_send_it_again(
    table: Table, kept: list[Sequence[InboxRow]]
) -> None:
    refused: list[tuple[str, int]] = []
    rooms = {"telegram:42": 2}
    intake = Intake(table, Noon(), kept.append, lambda who: rooms.get(who, 9), lambda *it: refused.append(it))  # type: ignore[arg-type]
    other = {"update_id": 9, "message": {"chat": {"id": 43}, "text": "x"}}
    assert await intake.take([update(1), update(2), update(3), update(4), other]) == 5
    assert [row.update_id for row in table.rows] == [1, 2, 9]
    assert refused == [("telegram:42", 2)]
    rooms["telegram:42"] = 0
    assert await intake.take([update(5)]) == 1
    assert (table.commits, intake.received) == ([3], 3)
