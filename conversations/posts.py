"""The clock's look at all posts of a county: who is silent, which posts are vacant, who is told of it."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from casework.absence import stirred, turned_silent
from casework.access import CLOCK
from casework.calendar import at_hour, local_day, outside_quiet
from casework.circles import COVERED, SILENT, Around, is_away, stand_in
from casework.outcome import Notice, Outcome, Priority
from casework.posts import attending, vacant_posts
from casework.records import Area, Escalation, Person, Role, Vacancy
from casework.vacancies import looked, told_to
from conversations.desk import Desk
from conversations.staff_told import due_told
from conversations.succession import succeeded
from storage.errors import Conflict

OPEN = ("open", "acknowledged")
BACK_AT = "back_at"  # the note that says since when we are at work again after an outage


async def look(desk: Desk, county: str, now: datetime) -> Outcome:
    """What follows for a county whose posts the clock looks at. It looks again the next morning."""
    store, policy = desk.store, desk.policy
    areas = {area.id: area for area in await store.find(CLOCK, Area)}
    people = {person.id: person for person in await store.staff()}
    for id in {stand_in(person) for person in people.values()} - {None, *people}:
        deputy = await store.person(id or "")
        people |= {deputy.id: deputy} if deputy is not None else {}
    outcome = await _silent(desk, county, people, now) + _asleep(people.values(), now)
    people |= {r.id: r for r in outcome.records if isinstance(r, Person)}
    around = Around(held={}, known=people, today=desk.today(now))
    unattended = await store.unattended(attending(people.values(), around))
    moved, rest = await succeeded(desk, unattended, people, now)
    outcome += moved + looked(
        vacant_posts(county, areas=areas, around=around, unattended=rest),
        known=await store.find(CLOCK, Vacancy, area=county),
        to=told_to(
            _acting(around, "county_officer", {county}),
            {
                area.id: _acting(around, "township_officer", {area.id})
                for area in areas.values()
                if area.parent == county
            },
        ),
        policy=policy,
        now=now,
    )
    outcome += due_told(desk, county, areas, people.values(), now)
    return outcome + Outcome(records=(replace(areas[county], wake_at=_next_look(desk, now)),))


def _next_look(desk: Desk, now: datetime) -> datetime:
    hour = desk.policy.posts.look_hour
    today = at_hour(desk.today(now), hour, desk.policy)
    return today if today > now else at_hour(desk.today(now) + timedelta(days=1), hour, desk.policy)


def _acting(around: Around, role: Role, areas: set[str]) -> Sequence[Person]:
    holders = [
        p.id for p in around.known.values() if any(x.role == role and x.area in areas for x in p.posts)
    ]
    found = (around.acting(id) for id in sorted(holders))
    return tuple({person.id: person for person in found if person is not None}.values())


def _asleep(people: Iterable[Person], now: datetime) -> Outcome:
    """Leaves that no clock waits for: they were kept before leaves moved anything."""
    found = (p for p in people if p.leave is not None and p.wake_at is None and p.status in COVERED)
    return Outcome(records=tuple(stirred(person, now) for person in found))


async def _silent(desk: Desk, county: str, people: Mapping[str, Person], now: datetime) -> Outcome:
    """Who was told of an alert and has said nothing for so many hours; our own outages do not count."""
    hours = timedelta(hours=desk.policy.posts.silent_hours)
    back_at = await desk.store.noted(BACK_AT)
    back = datetime.fromisoformat(back_at) if back_at else None
    waiting: dict[str, datetime] = {}
    for e in await desk.store.find(CLOCK, Escalation, status=OPEN, area=county):
        for told in (t for t in e.told if not t.undelivered):
            since = max(told.at, back) if back else told.at
            person = people.get(told.person)
            if person is not None and _said_nothing(desk, person, since, now):
                waiting[person.id] = min(waiting.get(person.id, since), since)
    outcome = Outcome()
    for id in sorted(id for id, since in waiting.items() if now - since >= hours):
        outcome += turned_silent(people[id], now=now) + Outcome(notices=(_ask(desk, people[id], now),))
    return outcome


def _said_nothing(desk: Desk, person: Person, since: datetime, now: datetime) -> bool:
    """Whether he could have said something since, and has not. Of whom no day is known, nothing is held."""
    if person.status != "joined" or person.unreached == SILENT or person.heard_on is None:
        return False
    return not is_away(person, desk.today(now)) and person.heard_on < local_day(since, desk.policy)


def _ask(desk: Desk, person: Person, now: datetime) -> Notice:
    role = next((post.role for post in person.posts), "default")
    moment = outside_quiet(now, role, desk.policy)
    return Notice(
        key=f"silent:{person.id}:{person.version}",
        to=person.id,
        kind="silent",
        priority=Priority.REMINDER,
        not_before=moment if moment > now else None,
    )


async def arm(desk: Desk, now: datetime) -> None:
    """At the start: the clock looks at every county's posts at least once a day."""
    counties = [a for a in await desk.store.find(CLOCK, Area) if a.level == "county" and a.wake_at is None]
    with contextlib.suppress(Conflict):  # an import beside us lets the clock look as well
        await desk.store.apply(Outcome(records=tuple(replace(county, wake_at=now) for county in counties)))
