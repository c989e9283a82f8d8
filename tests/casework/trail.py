"""The one escalation that the trail tests follow, and what must be written and told of it."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from casework.escalations import (
    open_escalation,
    wake_escalation,
)
from casework.ladder import Listener
from casework.outcome import Event, Notice, Outcome, Priority
from casework.policy import Policy
from casework.policy_calendar import QuietHours
from casework.records import Circle, Escalation
from tests.casework.world import (
    CHILD,
    CIRCLE,
    MONDAY,
    POLICY,
    at,
    person,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHT = at("2026-11-24 05:00")
MORNINGS = {"village_worker": 6, "township_officer": 7, "county_officer": 8, "guardian": 9, "default": 10}
ALL_ASLEEP_UNTIL = POLICY.model_copy(
    update={
        "quiet_hours": {
            role: QuietHours(source="a test", start=time(20), end=time(hour))
            for role, hour in MORNINGS.items()
        }
    }
)
QIAN = person("qian", "township_officer", "t1")


def opened(
    flag: str = "dropout",
    *,
    now: datetime = MONDAY,
    circle: Circle = CIRCLE,
    by: str | None = "wang",
    policy: Policy = POLICY,
    **more: Any,
) -> tuple[Escalation, Outcome]:
    """An escalation as it is kept, and all that opening it brought about."""
    outcome = open_escalation(
        flag,
        child=CHILD,
        circle=circle,
        facts={"since": "2026-11-20"},
        source="s1",
        by=by,
        policy=policy,
        now=now,
        new_id=lambda: "e1",
        **more,
    )
    return the(outcome), outcome


def the(outcome: Outcome) -> Escalation:
    """The one escalation of an outcome."""
    (e,) = (record for record in outcome.records if isinstance(record, Escalation))
    return e


def woken(e: Escalation, now: datetime, circle: Circle = CIRCLE, policy: Policy = POLICY) -> Outcome:
    return wake_escalation(e, child=CHILD, circle=circle, policy=policy, now=now)


def happened(name: str, now: datetime, actor: str = "clock", flag: str = "dropout", **detail: str) -> Event:
    """An event as it must stand in the trail."""
    return Event(
        name=name,
        at=now,
        actor=actor,
        child="3001",
        record="e1",
        ground="clock" if actor == "clock" else "assignment",
        detail={"flag": flag, **detail},
    )


def telling(to: str, rung: int, number: int, repeat: int = 0, **more: Any) -> Notice:
    """A telling as it must stand in the outbox: of what was reported, all but the first are gathered."""
    return Notice(
        key=f"escalation:e1:r{rung}:n{number}:{to}",
        to=to,
        kind="escalation_told",
        values={"escalation": "e1", "rung": rung, "repeat": repeat},
        about=("escalation", "e1"),
        child="3001",
        **{"priority": Priority.GATHERED if number else Priority.ALERT, **more},
    )


def news(
    to: str, what: str, turn: int = 0, *, urgent: bool = False, silent: bool = False, **values: str
) -> Notice:
    """News of it as they must stand in the outbox."""
    return Notice(
        key=f"escalation:e1:{what}:{turn}:{to}",
        to=to,
        kind=f"escalation_{what}",
        priority=Priority.ALERT if urgent else Priority.REMINDER,
        values={"escalation": "e1", **values},
        about=("escalation", "e1"),
        child="3001",
        silent=silent,
    )


def names(people: Iterable[Listener]) -> list[tuple[str, str]]:
    return [(who.person, who.role) for who in people]
