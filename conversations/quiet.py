"""/quiet: hours of one's own without reminders, and for families a pause of the check-ins; both end."""

import re
from dataclasses import replace
from datetime import date, time, timedelta

from casework.access import CLOCK
from casework.checkins import WAITING, is_paused, pause_checkins
from casework.own_quiet import is_over, latest_day, latest_pause, quiet_fault
from casework.records import CheckIn, Child, QuietTime
from conversations.dates import read_coming_day, read_length
from conversations.turn import Turn
from xlsform.datewords import read_time

_HOURS = tuple((time(start), time(end)) for start, end in ((7, 12), (12, 14), (14, 18), (18, 21)))
_STAFF_DAYS, _FAMILY_DAYS = (1, 3, 7, 30), (3, 7, 30)
_BETWEEN = re.compile(r"\s*(?:到|至|~|～|—|-|–|\bto\b)\s*")
_PARTS = {
    "上午": (time(7), time(12)), "早上": (time(7), time(12)), "morning": (time(7), time(12)),
    "中午": (time(12), time(14)), "noon": (time(12), time(14)),
    "下午": (time(14), time(18)), "afternoon": (time(14), time(18)),
    "傍晚": (time(18), time(21)), "晚上": (time(18), time(21)), "evening": (time(18), time(21)),
}  # fmt: skip
_APART = re.compile(r"[,，；;\s]+")
_UNTIL = re.compile(r"(?:一直)?(?:到|至|until\b|to\b|for\b)\s*|(?:为止|止|吧)$", re.IGNORECASE)


async def asked(turn: Turn, rest: str) -> None:
    """What there is, with its end; else which hours, or for a family, to which day.

    Hours and days may stand on the same line.
    """
    if _is_family(turn):
        await (pause_said(turn, (), rest) if rest else _family(turn))
        return
    if rest:
        turn.expect("quiet_hours")
        await hours_said(turn, (), rest)
        return
    own = turn.person.quiet
    if own is not None and not is_over(own, turn.now, turn.desk.policy):
        turn.tell(
            turn.words("quiet.is", **_said(turn, own)),
            [[turn.button(turn.words("quiet.end"), "qx"), turn.button(turn.words("quiet.change"), "qc")]],
        )
        return
    await change_tapped(turn, ())


def _is_family(turn: Turn) -> bool:
    """Families stop being asked; whoever holds a post, a department's contact too, has hours of his own."""
    return not (turn.reader.is_staff or turn.reader.contacts)


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
    """The hours were typed: 8:00-11:30, 8点到12点, 上午; and perhaps to which day: 上午 到11月30日."""
    hours, days = _hours_and_days(text)
    if hours is None:
        turn.say("quiet.unclear")
        return
    start, end = hours
    fault = quiet_fault(start, end, turn.desk.policy)
    if fault:
        turn.say(f"quiet.{fault}", hours=turn.desk.policy.own_quiet.most_hours)
    elif days:
        clock = (f"{start:%H%M}", f"{end:%H%M}")
        turn.expect("quiet_days", *clock)
        await days_said(turn, clock, days)
    else:
        _days(turn, start, end)


def _hours_and_days(text: str) -> tuple[tuple[time, time] | None, str]:
    """The hours that a text begins with, None if none, and what stands behind them."""
    text = text.strip()
    ends = [(m.start(), m.end()) for m in _APART.finditer(text)]
    for end, begin in reversed([*ends, (len(text), len(text))]):
        hours = read_hours(text[:end])
        if hours is not None:
            return hours, text[begin:]
    return None, ""


def read_hours(text: str) -> tuple[time, time] | None:
    """From when to when a text means; None if none. "下午2点到5点" ends in the afternoon as well."""
    text = text.strip().rstrip("。.").removeprefix("每天").lower()
    if text in _PARTS:
        return _PARTS[text]
    found = [read_time(part) for part in _BETWEEN.split(text, maxsplit=1) if part]
    if len(found) != 2 or None in found:
        return None
    start, end = (time.fromisoformat(str(clock)[:5]) for clock in found)
    if end <= start and start.hour >= 12 and end.hour < 12 and not re.search("早|上午|夜", text):
        end = end.replace(hour=end.hour + 12)
    return start, end


def understands(text: str, today: date) -> bool:
    """Whether hours, or a family's last day, can be read in it."""
    return _hours_and_days(text)[0] is not None or _last_day(text, today) is not None


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
    text = _UNTIL.sub("", text.strip().rstrip("。."))
    length = read_length(text)
    return today + timedelta(days=length - 1) if length else read_coming_day(text, today)


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
    if not _is_family(turn):
        turn.person = replace(turn.person, quiet=None)
        turn.keep(turn.person)
        turn.happened("quiet_ended", record=turn.person.id)
        turn.say("quiet.ended")
    elif turn.person.paused_until is not None:
        await _pause(turn, None)
        turn.say("quiet.family_ended")


async def _family(turn: Turn) -> None:
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
    turn.expect("pause")
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
