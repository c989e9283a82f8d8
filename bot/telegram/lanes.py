"""One lane for each person: what they said is handled in order, one at a time; many lanes at once."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from bot.logs import place, reason
from bot.supervise import Beat
from bot.telegram.flood import Flood
from bot.telegram.translate import NOWHERE, Unreadable
from storage.errors import Unavailable
from storage.inbox import InboxRow
from storage.store import Store

LOG = logging.getLogger("bot.lanes")
PARALLEL = 64  # turns at once: what they want written at the same moment shares a transaction
FOR_STRANGERS = 4  # turns at once of those who have not joined, beside these
CROWD = 40  # so many new rows at once, as many as a webhook brings, mean that more are to come
CROWDED = 0.25  # seconds after these in which strangers have one turn at a time
AT_ONCE = 500  # rows read from the table at a time
MOST_IN_MEMORY = 50_000  # beyond, the rest waits in the table
PARK_AFTER = 5  # real failures
LONGEST_PAUSE = 10.0
IDLE = 5.0  # the table is looked at at least so often
LONGEST_TURN = 60.0

Handle = Callable[[InboxRow], Awaitable[int]]


class _Turns:
    """The lanes whose turn it is, first come first, and how many have theirs just now."""

    def __init__(self) -> None:
        self.ready: deque[str] = deque()
        self.under_way = 0


class Lanes:
    """Hands the inbox's rows to ``handle``, which completes them; ``parked`` is told of one given up.

    ``handle`` says with how many messages a row was answered: a chat that is ahead of what ``flood`` allows
    waits for its next turn. Those who have joined have ``parallel`` turns at once, strangers some of their
    own: neither ever waits for the other's turns. ``rest``: seconds for which an answered stranger's turn
    goes on.
    """

    def __init__(
        self,
        store: Store,
        handle: Handle,
        parked: Callable[[InboxRow], Awaitable[None]],
        flood: Flood,
        *,
        rest: float,
        parallel: int = PARALLEL,
    ) -> None:
        self._store = store
        self._handle = handle
        self._parked = parked
        self._flood = flood
        self._parallel = parallel
        self._rest = rest
        self._joined, self._strangers = _Turns(), _Turns()
        self._crowded_until = 0.0
        self._lanes: dict[str, deque[tuple[InboxRow, float]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slowed: set[str] = set()  # lanes that were too fast and are not empty yet
        self._outside: dict[str, int] = {}  # what waits in the table only, of those told of by `take`
        self._fails: dict[int, int] = {}  # row -> pauses taken in a row
        self._after = 0
        self._up_to_date = False  # whether all that the table holds has been read
        self._in_memory = 0
        self._news = asyncio.Event()
        self._stopping = False
        self.handled = 0
        self.given_up = 0

    def take(self, rows: Sequence[InboxRow]) -> None:
        """New rows were committed. Those that came before must have been read; else all are read in order."""
        if len(rows) >= CROWD:
            self._crowded_until = time.monotonic() + CROWDED
        if self._up_to_date and self._in_memory + len(rows) < MOST_IN_MEMORY:
            self._add(rows)
        else:
            for row in rows:
                self._outside[row.address] = self._outside.get(row.address, 0) + 1
            self._news.set()

    def room(self, address: str) -> int:
        """How many more updates of this chat may wait. What belongs to nobody is never refused."""
        if address == NOWHERE:
            return MOST_IN_MEMORY
        lane = self._lanes.get(address)
        return self._flood.rules.most_waiting - (len(lane) if lane else 0) - self._outside.get(address, 0)

    @property
    def waiting(self) -> int:
        """How many rows wait or are being handled."""
        return self._in_memory

    @property
    def oldest(self) -> float:
        """Seconds for which the longest-waiting row has waited here, those of floods apart."""
        heads = [lane[0][1] for who, lane in self._lanes.items() if lane and who not in self._slowed]
        return time.monotonic() - min(heads) if heads else 0.0

    async def run(self, beat: Beat) -> None:
        """Read what was committed and hand it on, until cancelled."""
        while True:
            beat()
            try:
                await self._catch_up(beat)
            except Unavailable as error:
                LOG.warning("the inbox can't be read for now: %s", reason(error))
                await asyncio.sleep(1.0)
                continue
            try:
                async with asyncio.timeout(IDLE):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def stop(self, patience: float) -> None:
        """Take up nothing new; turns under way have ``patience`` seconds to end. The table keeps the rest."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _catch_up(self, beat: Beat) -> None:
        self._up_to_date = False
        self._news.clear()  # also when there is no room, or the loop would go round without a rest
        while self._in_memory < MOST_IN_MEMORY:
            read = await beat.during(self._read())
            beat()
            if read < AT_ONCE and not self._news.is_set():
                self._up_to_date = True
                self._outside.clear()
                return
            self._news.clear()

    async def _read(self) -> int:
        rows = await self._store.waiting(after=self._after, limit=AT_ONCE)
        for row in rows:
            if row.address in self._outside:
                self._outside[row.address] -= 1
        self._add(rows)
        return len(rows)

    def _add(self, rows: Sequence[InboxRow]) -> None:
        now = time.monotonic()
        for row in rows:
            self._after = max(self._after, row.seq)
            lane = self._lanes.get(row.address)
            if lane is not None:
                lane.append((row, now))
            else:
                self._lanes[row.address] = deque(((row, now),))
                self._line_up(row.address)
        self._in_memory += len(rows)
        self._start_turns()

    def _start_turns(self) -> None:
        crowded = time.monotonic() < self._crowded_until
        self._start(self._joined, self._parallel)
        self._start(self._strangers, 1 if crowded else FOR_STRANGERS)

    def _start(self, turns: _Turns, most: int) -> None:
        while turns.under_way < most and turns.ready and not self._stopping:
            turns.under_way += 1
            task = asyncio.create_task(self._turn(turns.ready.popleft(), turns))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _turn(self, address: str, turns: _Turns) -> None:
        """Handle the head of one lane, then let the others have their turn."""
        pause = 0.0
        try:
            pause = await self._head(self._lanes[address][0][0])
        finally:
            turns.under_way -= 1
            if pause:
                asyncio.get_running_loop().call_later(pause, self._again, address)
            else:
                self._advance(address)
            self._start_turns()

    def _advance(self, address: str) -> None:
        lane = self._lanes[address]
        lane.popleft()
        self._in_memory -= 1
        if lane:
            self._line_up(address)
        else:
            del self._lanes[address]
            self._slowed.discard(address)
        if self._in_memory == MOST_IN_MEMORY - 1:
            self._news.set()

    def _line_up(self, address: str) -> None:
        """The lane may have its turn, at once or when its answers can have left."""
        wait = 0.0 if address == NOWHERE else self._flood.wait(address)
        if not wait:
            self._get_ready(address)
            return
        if address not in self._slowed:
            self._slowed.add(address)
            self._flood.slow(address)
        asyncio.get_running_loop().call_later(wait, self._again, address)

    def _again(self, address: str) -> None:
        self._get_ready(address)
        self._start_turns()

    def _get_ready(self, address: str) -> None:
        head = self._lanes[address][0][0]
        (self._joined if head.joined else self._strangers).ready.append(address)

    async def _head(self, row: InboxRow) -> float:
        """Handle ``row``: 0 when it is dealt with, else the seconds until it is tried again."""
        try:
            async with asyncio.timeout(LONGEST_TURN):
                answers = await self._handle(row)
            self.handled += 1
            self._flood.spend(row.address, answers)
            if answers and not row.joined:
                await asyncio.sleep(self._rest)
        except Unavailable as error:
            return self._pause(row, error)
        except Exception as error:
            return await self._failed(row, error)
        self._fails.pop(row.seq, None)
        return 0.0

    def _pause(self, row: InboxRow, error: Exception) -> float:
        """Database trouble is nobody's fault and doesn't count."""
        if row.seq not in self._fails:
            LOG.warning("row %d waits for the database: %s", row.seq, reason(error))
        return self._longer(row)

    def _longer(self, row: InboxRow) -> float:
        """How long ``row`` waits now, longer each time."""
        tries = self._fails[row.seq] = self._fails.get(row.seq, 0) + 1
        return min(0.1 * 2.0**tries, LONGEST_PAUSE)

    async def _failed(self, row: InboxRow, error: Exception) -> float:
        try:
            over = not await self._still_open(row) or await self._given_up(row, error)
        except Exception as trouble:
            return self._pause(row, trouble)
        return 0.0 if over else self._longer(row)

    async def _given_up(self, row: InboxRow, error: Exception) -> bool:
        """Count the failure; whether it was one too many, and the row was put aside."""
        unreadable = isinstance(error, Unreadable)
        limit = 1 if unreadable else PARK_AFTER
        LOG.error("row %d failed: %s (%s)", row.seq, reason(error), place(error), exc_info=error)
        if not await self._store.failed(row.seq, f"{reason(error)} {place(error)}", park_after=limit):
            return False
        self.given_up += 1
        self._flood.spend(row.address, 1)
        self._fails.pop(row.seq, None)
        LOG.error("row %d was put aside; the operator should look at it", row.seq)
        if not unreadable:
            await self._parked(row)
        return True

    async def _still_open(self, row: InboxRow) -> bool:
        rows = await self._store.waiting(after=row.seq - 1, limit=1)
        return bool(rows) and rows[0].seq == row.seq
