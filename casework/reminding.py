"""When the clock looks again at what is due by a day: shortly before it, after it at growing gaps."""

from datetime import date, datetime, timedelta

from casework.calendar import at_hour, local_day
from casework.outcome import Notice, Priority
from casework.own_quiet import undisturbed
from casework.people_records import Person
from casework.policy_models import Policy


def first_wake(due: date, since: date, policy: Policy, now: datetime) -> datetime:
    """The moment at which it is first reminded of; it was begun on ``since``, and ``due`` has not passed."""
    before = max(due - timedelta(days=policy.matters.reminders.days_before), since)
    moments = (at_hour(day, policy.visits.remind_hour, policy) for day in (before, due))
    after = at_hour(due + timedelta(days=1), policy.visits.remind_hour, policy)
    return next((moment for moment in moments if moment > now), after)


def next_wake(due: date, told: int, policy: Policy, now: datetime) -> datetime:
    """Before its day: the day after it, when it goes up. Late: again and again, each gap longer.

    ``told``: how often it was reminded of, this time included.
    """
    today, hour = local_day(now, policy), policy.visits.remind_hour
    if today < due:
        return at_hour(due, hour, policy)
    if today == due:
        return at_hour(due + timedelta(days=1), hour, policy)
    reminders = policy.matters.reminders
    gaps = max(0, told - 1)
    days = min(reminders.again_days * reminders.again_growth ** min(gaps, 50), reminders.again_longest_days)
    return at_hour(today + timedelta(days=int(days)), hour, policy)


def hour_of(now: datetime) -> datetime:
    """The hour that marks what is named in one message."""
    return now.replace(minute=0, second=0, microsecond=0)


def reminder(kind: str, to: Person, policy: Policy, now: datetime) -> Notice:
    """One message for all of ``to``'s that the clock comes to in this hour. Hours of his own hold it back."""
    role, hour = next((post.role for post in to.posts), "default"), hour_of(now).isoformat()
    moment = undisturbed(now, role, to.quiet, policy)
    return Notice(
        key=f"{kind}:{hour}:{to.id}",
        to=to.id,
        kind=kind,
        priority=Priority.REMINDER,
        values={"hour": hour},
        not_before=moment if moment > now else None,
    )
