"""Messages leave from the outbox: at least once, in order for each person, urgent first, within limits."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.clock import Clock
from bot.logs import place, reason
from bot.supervise import Beat, idle
from bot.telegram.deliver import Delivery, Result
from bot.telegram.gathered import Gathered
from bot.telegram.limits import LONGEST_PAUSE, Limits, Pace, pause_after
from bot.telegram.marks import Marks
from bot.telegram.translate import chat_id_of
from storage.outbox import OutboxRow, Sent
from storage.store import Store

LOG = logging.getLogger("bot.outbox")
LEASE = timedelta(seconds=90)  # longer than a message of three parts can take, with every timeout used up
SWEEP_EVERY = 5.0
IDLE = 1.0  # what becomes due by itself (quiet hours over, a pause over) waits at most so long
UNREACHABLE_PAUSE = 5.0  # between attempts while no connection can be made at all
OUR_TRIES = 5  # failures of our own (wording, refused as malformed) before a message is given up

Undeliverable = Callable[[OutboxRow, str], Awaitable[None]]
Delivered = Callable[[OutboxRow], Awaitable[None]]


class Sender:
    """Claims what is due, and sends it.

    ``undelivered(row, reason)``: somebody can't be reached. ``delivered(row)``: it has arrived, and is to be
    marked so; after a crash in between it is sent and told again. Is this lost, the message counts as sent.
    Both are called for each row of which one message tells. ``at_work``: whether the clock brings something
    at this moment, so that what is gathered may not be complete.
    """

    def __init__(
        self, store: Store, delivery: Delivery, undelivered: Undeliverable, delivered: Delivered,
        clock: Clock, limits: Limits | None = None, *, at_work: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        self._store = store
        self._delivery = delivery
        self._undelivered = undelivered
        self._delivered = delivered
        self._clock = clock
        self._pace = Pace(limits or Limits())
        self._limits = self._pace.limits
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._places: set[str] = set()  # kept for what is being committed
        self._claiming = 0  # the most that a claim under way may bring
        self._rest = True  # whether the table may hold something that nobody has taken
        self._marks = Marks(store.sent)
        self._gathered = Gathered(lambda: at_work() or self._giving_up > 0)
        self._giving_up = 0  # for how many messages others are being told
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopping = False
        self._offline = 0
        self._swept = -SWEEP_EVERY
        self.counts: dict[str, int] = dict.fromkeys(
            ("sent", "dropped", "repeated", "held", "unknown", "dead"), 0
        )
        self._trouble_since: float | None = None

    def poke(self) -> None:
        """Something new may be due."""
        self._rest = True
        self._news.set()

    # What is taken over at the moment it is committed (`storage.handing.Taker`)

    lease = LEASE

    def now(self) -> datetime:
        """The present moment."""
        return self._clock.now()

    def take(self, address: str) -> bool:
        """Whether a message to ``address`` may leave at once; if so, its place is kept."""
        kept = len(self._places) + self._claiming
        free = (
            not self._idle.is_set()
            and not self._stopping
            and address not in self._under_way
            and address not in self._places
            and len(self._under_way) + kept < self._limits.in_flight
            and self._pace.room() > kept
            and self._pace.may(address)
            and chat_id_of(address) is not None
        )
        if free:
            self._places.add(address)
        return free

    def hand_over(self, rows: Sequence[OutboxRow]) -> None:
        """These were committed as being on their way."""
        self._places.clear()
        for row in rows:
            self._start(row)

    @property
    def under_way(self) -> int:
        """How many messages are on their way at this moment."""
        return len(self._under_way)

    @property
    def trouble(self) -> float:
        """For how many seconds nothing has got through, though it was tried."""
        return 0.0 if self._trouble_since is None else time.monotonic() - self._trouble_since

    async def take_over(self) -> None:
        """At the start: what a dead process was sending may have arrived; it is sent again, marked."""
        taken = await self._store.take_over(self._clock.now(), timedelta(seconds=LONGEST_PAUSE))
        if taken:
            LOG.warning(
                "%d messages may have been sent just before the stop; they are repeated with a mark", taken
            )

    async def run(self, beat: Beat) -> None:
        """Send until `stop`."""
        self._idle.clear()
        try:
            await self._go_round(beat)
        finally:
            self._idle.set()
        await idle(beat)

    async def _go_round(self, beat: Beat) -> None:
        while not self._stopping:
            beat()
            self._news.clear()
            try:
                await self._sweep(beat)
                claimed = await self._claim(beat)
            except Exception as error:
                LOG.warning("nothing is sent for now: %s (%s)", reason(error), place(error))
                await asyncio.sleep(IDLE)
                continue
            if not claimed:
                rest = min(IDLE, self._gathered.patience, max(self._pace.next_change(), 0.005))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(rest):
                        await self._news.wait()

    async def stop(self, patience: float) -> None:
        """What is under way has ``patience`` seconds; the rest stays leased, and is repeated marked."""
        self._stopping = True
        self._news.set()
        with contextlib.suppress(TimeoutError):  # a claim under way ends first, so that it is not left leased
            async with asyncio.timeout(patience):
                await self._idle.wait()
        tasks = set(self._under_way.values())
        if tasks:
            await asyncio.wait(tasks, timeout=patience)
        await self._marks.settle(patience=0.5)
        for task in self._under_way.values():
            task.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _sweep(self, beat: Beat) -> None:
        if time.monotonic() - self._swept >= SWEEP_EVERY:
            self._swept = time.monotonic()
            await beat.during(self._store.sweep(self._clock.now()))

    async def _claim(self, beat: Beat) -> int:
        self._gathered.look()
        used = len(self._under_way) + len(self._places)
        room = min(self._pace.room() - len(self._places), self._limits.in_flight - used)
        if room < 1:
            return 0
        now = self._clock.now()
        if not await beat.during(self._store.any_due(now)):
            self._rest = self._news.is_set()  # all that is left waits for its time
            return 0
        busy = self._pace.waiting() | self._under_way.keys() | self._places
        self._claiming = room
        try:
            claim = self._store.claim(now, limit=room, lease=LEASE, busy=busy, complete=self._gathered)
            rows = await beat.during(claim)
        finally:
            self._claiming = 0
        for row in rows:
            self._start(row)
        return len(rows)

    def _start(self, row: OutboxRow) -> None:
        lane = row.address or f"nobody:{row.seq}"
        self._pace.spend(lane)
        task = asyncio.create_task(self._send(row))
        self._under_way[lane] = task
        task.add_done_callback(partial(self._over, lane))

    def _over(self, lane: str, _: "asyncio.Task[None]") -> None:
        self._under_way.pop(lane, None)
        if self._rest:
            self._news.set()

    async def _send(self, row: OutboxRow) -> None:
        """One message to its end. Whatever fails here, the row keeps its lease and comes up again."""
        try:
            result = await self._delivery.send(row)
            if result.extra_parts:
                self._pace.spend(row.address, result.extra_parts)
            if result.repeats and not row.ambiguous:
                row = replace(row, ambiguous=True)
            await self._conclude(row, result)
        except Exception as error:
            LOG.error("message %d: %s (%s)", row.seq, reason(error), place(error), exc_info=error)
            await self._again(row, pause_after(row.tries), ambiguous=row.ambiguous)

    async def _conclude(self, row: OutboxRow, result: Result) -> None:
        if result.fate in ("not_sent", "unknown", "token") and self._trouble_since is None:
            self._trouble_since = time.monotonic()
        match result.fate:
            case "sent" | "dropped":
                self._arrived(row, result)
                await self._done(row, result)
            case "later":
                self.counts["held"] += 1
                seconds = result.wait.total_seconds()
                self._pace.refused(row.address, seconds)
                await self._again(row, seconds, ambiguous=row.ambiguous)
            case "not_sent":
                self._offline += 1
                pause = min(0.25 * 2 ** min(self._offline, 5), UNREACHABLE_PAUSE)
                self._pace.hold_all(pause)
                await self._again(row, pause, ambiguous=row.ambiguous)
            case "unknown":
                self.counts["unknown"] += 1
                await self._again(row, pause_after(row.tries), ambiguous=row.ambiguous)
            case "gone":
                await self._give_up(row, result.reason)
            case "ours":
                await self._ours(row, result.reason)
            case "token":
                LOG.error("Telegram no longer takes this token; nothing is sent until it does")
                self._pace.hold_all(LONGEST_PAUSE)
                await self._again(row, LONGEST_PAUSE, ambiguous=row.ambiguous)

    def _arrived(self, row: OutboxRow, result: Result) -> None:
        self._offline = 0
        self.counts[result.fate] += 1
        self.counts["repeated"] += row.ambiguous and result.fate == "sent"
        if result.fate == "sent":
            self._trouble_since = None
            self._pace.succeeded()

    async def _done(self, row: OutboxRow, result: Result) -> None:
        """Each row of which it told has arrived; what could not be worded with them goes its own way."""
        done = [each for each in row.whole if each.key not in result.unworded]
        told = [each for each in done if result.fate == "sent" and each.key not in result.untold]
        if row.others:
            await asyncio.gather(*map(self._note, told))
        elif told:
            await self._note(row)
        name = {each.seq: result.message_id for each in told}
        await self._marks.keep(*(Sent(seq=each.seq, message_id=name.get(each.seq)) for each in done))
        for each in row.whole if result.unworded else ():
            if each.key in result.unworded:
                await self._ours(replace(each, others=()), "unworded")

    async def _ours(self, row: OutboxRow, why: str) -> None:
        """A failure of our own: a few tries, then others hear of it."""
        if row.tries >= OUR_TRIES:
            await self._give_up(row, why)
        else:
            await self._again(row, pause_after(row.tries), ambiguous=row.ambiguous)

    async def _note(self, row: OutboxRow) -> None:
        try:
            await self._delivered(row)
        except Exception as error:  # sent it is, whatever follows from that
            LOG.error("message %d: %s (%s)", row.seq, reason(error), place(error), exc_info=error)

    async def _give_up(self, row: OutboxRow, why: str) -> None:
        # What follows comes first: if we die in between, the row comes up again and is found undeliverable.
        self._giving_up += 1
        try:
            for each in row.whole:
                LOG.warning("message %d can't be delivered: %s", each.seq, why)
                await self._undelivered(each, why)
                await self._store.undeliverable(each.seq, why)
                self.counts["dead"] += 1
        finally:
            self._giving_up -= 1

    async def _again(self, row: OutboxRow, seconds: float, *, ambiguous: bool) -> None:
        at = self._clock.now() + timedelta(seconds=seconds)
        for each in row.whole:
            try:
                await self._store.retry_later(each.seq, at, ambiguous=ambiguous)
            except Exception as error:  # the lease runs out by itself
                LOG.warning("message %d stays leased: %s", each.seq, reason(error))
