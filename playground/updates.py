"""The queue of updates: numbers, offsets, long polls, conflicts and expiry as at the official server."""

import asyncio
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from playground.refusal import CONFLICT_POLLER, CONFLICT_SET_WEBHOOK, Refusal

MESSAGE_LIFETIME = 86_400.0  # seconds that an update waits for the bot
CALLBACK_LIFETIME = 150.0
LONGEST_POLL = 50
BIGGEST_BATCH = 100
QUEUE_LIMIT = 100_000
FORESIGHT = 10  # an offset further than this past the end is taken for nonsense
SAME_OFFSET_ONE = 0.5  # seconds in which the same offset gets one update
SAME_OFFSET_HOLD = 3.0  # seconds in which the same offset with a shorter timeout is held as long
CONFLICT_PAUSE = 3.0
FIRST_NUMBERS = (2_000_001, 2**30)
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """An update that the bot has not confirmed; `body` is its JSON."""

    id: int
    kind: str
    lane: int
    body: bytes
    expires: float


class Updates:
    """What waits for the bot. `clock` gives seconds since 1970 and rules expiry."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._dice = random.Random()  # noqa: S311 - where numbering starts is no secret
        self._queue: dict[int, Pending] = {}  # by order of arrival
        self._arrivals = 0
        self.next_id = self._dice.randint(*FIRST_NUMBERS)
        self.allowed: frozenset[str] | None = None  # None is every kind but those of UNASKED
        self.on_push: Callable[[int, Pending], None] | None = None
        self.same_offset_one = SAME_OFFSET_ONE
        self.same_offset_hold = SAME_OFFSET_HOLD
        self._poller: asyncio.Future[None] | None = None
        self._previous_offset: int | None = None
        self._previous_start = 0.0
        self._next_conflict = 0.0

    # What goes in

    def wants(self, kind: str) -> bool:
        """Whether the bot asked for updates of this kind."""
        return kind not in UNASKED if self.allowed is None else kind in self.allowed

    def allow(self, kinds: Iterable[str] | None) -> None:
        """Sets allowed_updates; None leaves them as they are, an empty list is the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def push(self, kind: str, payload: Any, *, lane: int, lifetime: float = MESSAGE_LIFETIME) -> int | None:
        """Queues an update and returns its number; None when the bot doesn't want it or the queue is full."""
        if not self.wants(kind) or len(self._queue) >= QUEUE_LIMIT:
            return None
        number = self.next_id
        self.next_id += 1
        body = orjson.dumps({"update_id": number, kind: payload})
        self._arrive(Pending(id=number, kind=kind, lane=lane, body=body, expires=self._clock() + lifetime))
        return number

    def inject(self, update: dict[str, Any], *, lane: int = 0) -> int:
        """Queues any object as an update, even one that no parser takes. Without an update_id it gets the
        next number; with one, it is delivered under that, so that an update can be delivered twice."""
        number = update.get("update_id", self.next_id)
        if number == self.next_id:
            self.next_id += 1
        kind = next((key for key in update if key != "update_id"), "message")
        body = orjson.dumps({"update_id": number, **update})
        expires = self._clock() + MESSAGE_LIFETIME
        self._arrive(Pending(id=int(number), kind=kind, lane=lane, body=body, expires=expires))
        return int(number)

    def restart_numbers(self, at: int) -> None:
        """The next update gets this number, as after a quiet week; ValueError while updates wait."""
        if self._queue:
            raise ValueError(f"{len(self._queue)} updates still wait; numbers restart only on an empty queue")
        self.next_id = at

    def _arrive(self, pending: Pending) -> None:
        key = self._arrivals
        self._arrivals += 1
        self._queue[key] = pending
        if self.on_push is not None:
            self.on_push(key, pending)
        elif self._poller is not None and not self._poller.done():
            self._poller.set_result(None)

    # What goes out

    def waiting(self) -> Iterator[tuple[int, Pending]]:
        """The updates that wait and have not expired, by order of arrival, each with its key."""
        now = self._clock()
        for key, pending in list(self._queue.items()):
            if pending.expires <= now:
                del self._queue[key]
            else:
                yield key, pending

    def __len__(self) -> int:
        return sum(1 for _ in self.waiting())

    def settle(self, key: int) -> None:
        """Forgets one update, delivered by webhook or expired."""
        self._queue.pop(key, None)

    def clear(self) -> None:
        """Forgets all of them, as drop_pending_updates asks."""
        self._queue.clear()

    async def poll(self, offset: int, limit: int, seconds: float) -> list[Pending]:
        """One getUpdates; `offset` confirms all updates before it, a negative one all but so many."""
        loop = asyncio.get_running_loop()
        seconds = min(max(seconds, 0), LONGEST_POLL)
        limit = min(max(limit, 1), BIGGEST_BATCH)
        if offset == self._previous_offset:
            passed = loop.time() - self._previous_start
            if passed < self.same_offset_hold:
                seconds = max(seconds, self.same_offset_hold)
            if passed < self.same_offset_one:
                limit = 1
        self._previous_offset, self._previous_start = offset, loop.time()
        found = self._take(offset, limit)
        if found or seconds == 0:
            return found
        await self._hold(loop, seconds)
        return self._take(offset, limit)

    def _take(self, offset: int, limit: int) -> list[Pending]:
        waiting = list(self.waiting()) if self._queue else []
        if offset < 0:
            for key, _ in waiting[:offset]:
                self.settle(key)
            waiting = waiting[offset:]
        elif waiting and waiting[0][1].id - QUEUE_LIMIT <= offset <= self.next_id + FORESIGHT:
            while waiting and waiting[0][1].id < offset:
                self.settle(waiting.pop(0)[0])
        return [pending for _, pending in waiting[:limit]]

    async def _hold(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._interrupt(CONFLICT_POLLER)
        future: asyncio.Future[None] = loop.create_future()
        self._poller = future
        timer = loop.call_later(seconds, _finish, future)
        try:
            await future
        except Refusal:
            await asyncio.sleep(self._conflict_pause(loop.time()))
            raise
        finally:
            timer.cancel()
            if self._poller is future:
                self._poller = None

    def end_poll(self) -> None:
        """Ends the idle poll with 409, as setWebhook does."""
        self._interrupt(CONFLICT_SET_WEBHOOK)

    def _interrupt(self, words: str) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(Refusal(409, words))
        self._poller = None

    def _conflict_pause(self, now: float) -> float:
        """The server gives one 409 at once, further ones three seconds late."""
        if now >= self._next_conflict:
            self._next_conflict = now + CONFLICT_PAUSE
            return 0.0
        return CONFLICT_PAUSE


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
