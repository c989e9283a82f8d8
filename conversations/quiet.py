"""/quiet: hours of one's own without reminders, and for families a pause of the check-ins; both end."""

import re
from dataclasses import replace
from datetime import date, time, timedelta

from casework.access import CLOCK
from casework.checkins import WAITING, is_paused, pause_checkins
from casework.own_quiet import is_over, latest_day, latest_pause, quiet_fault
from casework.records import CheckIn, Child, QuietTime
from conversations.turn import Turn
from xlsform.datewords import read_date, read_time

_HOURS = tuple((time(start), time(end)) for start, end in ((7, 12), (12, 14), (14, 18), (18, 21)))
_STAFF_DAYS, _FAMILY_DAYS = (1, 3, 7, 30), (3, 7, 30)
_BETWEEN = re.compile(r"\s*(?:到|至|~|～|—|-|–|to)\s*")
_LENGTH = re.compile(r"(\d{1,3})\s*(?:天|日|days?)", re.IGNORECASE)


async def asked(turn: Turn, rest: str) -> None:
    """What there is, with its end; else which hours, or for a family, to which day."""
    if not turn.reader.is_staff:
        _family(turn)
        return
    own = turn.person.quiet
    if own is not None and not is_over(own, turn.now, turn.desk.policy):
        turn.tell(
            turn.words("quiet.is", **_said(turn, own)),
            [[turn.button(turn.words("quiet.end"), "qx"), turn.button(turn.words("quiet.change"), "qc")]],
        )
        return
    await change_tapped(turn, ())


async def change_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Which hours."""
    turn.expect("quiet_hours")
    allowed = [(start, end) for start, end in _HOURS if not quiet_fault(start, end, turn.desk.policy)]
    buttons = [
        turn.button(f"{start:%H:%M}–{end:%H:%M}", "qh", f"{start:%H%M}", f"{end:%H%M}")
        for start, end in allowed
    ]
    turn.tell(turn.words("quiet.hours"), [buttons[:2], buttons[2:]])


async def hours_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The hours were chosen."""
    start, end = (time(int(part[:2]), int(part[2:])) for part in parts[:2])
    _days(turn, start, end)


async def hours_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The hours were typed: 8:00-11:30, 8点到12点."""
    found = [read_time(part) for part in _BETWEEN.split(text.strip(), maxsplit=1) if part]
    if len(found) != 2 or None in found:
        turn.say("quiet.unclear")
        return
    start, end = (time.fromisoformat(str(clock)[:5]) for clock in found)
    fault = quiet_fault(start, end, turn.desk.policy)
    if fault:
        turn.say(f"quiet.{fault}", hours=turn.desk.policy.own_quiet.most_hours)
        return
    _days(turn, start, end)


def _days(turn: Turn, start: time, end: time) -> None:
    clock = (f"{start:%H%M}", f"{end:%H%M}")
    turn.expect("quiet_days", *clock)
    most = turn.desk.policy.own_quiet.most_days
    row = [turn.button(turn.words(f"quiet.days{n}"), "qd", *clock, n) for n in _STAFF_DAYS if n <= most]
    turn.tell(turn.words("quiet.until"), [row])


async def days_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """So many days, today included."""
    _keep(turn, parts[0], parts[1], turn.today + timedelta(days=int(parts[2]) - 1))


async def days_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The last day was typed, or a number of days."""
    until = _last_day(text, turn.today)
    if until is None or not turn.today <= until <= latest_day(turn.today, turn.desk.policy):
        turn.say("quiet.day_unclear", days=turn.desk.policy.own_quiet.most_days)
        return
    _keep(turn, parts[0], parts[1], until)


def _last_day(text: str, today: date) -> date | None:
    length = _LENGTH.fullmatch(text.strip())
    return today + timedelta(days=int(length[1]) - 1) if length else read_date(text.strip(), today)


def _keep(turn: Turn, start: str, end: str, until: date) -> None:
    own = QuietTime(
        start=time(int(start[:2]), int(start[2:])), end=time(int(end[:2]), int(end[2:])), until=until
    )
    turn.expect()
    turn.person = replace(turn.person, quiet=own)
    turn.keep(turn.person)
    turn.happened("quiet_set", record=turn.person.id, start=start, end=end, until=until.isoformat())
    turn.say("quiet.done", **_said(turn, own))


def _said(turn: Turn, own: QuietTime) -> dict[str, str]:
    return {"start": f"{own.start:%H:%M}", "end": f"{own.end:%H:%M}", "until": turn.day(own.until)}


async def end_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """No such hours any more; for a family, no pause."""
    if turn.reader.is_staff:
        turn.person = replace(turn.person, quiet=None)
        turn.keep(turn.person)
        turn.happened("quiet_ended", record=turn.person.id)
        turn.say("quiet.ended")
    elif turn.person.paused_until is not None:
        await _pause(turn, None)
        turn.say("quiet.family_ended")


def _family(turn: Turn) -> None:
    if is_paused(turn.person, turn.today):
        until = turn.person.paused_until
        assert until is not None
        button = turn.button(turn.words("quiet.family_end"), "qx")
        turn.tell(turn.words("quiet.family_is", until=turn.day(until)), [[button]])
        return
    turn.expect("pause")
    most = turn.desk.policy.own_quiet.checkin_days
    row = [turn.button(turn.words(f"quiet.days{n}"), "qp", n) for n in _FAMILY_DAYS if n <= most]
    turn.tell(turn.words("quiet.family"), [row])


async def pause_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A family pauses for so many days, today included."""
    await _paused(turn, turn.today + timedelta(days=int(parts[0]) - 1))


async def pause_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The last day of the pause was typed."""
    until = _last_day(text, turn.today)
    if until is None or not turn.today <= until <= latest_pause(turn.today, turn.desk.policy):
        turn.say("quiet.day_unclear", days=turn.desk.policy.own_quiet.checkin_days)
        return
    await _paused(turn, until)


async def _paused(turn: Turn, until: date) -> None:
    turn.expect()
    if not turn.person.cares_for:
        turn.pop("stale.unknown")
        return
    await _pause(turn, until)
    turn.say("quiet.family_done", until=turn.day(until))


async def _pause(turn: Turn, until: date | None) -> None:
    store = turn.desk.store
    checkins = await store.find(turn.reader, CheckIn, person=turn.person.id, status=WAITING)
    workers: dict[str, str] = {}
    for code in turn.person.cares_for:
        child = await store.get(CLOCK, Child, code)
        if child is not None and child.status == "active":
            circle = await store.circle(child, turn.now)
            workers |= {code: circle.worker.id} if circle.worker is not None else {}
    turn.decide(
        pause_checkins(
            turn.person, until, checkins=checkins, workers=workers, policy=turn.desk.policy, now=turn.now
        )
    )
