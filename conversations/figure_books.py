"""The records that somebody's figures are counted from: what they answer for, and nothing beyond it."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

from casework.access import CLOCK
from casework.figures import Books, Figure, Span, figures, within
from casework.records import (
    Activity,
    Area,
    Attendance,
    Child,
    Escalation,
    Matter,
    Person,
    Referral,
    Visit,
)
from casework.visits import TO_DO
from conversations.turn import Turn

MONTH, LAST_MONTH, YEAR = "m", "l", "y"
SPANS = (MONTH, LAST_MONTH, YEAR)


def span_of(name: str, today: date) -> Span:
    """The days that a name stands for: this month, the last one, this year."""
    first = today.replace(day=1)
    if name == LAST_MONTH:
        end = first - timedelta(days=1)
        return Span(first=end.replace(day=1), last=end, today=today)
    return Span(first=first.replace(month=1) if name == YEAR else first, last=today, today=today)


async def books_of(turn: Turn, span: Span) -> Books:
    """All that the person may see, of visits made those in the span alone, for these are most of all records.

    For officers with the areas that they answer for and who works there.
    """
    store, reader, made = turn.desk.store, turn.reader, within(span, turn.desk.policy)
    areas = await own_areas(turn)
    held = await store.find(reader, Activity, status=("held",))
    mine = {area.id for area in areas}
    return Books(
        children=await store.find(reader, Child, status=("active",)),
        visits=await store.find(
            reader, Visit, status=("done", *TO_DO), keep=lambda v: v.status != "done" or made(v.closed_at)
        ),
        escalations=await store.find(reader, Escalation),
        matters=await store.find(reader, Matter),
        referrals=await store.find(reader, Referral),
        activities=[a for a in held if a.area in mine or (not areas and a.person == turn.person.id)],
        attended=await store.find(reader, Attendance, status=("held",)),
        areas=areas,
        people=await _people(turn, areas),
    )


async def counted(turn: Turn, books: Books, span: Span) -> tuple[Figure, ...]:
    """All figures, counted in a thread: a full county has a hundred thousand visits, and others wait."""
    return await asyncio.to_thread(figures, books, turn.desk.policy, span)


async def own_areas(turn: Turn) -> list[Area]:
    """The areas that an officer answers for, with all that lies in them; none for a worker."""
    mine = turn.reader.townships | turn.reader.counties
    if not mine:
        return []
    areas = {area.id: area for area in await turn.desk.store.find(CLOCK, Area)}

    def lies_in(area: Area) -> bool:
        at: Area | None = area
        for _ in range(3):  # county, township, village
            if at is None:
                return False
            if at.id in mine:
                return True
            at = areas.get(at.parent or "")
        return False

    return [area for area in areas.values() if lies_in(area)]


async def _people(turn: Turn, areas: Sequence[Area]) -> list[Person]:
    mine = {area.id for area in areas}
    if not mine:
        return []
    everybody = await turn.desk.store.find(CLOCK, Person)
    return [p for p in everybody if any(post.area in mine for post in p.posts)]
