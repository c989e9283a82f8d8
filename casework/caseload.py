"""A caseload goes from one worker to another, as a whole or in part, and can come back for a while."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from casework.absence import went_on
from casework.calendar import outside_quiet
from casework.ladder import in_circle
from casework.outcome import Event, Notice, Outcome, Priority
from casework.policy_models import Policy
from casework.records import Child, Circle, Escalation, HandOver, Person, Record, Visit
from casework.visits import reassign


@dataclass(frozen=True, kw_only=True)
class Load:
    """A child with what goes along: visits to be made, open alerts, the circle once it has gone."""

    child: Child
    visits: Sequence[Visit]
    escalations: Sequence[Escalation]
    circle: Circle


def hand_over_caseload(
    loads: Sequence[Load], *, giver: Person, taker: Person, by: str, id: str, policy: Policy, now: datetime
) -> Outcome:
    """The children of ``giver`` among ``loads`` are ``taker``'s, with visits and alerts; one message each."""
    mine = [load for load in loads if load.child.worker == giver.id]
    moved = _moved(mine, giver, taker, by=by, policy=policy, now=now)
    kept = HandOver(
        id=id, person=by, giver=giver.id, taker=taker.id, at=now,
        children=tuple(load.child.id for load in mine),
        escalations=tuple(r.id for r in moved.records if isinstance(r, Escalation) and r.person == taker.id),
    )  # fmt: skip
    event = _event("caseload_handed_over", kept, by, now, len(mine))
    told = _told(kept, {taker: "given", giver: "gone"}, len(mine), policy, now)
    return moved + Outcome(records=(kept,), events=(event,), notices=told)


def take_back(
    kept: HandOver, loads: Sequence[Load], *, giver: Person, taker: Person, by: str, policy: Policy,
    now: datetime,
) -> Outcome:  # fmt: skip
    """What of ``kept`` is still with ``taker`` is ``giver``'s again. Nothing where that was done."""
    if kept.status != "done":
        return Outcome()
    theirs = [
        replace(load, escalations=[e for e in load.escalations if e.id in kept.escalations])
        for load in loads
        if load.child.worker == taker.id and load.child.id in kept.children
    ]
    moved = _moved(theirs, taker, giver, by=by, policy=policy, now=now)
    event = _event("caseload_taken_back", kept, by, now, len(theirs))
    told = _told(kept, {giver: "back", taker: "away"}, len(theirs), policy, now)
    return moved + Outcome(records=(replace(kept, status="withdrawn"),), events=(event,), notices=told)


def _moved(
    loads: Sequence[Load], giver: Person, taker: Person, *, by: str, policy: Policy, now: datetime
) -> Outcome:
    """In lists: adding the outcomes of hundreds of children one to another takes the square of the time."""
    records: list[Record] = []
    events: list[Event] = []
    notices: list[Notice] = []
    for load in loads:
        child = replace(load.child, worker=taker.id)
        visits = reassign(child, visits=load.visits, policy=policy, now=now, by=by)
        changed = Event(
            name="child_changed", at=now, actor=by, child=child.id, record=child.id, ground="assignment",
            detail={"fields": "worker", "worker": taker.id},
        )  # fmt: skip
        records += [child, *visits.records]
        events += [changed, *visits.events]
        if giver.id not in in_circle(load.circle):  # else he goes on with them by another post
            for e in load.escalations:
                gone = went_on(e, giver.id, to=taker, circle=load.circle, policy=policy, now=now)
                records += gone.records
                events += gone.events
                notices += gone.notices
    return Outcome(records=tuple(records), events=tuple(events), notices=tuple(notices))


def _told(
    kept: HandOver, whom: dict[Person, str], count: int, policy: Policy, now: datetime
) -> tuple[Notice, ...]:
    moment = outside_quiet(now, "village_worker", policy)
    return tuple(
        Notice(
            key=f"caseload:{kept.id}:{what}:{person.id}",
            to=person.id,
            kind="caseload",
            priority=Priority.REMINDER,
            values={
                "what": what,
                "by": kept.person,
                "giver": kept.giver,
                "taker": kept.taker,
                "count": count,
            },
            about=("person", person.id),
            not_before=moment if moment > now else None,
        )
        for person, what in whom.items()
        if person.status in ("joined", "unreachable")
    )


def _event(name: str, kept: HandOver, by: str, now: datetime, count: int) -> Event:
    detail = {"giver": kept.giver, "taker": kept.taker, "children": str(count)}
    return Event(name=name, at=now, actor=by, record=kept.id, ground="assignment", detail=detail)
