"""What the casework is about: the records that are kept, as plain frozen values.

Every record has an ``id``, the ``version`` at which it was read (0 = not kept yet; `Store.apply` refuses a
change to any other version than the kept one) and ``wake_at``: the one moment at which the clock must look
at it again (None = never). Times are aware UTC; dates are days in the county's zone. Codes of areas, people
and children are the county's own codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from casework.activity_records import Activity, Attendance, Place
from casework.form_records import Draft, File, FilePart, Submission
from casework.matter_records import Matter, Taken
from casework.people_records import (
    Employment,
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
from casework.visit_records import Pause, Visit

__all__ = [
    "KINDS", "Activity", "Area", "Attendance", "CheckIn", "Child", "Circle", "Deed", "Draft", "Employment",
    "Escalation",
    "File", "FilePart", "Handled", "Invite", "Leave", "Link", "Matter", "Pause", "Person", "Pin", "Place",
    "Post", "QuietTime", "R", "Record", "Referral", "Role", "Submission", "Taken", "Talk", "Tenure", "Told",
    "Training", "Urgency",
    "Vacancy", "Visit",
    "at_version",
]  # fmt: skip

Urgency = Literal["now", "today", "days", "note"]


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

    ``risk`` is ordinal, 1 highest to 4. ``properties`` are what forms saved (XLSForm entity properties).
    ``status``: active or closed.
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
    school: str = ""
    registered_on: date
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Told:
    """Somebody was told of an escalation at a rung."""

    person: str
    at: datetime
    rung: int
    undelivered: str = ""  # why it could not be delivered; "" = as far as known it was


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One line of an escalation's story: what was done, by whom."""

    at: datetime
    name: str  # the event's name: escalation_opened, escalation_acknowledged, …
    by: str | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Escalation(Record):
    """A matter that goes up until somebody has taken it on and dealt with it. ``person`` is who holds it now.

    ``status``: open, acknowledged, resolved, withdrawn. ``flag`` is the kind (dropout, missed_visit,
    help_wanted, …). ``number`` is short and county-wide, for people to say and type; storage gives it (0 =
    not yet). ``ladder`` are the steps of the policy that was in force when it began, kept so that a new
    policy does not change it. ``rung`` counts from 0; ``repeats`` how often the present rung was told
    again; ``tellings`` counts all tellings ever and makes their keys unique. ``climb_at``: when the next
    rung is told if nobody has taken it on (None: there is none above). While ``status`` is open and
    ``person`` is set, it waits for that person (a hand-over, a lapse) until ``climb_at``. ``author`` is who
    reported it and hears the end, None where nobody does (the clock, or a guardian who must not). ``under``:
    the child's greater one, in whose messages it is named; it says nothing of its own while that one lasts.
    ``proposed_by`` wants to end it with ``outcome``, where a second person must agree.
    """

    kind: ClassVar[str] = "escalation"
    status: str = "open"
    number: int = 0
    flag: str
    urgency: Urgency
    opened_at: datetime
    source: str | None = None  # id of the visit or submission that caused it
    facts: Mapping[str, str] = field(default_factory=dict)  # what, since when, what was done: plain values
    ladder: tuple[Mapping[str, Any], ...] = ()
    rung: int = 0
    repeats: int = 0
    tellings: int = 0
    climb_at: datetime | None = None
    author: str | None = None
    under: str | None = None
    told: tuple[Told, ...] = ()
    acknowledged_at: datetime | None = None
    outcome: str = ""
    proposed_by: str | None = None
    story: tuple[Deed, ...] = ()


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


_ALL: tuple[type[Record], ...] = (
    Area, Person, Child, Visit, Escalation, CheckIn, Draft, Submission, Invite, Talk, Link, Pin, File,
    FilePart, Matter, Referral, Vacancy, Activity, Attendance, Place,
)  # fmt: skip
KINDS: Mapping[str, type[Record]] = {k.kind: k for k in _ALL}


@dataclass(frozen=True, kw_only=True)
class Circle:
    """The people around one child, as they stand now; deputies replace those on leave.

    ``officers`` answer for the township, the responsible one first; ``deputies`` stand in for them;
    ``county`` is the county's. Only people who can be reached (joined) are listed, except in ``vacant``:
    roles nobody holds. ``awaited`` are the vacant roles whose holder was invited and has not joined yet.
    """

    worker: Person | None
    officers: tuple[Person, ...] = ()
    deputies: tuple[Person, ...] = ()
    county: tuple[Person, ...] = ()
    guardians: tuple[Person, ...] = ()
    vacant: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
