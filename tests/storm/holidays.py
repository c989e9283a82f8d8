"""Holidays for the simulated year, and the weekends worked for them: days that nobody has set yet."""

from datetime import date, timedelta

from casework.policy_calendar import Year

HOLIDAYS = {
    "2027": Year(
        source="for the tests alone",
        holidays=(
            *(date(2027, month, day) for month, day in ((5, 3), (5, 4), (5, 5), (6, 9), (9, 15))),
            *(date(2027, 10, day) for day in range(1, 8)),
        ),
        workdays=(date(2027, 4, 25), date(2027, 5, 8), date(2027, 9, 26), date(2027, 10, 9)),
    ),
    "2028": Year(
        source="for the tests alone",
        holidays=(date(2028, 1, 3), *(date(2028, 1, day) for day in range(25, 32))),
        workdays=(date(2028, 1, 22), date(2028, 2, 5)),
    ),
}


def working_day_after(day: date, n: int) -> date:
    """The ``n``-th day after ``day`` on which people work, counted from these lists as on a wall calendar."""
    holidays = {day for year in HOLIDAYS.values() for day in year.holidays}
    workdays = {day for year in HOLIDAYS.values() for day in year.workdays}
    while n:
        day += timedelta(days=1)
        n -= day in workdays or (day.weekday() < 5 and day not in holidays)
    return day
