"""What the casework is about: the records that are kept, as plain frozen values.

Every record has an ``id``, the ``version`` at which it was read (0 = not kept yet; `Store.apply` refuses a
change to any other version than the kept one) and ``wake_at``: the one moment at which the clock must look
at it again (None = never). Times are aware UTC; dates are days in the county's zone. Codes of areas, people
and children are the county's own codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal

from casework.activity_records import Activity, Attendance, Place
from casework.amendment_records import Amendment
from casework.child_records import Back
from casework.entry_records import Entry
from casework.escalation_records import Deed, Escalation, Told, Urgency
from casework.form_records import Draft, File, FilePart, Submission
from casework.matter_records import Matter, Taken
from casework.people_records import (
    Employment,
    HandOver,
    Leave,
    Person,
    Post,
    QuietTime,
    Role,
    Tenure,
    Training,
    Vacancy,
)
from casework.record import R, Record, at_version
from casework.referral_records import Handled, Referral
from casework.request_records import Request
from casework.visit_records import Pause, Visit

__all__ = [
    "KINDS", "Activity", "Amendment", "Area", "Attendance", "CheckIn", "Child", "Circle", "Deed", "Draft",
    "Employment",
    "Entry", "Escalation",
    "File", "FilePart", "HandOver", "Handled", "Invite", "Leave", "Link", "Matter", "Merge", "Pause",
    "Person", "Pin",
    "Place",
    "Post", "QuietTime", "R", "Record", "Referral", "Request", "Role", "Submission", "Taken", "Talk",
    "Tenure", "Told", "Training", "Urgency",
    "Vacancy", "Visit",
    "at_version",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Area(Record):
    """A county, township or village; ``id`` is its code, ``parent`` the code of the area that it lies in."""

    kind: ClassVar[str] = "area"
    name: str
    level: Literal["county", "township", "village"]
    parent: str | None = None


@dataclass(frozen=True, kw_only=True)
class Child(Record):
    """A child in the register; ``id`` is the case code. ``township`` and ``county`` follow from ``village``.

    ``categories`` follow from the facts (`casework.categories`); ``given`` are those that the roster named,
    None where they are the same. ``risk`` is ordinal, 1 highest to 4. ``properties`` are what forms saved
    (XLSForm entity properties). ``rostered``: what the roster said last, by fact (`casework.rostered`);
    without what it never said.
    ``status``: active or closed. ``closed_on``: the day on which the reason held, which the national register
    calls the day of exit; ``closed_reason``: a key of the policy's ``closing.reasons``, "" = closed before
    reasons were kept, with what else was said; all three are empty while the file is active. It wakes on
    birthdays; ``told_at`` is the hour of the message that named the last one that matters to its worker.
    ``back``: the parents' return; None once they have gone again.
    ``merged_into``: the file of the same child with which this one was joined; it is closed then.
    ``not_same`` are files of which somebody said that they are another child's. ``home`` names the household
    that was said by hand; "" = it follows from the facts (`casework.households`).
    """

    kind: ClassVar[str] = "child"
    name: str
    sex: Literal["male", "female", ""] = ""
    birth_date: date | None = None
    id_number: str = ""
    village: str
    township: str
    county: str
    worker: str | None = None
    guardian_name: str = ""
    guardian_relation: str = ""
    guardian_phone: str = ""
    risk: int = 4
    categories: tuple[str, ...] = ()
    given: tuple[str, ...] | None = None
    school: str = ""
    registered_on: date
    properties: Mapping[str, str] = field(default_factory=dict)
    rostered: Mapping[str, str] = field(default_factory=dict)
    closed_on: date | None = None
    closed_reason: str = ""
    closed_words: str = ""
    told_at: datetime | None = None
    back: Back | None = None
    merged_into: str | None = None
    not_same: tuple[str, ...] = ()
    home: str = ""


@dataclass(frozen=True, kw_only=True)
class CheckIn(Record):
    """A short prompt to a guardian (``person``) about ``child``.

    ``status``: planned, asked, answered, unanswered, stopped.
    """

    kind: ClassVar[str] = "checkin"
    status: str = "planned"
    due: date
    asked_at: datetime | None = None
    reminded: bool = False
    submission: str | None = None


@dataclass(frozen=True, kw_only=True)
class Invite(Record):
    """A one-time code by which ``person`` joins. ``status``: open, used, expired, void.

    Only a keyed digest of the code is kept. ``child`` is set where a guardian is invited for that child.
    """

    kind: ClassVar[str] = "invite"
    status: str = "open"
    digest: str
    inviter: str | None = None
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Talk(Record):
    """Where the talk with ``person`` stands (``id``: a person's code, or a stranger's address as an index).

    ``draft`` is the form being filled; ``expects`` what the next words answer, e.g. ``("outcome",
    escalation id)``. ``tries`` are the times of wrong codes. A stranger's (no ``person``) has the status
    stranger, or guessing where wrong codes were given, and over when it is to be forgotten.
    """

    kind: ClassVar[str] = "talk"
    draft: str | None = None
    expects: tuple[str, ...] = ()
    tries: tuple[datetime, ...] = ()
    refused_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Link(Record):
    """By which ``address`` ("telegram:12345") ``person`` is reached; ``id`` is the address's keyed index."""

    kind: ClassVar[str] = "link"
    address: str


