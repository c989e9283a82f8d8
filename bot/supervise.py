"""Every loop has a name, beats while it lives, is started again if it fails, ends the process if it hangs."""

import asyncio
import contextlib
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from bot.logs import place, reason

LOG = logging.getLogger("bot.supervise")
T = TypeVar("T")
STALE = 25.0  # seconds without a beat after which a loop counts as dead: it is noticed within 30
FAILURES = 5  # so many within WINDOW, and starting again is no help
WINDOW = 60.0
LONGEST_PAUSE = 5.0
LONGEST_WAIT = 120.0  # a single wait on the database or the network; both have shorter limits of their own
LOOK_EVERY = 1.0


class LoopDied(RuntimeError):
    """A loop hung or kept failing; the process must be started anew."""


class Beat:
    """A loop's sign of life: called whenever it goes round."""

    def __init__(self) -> None:
        self.at = time.monotonic()

    def __call__(self) -> None:
        self.at = time.monotonic()

    @property
    def age(self) -> float:
        """Seconds since the last sign of life."""
        return time.monotonic() - self.at

    async def during(self, work: Awaitable[T], limit: float = LONGEST_WAIT) -> T:
        """Await ``work``, showing life while it takes its time; TimeoutError after ``limit`` seconds.

        A database that is locked for a minute is no dead loop, but a wait without end is.
        """
        task = asyncio.ensure_future(work)
        end = time.monotonic() + limit
        try:
            while not task.done():
                self()
                if time.monotonic() > end:
                    raise TimeoutError(f"waited {limit:.0f} s in vain")
                await asyncio.wait((task,), timeout=1.0)
            self()
            return task.result()
        finally:
            if not task.done():
                task.cancel()


async def idle(beat: Beat) -> None:
    """Nothing more to do, for ever, and alive."""
    while True:
        beat()
        await asyncio.sleep(LOOK_EVERY)


class _Loop:
    def __init__(self, name: str, body: Callable[[Beat], Awaitable[None]]) -> None:
        self.name = name
        self.body = body
        self.beat = Beat()
        self.failures: deque[float] = deque(maxlen=FAILURES)
        self.restarts = 0

    async def live(self) -> None:
        """Run the body for ever, starting it again after a failure; LoopDied when that is no help."""
        while True:
            self.beat()
            try:
                await self.body(self.beat)
                error: Exception = RuntimeError("it returned")
            except Exception as failure:
                error = failure
            self.restarts += 1
            self.failures.append(time.monotonic())
            LOG.error("loop %s failed: %s (%s)", self.name, reason(error), place(error), exc_info=error)
            recent = [at for at in self.failures if time.monotonic() - at < WINDOW]
            if len(recent) >= FAILURES:
                raise LoopDied(f"loop {self.name} keeps failing")
            await asyncio.sleep(min(0.1 * 2 ** len(recent), LONGEST_PAUSE))


class Supervisor:
    """Runs named loops. `wait` returns never, or raises LoopDied."""

    def __init__(self, *, stale: float = STALE) -> None:
        self._stale = stale
        self._loops: dict[str, _Loop] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._failed: asyncio.Future[None] | None = None

    def start(self, name: str, body: Callable[[Beat], Awaitable[None]]) -> None:
        """Run ``body`` under ``name``."""
        loop = _Loop(name, body)
        self._loops[name] = loop
        self._tasks[name] = asyncio.create_task(loop.live(), name=name)

    def ages(self) -> dict[str, float]:
        """Seconds since each loop's last sign of life; endless for one whose task has ended."""
        return {
            name: float("inf") if self._tasks[name].done() else loop.beat.age
            for name, loop in self._loops.items()
        }

    @property
    def restarts(self) -> int:
        """How often any loop was started again."""
        return sum(loop.restarts for loop in self._loops.values())

    @property
    def alive(self) -> bool:
        """Whether every loop has shown life lately."""
        return all(age < self._stale for age in self.ages().values())

    async def wait(self) -> None:
        """Look at all loops every second; LoopDied as soon as one is stale, has ended, or keeps failing."""
        while True:
            for name, task in self._tasks.items():
                if task.done():
                    error = None if task.cancelled() else task.exception()
                    raise error if isinstance(error, LoopDied) else LoopDied(f"loop {name} has ended")
                if self._loops[name].beat.age > self._stale:
                    raise LoopDied(f"loop {name} has hung for {self._loops[name].beat.age:.0f} s")
            await asyncio.sleep(LOOK_EVERY)

    async def stop(self, *names: str) -> None:
        """Cancel the named loops, or all, and wait until they have ended."""
        chosen = [self._tasks.pop(name) for name in names or tuple(self._tasks) if name in self._tasks]
        for task in chosen:
            task.cancel()
        await asyncio.gather(*chosen, return_exceptions=True)
        self._loops = {name: loop for name, loop in self._loops.items() if name in self._tasks}


@contextlib.contextmanager
def watchdog(loop: asyncio.AbstractEventLoop, *, stale: float = STALE) -> Iterator[None]:
    """End the process with status 70 if the event loop itself stands still: none notices that from inside."""
    seen = [time.monotonic()]
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY):
            if time.monotonic() - seen[0] > stale:
                LOG.critical("the event loop has stood still for %.0f s; giving up", stale)
                os._exit(70)
            with contextlib.suppress(RuntimeError):  # the loop was closed
                loop.call_soon_threadsafe(seen.__setitem__, 0, time.monotonic())

    threading.Thread(target=look, name="watchdog", daemon=True).start()
    try:
        yield
    finally:
        over.set()
