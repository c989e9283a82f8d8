"""Care activities: noted once, counted twice: every coming, and every child once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from casework.activity_records import Activity, Attendance
from casework.outcome import Event, Outcome
from casework.records import Child, Person


@dataclass(frozen=True, kw_only=True)
class Turnout:
    """``person_times`` counts every coming, ``distinct`` every child of the register once.

    ``others``: those of the person-times that were children without a file, who can't be told apart.
    """

    activities: int
    person_times: int
    distinct: int
    others: int


def note_activity(activity: Activity, children: Sequence[Child], *, by: Person, now: datetime) -> Outcome:
    """The activity with one attendance for each child; ``present`` follows from them."""
    came = {child.id: child for child in children}
    held = replace(activity, present=len(came))
    attended = tuple(
        Attendance(
            id=f"{held.id}:{code}", child=code, activity=held.id, day=held.day, sort=held.sort, person=by.id
        )
        for code in came
    )
    event = Event(
        name="activity_noted", at=now, actor=by.id, record=held.id, ground="assignment",
        detail={"sort": held.sort, "present": str(held.present), "others": str(held.others)},
    )  # fmt: skip
    return Outcome(records=(held, *attended), events=(event,))


def void_activity(
    activity: Activity, attended: Sequence[Attendance], *, by: Person, now: datetime
) -> Outcome:
    """It was noted by mistake: it counts no more. Nothing where it is void already."""
    if activity.status != "held":
        return Outcome()
    gone = tuple(replace(one, status="void") for one in attended if one.activity == activity.id)
    event = Event(
        name="activity_voided", at=now, actor=by.id, record=activity.id, ground="assignment",
        detail={"sort": activity.sort},
    )  # fmt: skip
    return Outcome(records=(replace(activity, status="void"), *gone), events=(event,))


def turnout(
    activities: Sequence[Activity], attended: Sequence[Attendance], first: date, last: date
) -> Turnout:
    """What was held from ``first`` to ``last``, both included."""
    held = [a for a in activities if a.status == "held" and first <= a.day <= last]
    came = {one.child for one in attended if one.status == "held" and first <= one.day <= last}
    others = sum(a.others for a in held)
    return Turnout(
        activities=len(held),
        person_times=sum(a.present for a in held) + others,
        distinct=len(came),
        others=others,
    )
