"""Dates and times of day in words and figures, Chinese and English."""

from __future__ import annotations

import re
from datetime import date, timedelta

_RELATIVE = {
    "今天": 0, "今日": 0, "today": 0, "昨天": -1, "昨日": -1, "yesterday": -1, "前天": -2, "大前天": -3,
    "明天": 1, "明日": 1,
    "tomorrow": 1, "后天": 2, "大后天": 3, "day before yesterday": -2, "the day before yesterday": -2,
    "day after tomorrow": 2, "the day after tomorrow": 2, "jintian": 0, "zuotian": -1, "mingtian": 1,
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1)
    for name in names.split()
}  # fmt: skip
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_YEAR = r"(?:(?P<y>\d{4}|\d{2})\s*[-/.年]|(?P<word>今年|去年|前年|明年)的?)"
_FIGURES = re.compile(rf"(?:{_YEAR}\s*)?(?P<m>\d{{1,2}})\s*[-/.月]\s*(?P<d>\d{{1,2}})\s*[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_ONLY = re.compile(r"(本月|这个月|上个?月)?(\d{1,2})[日号]")
_AGO = re.compile(
    r"(\d+|[一两二三四五六七八九十])\s*(?:个)?\s*(天|日|周|星期|礼拜|days?|weeks?)\s*(前|以前|之前|后|以后|之后|ago|later)"
)
_WEEK = re.compile(r"(上上|上个?|这个?|本|下个?)?(?:周|星期|礼拜)([一二三四五六日天])")
_MONTH_WORD = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]+)|([a-z]+)\s+(\d{1,2})(?:st|nd|rd|th)?)\.?,?\s*(\d{4})?"
)
_CHINESE = str.maketrans("零〇一二三四五六七八九", "00123456789")
_CLOCK_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十]+(?![刻零〇一二两三四五六七八九十])")
_CLOCK = re.compile(
    r"(?P<half>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里)?\s*(?P<h>\d{1,2})\s*(?:[:点时.]\s*(?P<m>\d{1,2}|半|一刻|三刻|整)?\s*分?"
    r"(?::(?P<s>\d{2}))?)?\s*(?P<ampm>[ap]\.?m\.?)?"
)


def read_date(text: str, today: date) -> date | None:
    """The date a text means, seen from `today`; a day without its year is this year's, or the nearest if
    that is far off.

    None if it is not understood. Two-digit years are of the century that keeps them within 20 years ahead.
    """
    text = re.sub(r"\s+", " ", text.strip().lower().rstrip("。.,"))
    if text in _RELATIVE:
        return today + timedelta(days=_RELATIVE[text])
    text = _figures(text)
    for reader in (_compact, _in_figures, _month_name, _ago, _weekday, _day_of_month):
        found = reader(text, today)
        if found is not None:
            return found
    return None


def _figures(text: str) -> str:
    """Chinese numerals in a date as digits: 五月十二日 is 5月12日."""
    if not re.search(r"[一二三四五六七八九十〇零].*[月日号]", text):
        return text

    def tens(match: re.Match[str]) -> str:
        head, tail = match[1].translate(_CHINESE) or "1", match[2].translate(_CHINESE) or "0"
        return f"{head}{tail}"

    return re.sub(r"([一二三]?)十([一二三四五六七八九]?)", tens, text).translate(_CHINESE)


