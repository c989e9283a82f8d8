"""Telegram's pace, on demand: so many messages a second in all, to one chat and to one group, then 429."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from playground.refusal import too_many_requests
from playground.wire import Args

COUNTED = ("send", "copy", "forward", "edit")
UNCOUNTED = frozenset({"sendchataction"})


@dataclass(slots=True, kw_only=True)
class Bucket:
    """Tokens that come back at `rate` a second, at most `burst` of them."""

    rate: float
    burst: float
    level: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0 when one is."""
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.level >= 1.0 else (1.0 - self.level) / self.rate


class Flood:
    """Counts what the bot sends and edits. The figures are those that Telegram names; the exact ones are
    its secret. `clock` gives seconds and only goes forward."""

    def __init__(
        self,
        *,
        per_second: float = 30.0,
        chat_per_second: float = 1.0,
        chat_burst: float = 5.0,
        group_per_minute: float = 20.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._chat = (chat_per_second, chat_burst)
        self._group = (group_per_minute / 60.0, group_per_minute)
        self._all = Bucket(rate=per_second, burst=per_second, level=per_second, at=clock())
        self._chats: dict[int, Bucket] = {}

    def admit(self, name: str, args: Args) -> None:
        """Lets a call through or refuses it with 429; a refused call costs nothing. `name` is in small
        letters."""
        if not name.startswith(COUNTED) or name in UNCOUNTED:
            return
        now, chat_id = self._clock(), args.integer("chat_id")
        bucket = self._chats.get(chat_id)
        if bucket is None:
            rate, burst = self._chat if chat_id >= 0 else self._group
            bucket = self._chats[chat_id] = Bucket(rate=rate, burst=burst, level=burst, at=now)
        wait = max(self._all.wait(now), bucket.wait(now))
        if wait > 0:
            raise too_many_requests(math.ceil(wait))
        self._all.level -= 1.0
        bucket.level -= 1.0
