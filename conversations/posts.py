"""The clock's look at all posts of a county: who is silent, which posts are vacant, who is told of it."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from casework.absence import asleep
from casework.access import CLOCK
from casework.circles import Around, stand_in
from casework.outcome import Outcome
from casework.posts import attending, vacant_posts
from casework.records import Area, Escalation, Person, Vacancy
from casework.silence import fallen_silent
from casework.vacancies import looked, next_look, told_to
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
    outcome = await _silent(desk, county, people, now) + asleep(people.values(), now)
    people |= {r.id: r for r in outcome.records if isinstance(r, Person)}
    around = Around(held={}, known=people, today=desk.today(now))
    unattended = await store.unattended(attending(people.values(), around))
    moved, rest = await succeeded(desk, unattended, people, now)
    outcome += moved + looked(
        vacant_posts(county, areas=areas, around=around, unattended=rest),
        known=await store.find(CLOCK, Vacancy, area=county),
        to=told_to(county, areas, around),
        policy=policy,
        now=now,
    )
    outcome += due_told(desk, county, areas, people.values(), now)
    return outcome + Outcome(records=(replace(areas[county], wake_at=next_look(desk.policy, now)),))


async def _silent(desk: Desk, county: str, people: Mapping[str, Person], now: datetime) -> Outcome:
    """Who was told of an alert and has said nothing for so many hours; our own outages do not count."""
    noted = await desk.store.noted(BACK_AT)
    return fallen_silent(
        people,
        await desk.store.find(CLOCK, Escalation, status=OPEN, area=county),
        back=datetime.fromisoformat(noted) if noted else None,
        policy=desk.policy,
        now=now,
    )


async def arm(desk: Desk, now: datetime) -> None:
    """At the start: the clock looks at every county's posts at least once a day."""
    counties = [a for a in await desk.store.find(CLOCK, Area) if a.level == "county" and a.wake_at is None]
    with contextlib.suppress(Conflict):  # an import beside us lets the clock look as well
        await desk.store.apply(Outcome(records=tuple(replace(county, wake_at=now) for county in counties)))
