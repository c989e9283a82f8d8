"""Being away for some days: from when to when, and who stands in."""

from dataclasses import replace
from datetime import date, timedelta

from casework.absence import stirred
from casework.access import CLOCK
from casework.circles import stand_in
from casework.outcome import Notice, Outcome, Priority
from casework.records import Area, Leave, Person
from conversations.dates import day_of_mark, mark_of_day, read_span
from conversations.masks import clean
from conversations.turn import Turn

_QUICK = (1, 3, 7)
MOST = 10
_NOBODY = "-"  # in a button: nobody stands in
_OFFICES = ("village_worker", "township_officer", "county_officer", "department_contact")


async def asked(turn: Turn, rest: str) -> None:
    """/leave: the days, which may stand on the same line; who is away is offered to be back."""
    leave = turn.person.leave
    if rest:
        turn.expect("leave")
        await span_said(turn, (), rest)
        return
    if leave is not None and leave.end >= turn.today:
        deputy = await turn.desk.store.person(leave.deputy) if leave.deputy else None
        turn.tell(
            turn.words(
                "leave.is" if leave.start <= turn.today else "leave.will_be",
                start=turn.day(leave.start), end=turn.day(leave.end),
                deputy=clean(deputy.name, 30) if deputy else turn.words("leave.no_one"),
            ),
            [[turn.button(turn.words("leave.back" if leave.begun else "leave.call_off"), "lx"),
              turn.button(turn.words("leave.change"), "lc")]],
        )  # fmt: skip
        return
    await change_tapped(turn, ())


async def change_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Asks for the days; those of a leave that there is are replaced by them."""
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
    people = await candidates(turn, start, end)
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
    if all(p.id != turn.person.deputy for p in people):  # who always stands in does so anyway
        buttons.append([turn.button(turn.words("leave.without"), "lw", *_days(start, end), _NOBODY)])
    key = "leave.whom" if people else "leave.nobody"
    turn.tell(turn.words(key, start=turn.day(start), end=turn.day(end)), buttons)


def _days(start: date, end: date) -> tuple[str, str]:
    return mark_of_day(start), mark_of_day(end)


async def candidates(turn: Turn, start: date, end: date) -> list[Person]:
    """Who can stand in on these days: the usual deputy first, then those with the same office next door."""
    store, person = turn.desk.store, turn.person
    own = [post for post in person.posts if post.role in _OFFICES]
    found: dict[str, Person] = {}
    usual = await store.person(person.deputy) if person.deputy else None
    if usual is not None:
        found[usual.id] = usual
    for post in own:
        beside = await _township(turn, post.area)
        for other in await store.staff(role=post.role):
            if post.role == "department_contact" and other.department != person.department:
                continue
            areas = [p.area for p in other.posts if p.role == post.role]
            if post.area in areas or beside in [await _township(turn, area) for area in areas]:
                found.setdefault(other.id, other)
    return [p for p in found.values() if p.id != person.id and _can(p, start, end)][:MOST]


async def _township(turn: Turn, area: str) -> str | None:
    known = await turn.desk.store.get(CLOCK, Area, area)
    return known.parent if known is not None else None


def _can(person: Person, start: date, end: date) -> bool:
    """Whether he is here on all these days, and answers."""
    away = person.leave is not None and person.leave.start <= end and start <= person.leave.end
    return person.status == "joined" and not person.unreached and not away


async def deputy_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The deputy was chosen: from now on he is told in this person's place."""
    start, end = (day_of_mark(mark) for mark in parts[:2])
    people = {p.id: p for p in await candidates(turn, start, end)}
    if end < turn.today or parts[2] not in (*people, _NOBODY):
        turn.pop("stale.unknown")
        return
    await _away(turn, max(start, turn.today), end, people.get(parts[2]))


async def deputy_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The deputy's name was typed."""
    start, end = (date.fromisoformat(d) for d in parts)
    to = next((p for p in await candidates(turn, start, end) if text.strip() in (p.name, p.id)), None)
    if to is None:
        turn.say("leave.not_known")
        return
    await _away(turn, start, end, to)


async def _away(turn: Turn, start: date, end: date, deputy: Person | None) -> None:
    """The days are kept; what is open goes to the deputy when they begin (`absences`)."""
    turn.expect()
    before, name = turn.person.leave, deputy.id if deputy is not None else None
    leave = Leave(start=start, end=end, deputy=name, alone=deputy is None)
    if before is not None and before.begun:
        if start > turn.today and before.end >= turn.today:
            turn.say("leave.back_first")
            return
        leave = replace(leave, moved=before.moved, former=before.deputy if before.deputy != name else None)
    await _free(turn, but=name)
    turn.person = stirred(replace(turn.person, leave=leave), turn.now)
    turn.keep(turn.person)
    days = {"start": start.isoformat(), "end": end.isoformat()}
    turn.happened("leave_planned", record=turn.person.id, deputy=name or "", **days)
    said = {"start": turn.day(start), "end": turn.day(end)}
    if deputy is None:
        turn.say("leave.done_alone", **said)
        return
    if start > turn.today:  # else he hears of it with all that is with him now
        _tell(turn, deputy.id, "deputy_asked", leave)
    turn.say("leave.done", deputy=clean(deputy.name, 30), **said)
    others = await _stands_in_for(turn, start, end)
    if others:
        turn.say("leave.you_stand_in", who=turn.words("list.comma").join(others))


async def _stands_in_for(turn: Turn, start: date, end: date) -> list[str]:
    """Whose deputy this person is on some of these days: they have nobody then."""
    found = []
    for other in await turn.desk.store.staff():
        leave = other.leave
        if (
            leave is not None
            and leave.start <= end
            and start <= leave.end
            and stand_in(other) == turn.person.id
        ):
            found.append(clean(other.name, 30))
    return found


async def _free(turn: Turn, *, but: str | None = None) -> None:
    """Whoever was asked to stand in need not any more."""
    leave = turn.person.leave
    if leave is not None and leave.end >= turn.today and leave.deputy not in (None, but):
        _tell(turn, leave.deputy or "", "deputy_freed" if leave.begun else "deputy_spared", leave)


def _tell(turn: Turn, to: str, kind: str, leave: Leave) -> None:
    days = {"start": leave.start.isoformat(), "end": leave.end.isoformat()}
    notice = Notice(
        key=f"leave:{turn.person.id}:{kind}:{days['start']}:{days['end']}:{to}:{turn.said.key}",
        to=to,
        kind=kind,
        priority=Priority.REMINDER,
        values={"person": turn.person.id, **days},
        about=("person", turn.person.id),
    )
    turn.decide(Outcome(notices=(notice,)))


async def end_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Back before the time, or not going at all: what went to the deputy comes back at once."""
    leave = turn.person.leave
    if leave is None or leave.end < turn.today:
        turn.pop("stale.unknown")
        return
    if not leave.begun:
        await _free(turn)
    ended = replace(leave, end=turn.today - timedelta(days=1))
    turn.person = stirred(replace(turn.person, leave=ended), turn.now)
    turn.keep(turn.person)
    turn.happened("leave_ended", record=turn.person.id)
    if leave.begun:
        turn.pop("leave.ended")  # what comes back to him follows in a message
    else:
        turn.say("leave.called_off")
