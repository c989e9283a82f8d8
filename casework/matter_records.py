"""What is kept of a matter: something about one child that takes several steps and people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from casework.record import Record


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One step of a matter: who took it and which state it led to.

    ``by`` None = the clock or a flag. ``words`` are what was written with it; ``submission`` the report that
    was the step, ``said`` its answers in the words that were read, by the question's name.
    """

    at: datetime
    step: str
    state: str
    by: str | None = None
    words: str = ""
    submission: str | None = None
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Matter(Record):
    """A matter of one child. ``sort`` names its rules, ``state`` where it stands by them.

    ``status``: open or closed. ``number`` is short and county-wide; storage gives it (0 = not yet). ``since``
    is the day on which the state began, ``due`` the day by which the next step is to be taken. ``facts`` are
    what its reports said, by the question's name, the last word of each. ``told`` counts the reminders in
    this state, ``told_at`` is the hour of the last; ``gone_up``: its lateness did.
    """

    kind: ClassVar[str] = "matter"
    status: str = "open"
    number: int = 0
    sort: str
    state: str
    opened_at: datetime
    since: date
    due: date | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    story: tuple[Taken, ...] = ()
    told: int = 0
    told_at: datetime | None = None
    gone_up: bool = False
    closed_at: datetime | None = None

    @property
    def said(self) -> Mapping[str, str]:
        """What its reports said in the words that were read, the last word of each."""
        return {name: text for taken in self.story for name, text in taken.said.items()}
