"""What the conversations have at hand: the store, the forms, the county's rules, the words, the clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from secrets import choice, token_hex

from casework.calendar import local_day
from casework.outcome import NewId
from casework.policy import Policy
from casework.records import Child
from conversations.masks import child_label
from conversations.press import Press
from conversations.shelf import FormShelf
from conversations.tokens import make_token, read_token
from conversations.words import Words
from storage.store import Store
from xlsform import Parking

_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look alike


def random_id() -> str:
    """A fresh identifier, short enough for a button."""
    return token_hex(8)


def random_code(length: int) -> str:
    """A fresh one-time code, easy to read aloud."""
    return "".join(choice(_CODE_LETTERS) for _ in range(length))


@dataclass(kw_only=True)
class Desk:
    """Everything that a conversation needs. ``bot_name`` is the bot's name in links, "" for none.

    ``waking``: how many are dealing with what is due at this moment (`working`).
    """

    store: Store
    forms: FormShelf
    policy: Policy
    words: Words
    press: Press
    clock: Callable[[], datetime]
    new_id: NewId = field(default=random_id)
    bot_name: str = ""
    new_code: Callable[[int], str] = field(default=random_code)
    parking: Parking = field(default_factory=Parking)
    waking: int = 0

    @contextmanager
    def working(self) -> Iterator[None]:
        """Within it what is due is dealt with, and what that brings may not be complete."""
        self.waking += 1
        try:
            yield
        finally:
            self.waking -= 1

    def token(self, person: str, action: str, *parts: str | int) -> str:
        """A button's data, bound to ``person``."""
        return make_token(self.store.mac, person, action, *parts)

    def read_token(self, person: str, token: str) -> tuple[str, tuple[str, ...]] | None:
        """What a button of ``person``'s carried; None where it was not made for this person."""
        return read_token(self.store.mac, person, token)

    def today(self, now: datetime) -> date:
        """The day that it is in the county."""
        return local_day(now, self.policy)

    def label(self, child: Child) -> str:
        """How the child is called in messages."""
        return child_label(child, self.policy)
