"""The county's days and hours: local days, working days with holidays and make-up workdays, quiet hours."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar

from casework.policy_calendar import QuietHours
from casework.policy_models import Policy

_A_DAY = timedelta(days=1)


def local_day(now: datetime, policy: Policy) -> date:
    """The day that it is in the county at ``now``."""
    return now.astimezone(policy.zone).date()


def at_hour(day: date, hour: int, policy: Policy) -> datetime:
    """The moment (aware UTC) at which it is ``hour`` o'clock on ``day`` in the county."""
    return datetime.combine(day, time(hour), tzinfo=policy.zone).astimezone(UTC)


def is_quiet(moment: time | int, hours: QuietHours) -> bool:
    """Whether a time of day (or a full hour) lies within quiet hours; the end itself does not."""
    clock = time(moment) if isinstance(moment, int) else moment
    if hours.start <= hours.end:
        return hours.start <= clock < hours.end
    return clock >= hours.start or clock < hours.end


def outside_quiet(moment: datetime, role: str, policy: Policy) -> datetime:
    """``moment`` itself, or the end of the role's quiet hours that it falls into (aware UTC)."""
    hours = policy.quiet(role)
    local = moment.astimezone(policy.zone)
    if not is_quiet(local.time(), hours):
        return moment.astimezone(UTC)
    day = local.date() if local.time() < hours.end else local.date() + _A_DAY
    return datetime.combine(day, hours.end, tzinfo=policy.zone).astimezone(UTC)


def is_working_day(day: date, policy: Policy) -> bool:
    """Monday to Friday, without public holidays, with the weekend days worked in exchange for them.

    A year that the policy file has counts as it stands there; any other as the State Council set it, as far
    as the library knows; beyond that every Monday to Friday.
    """
    own = policy.calendar.get(str(day.year))
    if own is not None:
        return day in own.workdays or (day.weekday() < 5 and day not in own.holidays)
    return _is_set_as_working(day)


@lru_cache(maxsize=2_000)  # the library takes as long for a day as a whole decision
def _is_set_as_working(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # a year that nobody has set yet
        return day.weekday() < 5


def is_known_year(year: int, policy: Policy) -> bool:
    """Whether the holidays of a year are known, from the policy file or the library."""
    if str(year) in policy.calendar:
        return True
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def add_working_days(day: date, n: int, policy: Policy) -> date:
    """The ``n``-th working day after ``day``, which itself does not count."""
    while n > 0:
        day += _A_DAY
        n -= is_working_day(day, policy)
    return day


def age_on(birth: date, day: date) -> int:
    """Full years; who was born on 29 February is a year older on 1 March where there is no such day."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
