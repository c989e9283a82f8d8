"""What is kept of a referral: what a department is to do for a child, and what it may know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from casework.record import Record


@dataclass(frozen=True, kw_only=True)
class Handled:
    """One line of a referral's story: what was done (the event's name), by whom; ``by`` None = the clock."""

    at: datetime
    name: str
    by: str | None = None
    answer: str = ""
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Referral(Record):
    """A child's matter referred to a department. ``person`` is its contact; None = nobody can be reached.

    ``status``: sent, acknowledged, answered, returned (by the contact, undone), closed. ``purpose`` names its
    rules. ``number`` is short and county-wide; storage gives it (0 = not yet). ``fields`` are all that the
    contact is shown of the child: what the purpose allowed on the day of sending, by the field's name.
    ``words`` came from the sender, ``answer`` is the key of what was answered. ``since`` is the day on which
    the status began, ``due`` the day by which the next thing is to be done. ``told`` counts the reminders in
    this status, ``told_at`` is the hour of the last; ``gone_up``: its lateness did.
    """

    kind: ClassVar[str] = "referral"
    status: str = "sent"
    number: int = 0
    purpose: str
    department: str
    matter: str | None = None
    sender: str
    opened_at: datetime
    since: date
    due: date | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    answer: str = ""
    story: tuple[Handled, ...] = ()
    told: int = 0
    told_at: datetime | None = None
    gone_up: bool = False
    closed_at: datetime | None = None
