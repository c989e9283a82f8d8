"""Being away for some days: from when to when, and who stands in."""

from dataclasses import replace
from datetime import date, timedelta

from casework.access import CLOCK
from casework.outcome import Notice, Outcome, Priority
from casework.records import Area, Leave, Person
from conversations.dates import read_span
from conversations.masks import clean
from conversations.turn import Turn

_QUICK = (1, 3, 7)
MOST = 10


async def asked(turn: Turn, rest: str) -> None:
    """/leave: the days; who is away is offered to be back."""
    leave = turn.person.leave
    if leave is not None and leave.end >= turn.today:
        deputy = await turn.desk.store.person(leave.deputy) if leave.deputy else None
        turn.tell(
            turn.words(
                "leave.is", start=turn.day(leave.start), end=turn.day(leave.end),
                deputy=clean(deputy.name, 30) if deputy else turn.words("somebody"),
            ),
            [[turn.button(turn.words("leave.back"), "lx")]],
        )  # fmt: skip
        return
    turn.expect("leave")
    turn.tell(
        turn.words("leave.ask"),
        [[turn.button(turn.words(f"leave.days{n}"), "ld", n) for n in _QUICK]],
    )


async def days_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """So many days from today."""
    await _whom(turn, turn.today, turn.today + timedelta(days=int(parts[0]) - 1))


async def span_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The days were typed."""
    span = read_span(text, turn.today)
    if span is None:
        turn.say("leave.unclear")
        return
    await _whom(turn, *span)


async def _whom(turn: Turn, start: date, end: date) -> None:
    people = await candidates(turn)
    if not people:
        turn.expect()
        turn.say("leave.nobody")
        return
    turn.expect("deputy", start.isoformat(), end.isoformat())
    usual = turn.words("leave.usual")
    buttons = [
        [
            turn.button(
                clean(p.name, 30) + (usual if p.id == turn.person.deputy else ""),
                "lw",
                *_days(start, end),
                p.id,
            )
        ]
        for p in people
    ]
    turn.tell(turn.words("leave.whom", start=turn.day(start), end=turn.day(end)), buttons)


def _days(start: date, end: date) -> tuple[str, str]:
    return start.strftime("%y%m%d"), end.strftime("%y%m%d")


async def candidates(turn: Turn) -> list[Person]:
    """Who can stand in: the usual deputy first, then those who hold the same office next door."""
    store, person = turn.desk.store, turn.person
    own = [
        post for post in person.posts if post.role in ("village_worker", "township_officer", "county_officer")
    ]
    found: dict[str, Person] = {}
    usual = await store.person(person.deputy) if person.deputy else None
    if usual is not None:
        found[usual.id] = usual
    for post in own:
        beside = await _township(turn, post.area)
        for other in await store.staff(role=post.role):
            areas = [p.area for p in other.posts if p.role == post.role]
            if post.area in areas or beside in [await _township(turn, area) for area in areas]:
                found.setdefault(other.id, other)
    return [p for p in found.values() if p.id != person.id and _can(p, turn.today)][:MOST]


async def _township(turn: Turn, area: str) -> str | None:
    known = await turn.desk.store.get(CLOCK, Area, area)
    return known.parent if known is not None else None


def _can(person: Person, today: date) -> bool:
    away = person.leave is not None and person.leave.start <= today <= person.leave.end
    return person.status == "joined" and not away


async def deputy_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The deputy was chosen: from now on he is told in this person's place."""
    start, end = (date(2000 + int(d[:2]), int(d[2:4]), int(d[4:6])) for d in parts[:2])
    people = {p.id: p for p in await candidates(turn)}
    if end < turn.today or parts[2] not in people:
        turn.pop("stale.unknown")
        return
    await _away(turn, start, end, people[parts[2]])


async def deputy_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The deputy's name was typed."""
    start, end = (date.fromisoformat(d) for d in parts)
    to = next((p for p in await candidates(turn) if text.strip() in (p.name, p.id)), None)
    if to is None:
        turn.say("leave.not_known")
        return
    await _away(turn, start, end, to)


async def _away(turn: Turn, start: date, end: date, deputy: Person) -> None:
    turn.expect()
    turn.person = replace(turn.person, leave=Leave(start=start, end=end, deputy=deputy.id))
    turn.keep(turn.person)
    days = {"start": start.isoformat(), "end": end.isoformat()}
    turn.happened("leave_began", record=turn.person.id, deputy=deputy.id, **days)
    _tell_deputy(turn, deputy, "deputy_asked", days)
    turn.say("leave.done", start=turn.day(start), end=turn.day(end), deputy=clean(deputy.name, 30))


def _tell_deputy(turn: Turn, deputy: Person, kind: str, days: dict[str, str]) -> None:
    notice = Notice(
        key=f"leave:{turn.person.id}:{kind}:{days['start']}:{days['end']}:{deputy.id}:{turn.said.key}",
        to=deputy.id,
        kind=kind,
        priority=Priority.REMINDER,
        values={"person": turn.person.id, **days},
        about=("person", turn.person.id),
    )
    turn.decide(Outcome(notices=(notice,)))


async def end_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Back before the time."""
    leave = turn.person.leave
    if leave is None:
        turn.pop("stale.unknown")
        return
    turn.person = replace(turn.person, leave=None)
    turn.keep(turn.person)
    turn.happened("leave_ended", record=turn.person.id)
    deputy = await turn.desk.store.person(leave.deputy) if leave.deputy else None
    if deputy is not None:
        days = {"start": leave.start.isoformat(), "end": leave.end.isoformat()}
        _tell_deputy(turn, deputy, "deputy_freed", days)
    turn.say("leave.ended")
