"""The steps of a visit: on which days they fall, what is told, and what is written down of them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from casework.calendar import at_hour
from casework.ladder import OPEN
from casework.outcome import Event, Notice, Outcome, Priority, ground_of
from casework.own_quiet import undisturbed
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Child, Escalation, Person, Visit

TO_DO = ("planned", "overdue", "missed")  # a visit in one of these still has to be made
ROUTINE = ("routine", "new_child")  # of these a child always has exactly one to do
STEPS = ("due_soon", "due_today", "overdue", "missed")  # in the order in which they are taken


def step_days(child: Child, policy: Policy) -> dict[str, int]:
    """The steps of a visit and the days from its due day at which each is taken."""
    plan = policy.visits.risk(child.risk)
    return {
        "due_soon": -policy.visits.remind_days_before,
        "due_today": 0,
        "overdue": plan.ask_after_days,
        "missed": plan.up_after_days,
    }


def moment_of(visit: Visit, step: str, child: Child, policy: Policy) -> datetime:
    """When a step falls due: at the hour of reminders of its day."""
    day = visit.due + timedelta(days=step_days(child, policy)[step])
    return at_hour(day, policy.visits.remind_hour, policy)


def next_moment(visit: Visit, child: Child, policy: Policy) -> datetime:
    """When the first step that is not taken yet falls due."""
    left = [step for step in step_days(child, policy) if step not in visit.told]
    return moment_of(visit, left[0], child, policy)


# The kinds of escalation by which a visit goes up; "vacancy" only until November 2026.
GONE_UP = ("missed_visit", "vacancy")


def gone_up(escalations: Sequence[Escalation]) -> bool:
    """Whether a visit to the child has gone up and somebody is, or should be, at it."""
    return any(e.flag in GONE_UP and e.status in OPEN for e in escalations)


def of_visit(visit: Visit, escalations: Sequence[Escalation]) -> tuple[Escalation, ...]:
    """Those of the child's escalations that went up because of the visit and have not ended."""
    return tuple(e for e in escalations if e.source == visit.id and e.flag in GONE_UP and e.status in OPEN)


def asked_of(visit: Visit, escalations: Sequence[Escalation]) -> tuple[Escalation, ...]:
    """Those by which an officer was asked whether the visit may be put off, and that have not ended."""
    return tuple(e for e in escalations if e.source == visit.id and "put_off" in e.facts and e.status in OPEN)


def days_late(visit: Visit, today: date) -> int:
    """By how many days it is late; days on which we were away ourselves make nobody late."""
    return max(0, (today - visit.due).days - visit.away_days)


def cancel_visit(visit: Visit, *, reason: str, now: datetime, by: str | None = None) -> Outcome:
    """A visit that need not be made any more. ``reason`` is a code, e.g. ``child_closed``."""
    if visit.status not in TO_DO:
        return Outcome()
    closed = replace(visit, status="cancelled", reason=reason, closed_at=now, wake_at=None, pause=None)
    return Outcome(
        records=(closed,), events=(event_of("visit_cancelled", visit, now=now, actor=by, reason=reason),)
    )


def tell_worker(
    visit: Visit, to: Person, *, policy: Policy, now: datetime, at: datetime | None = None
) -> Outcome:
    """The worker's next message about his visits will name this one. Quiet hours and his own hold it back.

    ``at``: not before then.
    """
    notice = duties_notice(to, policy=policy, now=now, at=at)
    hour = datetime.fromisoformat(notice.values["hour"])
    return Outcome(records=(replace(visit, told_at=hour, snoozed=0),), notices=(notice,))


def duties_notice(to: Person, *, policy: Policy, now: datetime, at: datetime | None = None) -> Notice:
    """The worker's next message about what falls due; its value ``hour`` is what it is found by.

    Its key is the person and the hour: whatever else falls due then (a whole morning) is in the same message.
    """
    moment = undisturbed(at or now, "village_worker", to.quiet, policy)
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return Notice(
        key=f"duties:{hour.isoformat()}:{to.id}",
        to=to.id,
        kind="duties",
        priority=Priority.REMINDER,
        values={"hour": hour.isoformat()},
        not_before=moment if moment > now else None,
    )


def event_of(name: str, visit: Visit, *, now: datetime, actor: str | None = None, **detail: str) -> Event:
    """An event about the visit; ``actor`` None = the clock."""
    return Event(
        name=name,
        at=now,
        actor=actor or "clock",
        child=visit.child,
        record=visit.id,
        ground=ground_of(actor or "clock"),
        detail=detail,
    )
