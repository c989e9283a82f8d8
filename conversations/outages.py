"""After an outage of ours: whom it may have cost a tap is told, and nobody is late because of it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from casework.access import CLOCK
from casework.calendar import outside_quiet
from casework.circles import is_away
from casework.outages import (
    checkin_after_outage,
    escalation_after_outage,
    visit_after_outage,
    visit_in_outage,
)
from casework.outcome import Event, Notice, Outcome, Priority
from casework.records import CheckIn, Child, Draft, Escalation, Person, Record, Visit
from conversations.desk import Desk
from conversations.posts import BACK_AT
from conversations.wake import wake
from storage.errors import Conflict

_TRIES = 5
_MOST = 20_000  # visits that fell due in one outage
_STAFF = ("village_worker", "township_officer", "county_officer")
_KEPT = timedelta(hours=24)  # so long Telegram keeps what people write; taps live 150 seconds


async def returned(desk: Desk, start: datetime, end: datetime) -> None:
    """People are told to tap again what they tapped, and after more than a day to write again as well.

    That is staff, and everybody with a form or a prompt before them. Open alerts are told again first of all;
    visits, prompts and alerts get back the time that we were away.
    """
    await desk.store.note(BACK_AT, end.isoformat())
    changed = await _kept(desk, lambda: _changed(desk, start, end))
    alerts = sum(1 for e in changed.records if isinstance(e, Escalation) and e.status == "open")
    if alerts:
        await wake(desk, end, alerts)
    unknown = await _kept(desk, lambda: _unknown(desk, start, end))
    asked = {notice.to for notice in unknown.notices}
    notices = await _notices(desk, start, end)
    said = tuple(_said_elsewhere(notice) if notice.to in asked else notice for notice in notices)
    await desk.store.apply(Outcome(notices=said))


async def _kept(desk: Desk, decide: Callable[[], Awaitable[Outcome]]) -> Outcome:
    """What was decided, once it is kept; decided anew where people are at work already."""
    tries = 0
    while True:
        outcome = await decide()
        try:
            await desk.store.apply(outcome)
            return outcome
        except Conflict:
            tries += 1
            if tries == _TRIES:
                raise


async def _changed(desk: Desk, start: datetime, end: datetime) -> Outcome:
    """The records to which the time is given back, and that we were away."""
    before: list[Record] = []
    after: list[Record] = []
    for e in await desk.store.find(CLOCK, Escalation, status=("open", "acknowledged")):
        before.append(e)
        after.append(escalation_after_outage(e, start=start, end=end))
    for checkin in await desk.store.find(CLOCK, CheckIn, status=("asked",)):
        before.append(checkin)
        after.append(checkin_after_outage(checkin, policy=desk.policy, start=start, end=end))
    for visit in await desk.store.find(CLOCK, Visit, status=("overdue",)):
        child = await desk.store.get(CLOCK, Child, visit.child or "")
        if child is not None:
            before.append(visit)
            after.append(visit_after_outage(visit, child=child, policy=desk.policy, start=start, end=end))
    changed = tuple(new for old, new in zip(before, after, strict=True) if new != old)
    event = Event(
        name="outage", at=end, actor="clock", ground="clock",
        detail={"start": start.isoformat(), "end": end.isoformat(), "changed": str(len(changed))},
    )  # fmt: skip
    return Outcome(records=changed, events=(event,))


async def _unknown(desk: Desk, start: datetime, end: datetime) -> Outcome:
    """Visits that fell due while we were away for long. Each worker hears of all of his in one message,
    which says as well that we were away."""
    records: list[Record] = []
    events: list[Event] = []
    notices: dict[str, Notice] = {}
    for visit in (r for r in await desk.store.due(end, _MOST) if isinstance(r, Visit)):
        child = await desk.store.get(CLOCK, Child, visit.child or "")
        if child is None:
            continue
        circle = await desk.store.circle(child, end)
        found = visit_in_outage(visit, child=child, circle=circle, policy=desk.policy, start=start, end=end)
        records += found.records
        events += found.events
        for notice in found.notices:
            notices[notice.key] = replace(notice, values={**notice.values, **_values(start, end)})
    return Outcome(records=tuple(records), events=tuple(events), notices=tuple(notices.values()))


async def _notices(desk: Desk, start: datetime, end: datetime) -> tuple[Notice, ...]:
    waiting = {d.person for d in await desk.store.find(CLOCK, Draft, status=("open",))}
    waiting |= {c.person for c in await desk.store.find(CLOCK, CheckIn, status=("asked",))}
    people = {person.id: person for person in await desk.store.staff()}
    for id in sorted(id for id in waiting if id and id not in people):
        person = await desk.store.person(id)
        if person is not None:
            people[id] = person
    here = (p for p in people.values() if p.status == "joined" and not is_away(p, desk.today(end)))
    told = (person for person in here if _concerned(person, waiting))
    return tuple(_notice(desk, person, start, end) for person in told)


def _concerned(person: Person, waiting: set[str | None]) -> bool:
    return person.id in waiting or any(post.role in _STAFF for post in person.posts)


def _said_elsewhere(notice: Notice) -> Notice:
    """The message about visits says it as well; the key is used up, lest a second start tell it."""
    return replace(notice, values={**notice.values, "in_duties": "yes"})


def _values(start: datetime, end: datetime) -> dict[str, str]:
    lost = "all" if end - start > _KEPT else "taps"
    return {"start": start.isoformat(), "end": end.isoformat(), "lost": lost}


def _notice(desk: Desk, person: Person, start: datetime, end: datetime) -> Notice:
    role = next((post.role for post in person.posts), "default")
    moment = outside_quiet(end, role, desk.policy)
    return Notice(
        key=f"outage:{start.isoformat()}:{person.id}",
        to=person.id,
        kind="outage",
        priority=Priority.DIGEST,
        values=_values(start, end),
        not_before=moment if moment > end else None,
    )
