"""Birthdays: what 6, 14, 16 and 18 mean, told once on the morning of the day."""

from datetime import date, datetime

from casework.calendar import age_on, at_hour, local_day
from casework.categories import classified
from casework.child_news import news_of
from casework.facts import amended
from casework.outcome import Event, NewId, Outcome
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Child, Circle, Person
from casework.visit_steps import duties_notice


def birthday(birth: date, age: int) -> date:
    """The day on which somebody is so many full years old: that of `age_on`."""
    year = birth.year + age
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if (birth.month, birth.day) == (2, 29) and not leap:
        return date(year, 3, 1)
    return birth.replace(year=year)


def next_birthday(child: Child, policy: Policy, now: datetime) -> datetime | None:
    """When the clock looks at the child again: the first birthday morning after ``now``.

    Every birthday, not only those that the policy names today: so it may name others tomorrow. None where
    the file is closed or no birth date is known, and once the last of the policy's ages is over.
    """
    if child.status != "active" or child.birth_date is None or not policy.ages:
        return None
    first = max(age_on(child.birth_date, local_day(now, policy)), 0)
    for age in (first, first + 1):
        at = at_hour(birthday(child.birth_date, age), policy.visits.remind_hour, policy)
        if age and at > now:
            return at if age <= max(policy.ages) else None
    raise AssertionError("the next birthday lies ahead")


def turned(child: Child, policy: Policy, since: date, today: date) -> int | None:
    """The greatest of the policy's ages whose birthday lies in these days, both included; None for none."""
    if child.birth_date is None:
        return None
    born = child.birth_date
    return max((age for age in policy.ages if since <= birthday(born, age) <= today), default=None)


def age_reached(child: Child, policy: Policy, today: date) -> int | None:
    """The last of the policy's ages that the child has reached by ``today``; None where there is none."""
    return turned(child, policy, date.min, today)


def birthday_told(child: Child, *, circle: Circle, policy: Policy, now: datetime, new_id: NewId) -> Outcome:
    """What a birthday brings, if it was one: categories derived anew, what the policy says of it told once.

    The worker has it in the message of the morning; the officer, where the age is one for him or there is no
    worker, in one of his own. Of a birthday that we slept through it is told as soon as we are awake.
    """
    if child.status != "active" or child.wake_at is None:
        return Outcome()
    today = local_day(now, policy)
    later = classified(child, policy.categories, today)
    changed = amended(child, later, by=None, source="birthday", now=now, new_id=new_id)
    age = turned(child, policy, local_day(child.wake_at, policy), today)
    if age is None:
        return Outcome(records=(later, *changed))
    event = Event(
        name="age_reached", at=now, actor="clock", child=child.id, record=child.id, ground="clock",
        detail={"age": str(age)},
    )  # fmt: skip
    officers: tuple[Person, ...] = ()
    if policy.ages[age].officer or circle.worker is None:
        officers = (circle.officers or circle.deputies or circle.county)[:1]
    told = tuple(news_of(child, "age_reached", who, policy=policy, now=now, age=age) for who in officers)
    news = Outcome(records=changed, events=(event,), notices=told)
    return _told(later, circle.worker, policy, now) + news


def _told(child: Child, worker: Person | None, policy: Policy, now: datetime) -> Outcome:
    """The child, to be named in the worker's next message about his visits: one key, whoever falls due."""
    if worker is None:
        return Outcome(records=(child,))
    notice = duties_notice(worker, policy=policy, now=now)
    hour = datetime.fromisoformat(notice.values["hour"])
    return Outcome(records=(replace(child, told_at=hour),), notices=(notice,))