def _make(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _compact(text: str, _today: date) -> date | None:
    match = _COMPACT.fullmatch(text)
    return _make(int(match[1]), int(match[2]), int(match[3])) if match else None


def _in_figures(text: str, today: date) -> date | None:
    match = _FIGURES.fullmatch(text)
    if match is None:
        return None
    month, day = int(match["m"]), int(match["d"])
    if match["word"] is not None:
        return _make(today.year + {"今年": 0, "去年": -1, "前年": -2, "明年": 1}[match["word"]], month, day)
    if match["y"] is None:
        return _nearest(month, day, today)
    year = int(match["y"])
    if year < 100:
        year += today.year // 100 * 100
        year -= 100 if year > today.year + 20 else 0
    return _make(year, month, day)


def _nearest(month: int, day: int, today: date) -> date | None:
    """That day of this year; of the year before or after if this year's is more than nine months away."""
    this_year = _make(today.year, month, day)
    if this_year is not None and abs((this_year - today).days) <= 274:
        return this_year
    days = [d for y in (-1, 0, 1) if (d := _make(today.year + y, month, day)) is not None]
    return min(days, key=lambda d: abs((d - today).days), default=None)


def _month_name(text: str, today: date) -> date | None:
    match = _MONTH_WORD.fullmatch(text)
    if match is None:
        return None
    month = _MONTHS.get(match[2] or match[3] or "")
    if month is None:
        return None
    day = int(match[1] or match[4])
    return _make(int(match[5]), month, day) if match[5] else _nearest(month, day, today)


def _ago(text: str, today: date) -> date | None:
    match = _AGO.fullmatch(text)
    if match is None:
        return None
    words = {
        "一": 1,
        "两": 2,
        "二": 2,
        "三": 3,
        "四": 4,
        "五": 5,
        "六": 6,
        "七": 7,
        "八": 8,
        "九": 9,
        "十": 10,
    }
    count = words[match[1]] if match[1] in words else int(match[1])
    days = count * (1 if match[2] in ("天", "日", "day", "days") else 7)
    if days > 40_000:
        return None
    return today + timedelta(days=-days if match[3] in ("前", "以前", "之前", "ago") else days)


def _weekday(text: str, today: date) -> date | None:
    """上周三 is in the week before; 周三 alone is the last one that was, today included."""
    monday = today - timedelta(days=today.weekday())
    match = _WEEK.fullmatch(text)
    if match is not None:
        day = monday + timedelta(days=_WEEKDAYS[match[2]])
        if match[1] is None:
            return day if day <= today else day - timedelta(days=7)
        weeks = (
            -2
            if match[1] == "上上"
            else -1
            if match[1].startswith("上")
            else 1
            if match[1].startswith("下")
            else 0
        )
        return day + timedelta(days=7 * weeks)
    head, _, name = text.rpartition(" ")
    if name not in _ENGLISH_DAYS or head not in ("", "last", "next", "this", "on"):
        return None
    day = monday + timedelta(days=_ENGLISH_DAYS.index(name))
    if head == "next":
        return day + timedelta(days=7)
    if head == "last":
        return day - timedelta(days=7)
    return day if day <= today or head == "this" else day - timedelta(days=7)


def _day_of_month(text: str, today: date) -> date | None:
    match = _DAY_ONLY.fullmatch(text)
    if match is None:
        return None
    if match[1] is not None and match[1].startswith("上"):
        before = today.replace(day=1) - timedelta(days=1)
        return _make(before.year, before.month, int(match[2]))
    return _make(today.year, today.month, int(match[2]))


def _number(match: re.Match[str]) -> str:
    """九 is 9, 十二 is 12, 二十 is 20."""
    head, ten, tail = match[0].translate(_CHINESE).replace("两", "2").partition("十")
    return f"{head or '1'}{tail or '0'}" if ten else head


def read_time(text: str) -> str | None:
    """A time of day as `HH:MM:SS.000`; None if it is not understood."""
    match = _CLOCK.fullmatch(_CLOCK_NUMERAL.sub(_number, text.strip().lower().replace("：", ":")))
    if match is None or (
        match["m"] is None and not match["half"] and not match["ampm"] and not re.search("[点时]", text)
    ):
        return None
    hour = int(match["h"])
    words = {"半": 30, "一刻": 15, "三刻": 45, "整": 0, None: 0}
    minute = words[match["m"]] if match["m"] in words else int(match["m"])
    second = int(match["s"] or 0)
    later = match["half"] in ("下午", "傍晚", "晚上") or (match["half"] == "中午" and hour < 3)
    if (later or (match["ampm"] or "").startswith("p")) and hour < 12:
        hour += 12
    elif hour == 12 and (match["half"] in ("凌晨", "夜里") or (match["ampm"] or "").startswith("a")):
        hour = 0
    if hour > 23 or minute > 59 or second > 59:
        return None
    return f"{hour:02d}:{minute:02d}:{second:02d}.000"
