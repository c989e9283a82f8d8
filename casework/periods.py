"""Key periods of the year, in which children are visited more often, or less: how long an interval is."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from lunardate import LunarDate

from casework.policy_calendar import Period
from casework.policy_models import Policy

_A_DAY = timedelta(days=1)


def is_within(day: date, period: Period) -> bool:
    """Whether a day lies in a period, both ends included."""
    month_and_day = _lunar(day) if period.lunar else (day.month, day.day)
    start, end = _numbers(period.start), _numbers(period.end)
    if start <= end:
        return start <= month_and_day <= end
    return month_and_day >= start or month_and_day <= end


@lru_cache(maxsize=1_000)
def _lunar(day: date) -> tuple[int, int]:
    lunar = LunarDate.from_solar_date(day.year, day.month, day.day)
    return lunar.month, lunar.day


def _numbers(text: str) -> tuple[int, int]:
    month, _, day = text.partition("-")
    return int(month), int(day)


def share_on(day: date, periods: Iterable[Period]) -> float:
    """The share of the usual interval that holds on a day: the smallest of the periods that it lies in."""
    return min((period.visits for period in periods if is_within(day, period)), default=1.0)


def interval_end(start: date, days: int, policy: Policy) -> date:
    """The day by which the next visit is due, ``days`` being the usual interval after ``start``.

    Each day of a period counts for as many as its share says: with 0.5, one day for two.
    """
    return _interval_end(start, days, tuple(policy.periods.values()))


@lru_cache(maxsize=10_000)  # a roster of 100,000 children asks the same few hundred times
def _interval_end(start: date, days: int, periods: tuple[Period, ...]) -> date:
    day, passed = start, 0.0
    while passed < days:
        day += _A_DAY
        passed += 1 / share_on(day, periods)
    return day
