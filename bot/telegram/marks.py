"""What Telegram took is kept as sent; what arrives at the same time, in one commit."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.logs import reason
from storage.outbox import Sent

LOG = logging.getLogger("bot.outbox")


class Marks:
    """``store`` keeps many at once. Until it can, it is asked again: unmarked, they would be sent twice."""

    def __init__(self, store: Callable[[Sequence[Sent]], Awaitable[None]]) -> None:
        self._store = store
        self._waiting: list[tuple[Sent, asyncio.Future[None]]] = []
        self._keeper: asyncio.Task[None] | None = None

    async def keep(self, *sent: Sent) -> None:
        """Returns once all of ``sent`` is kept."""
        loop = asyncio.get_running_loop()
        new = [(one, loop.create_future()) for one in sent]
        self._waiting += new
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep_all())
        for _, done in new:
            await done

    async def settle(self, patience: float) -> None:
        """Waits ``patience`` seconds at most until what is to be kept is."""
        if self._keeper is not None and not self._keeper.done():
            await asyncio.wait((self._keeper,), timeout=patience)

    async def _keep_all(self) -> None:
        pause = 0.1
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self._store([sent for sent, _ in batch])
            except Exception as error:
                LOG.warning("what was sent can't be marked for now: %s", reason(error))
                self._waiting = batch + self._waiting
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
                continue
            for _, done in batch:
                if not done.done():
                    done.set_result(None)
