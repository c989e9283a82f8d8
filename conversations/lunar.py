"""Days of the farmers' calendar and of festivals, as people write and read them."""

import re
from datetime import date, timedelta

from lunardate import LunarDate

_DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_MONTHS = {"正": 1, "冬": 11, "腊": 12, "十": 10, "十一": 11, "十二": 12} | {
    c: n for n, c in enumerate("一二三四五六七八九", 1)
}
_NAMED = {"今年": 0, "去年": -1, "前年": -2, "明年": 1}
_DAY = re.compile(
    r"(?P<said>农历|阴历|旧历|老历)?\s*(?:(?P<year>\d{4}|[〇零一二三四五六七八九]{4})年|(?P<named>今年|去年|前年|明年)的?)?\s*"
    r"(?P<leap>闰)?(?P<month>十[一二]?|[正冬腊一二三四五六七八九]|1[0-2]|[1-9])月"
    r"(?P<day>初[一二三四五六七八九十]|三十|[二廿]十?[一二三四五六七八九]?|十[一二三四五六七八九]?|"
    r"[一二三四五六七八九]|\d{1,2})[日号]?"
)
_LUNAR_FEASTS = {"春节": (1, 1), "大年初一": (1, 1), "元宵": (1, 15), "端午": (5, 5), "七夕": (7, 7),
                 "中秋": (8, 15), "重阳": (9, 9), "腊八": (12, 8)}  # fmt: skip
_FEASTS = {"元旦": (1, 1), "五一": (5, 1), "六一": (6, 1), "儿童": (6, 1), "国庆": (10, 1), "十一": (10, 1)}
_EVE = ("除夕", "大年三十", "年三十")
_SAID_MONTHS = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊")
_SAID_FEASTS = {(1, 1): ("春节", "Spring Festival"), (1, 15): ("元宵节", "Lantern Festival"),
                (5, 5): ("端午节", "Dragon Boat Festival"), (8, 15): ("中秋节", "Mid-Autumn"),
                (9, 9): ("重阳节", "Double Ninth")}  # fmt: skip
_SAID_EVE = ("除夕", "New Year's Eve")
_KNOWN_YEARS = range(1901, 2100)  # lunardate's tables; beyond them it answers nonsense
_FEAST = re.compile(r"(?:(\d{4})年|(今年|去年|前年|明年)的?)?\s*(\D+)")


def read_lunar_day(text: str, today: date) -> date | None:
    """农历八月十五, 腊月廿三, 去年中秋节: the day they mean, None for any other text.

    Without its year the one nearest to ``today``. A month counts as the farmers' only where the text says so
    or no other calendar writes days in that way (正月, 腊月, 初五, 廿三, 闰).
    """
    text = text.strip().rstrip("。.，,")
    match = _DAY.fullmatch(text)
    if match is not None and _is_lunar(match):
        month = _MONTHS.get(match["month"]) or int(match["month"])
        day = _day_number(match["day"])
        return _placed(_year(match["year"], match["named"], today), month, day, bool(match["leap"]), today)
    return _feast(text, today)


def say_lunar_day(day: date, language: str) -> str:
    """除夕, 腊月廿三; New Year's Eve, lunar 12/23. Empty beyond the calendar's tables."""
    if day.year not in _KNOWN_YEARS:
        return ""
    lunar = LunarDate.from_solar_date(day.year, day.month, day.day)
    english, leap = language.startswith("en"), bool(lunar.is_leap_month)
    tomorrow = day + timedelta(days=1)
    after = LunarDate.from_solar_date(tomorrow.year, tomorrow.month, tomorrow.day)
    if (after.month, after.day) == (1, 1):
        return _SAID_EVE[english]
    feast = None if leap else _SAID_FEASTS.get((lunar.month, lunar.day))
    if feast is not None:
        return feast[english]
    if english:
        return f"lunar {lunar.month}/{lunar.day}"
    return f"{'闰' * leap}{_SAID_MONTHS[lunar.month - 1]}月{_said_number(lunar.day)}"


def _said_number(day: int) -> str:
    ten, one = divmod(day, 10)
    if one == 0:
        return {1: "初十", 2: "二十", 3: "三十"}[ten]
    return "初十廿"[ten] + "一二三四五六七八九"[one - 1]


def _is_lunar(match: "re.Match[str]") -> bool:
    return bool(match["said"] or match["leap"] or match["month"] in "正冬腊" or match["day"][0] in "初廿")


def _year(figures: str | None, named: str | None, today: date) -> int | None:
    if named:
        return _lunar_year(today) + _NAMED[named]
    if not figures:
        return None
    return int("".join(str(_DIGITS.get(c, c)) for c in figures))


def _day_number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    text = text.removeprefix("初").replace("廿", "二十").replace("二十十", "二十")
    head, ten, tail = text.partition("十")
    return (_DIGITS.get(head, 1) * 10 if ten else _DIGITS.get(head, 0)) + _DIGITS.get(tail, 0)


def _lunar_year(day: date) -> int:
    return int(LunarDate.from_solar_date(day.year, day.month, day.day).year)


def _placed(year: int | None, month: int, day: int, leap: bool, today: date) -> date | None:
    """The day in ``year``; without one, the nearest of last, this and next year's."""
    if year is not None:
        return _solar(year, month, day, leap)
    here = _lunar_year(today)
    days = [d for y in (here - 1, here, here + 1) if (d := _solar(y, month, day, leap)) is not None]
    return min(days, key=lambda d: abs((d - today).days), default=None)


def _solar(year: int, month: int, day: int, leap: bool) -> date | None:
    try:
        found: date = LunarDate(year, month, day, leap).to_solar_date()
    except (ValueError, IndexError):
        return None  # there is no such day, or the year is beyond the tables (1900 to 2099)
    return found


def _feast(text: str, today: date) -> date | None:
    match = _FEAST.fullmatch(text)
    if match is None:
        return None
    name = match[3] if match[3] in _LUNAR_FEASTS else match[3].removesuffix("节")
    if name not in {*_LUNAR_FEASTS, *_FEASTS, *_EVE}:
        return None
    if name in _FEASTS:
        base = int(match[1]) if match[1] else today.year + _NAMED.get(match[2] or "今年", 0)
        return date(base, *_FEASTS[name])
    year = _year(match[1], match[2], today)
    if name in _EVE:
        after = _placed(year + 1 if year else None, 1, 1, False, today)
        return after - timedelta(days=1) if after else None
    return _placed(year, *_LUNAR_FEASTS[name], False, today)
