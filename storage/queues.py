"""The two queues of the store: what came in and is not done, what must go out and has not arrived."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from storage import inbox, outbox
from storage.asking import Asking
from storage.handing import OutboxRow
from storage.inbox import InboxRow, Incoming
from storage.outbox import Sent


class Queues(Asking):
    """The inbox and the outbox of the `Store`."""

    # The inbox

    async def take_in(self, updates: Sequence[Incoming]) -> list[InboxRow]:
        """Keep raw updates; returns, once they are committed, those not known before, in order."""
        return await self._commits.run(lambda conn: inbox.receive(conn, self._vault, updates))

    async def receive(self, updates: Sequence[Incoming]) -> int:
        """The same; returns how many were not known before."""
        return len(await self.take_in(updates))

    async def waiting(self, *, after: int = 0, limit: int = 500) -> list[InboxRow]:
        """What came and is neither done nor parked, in order, from beyond ``after``."""
        return await self._glance(lambda conn: inbox.waiting(conn, self._vault, after, limit))

    async def failed(self, seq: int, error: str, *, park_after: int = 5) -> bool:
        """Count a try that failed; True when the row is parked now. ``error`` must hold no personal data."""
        return await self._commits.run(lambda conn: inbox.failed(conn, seq, error, park_after))

    async def prune(self, now: datetime) -> int:
        """Forget inbox rows done more than 48 hours ago, and strangers whose time is over; how many."""
        return await self._commits.run_long(lambda conn: inbox.prune(conn, now))

    # The outbox

    async def claim(
        self,
        now: datetime,
        *,
        limit: int,
        lease: timedelta,
        busy: Collection[str] = (),
        complete: outbox.Complete = outbox.at_once,
    ) -> list[OutboxRow]:
        """Take up to ``limit`` due messages, one per lane, urgent first; none for those in ``busy``.

        What is gathered in a lane comes as one, once it is ``complete``, see `outbox.claim`.
        """
        taken = tuple(busy)
        if not await self.any_due(now):
            return []
        return await self._commits.run(
            lambda conn: outbox.claim(conn, self._vault, now, limit, lease, taken, complete)
        )

    async def any_due(self, now: datetime) -> bool:
        """Whether any message waits to be claimed, be its lane free or not."""
        return await self._glance(lambda conn: outbox.any_due(conn, now))

    async def on_its_way(self, keys: Sequence[str]) -> bool:
        """Whether a message with one of ``keys`` is still to leave, and none of them has arrived."""
        return await self._glance(lambda conn: outbox.on_its_way(conn, keys))

    async def sent(self, results: Sequence[Sent]) -> None:
        """These arrived."""
        await self._commits.run_along(lambda conn: outbox.sent(conn, results))

    async def retry_later(self, seq: int, at: datetime, *, ambiguous: bool) -> None:
        """Try a claimed message again at ``at``; ``ambiguous`` if it may have arrived."""
        await self._commits.run(lambda conn: outbox.retry_later(conn, seq, at, ambiguous))

    async def undeliverable(self, seq: int, reason: str) -> None:
        """A message that can never arrive. The caller goes on with what follows from that."""
        await self._commits.run(lambda conn: outbox.undeliverable(conn, seq, reason))

    async def sweep(self, now: datetime) -> int:
        """Give back claims whose lease ran out, marked ambiguous; returns how many."""
        return await self._commits.run(lambda conn: outbox.sweep(conn, now))

    async def take_over(self, now: datetime, longest: timedelta) -> int:
        """Give back what a dead process was sending, marked ambiguous; no retry waits over ``longest``."""
        return await self._commits.run(lambda conn: outbox.take_over(conn, now, longest))
