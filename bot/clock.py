"""Time: a clock that the playground can move, and the one scheduled job, which looks at what is due."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.logs import reason
from bot.supervise import Beat

LOG = logging.getLogger("bot.clock")
TICK = timedelta(seconds=1)
AT_ONCE = 200  # records a wake may take before the loop beats again
TICK_JOB = "tick"


class Clock:
    """The present moment. ``advance`` moves it for the playground; nothing else does."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> datetime:
        """The moment it is, as aware UTC."""
        return datetime.now(UTC) + self.offset

    def __call__(self) -> datetime:
        return self.now()

    def advance(self, by: timedelta) -> None:
        """Move the clock on; it never goes back, as decisions already taken can't be."""
        if by < timedelta(0):
            raise ValueError("the clock only moves on")
        self.offset += by


class Ticker:
    """Calls ``wake(now, limit)``, which returns how many records it dealt with, once a second and when poked.

    ``working()`` is entered for as long as one tick takes. APScheduler holds this one job and no state. What
    was due while the process was down is due at the first tick; several ticks missed are one tick (coalesce),
    and a late one still runs (no misfire grace).
    """

    def __init__(
        self,
        wake: Callable[[datetime, int], Awaitable[int]],
        clock: Clock,
        *,
        every: timedelta = TICK,
        working: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._wake = wake
        self._working = working
        self._clock = clock
        self._every = every
        self._scheduler: AsyncIOScheduler | None = None
        self.ticks = 0
        self.woken = 0

    async def run(self, beat: Beat) -> None:
        """Tick until cancelled."""
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._scheduler.add_job(
            self._tick, "interval", (beat,), seconds=self._every.total_seconds(), id=TICK_JOB,
            next_run_time=datetime.now(UTC), misfire_grace_time=None,
        )  # fmt: skip
        self._scheduler.start()
        try:
            await asyncio.Event().wait()
        finally:
            self._scheduler.shutdown()
            self._scheduler = None

    def poke(self) -> None:
        """Tick now, because the clock was moved or something became due."""
        if self._scheduler is not None:
            self._scheduler.modify_job(TICK_JOB, next_run_time=datetime.now(UTC))

    async def _tick(self, beat: Beat) -> None:
        try:
            with self._working():
                while True:
                    beat()
                    woken = await beat.during(self._wake(self._clock.now(), AT_ONCE))
                    self.woken += woken
                    if woken < AT_ONCE:
                        break
            self.ticks += 1
        except Exception as error:
            LOG.error("a tick failed, the next one tries again: %s", reason(error), exc_info=error)
