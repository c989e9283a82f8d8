"""An imported roster as plain values: checked rows, what is kept already, and how the two compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from casework.records import Area, Child, Employment, Escalation, Person, Post, Tenure, Training, Visit

Level = Literal["county", "township", "village"]
Sex = Literal["male", "female", ""]
Standing = Literal["here", "left", "suspended"]


@dataclass(frozen=True, kw_only=True)
class AreaRow:
    """One line of the sheet of areas. ``parent`` is None for a county."""

    code: str
    name: str
    level: Level
    parent: str | None = None


@dataclass(frozen=True, kw_only=True)
class PersonRow:
    """One person, however many lines of the sheet hold the roles. ``language`` None = the file gives none.

    ``status``: here, left, suspended; None = the file does not say. ``department``, ``school`` None = there
    is no such column. What the file leaves empty of the job stays as it is kept.
    """

    code: str
    name: str
    posts: tuple[Post, ...]
    phone: str = ""
    language: str | None = None
    deputy: str | None = None
    status: Standing | None = None
    department: str | None = None
    school: str | None = None
    employment: Employment = ""
    tenures: tuple[Tenure, ...] = ()
    trainings: tuple[Training, ...] = ()
    checked_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ChildRow:
    """One line of the sheet of children; ``township`` and ``county`` follow from the village.

    ``facts``: what its further columns say, by fact (`casework.facts`); "" and "unknown" = not collected.
    What they leave empty of the file stays as it is kept.
    """

    code: str
    name: str
    sex: Sex
    birth_date: date | None
    village: str
    risk: int
    id_number: str = ""
    worker: str | None = None
    guardian_name: str = ""
    guardian_relation: str = ""
    guardian_phone: str = ""
    categories: tuple[str, ...] = ()
    school: str = ""
    next_visit: date | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Roster:
    """A checked roster: every code it refers to is in it or kept already. None = there was no such sheet."""

    areas: tuple[AreaRow, ...] | None = None
    people: tuple[PersonRow, ...] | None = None
    children: tuple[ChildRow, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is kept already, by code.

    ``visits`` are by child: those to be made, and all of them where `register.needs_history` asks for it.
    ``escalations``: the open ones, by child.
    """

    areas: Mapping[str, Area] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    children: Mapping[str, Child] = field(default_factory=dict)
    visits: Mapping[str, Sequence[Visit]] = field(default_factory=dict)
    escalations: Mapping[str, Sequence[Escalation]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How a sheet compares. ``missing``: codes of kept records that the sheet no longer names; they stay.

    Of children, with the code once for each cell: ``replaced``, where the line's new word took the place of
    one that was said in the chat since; ``standing``, where the file goes on to say something else.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()
