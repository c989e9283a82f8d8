"""What a decision returns: changed records, events (the audit trail), notices: written as one whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from casework.records import Record, at_version

NewId = Callable[[], str]  # gives a fresh, unguessable, short identifier; randomness stays outside the rules


class Priority(IntEnum):
    """In which order messages leave when many wait: the lower first.

    What is ``GATHERED`` for one person at a moment leaves as one message: alerts that the clock brings and
    that keep quiet hours. The others leave one by one.
    """

    ALERT = 0
    GATHERED = 1
    REPLY = 2
    REMINDER = 3
    DIGEST = 4


def ground_of(actor: str) -> str:
    """On what ground ``actor`` acts: a person by assignment, our own doings by themselves."""
    return actor if actor in ("clock", "import", "operator") else "assignment"


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, in the past tense: who, what, which child, when, on what ground.

    ``actor`` is a person's code, or ``clock``, ``import``, ``operator``. ``record`` is the id of what it
    happened to. ``detail`` holds codes and numbers only, never names or free text.
    """

    name: str
    at: datetime
    actor: str
    child: str | None = None
    record: str | None = None
    ground: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A message to be sent, by meaning and not yet in words: ``kind`` names the sentence, ``values`` fill it.

    ``key`` is unique for ever: a second notice with the same key is the same notice and is not sent again.
    ``to`` is a person's code; a stranger is reached by ``address`` ("telegram:12345") alone. ``about`` is
    (kind, id) of the record that it is about, so that a message that cannot be delivered finds what must go
    on without it. ``not_before`` holds it back, e.g. for quiet hours. ``silent``: it makes no sound.
    """

    key: str
    to: str | None
    kind: str
    priority: Priority
    values: Mapping[str, Any] = field(default_factory=dict)
    about: tuple[str, str] | None = None
    child: str | None = None
    address: str | None = None
    not_before: datetime | None = None
    silent: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The whole of a decision. Empty where nothing is to be done.

    ``sole``: ID numbers that no child's file but those among ``records`` may hold when this is written; else
    nothing is, and it is decided anew.
    """

    records: tuple[Record, ...] = ()
    events: tuple[Event, ...] = ()
    notices: tuple[Notice, ...] = ()
    sole: frozenset[str] = frozenset()

    def __add__(self, other: "Outcome") -> "Outcome":
        """Both, in order. A record that both changed is the later one, at the version first read."""
        return Outcome(
            records=_merged(self.records, other.records),
            events=self.events + other.events,
            notices=self.notices + other.notices,
            sole=self.sole | other.sole,
        )

    def __bool__(self) -> bool:
        return bool(self.records or self.events or self.notices)


def _merged(before: tuple[Record, ...], after: tuple[Record, ...]) -> tuple[Record, ...]:
    if not before or not after:
        return before or after
    first = {(r.kind, r.id): r.version for r in before}
    later = {(r.kind, r.id) for r in after}
    kept = tuple(r for r in before if (r.kind, r.id) not in later)
    return kept + tuple(at_version(r, first.get((r.kind, r.id), r.version)) for r in after)
