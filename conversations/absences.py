"""Somebody goes away, comes back or can't be reached: what he had open goes on with others, and returns."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from casework.absence import came_back, next_turn, there_again, went_on
from casework.access import CLOCK
from casework.calendar import outside_quiet
from casework.circles import COVERED, SILENT, is_away, stand_in
from casework.outcome import Event, Notice, Outcome, Priority
from casework.posts import counties_of
from casework.records import Area, Child, Escalation, Person, Visit
from casework.visits import TO_DO
from conversations.desk import Desk
from conversations.turns import handed_on

OPEN = ("open", "acknowledged")


async def settle(desk: Desk, person: Person, now: datetime) -> Outcome:
    """What follows for somebody whom the clock looks at: his leave begins or is over, or he is gone.

    The county's posts are looked at soon after.
    """
    today, leave = desk.today(now), person.leave
    if leave is not None and leave.end < today:
        outcome = await _over(desk, person, now)
        outcome += await _there(desk, person, outcome, now)
    elif leave is not None and leave.start <= today and not leave.begun:
        outcome = await _begun(desk, person, now)
    elif is_away(person, today):
        outcome = Outcome()
    elif person.status != "joined" or person.unreached == SILENT:
        outcome = await _without(desk, person, None, now) + await handed_on(desk, person, (), now)
    else:
        outcome = await _there(desk, person, Outcome(), now)
    after = next((r for r in outcome.records if isinstance(r, Person) and r.id == person.id), person)
    asleep = replace(after, wake_at=next_turn(after.leave, desk.policy) if after.status in COVERED else None)
    return outcome + Outcome(records=(asleep,)) + await look_soon(desk, person, now)


async def look_soon(desk: Desk, person: Person, now: datetime) -> Outcome:
    """All posts of his counties are looked at once what happens beside this has been gathered."""
    areas = {area.id: area for area in await desk.store.find(CLOCK, Area)}
    at = now + timedelta(minutes=desk.policy.posts.gather_minutes)
    counties = [areas[id] for id in counties_of(person, areas)]
    waiting = [c for c in counties if c.wake_at is None or c.wake_at > at]
    return Outcome(records=tuple(replace(county, wake_at=at) for county in waiting))


async def _begun(desk: Desk, person: Person, now: datetime) -> Outcome:
    """The leave begins: what is open goes to the deputy, who is told of it in one message."""
    leave = person.leave
    assert leave is not None
    deputy = await _able(desk, stand_in(person), now)
    outcome = await _without(desk, person, deputy, now)
    held = {r.id for r in outcome.records if isinstance(r, Escalation) and deputy and r.person == deputy.id}
    moved = tuple(sorted(held | set(leave.moved)))
    away = replace(person, leave=replace(leave, begun=True, moved=moved, former=None))
    detail = {"start": leave.start.isoformat(), "end": leave.end.isoformat(), "moved": str(len(held))}
    outcome += Outcome(records=(away,), events=(_event("leave_begun", person, now, **detail),))
    outcome += await handed_on(desk, person, (deputy.id,) if deputy is not None else (), now)
    if deputy is None:
        return outcome
    values = {"person": person.id, "start": leave.start.isoformat(), "end": leave.end.isoformat()}
    urgent = any(isinstance(r, Escalation) and r.urgency == "now" and r.id in held for r in outcome.records)
    return outcome + Outcome(
        notices=(_notice(desk, "leave_begun", person, deputy, values, sorted(held), now, urgent=urgent),)
    )


async def _over(desk: Desk, person: Person, now: datetime) -> Outcome:
    """The leave is over: what went to the deputy and is still open comes back, and both are told."""
    leave, deputy = person.leave, stand_in(person)
    assert leave is not None
    outcome = Outcome()
    for e in await _open(desk, person=deputy) if deputy and leave.begun else ():
        child = await desk.store.get(CLOCK, Child, e.child or "")
        if child is not None:
            circle = await desk.store.circle(child, now)
            outcome += came_back(e, person, deputy=deputy, circle=circle, policy=desk.policy, now=now)
    back = [r.id for r in outcome.records if isinstance(r, Escalation)]
    outcome += Outcome(
        records=(replace(person, leave=None),),
        events=(_event("leave_over", person, now, back=str(len(back))),),
    )
    if not leave.begun:  # called off before it began
        return outcome
    values = {"person": person.id, "start": leave.start.isoformat(), "end": leave.end.isoformat()}
    told = [_notice(desk, "leave_over", person, person, values, back, now)]
    who = await _able(desk, deputy, now)
    if who is not None:
        told.append(_notice(desk, "deputy_freed", person, who, values, [], now))
    return outcome + Outcome(notices=tuple(told))


async def _without(desk: Desk, person: Person, deputy: Person | None, now: datetime) -> Outcome:
    """Every open escalation that needed him goes on with the deputy or with others."""
    outcome = Outcome()
    for e in await _open(desk):
        gone = _whose(e, person)
        child = await desk.store.get(CLOCK, Child, e.child or "") if gone else None
        if gone and child is not None:
            circle = await desk.store.circle(child, now)
            outcome += went_on(e, gone, to=deputy, circle=circle, policy=desk.policy, now=now)
    return outcome


async def _there(desk: Desk, person: Person, done: Outcome, now: datetime) -> Outcome:
    """He is there: what nobody could be told of is looked at at once, beside what was ``done``."""
    outcome, known = Outcome(), {r.id for r in done.records}
    for e in await _open(desk):
        child = await desk.store.get(CLOCK, Child, e.child or "") if e.id not in known else None
        if child is not None and e.status == "open":
            circle = await desk.store.circle(child, now)
            outcome += there_again(e, person, circle=circle, now=now)
    return outcome


def _whose(e: Escalation, person: Person) -> str | None:
    """Without whom it has to go on: him, or who stood in for him until now; None if it needed neither."""
    leave = person.leave
    if leave is not None and leave.former and e.person == leave.former and e.id in leave.moved:
        return leave.former
    mine = e.person == person.id or any(told.person == person.id for told in e.told)
    return person.id if mine else None


async def _open(desk: Desk, person: str | None = None) -> Sequence[Escalation]:
    return await desk.store.find(CLOCK, Escalation, status=OPEN, person=person)


async def _able(desk: Desk, id: str | None, now: datetime) -> Person | None:
    """The deputy, where he can stand in today."""
    person = await desk.store.person(id) if id else None
    able = person is not None and person.status == "joined" and not is_away(person, desk.today(now))
    return person if able else None


async def open_visits(desk: Desk, worker: str, until: date) -> int:
    """How many visits of this worker's are due by a day."""
    todo = await desk.store.find(CLOCK, Visit, status=TO_DO, person=worker)
    return sum(1 for visit in todo if visit.due <= until)


def _notice(
    desk: Desk,
    kind: str,
    person: Person,
    to: Person,
    days: dict[str, str],
    alerts: Sequence[str],
    now: datetime,
    *,
    urgent: bool = False,
) -> Notice:
    role = next((post.role for post in to.posts), "default")
    moment = now if urgent else outside_quiet(now, role, desk.policy)
    return Notice(
        key=f"leave:{person.id}:{person.version}:{kind}:{to.id}",
        to=to.id,
        kind=kind,
        priority=Priority.ALERT if urgent else Priority.REMINDER,
        values={**days, "alerts": list(alerts)},
        about=("person", person.id),
        not_before=moment if moment > now else None,
    )


def _event(name: str, person: Person, now: datetime, **detail: str) -> Event:
    return Event(name=name, at=now, actor="clock", record=person.id, ground="clock", detail=detail)
