"""Messages handed to a sender at the moment they are committed, without a claim of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from casework.outcome import Notice


@dataclass(frozen=True, kw_only=True)
class OutboxRow:
    """A message to be sent now. ``address`` is "" where the person has none (not joined, or left)."""

    seq: int
    key: str
    to: str | None
    address: str
    priority: int
    notice: Notice
    tries: int
    ambiguous: bool  # it may have arrived already
    others: tuple["OutboxRow", ...] = ()  # leave with it, as one message: all are ``Priority.GATHERED``

    @property
    def whole(self) -> tuple["OutboxRow", ...]:
        """It and what leaves with it, in order."""
        return (self, *self.others)


class Taker(Protocol):
    """A sender in this process. What it takes is committed as being on its way, leased like a claim.

    After a crash such a message counts as perhaps sent, as a claimed one does: there are never more of either
    than the sender has in flight.
    """

    lease: timedelta

    def now(self) -> datetime:
        """The present moment: what is due by then may be handed over."""
        ...

    def take(self, address: str) -> bool:
        """Whether a message to ``address`` may leave at once; if so, its place is kept."""
        ...

    def hand_over(self, rows: Sequence[OutboxRow]) -> None:
        """These were committed, each in a place that was kept; all other places are free again."""
        ...
