"""The clock that the playground moves, and the tick that looks at what is due."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import AT_ONCE, Clock, Ticker
from bot.supervise import Beat


def test_the_clock_is_the_present_and_moves_on_only() -> None:
    clock = Clock()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
    clock.advance(timedelta(days=7))
    assert abs(clock() - datetime.now(UTC) - timedelta(days=7)) < timedelta(seconds=1)
    with pytest.raises(ValueError):
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
