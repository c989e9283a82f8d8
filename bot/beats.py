"""What the process writes down of itself: its life, its hold on the database, the audit trail's head."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.clock import Clock
from bot.logs import reason
from bot.supervise import Beat
from storage.store import AlreadyRunning, Store

LOG = logging.getLogger("bot.beats")
EVERY = 5.0
PRUNE_EVERY = 3600.0
HEAD_EVERY = 60.0


class Beats:
    """The loop that does so. ``alive`` names what lives; ``lost`` is told when another instance took over."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        home: Path,
        *,
        alive: Callable[[], Iterable[str]],
        lost: Callable[[Exception], None],
    ) -> None:
        self._store, self._clock, self._home = store, clock, home
        self._alive, self._lost = alive, lost
        self.trail_holds = True

    async def run(self, beat: Beat) -> None:
        """Until cancelled."""
        pruned = kept = float("-inf")
        while True:
            beat()
            try:
                await beat.during(self._beat())
                await beat.during(self._store.lock())
                if time.monotonic() - pruned > PRUNE_EVERY:
                    await beat.during(self._store.prune(self._clock.now()))
                    pruned = time.monotonic()
                if time.monotonic() - kept > HEAD_EVERY:
                    await beat.during(self.keep_head())
                    kept = time.monotonic()
            except AlreadyRunning as error:  # PostgreSQL crashed, and another instance was quicker
                self._lost(error)
            except Exception as error:
                LOG.warning("a beat was not kept: %s", reason(error))
            await asyncio.sleep(EVERY)

    async def _beat(self) -> None:
        now = self._clock.now()
        await asyncio.gather(*(self._store.beat(name, now) for name in self._alive()))

    async def keep_head(self) -> None:
        """Keep the trail's head outside the database, so that the loss of the last events shows."""
        self.trail_holds = await self._store.keep_head(self._home)
        if not self.trail_holds:
            LOG.critical("the audit trail was cut or replaced; see `xiangban audit verify`")
