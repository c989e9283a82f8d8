"""The duty to visit, and the time in which it rests, as they are kept."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from casework.record import Record

Responsible = Literal["parents", "school", "worker"]


@dataclass(frozen=True, kw_only=True)
class Pause:
    """The child is elsewhere, so visits rest until ``end``, the day on which the plan goes on by itself.

    ``sort`` is a key of the policy's ``visits.pauses``. ``responsible`` looks after the child meanwhile, is
    reached by ``contact`` (a name and a telephone; "" where it is the worker). ``next_call`` is the day of
    the next call to them, None where there is none. ``asked``: whether the child is back has been asked.
    """

    sort: str
    start: date
    end: date
    responsible: Responsible
    contact: str = ""
    next_call: date | None = None
    asked: bool = False


@dataclass(frozen=True, kw_only=True)
class Visit(Record):
    """The duty to look after one child by one day. ``person`` is the worker.

    ``status``: planned, overdue (the reason has been asked for), missed (went up), done, excused,
    cancelled. ``purpose``: routine, new_child, follow_up, phone (a telephone task, e.g. after an unanswered
    check-in). ``told`` names the steps already taken, so that a step is never taken twice. ``tries`` counts
    the visits in a row before this one that did not happen. ``first_due``: the day before it was put off for
    the first time; ``reschedules`` counts how often. While there is a ``pause`` it is ``planned``, its day is
    the pause's end, and nobody is asked to make it. ``snoozed`` counts how often the last message that named
    it was put off. ``unknown``: it fell due while we were away for long, and nobody has said yet whether it
    was made; ``away_days`` of ours that make nobody late.
    """

    kind: ClassVar[str] = "visit"
    status: str = "planned"
    purpose: str = "routine"
    due: date
    planned_on: date
    told: tuple[str, ...] = ()
    reason: str = ""
    closed_at: datetime | None = None
    submission: str | None = None
    tries: int = 0
    told_at: datetime | None = None  # the hour of the last message that named it to its worker
    first_due: date | None = None
    reschedules: int = 0
    snoozed: int = 0
    pause: Pause | None = None
    unknown: bool = False
    away_days: int = 0
