"""The records of people: who holds which post, who is away, and which post nobody holds."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar, Literal

from casework.record import Record

Role = Literal[
    "village_worker", "township_officer", "county_officer", "department_contact", "guardian", "auditor"
]
Employment = Literal["full_time", "part_time", ""]


@dataclass(frozen=True, kw_only=True)
class Post:
    """One role held in one area; a person may hold several."""

    role: Role
    area: str


@dataclass(frozen=True, kw_only=True)
class Tenure:
    """From when to when a post was held, both days included; ``start`` None = unknown, ``end`` = still."""

    role: Role
    area: str
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, kw_only=True)
class Training:
    """A training that somebody took part in."""

    on: date
    topic: str


@dataclass(frozen=True, kw_only=True)
class Leave:
    """Away from ``start`` to ``end``, both included; ``deputy`` stands in (person code).

    ``begun``: what was open has gone to the deputy. ``moved``: the escalations that went over to him and
    come back at the end (their identifiers). ``former`` stood in before another was chosen. ``alone``: nobody
    stands in, not even who always does.
    """

    start: date
    end: date
    deputy: str | None = None
    begun: bool = False
    moved: tuple[str, ...] = ()
    former: str | None = None
    alone: bool = False


@dataclass(frozen=True, kw_only=True)
class QuietTime:
    """Hours of somebody's own, each day to ``until`` (included), in which reminders do not come."""

    start: time
    end: time
    until: date


@dataclass(frozen=True, kw_only=True)
class Person(Record):
    """Somebody who talks with the bot. The clock looks at who was ``stirred``, and where a leave turns.

    ``status``: invited, joined, unreachable (blocked the bot), left, suspended. ``unreached`` says why: what
    the channel said, or ``silent``: told of alerts, and no word for too long; such a one has joined still,
    but others are told in his place. ``heard_on`` is the last day on which somebody with a post said or
    tapped anything: nobody is shown it. ``paused_until``: a guardian is asked nothing to that day (included).
    ``department``: for which (a key of the policy) a department contact stands; ``school``: for which school
    alone, "" = for all.

    Of the job: ``employment``, "" = not collected; ``tenures`` as far as they are known, past ones too;
    ``trainings``, and ``checks``: the days on which the police were asked for a record of crimes.
    """

    kind: ClassVar[str] = "person"
    name: str
    posts: tuple[Post, ...] = ()
    phone: str = ""
    language: str = "zh_Hans"
    deputy: str | None = None
    leave: Leave | None = None
    cares_for: tuple[str, ...] = ()  # a guardian's children (codes)
    department: str = ""
    school: str = ""
    status: str = "invited"
    unreached: str = ""
    heard_on: date | None = None
    quiet: QuietTime | None = None
    paused_until: date | None = None
    employment: Employment = ""
    tenures: tuple[Tenure, ...] = ()
    trainings: tuple[Training, ...] = ()
    checks: tuple[date, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Vacancy(Record):
    """A post at which nobody can be reached; ``id`` is "role:area", so that a post has one at most.

    ``status``: awaited (named for it, not joined yet), open, taken (``person`` is at it), filled.
    ``why``: nobody, not_joined, unreachable, silent, left, suspended, away (no deputy), deputy (the deputy
    can't stand in either). ``children``: how many have nobody in a village. ``tellings`` counts how often the
    county was told of it ever; ``told`` since it is vacant, at ``told_at`` the last time.
    """

    kind: ClassVar[str] = "vacancy"
    role: Role
    area: str
    township: str = ""
    county: str
    since: datetime
    status: str = "open"
    why: str
    holder: str | None = None  # whose post it is, where somebody is named for it
    children: int = 0
    tellings: int = 0
    told: int = 0
    told_at: datetime | None = None
    filled_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class HandOver(Record):
    """A caseload that went from ``giver`` to ``taker`` by ``person``'s hand, kept so that it can come back.

    ``status``: done, withdrawn. ``children`` and ``escalations`` are what went (codes, identifiers).
    """

    kind: ClassVar[str] = "hand_over"
    status: str = "done"
    giver: str
    taker: str
    children: tuple[str, ...]
    escalations: tuple[str, ...] = ()
    at: datetime
