"""What one chat sends beyond a person's speed: heard at the pace of its answers, kept up to a limit."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from bot.logs import reason
from casework.policy_access import FloodRules

LOG = logging.getLogger("bot.flood")
PRUNE_AT = 1_000  # chats remembered before those that are calm again are looked for
Told = Literal["slow", "full", "attack"]
Tell = Callable[[str, Told], Awaitable[None]]


@dataclass
class _Overflow:
    """A chat of which something was not kept: since when, and when the last time."""

    since: float
    last: float


class Flood:
    """``per_second``: how fast one chat's answers may leave, so how fast a chat in a flood is heard.

    Up to ``rules.burst`` answers run ahead of that pace. ``tell(address, what)`` tells whom it concerns.
    ``tick`` is a monotonic clock in seconds.
    """

    def __init__(
        self, rules: FloodRules, per_second: float, tell: Tell, *, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self.rules = rules
        self._each = 1.0 / per_second
        self._ahead = rules.burst * self._each
        self._tell, self._tick = tell, tick
        self._paid: dict[str, float] = {}  # until when a chat's answers take to leave
        self._pruned = 0.0
        self._overflows: dict[str, _Overflow] = {}
        self._told: dict[tuple[str, Told], float] = {}
        self._telling: set[asyncio.Task[None]] = set()
        self.refused = 0  # updates that were not kept
        self.slowed = 0  # how often a chat had to wait

    def wait(self, address: str) -> float:
        """Seconds until the chat's next turn; 0 where it may have it now."""
        paid = self._paid.get(address)
        return 0.0 if paid is None else max(0.0, paid - self._ahead - self._tick())

    def spend(self, address: str, answers: int) -> None:
        """A turn of the chat brought so many answers; one that brought none counts as well."""
        now = self._tick()
        self._paid[address] = max(now, self._paid.get(address, now)) + max(answers, 1) * self._each
        if len(self._paid) > PRUNE_AT and now - self._pruned > 1.0:
            self._pruned = now
            self._paid = {chat: until for chat, until in self._paid.items() if until > now}

    def slow(self, address: str) -> None:
        """The chat begins to wait for its turn."""
        self.slowed += 1
        self._say(address, "slow")

    def refuse(self, address: str, updates: int) -> None:
        """So many updates of the chat were not kept."""
        now = self._tick()
        self.refused += updates
        over = self._overflows.get(address)
        if over is None or now - over.last > 60.0 * self.rules.again_minutes:
            over = self._overflows[address] = _Overflow(since=now, last=now)
        over.last = now
        self._say(address, "full")
        if now - over.since >= 60.0 * self.rules.attack_minutes:
            self._say(address, "attack")

    def _say(self, address: str, what: Told) -> None:
        """Unless it was said within ``rules.again_minutes``."""
        now, again = self._tick(), 60.0 * self.rules.again_minutes
        if now - self._told.get((address, what), -again) < again:
            return
        self._told = {which: at for which, at in self._told.items() if now - at < again}
        self._overflows = {chat: o for chat, o in self._overflows.items() if now - o.last <= again}
        self._told[address, what] = now
        LOG.warning("one chat sends faster than anybody types (%s); %d not kept so far", what, self.refused)
        task = asyncio.create_task(self._telling_of(address, what))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _telling_of(self, address: str, what: Told) -> None:
        try:
            await self._tell(address, what)
        except Exception as error:  # it is told again after a while, if it goes on
            LOG.warning("nobody could be told of a flood: %s", reason(error))

    async def stop(self) -> None:
        """Let what is being told be told, briefly."""
        if self._telling:
            await asyncio.wait(self._telling, timeout=0.5)
        for task in self._telling:
            task.cancel()
