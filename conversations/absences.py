"""Somebody goes away, comes back or can't be reached: what he had open goes on with others, and returns."""

from datetime import date, datetime, timedelta

from casework.access import CLOCK
from casework.circles import is_away, stand_in
from casework.ladder import OPEN
from casework.outcome import Outcome
from casework.posts import counties_of
from casework.record import replace
from casework.records import Area, Child, Escalation, Person, Visit
from casework.settling import Case, Standing, concerns, settled, standing
from casework.visits import TO_DO
from conversations.desk import Desk
from conversations.turns import handed_on


async def settle(desk: Desk, person: Person, now: datetime) -> Outcome:
    """What follows for somebody whom the clock looks at: his leave begins or is over, or he is gone.

    The county's posts are looked at soon after.
    """
    stands = standing(person, desk.today(now))
    deputy = await _able(desk, stand_in(person), now) if stands in ("begins", "over") else None
    outcome = settled(
        person, await _cases(desk, person, stands, now), deputy=deputy, policy=desk.policy, now=now
    )
    if stands in ("begins", "gone"):
        outcome += await handed_on(desk, person, (deputy.id,) if deputy is not None else (), now)
    return outcome + await look_soon(desk, person, now)


async def _cases(desk: Desk, person: Person, stands: Standing, now: datetime) -> list[Case]:
    found = []
    for e in await desk.store.find(CLOCK, Escalation, status=OPEN):
        child = await desk.store.get(CLOCK, Child, e.child or "") if concerns(e, person, stands) else None
        if child is not None:
            found.append(Case(escalation=e, circle=await desk.store.circle(child, now)))
    return found


async def look_soon(desk: Desk, person: Person, now: datetime) -> Outcome:
    """All posts of his counties are looked at once what happens beside this has been gathered."""
    areas = {area.id: area for area in await desk.store.find(CLOCK, Area)}
    at = now + timedelta(minutes=desk.policy.posts.gather_minutes)
    counties = [areas[id] for id in counties_of(person, areas)]
    waiting = [c for c in counties if c.wake_at is None or c.wake_at > at]
    return Outcome(records=tuple(replace(county, wake_at=at) for county in waiting))


async def _able(desk: Desk, id: str | None, now: datetime) -> Person | None:
    """The deputy, where he can stand in today."""
    person = await desk.store.person(id) if id else None
    able = person is not None and person.status == "joined" and not is_away(person, desk.today(now))
    return person if able else None


async def open_visits(desk: Desk, worker: str, until: date) -> int:
    """How many visits of this worker's are due by a day."""
    todo = await desk.store.find(CLOCK, Visit, status=TO_DO, person=worker)
    return sum(1 for visit in todo if visit.due <= until)
