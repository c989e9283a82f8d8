"""What is kept of care activities: the activity itself, who came, and the places for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from casework.record import Record


@dataclass(frozen=True, kw_only=True)
class Activity(Record):
    """A care activity that was held; ``person`` noted it. No child stands in it.

    ``sort`` and ``host`` are keys of the form's own lists, ``said`` what they read there. ``place`` is the id
    of a `Place`, or ``where`` says it. ``present``: children of the register who came, ``others``: further
    children. ``status``: held, or void (noted by mistake). ``area`` is where whoever noted it works.
    """

    kind: ClassVar[str] = "activity"
    status: str = "held"
    day: date
    sort: str
    host: str
    said: Mapping[str, str] = field(default_factory=dict)
    place: str | None = None
    where: str = ""
    area: str = ""
    township: str = ""
    county: str = ""
    present: int = 0
    others: int = 0
    noted_at: datetime


@dataclass(frozen=True, kw_only=True)
class Attendance(Record):
    """A child came to an activity; it goes with the child's file."""

    kind: ClassVar[str] = "attendance"
    status: str = "held"
    activity: str
    day: date
    sort: str


@dataclass(frozen=True, kw_only=True)
class Place(Record):
    """A place for children: a children's home, a room at a school … ``keeper``: who is in charge of it."""

    kind: ClassVar[str] = "place"
    title: str
    sort: str
    area: str
    where: str = ""
    hours: str = ""
    keeper: str = ""
