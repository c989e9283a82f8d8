"""The clock that the playground moves, and the tick that looks at what is due."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import AT_ONCE, Clock, Ticker
from bot.supervise import Beat


def test_the_clock_is_the_present_and_moves_on_only() -> None:
    clock = Clock()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
    clock.advance(timedelta(days=7))
    assert abs(clock() - datetime.now(UTC) - timedelta(days=7)) < timedelta(seconds=1)
    with pytest.raises(ValueError, match=r"^the clock only moves on$"):
        clock.advance(timedelta(seconds=-1))


async def ticking(ticker: Ticker, seconds: float) -> Beat:
    beat = Beat()
    beat.at -= 100
    task = asyncio.create_task(ticker.run(beat))
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return beat


async def test_it_ticks_at_the_start_and_then_every_interval_and_shows_life() -> None:
    moments: list[datetime] = []

    async def wake(now: datetime, _: int) -> int:
        moments.append(now)
        return 0

    beat = await ticking(Ticker(wake, Clock(), every=timedelta(seconds=0.2)), 0.75)
    assert 3 <= len(moments) <= 5
    assert beat.age < 0.5


async def test_as_long_as_a_tick_finds_plenty_to_do_it_goes_on_at_once() -> None:
    left = 5 * AT_ONCE + 3

    async def wake(_: datetime, limit: int) -> int:
        nonlocal left
        done = min(left, limit)
        left -= done
        return done

    ticker = Ticker(wake, Clock(), every=timedelta(hours=1))
    await ticking(ticker, 0.3)
    assert left == 0
    assert ticker.woken == 5 * AT_ONCE + 3


async def test_a_tick_that_fails_does_not_stop_the_next() -> None:
    calls = 0

    async def wake(_: datetime, __: int) -> int:
        nonlocal calls
        calls += 1
        raise OSError("database is locked")

    await ticking(Ticker(wake, Clock(), every=timedelta(seconds=0.1)), 0.5)
    assert calls >= 3


async def test_a_slow_tick_is_not_run_twice_at_the_same_time_and_none_is_lost_for_being_late() -> None:
    running, most, calls = 0, 0, 0

    async def wake(_: datetime, __: int) -> int:
        nonlocal running, most, calls
        running, calls = running + 1, calls + 1
        most = max(most, running)
        await asyncio.sleep(0.25)
        running -= 1
        return 0

    await ticking(Ticker(wake, Clock(), every=timedelta(seconds=0.1)), 1.2)
    assert most == 1
    assert calls >= 3


async def test_a_poke_ticks_at_once_with_the_time_that_the_clock_was_moved_to() -> None:
    clock = Clock()
    moments: list[datetime] = []

    async def wake(now: datetime, _: int) -> int:
        moments.append(now)
        return 0

    ticker = Ticker(wake, clock, every=timedelta(hours=1))
    task = asyncio.create_task(ticker.run(Beat()))
    await asyncio.sleep(0.1)
    clock.advance(timedelta(days=1))
    ticker.poke()
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(moments) == 2
    assert moments[1] - moments[0] > timedelta(hours=23)


def test_the_clock_may_start_ahead_and_adds_up_what_it_is_moved_by() -> None:
    clock = Clock(timedelta(days=1))
    clock.advance(timedelta(0))
    clock.advance(timedelta(days=2))
    clock.advance(timedelta(days=4))
    assert clock.offset == timedelta(days=7)
    with pytest.raises(ValueError, match="the clock only moves on"):
        clock.advance(timedelta(microseconds=-1))
    assert clock.offset == timedelta(days=7)


async def test_each_look_asks_for_as_much_as_fits_between_two_signs_of_life_and_is_counted() -> None:
    answers = [AT_ONCE, AT_ONCE - 1]
    limits: list[int] = []

    async def wake(_: datetime, limit: int) -> int:
        limits.append(limit)
        return answers.pop(0) if answers else 0

    ticker = Ticker(wake, Clock(), every=timedelta(hours=1))
    await ticking(ticker, 0.2)
    assert limits == [200, 200], "a full portion is followed by the next one at once, any other by a pause"
    assert (ticker.ticks, ticker.woken) == (1, 399)


async def test_a_tick_that_failed_is_not_counted_and_one_after_it_is() -> None:
    calls = 0

    async def wake(_: datetime, __: int) -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError("database is locked")
        return 3

    ticker = Ticker(wake, Clock(), every=timedelta(seconds=0.1))
    await ticking(ticker, 0.35)
    assert calls >= 2
    assert (ticker.ticks, ticker.woken) == (calls - 1, 3 * (calls - 1))


async def test_without_being_told_otherwise_it_ticks_once_a_second() -> None:
    moments: list[float] = []

    async def wake(_: datetime, __: int) -> int:
        moments.append(asyncio.get_running_loop().time())
        return 0

    await ticking(Ticker(wake, Clock()), 1.3)
    assert len(moments) == 2
    assert 0.7 < moments[1] - moments[0] < 1.3


async def test_a_poke_is_at_once_whatever_zone_the_machine_is_set_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = 0

    async def wake(_: datetime, __: int) -> int:
        nonlocal calls
        calls += 1
        return 0

    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Shanghai")
        time.tzset()
        ticker = Ticker(wake, Clock(), every=timedelta(hours=1))
        asyncio.get_running_loop().call_later(0.1, ticker.poke)
        await ticking(ticker, 0.3)
    time.tzset()
    assert calls == 2


async def test_the_one_job_is_never_too_late_catches_up_in_one_go_and_knows_no_zone_but_utc() -> None:
    async def wake(_: datetime, __: int) -> int:
        return 0

    ticker = Ticker(wake, Clock(), every=timedelta(hours=1))
    task = asyncio.create_task(ticker.run(Beat()))
    await asyncio.sleep(0.05)
    assert ticker._scheduler is not None
    (job,) = ticker._scheduler.get_jobs()
    assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)
    assert ticker._scheduler.timezone == UTC
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_poke_before_the_start_or_after_the_end_is_harmless() -> None:
    async def wake(_: datetime, __: int) -> int:
        return 0

    ticker = Ticker(wake, Clock(), every=timedelta(hours=1))
    ticker.poke()
    await ticking(ticker, 0.1)
    ticker.poke()
    await ticking(ticker, 0.1)
    assert ticker.ticks == 2, "and it can be started again"


async def test_from_its_first_record_to_its_last_a_tick_counts_as_one_piece_of_work() -> None:
    left, within, entered = 3 * AT_ONCE + 1, False, 0
    seen: list[bool] = []

    @contextmanager
    def working() -> Iterator[None]:
        nonlocal within, entered
        within, entered = True, entered + 1
        yield
        within = False

    async def wake(_: datetime, limit: int) -> int:
        nonlocal left
        done = min(left, limit)
        left -= done
        seen.append(within)
        return done

    await ticking(Ticker(wake, Clock(), every=timedelta(hours=1), working=working), 0.3)
    assert (seen, entered, within) == ([True] * 4, 1, False)
