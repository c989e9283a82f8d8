"""How fast may be sent: a bucket for the bot, one for each chat, and what a 429 holds back, to the second."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds


def pause_after(tries: int) -> float:
    """How long a message that failed for another reason waits, after so many tries."""
    return min(FIRST_PAUSE * 2.0 ** max(tries - 1, 0), LONGEST_PAUSE)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The pace, each number with its source.

    ``per_second``: Telegram's FAQ allows about 30 messages a second in all ("Broadcasting to users"); 25
    leaves room for edits and pop-ups, which count as well. ``burst``: the limits are unspecified
    (python-telegram-bot wiki, "Avoiding flood limits"), so a small one of our choice. ``chat_per_second`` and
    ``chat_burst``: the FAQ's "avoid sending more than one message per second" to a chat, "short bursts"
    tolerated. ``in_flight``: requests at the same time; the server refuses from a thousand on
    (tdlib/telegram-bot-api, Client.cpp), but each of ours may be shown twice if we die just then.
    ``suspicious``: after so many chats in a row were refused by 429 without one success between them, it is
    the bot that is meant and not the chats.
    """

    per_second: float = 25.0
    burst: float = 5.0
    chat_per_second: float = 1.0
    chat_burst: float = 3.0
    in_flight: int = 8
    suspicious: int = 5


UNHURRIED = Limits(
    per_second=1e6, burst=1e6, chat_per_second=1e6, chat_burst=1e6, in_flight=200
)  # a server of one's own


@dataclass
class _Bucket:
    tokens: float
    at: float

    def refill(self, now: float, rate: float, burst: float) -> float:
        self.tokens = min(burst, self.tokens + (now - self.at) * rate)
        self.at = now
        return self.tokens


@dataclass
class Pace:
    """Says how many may be sent now and which chats must wait. ``tick`` is a monotonic clock in seconds."""

    limits: Limits = field(default_factory=Limits)
    tick: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._all = _Bucket(self.limits.burst, self.tick())
        self._chats: dict[str, _Bucket] = {}
        self._held: dict[str, float] = {}
        self._all_held = 0.0
        self._refused: set[str] = set()

    def room(self) -> int:
        """How many messages may leave at this moment."""
        now = self.tick()
        if now < self._all_held:
            return 0
        return int(self._all.refill(now, self.limits.per_second, self.limits.burst))

    def waiting(self) -> set[str]:
        """The chats to which nothing may be sent at this moment."""
        now = self.tick()
        self._held = {chat: until for chat, until in self._held.items() if until > now}
        left = {chat: self._left(bucket, now) for chat, bucket in self._chats.items()}
        slow = {chat for chat, tokens in left.items() if tokens < 1.0}
        # A full bucket is as good as none, so only those who were written to lately are remembered.
        self._chats = {c: b for c, b in self._chats.items() if left[c] < self.limits.chat_burst}
        return slow | self._held.keys()

    def may(self, chat: str) -> bool:
        """Whether something may be sent to ``chat`` at this moment."""
        now = self.tick()
        bucket = self._chats.get(chat)
        return self._held.get(chat, 0.0) <= now and (bucket is None or self._left(bucket, now) >= 1.0)

    def spend(self, chat: str, messages: int = 1) -> None:
        """Count what is being sent to ``chat``."""
        now = self.tick()
        self._all.refill(now, self.limits.per_second, self.limits.burst)
        self._all.tokens -= messages
        bucket = self._chats.setdefault(chat, _Bucket(self.limits.chat_burst, now))
        self._left(bucket, now)
        bucket.tokens -= messages

    def refused(self, chat: str, seconds: float) -> None:
        """A 429 for ``chat``: nothing to it for ``seconds``; and to nobody, if everybody is refused."""
        until = self.tick() + seconds
        self._held[chat] = max(self._held.get(chat, 0.0), until)
        self._refused.add(chat)
        if len(self._refused) >= self.limits.suspicious:
            self.hold_all(seconds)

    def hold_all(self, seconds: float) -> None:
        """Send nothing to anybody for ``seconds``."""
        self._all_held = max(self._all_held, self.tick() + seconds)
        self._refused.clear()

    def succeeded(self) -> None:
        """A message went through: whoever was refused was refused for himself."""
        self._refused.clear()

    def next_change(self) -> float:
        """Seconds until more may be sent than now."""
        now = self.tick()
        if now < self._all_held:
            return self._all_held - now
        waits = [until - now for until in self._held.values() if until > now]
        rate = self.limits.chat_per_second
        slow = (self._left(bucket, now) for bucket in self._chats.values())
        waits += [(1.0 - left) / rate for left in slow if left < 1.0]
        tokens = self._all.refill(now, self.limits.per_second, self.limits.burst)
        if tokens < 1.0:
            return (1.0 - tokens) / self.limits.per_second
        return min(waits, default=60.0)

    def _left(self, bucket: _Bucket, now: float) -> float:
        return bucket.refill(now, self.limits.chat_per_second, self.limits.chat_burst)
