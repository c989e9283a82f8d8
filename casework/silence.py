"""Who was told of alerts and has said and tapped nothing for too long."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from casework.absence import turned_silent
from casework.calendar import local_day, outside_quiet
from casework.circles import SILENT, is_away
from casework.outcome import Notice, Outcome, Priority
from casework.policy_models import Policy
from casework.records import Escalation, Person


def fallen_silent(
    people: Mapping[str, Person], escalations: Iterable[Escalation], *, back: datetime | None, policy: Policy,
    now: datetime,
) -> Outcome:  # fmt: skip
    """Each of them counts as silent from now on, and is asked for a word. ``escalations``: the open ones.

    ``back``: since when we are at work again after an outage of ours, which counts against nobody.
    """
    waiting: dict[str, datetime] = {}
    for e in escalations:
        for told in (t for t in e.told if not t.undelivered):
            since = max(told.at, back) if back else told.at
            person = people.get(told.person)
            if person is not None and _said_nothing(person, since, policy, now):
                waiting[person.id] = min(waiting.get(person.id, since), since)
    hours = timedelta(hours=policy.posts.silent_hours)
    outcome = Outcome()
    for id in sorted(id for id, since in waiting.items() if now - since >= hours):
        asked = Outcome(notices=(_ask(people[id], policy, now),))
        outcome += turned_silent(people[id], now=now) + asked
    return outcome


def _said_nothing(person: Person, since: datetime, policy: Policy, now: datetime) -> bool:
    """Whether he could have said something since, and has not. Of whom no day is known, nothing is held."""
    if person.status != "joined" or person.unreached == SILENT or person.heard_on is None:
        return False
    return not is_away(person, local_day(now, policy)) and person.heard_on < local_day(since, policy)


def _ask(person: Person, policy: Policy, now: datetime) -> Notice:
    role = next((post.role for post in person.posts), "default")
    moment = outside_quiet(now, role, policy)
    return Notice(
        key=f"silent:{person.id}:{person.version}",
        to=person.id,
        kind="silent",
        priority=Priority.REMINDER,
        not_before=moment if moment > now else None,
    )
