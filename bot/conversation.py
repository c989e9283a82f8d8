"""What the runtime needs of the conversations, as plain functions: any desk can stand behind any channel."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.telegram.flood import Told
from casework.outcome import Notice
from conversations.said import Message, Reply, Said, Together
from storage.store import Store


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """``respond`` is the only way in. ``wake(now, limit)`` deals with what is due: the number of records;
    ``at_work()``: whether it does so at this moment, or somebody is within ``working()``.

    ``word`` gives a notice's text, None when it is no longer true; ``together`` that of several for one
    person as one message. ``undelivered(notice, reason, now)``
    goes on without somebody who can't be reached, ``delivered(notice, now)`` with what waited for its
    arrival. ``returned(start, end)`` tells people of an outage. ``media(name)`` is the content of a picture,
    sound or film that a message names, None if it is gone. ``mark(notice)`` are the words before a message
    that may be a repeat; ``sorry(address)`` those for somebody whose message we could not deal with.
    ``flooded(address, what)`` tells whom it concerns that one chat sends faster than a person can.
    """

    respond: Callable[[Said], Awaitable[Reply]]
    wake: Callable[[datetime, int], Awaitable[int]]
    at_work: Callable[[], bool]
    working: Callable[[], AbstractContextManager[None]]
    word: Callable[[Notice], Awaitable[Message | None]]
    together: Callable[[Sequence[Notice]], Awaitable[Together]]
    undelivered: Callable[[Notice, str, datetime], Awaitable[None]]
    delivered: Callable[[Notice, datetime], Awaitable[None]]
    returned: Callable[[datetime, datetime], Awaitable[None]]
    media: Callable[[str], Awaitable[bytes | None]]
    mark: Callable[[Notice], Awaitable[str]]
    sorry: Callable[[str], Awaitable[str]]
    flooded: Callable[[str, Told], Awaitable[None]]


Make = Callable[[Store, Clock, str], Awaitable[Conversation]]  # the last is the bot's user name
