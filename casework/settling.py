"""Somebody's leave begins or is over, or he is gone or there again: what follows for the open alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from casework.absence import came_back, next_turn, there_again, went_on
from casework.calendar import local_day, outside_quiet
from casework.circles import COVERED, SILENT, is_away, stand_in
from casework.outcome import Event, Notice, Outcome, Priority
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Circle, Escalation, Person

Standing = Literal["over", "begins", "away", "gone", "here"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """An open escalation, with the people around its child today."""

    escalation: Escalation
    circle: Circle


def standing(person: Person, today: date) -> Standing:
    """How it stands with somebody whom the clock looks at."""
    leave = person.leave
    if leave is not None and leave.end < today:
        return "over"
    if leave is not None and leave.start <= today and not leave.begun:
        return "begins"
    if is_away(person, today):
        return "away"
    return "gone" if person.status != "joined" or person.unreached == SILENT else "here"


def concerns(e: Escalation, person: Person, stands: Standing) -> bool:
    """Whether an open escalation has to be looked at for him."""
    if stands in ("begins", "gone"):
        return _whose(e, person) is not None
    back = stands == "over" and e.person is not None and e.person == stand_in(person)
    return back or (stands in ("over", "here") and e.status == "open")


def settled(
    person: Person, cases: Sequence[Case], *, deputy: Person | None, policy: Policy, now: datetime
) -> Outcome:
    """What follows for those of the ``cases`` that concern him. The clock looks again where his leave turns.

    ``deputy``: who stands in for him by the leave, where he can today.
    """
    stands = standing(person, local_day(now, policy))
    outcome = Outcome()
    if stands == "over":
        outcome = _over(person, cases, deputy, policy, now)
    elif stands == "begins":
        outcome = _begun(person, cases, deputy, policy, now)
    elif stands == "gone":
        outcome = _without(person, cases, None, policy, now)
    if stands in ("over", "here"):
        outcome += _there(person, cases, outcome, now)
    after = next((r for r in outcome.records if isinstance(r, Person) and r.id == person.id), person)
    asleep = replace(after, wake_at=next_turn(after.leave, policy) if after.status in COVERED else None)
    return outcome + Outcome(records=(asleep,))


def _begun(
    person: Person, cases: Sequence[Case], deputy: Person | None, policy: Policy, now: datetime
) -> Outcome:
    """The leave begins: what is open goes to the deputy, who is told of it in one message."""
    leave = person.leave
    assert leave is not None
    outcome = _without(person, cases, deputy, policy, now)
    went = [r for r in outcome.records if isinstance(r, Escalation) and deputy and r.person == deputy.id]
    held = {e.id for e in went}
    moved = tuple(sorted(held | set(leave.moved)))
    away = replace(person, leave=replace(leave, begun=True, moved=moved, former=None))
    detail = {"start": leave.start.isoformat(), "end": leave.end.isoformat(), "moved": str(len(held))}
    outcome += Outcome(records=(away,), events=(_event("leave_begun", person, now, **detail),))
    if deputy is None:
        return outcome
    urgent = any(e.urgency == "now" for e in went)
    told = _notice("leave_begun", person, deputy, sorted(held), policy, now, urgent=urgent)
    return outcome + Outcome(notices=(told,))


def _over(
    person: Person, cases: Sequence[Case], deputy: Person | None, policy: Policy, now: datetime
) -> Outcome:
    """The leave is over: what went to the deputy and is still open comes back, and both are told."""
    leave = person.leave
    assert leave is not None
    outcome = Outcome()
    for case in cases if leave.begun else ():
        outcome += came_back(
            case.escalation, person, deputy=stand_in(person), circle=case.circle, policy=policy, now=now
        )
    back = [r.id for r in outcome.records if isinstance(r, Escalation)]
    outcome += Outcome(
        records=(replace(person, leave=None),),
        events=(_event("leave_over", person, now, back=str(len(back))),),
    )
    if not leave.begun:  # called off before it began
        return outcome
    told = [_notice("leave_over", person, person, back, policy, now)]
    if deputy is not None:
        told.append(_notice("deputy_freed", person, deputy, [], policy, now))
    return outcome + Outcome(notices=tuple(told))


def _without(
    person: Person, cases: Sequence[Case], deputy: Person | None, policy: Policy, now: datetime
) -> Outcome:
    """Every open escalation that needed him goes on with the deputy or with others."""
    outcome = Outcome()
    for case in cases:
        gone = _whose(case.escalation, person)
        if gone:
            outcome += went_on(case.escalation, gone, to=deputy, circle=case.circle, policy=policy, now=now)
    return outcome


def _there(person: Person, cases: Sequence[Case], done: Outcome, now: datetime) -> Outcome:
    """He is there: what nobody could be told of is looked at at once, beside what was ``done``."""
    known = {r.id for r in done.records}
    outcome = Outcome()
    for case in cases:
        if case.escalation.id not in known:
            outcome += there_again(case.escalation, person, circle=case.circle, now=now)
    return outcome


def _whose(e: Escalation, person: Person) -> str | None:
    """Without whom it has to go on: him, or who stood in for him until now; None if it needed neither."""
    leave = person.leave
    if leave is not None and leave.former and e.person == leave.former and e.id in leave.moved:
        return leave.former
    mine = e.person == person.id or any(told.person == person.id for told in e.told)
    return person.id if mine else None


def _notice(
    kind: str, person: Person, to: Person, alerts: Sequence[str], policy: Policy, now: datetime,
    *, urgent: bool = False,
) -> Notice:  # fmt: skip
    leave = person.leave
    assert leave is not None
    role = next((post.role for post in to.posts), "default")
    moment = now if urgent else outside_quiet(now, role, policy)
    return Notice(
        key=f"leave:{person.id}:{person.version}:{kind}:{to.id}",
        to=to.id,
        kind=kind,
        priority=Priority.ALERT if urgent else Priority.REMINDER,
        values={
            "person": person.id,
            "start": leave.start.isoformat(),
            "end": leave.end.isoformat(),
            "alerts": list(alerts),
        },
        about=("person", person.id),
        not_before=moment if moment > now else None,
    )


def _event(name: str, person: Person, now: datetime, **detail: str) -> Event:
    return Event(name=name, at=now, actor="clock", record=person.id, ground="clock", detail=detail)
