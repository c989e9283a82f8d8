"""What Telegram sends is kept before Telegram is told so: a batch, a commit, only then the next offset."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.clock import Clock
from bot.logs import reason
from bot.supervise import Beat, idle
from bot.telegram.api import Api, wait_of
from bot.telegram.translate import ALLOWED, CHANNEL, canonical, lane_of, update_id_of
from storage.inbox import InboxRow, Incoming
from storage.store import Store

LOG = logging.getLogger("bot.intake")
POLL_SECONDS = 20  # how long Telegram holds an idle poll; the server allows up to 50
AT_ONCE = 100  # the most that getUpdates gives
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
CONFLICT_PAUSE = 3.0  # the server answers 409 at most once in three seconds
OUTAGE = timedelta(
    seconds=120
)  # taps live 150 seconds at Telegram; what was tapped in a longer gap may be gone


class Intake:
    """Keeps raw updates. Calls made at the same time are written together.

    ``room(address)``: how many more of a chat may wait; what comes beyond is not kept, and
    ``refuse`` is told of it.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        kept: Callable[[Sequence[InboxRow]], None],
        room: Callable[[str], int],
        refuse: Callable[[str, int], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._kept = kept
        self._room = room
        self._refuse = refuse
        self._waiting: list[tuple[Sequence[Any], asyncio.Future[int]]] = []
        self._writer: asyncio.Task[None] | None = None
        self.received = 0
        self.repeated = 0

    async def take(self, updates: Sequence[Any]) -> int:
        """Keep ``updates``; returns once they are committed, with the number of those not known before.

        Those for which their chat has no room count as well: there is nothing more to do about them.
        """
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((updates, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await done

    async def stop(self) -> None:
        """Let what is being kept be kept, briefly; what isn't comes again from Telegram."""
        if self._writer is not None and not self._writer.done():
            await asyncio.wait((self._writer,), timeout=0.5)

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            rows, refused = self._sorted(update for updates, _ in batch for update in updates)
            try:
                new = await self._store.take_in(rows) if rows else []
            except Exception as error:  # every waiting caller learns of it, and none is told that it was kept
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                continue
            self.received += len(new)
            self.repeated += len(rows) - len(new)
            for _, done in batch:
                if not done.done():
                    done.set_result(len(new) + sum(refused.values()))
            self._kept(new)
            for address, count in refused.items():
                self._refuse(address, count)

    def _sorted(self, updates: Iterable[Any]) -> tuple[list[Incoming], dict[str, int]]:
        """What is to be kept, and how many updates of which chat are not."""
        rows: list[Incoming] = []
        left: dict[str, int] = {}
        refused: dict[str, int] = {}
        for update in updates:
            address = lane_of(update)
            room = left[address] if address in left else self._room(address)
            left[address] = room - 1
            if room > 0:
                rows.append(self._incoming(update, address))
            else:
                refused[address] = refused.get(address, 0) + 1
        return rows, refused

    def _incoming(self, update: Any, address: str) -> Incoming:
        raw = canonical(update)
        number = update_id_of(update)
        if number is None:  # one made from its content, below all real ones
            number = -1 - (int.from_bytes(hashlib.blake2b(raw, digest_size=4).digest(), "big") >> 1)
        return Incoming(
            source=CHANNEL,
            update_id=number,
            lane_address=address,
            raw=raw,
            received_at=self._clock.now(),
        )


class Poller:
    """The getUpdates loop. It starts without an offset: the inbox, not a number, knows what was seen."""

    def __init__(
        self,
        api: Api,
        intake: Intake,
        clock: Clock,
        *,
        returned: Callable[[datetime, datetime], Awaitable[None]],
        wrong_token: Callable[[], None],
    ) -> None:
        self._api = api
        self._intake = intake
        self._clock = clock
        self._returned = returned
        self._wrong_token = wrong_token
        self._offset: int | None = None
        self._pause = 0.0
        self._conflict = False
        self._heard_at: float | None = None
        self.errors = 0

    @property
    def silence(self) -> float:
        """Seconds since Telegram last answered; 0 before it ever did."""
        return 0.0 if self._heard_at is None else time.monotonic() - self._heard_at

    @property
    def heard(self) -> bool:
        """Whether Telegram has answered since the start."""
        return self._heard_at is not None

    async def run(self, beat: Beat) -> None:
        """Poll until cancelled."""
        while True:
            beat()
            try:
                updates = await beat.during(self._poll())
                await beat.during(self._back_again())
                if updates:
                    await self._keep(updates, beat)
                self._pause = 0.0
            except Conflict:
                await self._another_instance()
            except InvalidToken:
                self._wrong_token()
                return await idle(beat)
            except TelegramError as error:
                await self._try_again(error, beat)
            except Exception as error:  # the database: what came is not confirmed, and comes again
                await self._try_again(error, beat)

    async def _poll(self) -> list[Any]:
        parameters: dict[str, Any] = {
            "timeout": POLL_SECONDS,
            "limit": AT_ONCE,
            "allowed_updates": list(ALLOWED),
        }
        if self._offset is not None:
            parameters["offset"] = self._offset
        updates = await self._api.call("getUpdates", parameters, read_timeout=POLL_SECONDS + 5.0)
        if not isinstance(updates, list):
            raise TelegramError("getUpdates answered no list")
        if self._conflict:
            LOG.info("the other instance has gone; updates come here again")
            self._conflict = False
        return updates

    async def _keep(self, updates: list[Any], beat: Beat) -> None:
        new = await beat.during(self._intake.take(updates))
        numbers = [n for n in map(update_id_of, updates) if n is not None]
        if numbers:
            self._offset = (
                numbers[-1] + 1
            )  # the last in order, not the greatest: after a quiet week they begin anew
        if not numbers or not new:
            await asyncio.sleep(SHORTEST_PAUSE)  # nothing was gained: don't spin

    async def _back_again(self) -> None:
        before, self._heard_at = self._heard_at, time.monotonic()
        if before is None:
            return
        gap = timedelta(seconds=self._heard_at - before)
        if gap > OUTAGE:
            end = self._clock.now()
            await self._returned(end - gap, end)

    async def _another_instance(self) -> None:
        if not self._conflict:
            LOG.error("another instance uses this token (409); waiting until it has gone")
            self._conflict = True
        await asyncio.sleep(CONFLICT_PAUSE)

    async def _try_again(self, error: Exception, beat: Beat) -> None:
        self.errors += 1
        if isinstance(error, RetryAfter):
            self._pause = wait_of(error).total_seconds()
        else:
            self._pause = min(max(self._pause * 2, SHORTEST_PAUSE), LONGEST_PAUSE)
        LOG.warning("no updates for now, again in %.1f s: %s", self._pause, reason(error))
        await beat.during(asyncio.sleep(self._pause), limit=self._pause + LONGEST_PAUSE)
