"""Days, months, years, times of day: typed in many ways, or tapped on a calendar in the message."""

import calendar
from datetime import date, timedelta

from conversations.lunar import read_lunar_day
from conversations.said import Button
from conversations.widgets.asked import Answer, Asked, Redraw, Result, Widget, how, read_typed
from conversations.widgets.layout import in_rows
from xlsform.datewords import read_date, read_time

FIRST_YEAR, LAST_YEAR = 1900, 2100
_YEARS = 12


def _part(a: Asked) -> str:
    """What is asked of a date: day, month or year."""
    looks = a.prompt.appearance.split()
    return "year" if "year" in looks else "month" if "month-year" in looks else "day"


def _lines(a: Asked) -> list[str]:
    part = _part(a)
    return how(a, "date" if part == "day" else part)


def _rows(a: Asked) -> list[list[Button]]:
    part = _part(a)
    if part == "year":
        return _years(a)
    if part == "month":
        return _months(a)
    if a.pad.get("month"):
        return _month(a)
    quick = [a.press(a.words(f"form.day{n}"), f"t{n}") for n in (0, 1)]
    return [quick, [a.press(a.words("form.calendar"), f"m{_start(a):%Y-%m}")]]


def _start(a: Asked) -> date:
    """Where the calendar opens: at the answer so far, else at today."""
    try:
        return date.fromisoformat(a.prompt.value[:10])
    except ValueError:
        return a.turn.today


def _shown(a: Asked) -> date:
    """The first day of the month that is shown."""
    try:
        return date.fromisoformat(f"{a.pad.get('month', '')}-01")
    except ValueError:
        return _start(a).replace(day=1)


def _moved(first: date, months: int) -> str:
    """The month so many later, kept within what people can mean."""
    at = first.year * 12 + first.month - 1 + months
    year = min(max(at // 12, FIRST_YEAR), LAST_YEAR)
    return f"m{year:04d}-{at % 12 + 1:02d}"


def _month(a: Asked) -> list[list[Button]]:
    first = _shown(a)
    title = a.words("form.month", year=first.year, month=first.month)
    head = [a.press("«", _moved(first, -12)), a.press("‹", _moved(first, -1)), a.press(title, "o"),
            a.press("›", _moved(first, 1)), a.press("»", _moved(first, 12))]  # fmt: skip
    weekdays = [a.press(name, "o") for name in a.words("form.weekdays").split()]
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return [head, weekdays, *([_day(a, day, first.month) for day in week] for week in weeks)]


def _day(a: Asked, day: date, month: int) -> Button:
    if day.month != month:
        return a.press("·", "o")
    label = f"({day.day})" if day == a.turn.today else str(day.day)
    return a.press(label, f"y{day.isoformat()}")


def _months(a: Asked) -> list[list[Button]]:
    first = _shown(a)
    head = [a.press("‹", _moved(first, -12)), a.press(a.words("form.year", year=first.year), "o"),
            a.press("›", _moved(first, 12))]  # fmt: skip
    names = a.words("form.months").split()
    return [
        head,
        *in_rows([a.press(name, f"y{first.year:04d}-{n:02d}-01") for n, name in enumerate(names, 1)], 4),
    ]


def _years(a: Asked) -> list[list[Button]]:
    last = max(_shown(a).year, FIRST_YEAR + _YEARS)
    head = [
        a.press("‹", f"m{max(last - _YEARS, FIRST_YEAR):04d}-01"),
        a.press("›", f"m{min(last + _YEARS, LAST_YEAR):04d}-01"),
    ]
    years = [a.press(str(year), f"y{year:04d}-01-01") for year in range(last - _YEARS + 1, last + 1)]
    return [*in_rows(years, 4), head]


def _tapped(a: Asked, kind: str, rest: str) -> Result:
    if kind == "t" and rest.isdecimal():
        return Answer((a.turn.today - timedelta(days=int(rest))).isoformat())
    if kind == "y":
        return Answer(rest)
    if kind == "m":
        return Redraw({"month": rest})
    return None


def _read(a: Asked, text: str) -> Result:
    lunar = read_lunar_day(text, a.turn.today)
    return Answer(lunar.isoformat()) if lunar is not None else read_typed(a, text)


def _moment_lines(a: Asked) -> list[str]:
    if not a.pad.get("day"):
        return how(a)
    return [a.words("form.time_on", day=a.turn.any_day(date.fromisoformat(a.pad["day"]))), *how(a, "time")]


def _moment_rows(a: Asked) -> list[list[Button]]:
    if not a.pad.get("day"):
        return _rows(a)
    return [[a.press(a.words("form.now_time"), "h"), a.press(a.words("form.other_day"), "w")]]


def _moment_tapped(a: Asked, kind: str, rest: str) -> Result:
    """First the day, then the time of day."""
    if kind == "h" and a.pad.get("day"):
        return Answer(f"{a.pad['day']}T{_now(a)}")
    if kind == "w":
        return Redraw({"day": "", "month": ""})
    found = _tapped(a, kind, rest)
    return Redraw({"day": found.value}) if isinstance(found, Answer) else found


def _moment_read(a: Asked, text: str) -> Result:
    day = read_lunar_day(text, a.turn.today) or read_date(text, a.turn.today)
    if day is not None:
        return Redraw({"day": day.isoformat()})
    clock = read_time(text) if a.pad.get("day") else None
    return Answer(f"{a.pad['day']}T{clock}") if clock is not None else read_typed(a, text)


def _now(a: Asked) -> str:
    return f"{a.turn.now.astimezone(a.turn.desk.policy.zone):%H:%M}:00.000"


def _time_rows(a: Asked) -> list[list[Button]]:
    return [[a.press(a.words("form.now_time"), "h")]]


def _time_tapped(a: Asked, kind: str, _rest: str) -> Result:
    return Answer(_now(a)) if kind == "h" else None


DAY = Widget(lines=_lines, rows=_rows, tapped=_tapped, read=_read)
MOMENT = Widget(lines=_moment_lines, rows=_moment_rows, tapped=_moment_tapped, read=_moment_read)
TIME = Widget(lines=how, rows=_time_rows, tapped=_time_tapped, read=read_typed)
