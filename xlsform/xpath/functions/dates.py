"""Functions on dates and times."""

from __future__ import annotations

import calendar
import math
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from xlsform.errors import ExpressionError
from xlsform.xpath.functions.registry import function
from xlsform.xpath.moments import Moment, parse_moment, parse_time
from xlsform.xpath.values import Value, text_number, to_text

if TYPE_CHECKING:
    from xlsform.xpath.compiler import Env

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def moment_of(env: Env, value: Value) -> Moment | None:
    """The moment a value stands for: a moment, days since 1970-01-01, or ISO text; None if none."""
    if isinstance(value, Moment):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return env.clock.moment(value, whole=math.isfinite(value) and value == math.floor(value))
    text = to_text(value).strip()
    found = parse_moment(text, env.zone)
    if found is None and text:
        days = text_number(text)
        if not math.isnan(days):
            return env.clock.moment(days, whole=days == math.floor(days))
    return found


@function("today", 0, 0)
def today(env: Env, _a: list[Value]) -> Value:
    local = env.moment().astimezone(env.zone)
    return Moment(local.replace(hour=0, minute=0, second=0, microsecond=0), whole=True)


@function("now", 0, 0)
def now(env: Env, _a: list[Value]) -> Value:
    return Moment(env.moment().astimezone(env.zone), whole=False)


@function("date", 1, 1)
def date(env: Env, a: list[Value]) -> Value:
    """A date; a text or number that is none becomes the empty text."""
    return moment_of(env, a[0]) or ""


@function("date-time", 1, 1)
def date_time(env: Env, a: list[Value]) -> Value:
    found = moment_of(env, a[0])
    if found is None:
        return ""
    return found


@function("decimal-date-time", 1, 1)
def decimal_date_time(env: Env, a: list[Value]) -> Value:
    found = moment_of(env, a[0])
    if found is None:
        return math.nan
    return env.clock.days(found)


@function("decimal-time", 1, 1)
def decimal_time(env: Env, a: list[Value]) -> Value:
    """The part of the local day that has passed."""
    text = to_text(a[0])
    if isinstance(a[0], Moment) or "T" in text:
        found = moment_of(env, a[0])
        return found.days() % 1.0 if found else math.nan
    parsed = parse_time(text)
    if parsed is None:
        return math.nan
    clock, zone = parsed
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6
    if zone is not None:
        day = datetime.combine(env.moment().date(), time(12), env.zone)
        shift = (day.utcoffset() or timedelta()) - (
            datetime.combine(day, time(12), zone).utcoffset() or timedelta()
        )
        seconds = (seconds + shift.total_seconds()) % 86400
    return seconds / 86400


@function("format-date", 2, 2)
def format_date(env: Env, a: list[Value]) -> Value:
    return _formatted(env, a)


@function("format-date-time", 2, 2)
def format_date_time(env: Env, a: list[Value]) -> Value:
    return _formatted(env, a)


def _formatted(env: Env, a: list[Value]) -> Value:
    found = moment_of(env, a[0])
    env.spend(len(to_text(a[1])) // 2)
    return format_moment(found.when, to_text(a[1])) if found else ""


def format_moment(when: datetime, pattern: str) -> str:
    """The letters of the ODK specification; Raises ExpressionError for a letter it does not have."""
    parts = {
        "Y": f"{when.year:04d}", "y": f"{when.year % 100:02d}", "m": f"{when.month:02d}",
        "n": str(when.month), "b": _MONTHS[when.month - 1], "d": f"{when.day:02d}", "e": str(when.day),
        "H": f"{when.hour:02d}", "h": str(when.hour), "M": f"{when.minute:02d}", "S": f"{when.second:02d}",
        "3": f"{when.microsecond // 1000:03d}", "a": _DAYS[when.weekday()],
        "W": str(when.isocalendar().week), "B": calendar.month_name[when.month],
        "A": calendar.day_name[when.weekday()], "%": "%",
    }  # fmt: skip
    out: list[str] = []
    letters = iter(pattern)
    for letter in letters:
        if letter != "%":
            out.append(letter)
            continue
        code = next(letters, "")
        if code not in parts:
            raise ExpressionError(f"a date can't be written with %{code}")
        out.append(parts[code])
    return "".join(out)


@function("difference-in-months", 2, 2)
def difference_in_months(env: Env, a: list[Value]) -> Value:
    """Whole months from the first date to the second (from the Community Health Toolkit)."""
    first, second = moment_of(env, a[0]), moment_of(env, a[1])
    if first is None or second is None:
        return ""
    start, end = first.when.date(), second.when.date()
    months = (end.year - start.year) * 12 + end.month - start.month
    return float(months - (1 if end.day < start.day else 0))


@function("add-date", 2, 6)
def add_date(env: Env, a: list[Value]) -> Value:
    """A date moved by years, months, days, hours and minutes (from the Community Health Toolkit)."""
    found = moment_of(env, a[0])
    amounts = [env.number(v) for v in a[1:]] + [0.0] * (6 - len(a))
    if found is None or any(not math.isfinite(n) or abs(n) > 1e7 for n in amounts):
        return ""
    years, months, days, hours, minutes = (int(n) for n in amounts)
    count = found.when.year * 12 + found.when.month - 1 + years * 12 + months
    try:
        start = found.when.replace(year=count // 12, month=count % 12 + 1, day=1)
        moved = start + timedelta(days=found.when.day - 1 + days, hours=hours, minutes=minutes)
    except (ValueError, OverflowError):
        return ""
    return Moment(moved, whole=found.whole and not hours and not minutes)
