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
_COUNTS = {c: n for n, c in enumerate("一二三四五六七八九十", 1)} | {"两": 2, "a": 1, "one": 1}
_UNITS = {"天": 1, "day": 1, "周": 7, "星期": 7, "礼拜": 7, "week": 7, "月": 30, "month": 30}
_LONG = (
    r"(?:(?P<half>半)个月|(?P<count>\d{1,3}|[一两二三四五六七八九十]|a|one)\s*"
    r"(?:(?P<unit>天|周|days?|weeks?|months?)|个?(?P<some>星期|礼拜)|个(?P<month>月)))"
)
_LENGTH = re.compile(rf"{_LONG}(?:假|吧)?", re.IGNORECASE)
_FROM = re.compile(
    rf"(?:从|from\s)?(?P<day>.+?)(?:起|开始|[,，\s])\s*(?:请|休|for)?\s*(?P<long>{_LONG})假?", re.IGNORECASE
)
_ASKING = re.compile(r"(?:请假|请|休假|休|从|from\b)\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:到|至|~|～|—|--| - |\bto\b|until)\s*")
_DAY_ALONE = re.compile(r"(\d{1,2})[日号]?")
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


def read_length(text: str) -> int | None:
    """How many days "3天", "一周", "半个月", "2 weeks" are; None for any other text. A month has 30."""
    match = _LENGTH.fullmatch(text.strip().rstrip("。.").lower())
    if match is None:
        return None
    if match["half"]:
        return 15
    unit = (match["unit"] or match["some"] or match["month"]).rstrip("s")
    count = match["count"]
    return (_COUNTS[count] if count in _COUNTS else int(count)) * _UNITS[unit]


def read_span(text: str, today: date) -> tuple[date, date] | None:
    """The days a text means; None if none. Days are understood by the farmers' calendar as well.

    "3天" (from today), "明天起一周", one day, or two with a word between: "11月25日到28日".
    """
    text = text.strip().rstrip("。.")
    asking = _ASKING.match(text)
    text = text[asking.end() :] if asking else text
    found = _long_span(text, today) or _two_days(text, today)
    if found is None or not found[0] <= found[1] <= found[0] + timedelta(days=LONGEST_ABSENCE):
        return None
    return found


def _long_span(text: str, today: date) -> tuple[date, date] | None:
    match = _FROM.fullmatch(text)
    first = read_coming_day(match["day"], today) if match else today
    days = read_length(match["long"] if match else text)
    if first is None or not days or days > LONGEST_ABSENCE:
        return None
    return first, first + timedelta(days=days - 1)


def _two_days(text: str, today: date) -> tuple[date, date] | None:
    parts = [part for part in _BETWEEN.split(text, maxsplit=1) if part]
    first = read_coming_day(parts[0], today) if parts else None
    if first is None:
        return None
    return first, _end_of(parts[1], first, today) if len(parts) > 1 else first


def _end_of(text: str, first: date, today: date) -> date:
    """The last day: a bare number is one of the first day's month, or of the next; else as it reads today.

    What means no day is before all others.
    """
    alone = _DAY_ALONE.fullmatch(text)
    if alone is None:
        return read_coming_day(text, today) or date.min
    month = first if int(alone[1]) >= first.day else (first.replace(day=1) + timedelta(days=32))
    try:
        return month.replace(day=int(alone[1]))
    except ValueError:
        return date.min


def read_coming_day(text: str, today: date) -> date | None:
    """The coming day that a text means, also by the farmers' calendar; None if none."""
    day = read_lunar_day(text, today) or read_date(text, today)
    return _not_past(day, today) if day is not None else None


def mark_of_day(day: date) -> str:
    """A day as a button carries it: 261124."""
    return f"{day:%y%m%d}"


def day_of_mark(mark: str) -> date:
    """The day that `mark_of_day` wrote."""
    return date(2000 + int(mark[:2]), int(mark[2:4]), int(mark[4:6]))


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
