"""Hours of somebody's own in which reminders do not come: market day, harvest, a lesson."""

from datetime import date, datetime, time, timedelta

from casework.calendar import local_day, outside_quiet
from casework.people_records import QuietTime
from casework.policy_models import Policy

_MOST_TURNS = 4  # from one's own hours into the role's and back: more there are not


def undisturbed(moment: datetime, role: str, own: QuietTime | None, policy: Policy) -> datetime:
    """``moment`` itself, or the first later one outside the role's quiet hours and one's own (UTC)."""
    if own is None:
        return outside_quiet(moment, role, policy)
    for _ in range(_MOST_TURNS):
        later = _outside(outside_quiet(moment, role, policy), own, policy)
        if later == moment:
            break
        moment = later
    return moment


def _outside(moment: datetime, own: QuietTime, policy: Policy) -> datetime:
    local = moment.astimezone(policy.zone)
    if local.date() > own.until or not own.start <= local.time() < own.end:
        return moment
    return datetime.combine(local.date(), own.end, tzinfo=policy.zone).astimezone(moment.tzinfo)


def quiet_fault(start: time, end: time, policy: Policy) -> str:
    """What is wrong with such hours: order (the end comes first) or long; "" where nothing is."""
    if end <= start:
        return "order"
    hours = timedelta(hours=end.hour - start.hour, minutes=end.minute - start.minute)
    return "long" if hours > timedelta(hours=policy.own_quiet.most_hours) else ""


def latest_day(today: date, policy: Policy) -> date:
    """The last day for which hours of one's own may be set."""
    return today + timedelta(days=policy.own_quiet.most_days - 1)


def latest_pause(today: date, policy: Policy) -> date:
    """The last day to which a family may pause its check-ins."""
    return today + timedelta(days=policy.own_quiet.checkin_days - 1)


def is_over(own: QuietTime, now: datetime, policy: Policy) -> bool:
    """Whether these hours count no more."""
    return own.until < local_day(now, policy)
