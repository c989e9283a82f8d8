"""Days and moments as people read them, always with the weekday; and spans of days as people type them."""

import re
from datetime import date, datetime, timedelta

from casework.periods import is_within
from casework.policy import Policy
from casework.records import Person
from conversations.lunar import read_lunar_day, say_lunar_day
from xlsform.datewords import read_date

_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LENGTH = re.compile(r"(\d{1,3})\s*(?:天|日|days?)", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:到|至|~|～|—|--| - |to|until)\s*")
LONGEST_ABSENCE = 366


def say_day(day: date, language: str) -> str:
    """11月24日 周二, or Tue 24 Nov."""
    if language.startswith("en"):
        return f"{_EN[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
    return f"{day.month}月{day.day}日 {_ZH[day.weekday()]}"


def day_for(day: date, to: Person, policy: Policy) -> str:
    """A day in a message to somebody: 2月5日 周五（除夕） where the county wants that, else as `say_day`."""
    return with_lunar(say_day(day, to.language), day, to, policy)


def with_lunar(said: str, day: date, to: Person, policy: Policy) -> str:
    """A day in words, and behind it the farmers' calendar where the county wants that."""
    word = say_lunar_day(day, to.language) if _wants_lunar(day, to, policy) else ""
    if not word:
        return said
    return f"{said} ({word})" if to.language.startswith("en") else f"{said}（{word}）"


def _wants_lunar(day: date, to: Person, policy: Policy) -> bool:
    where = policy.messages.lunar_dates
    if "guardians" in where and to.posts and all(post.role == "guardian" for post in to.posts):
        return True
    return "periods" in where and any(p.lunar and is_within(day, p) for p in policy.periods.values())


def say_moment(moment: datetime, language: str, policy: Policy) -> str:
    """The day and the time of day in the county."""
    local = moment.astimezone(policy.zone)
    return f"{say_day(local.date(), language)} {local:%H:%M}"


def say_moment_after(before: datetime, moment: datetime, language: str, policy: Policy) -> str:
    """The same, without the day where it is that of ``before``, which stands beside it."""
    local = moment.astimezone(policy.zone)
    same = local.date() == before.astimezone(policy.zone).date()
    return f"{local:%H:%M}" if same else say_moment(moment, language, policy)


def read_span(text: str, today: date) -> tuple[date, date] | None:
    """The days a text means: "3天" (from today), one day, or two with a word between; None if none."""
    length = _LENGTH.fullmatch(text.strip())
    if length:
        days = int(length[1])
        return (today, today + timedelta(days=days - 1)) if 1 <= days <= LONGEST_ABSENCE else None
    parts = [part for part in _BETWEEN.split(text.strip(), maxsplit=1) if part]
    days_found = [read_date(part, today) for part in parts]
    if not days_found or any(day is None for day in days_found):
        return None
    first, last = days_found[0], days_found[-1]
    assert first is not None
    assert last is not None
    first = _not_past(first, today)
    last = _not_past(last, today)
    return (first, last) if first <= last <= first + timedelta(days=LONGEST_ABSENCE) else None


def read_coming_day(text: str, today: date) -> date | None:
    """The coming day that a text means, also by the farmers' calendar; None if none."""
    day = read_lunar_day(text, today) or read_date(text, today)
    return _not_past(day, today) if day is not None else None


def read_past_day(text: str, today: date) -> date | None:
    """The day a text means, of today or before; None where it means none, or one that lies ahead."""
    day = read_lunar_day(text, today) or read_date(text, today)
    if day is None or day <= today:
        return day
    named = any(mark in text for mark in (str(day.year), "年"))
    return None if named else _year_before(day)


def _year_before(day: date) -> date | None:
    """Who says "12月3日" in January means the last one."""
    return day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else None


def _not_past(day: date, today: date) -> date:
    """Who says "1月3日" in December means the next one."""
    if day >= today or (today - day).days < 180:
        return max(day, today)
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else day