@dataclass(frozen=True, kw_only=True)
class Pin(Record):
    """What ``person`` types before names and reports are shown; ``id`` is the person's code.

    ``status``: new (typed once at most), set, void (taken away: it must be set anew). ``digest`` is a salted
    slow hash, ``fresh`` that of a new one which is still to be typed again. Until ``open_until`` nobody asks
    for it. ``wrong`` counts wrong ones in a row; before ``locked_until`` none is looked at.
    """

    kind: ClassVar[str] = "pin"
    status: str = "new"
    digest: str = ""
    fresh: str = ""
    open_until: datetime | None = None
    wrong: int = 0
    locked_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Merge(Record):
    """The file ``other`` joined with that of ``child``, which stays; ``person`` decides or decided it.

    ``status``: weighed (held side by side, nothing is done), done, undone. ``taken``: the facts
    (`side_by_side.Difference.key`) in which ``other`` counts. Kept so that all can be as it was: ``moved``,
    the records that went over, as "kind id"; ``guardians``, who cared for ``other`` alone, and ``both``, who
    cared for both; how the two files (``before``, ``after``) and what was changed in more than whose it is
    (``visits``, ``checkins``, ``escalations``, ``referrals``) stood.
    """

    kind: ClassVar[str] = "merge"
    status: str = "weighed"
    other: str
    at: datetime
    taken: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    guardians: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    before: tuple[Child, ...] = ()
    after: tuple[Child, ...] = ()
    visits: tuple[Visit, ...] = ()
    checkins: tuple[CheckIn, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    referrals: tuple[Referral, ...] = ()


_ALL: tuple[type[Record], ...] = (
    Area, Person, Child, Visit, Escalation, CheckIn, Draft, Submission, Invite, Talk, Link, Pin, File,
    FilePart, Entry, Matter, Referral, Vacancy, Activity, Attendance, Place,
    HandOver, Amendment, Request, Merge,
)  # fmt: skip
KINDS: Mapping[str, type[Record]] = {k.kind: k for k in _ALL}


@dataclass(frozen=True, kw_only=True)
class Circle:
    """The people around one child, as they stand now; deputies replace those on leave.

    ``officers`` answer for the township, the responsible one first; ``deputies`` stand in for them;
    ``county`` is the county's. Only people who can be reached (joined) are listed, except in ``vacant``:
    roles nobody holds. ``awaited`` are the vacant roles whose holder was invited and has not joined yet.
    ``away`` are those of them on leave, each with who acts meanwhile, "" = nobody.
    """

    worker: Person | None
    officers: tuple[Person, ...] = ()
    deputies: tuple[Person, ...] = ()
    county: tuple[Person, ...] = ()
    guardians: tuple[Person, ...] = ()
    vacant: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    away: Mapping[str, str] = field(default_factory=dict)
