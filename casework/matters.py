"""A matter of one child: begun, taken from state to state by people, woken by the clock until its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from casework.calendar import add_working_days, local_day
from casework.flags import Flag, raise_one
from casework.matter_records import Matter, Taken
from casework.outcome import Event, NewId, Notice, Outcome, Priority, ground_of
from casework.policy_matters import MatterRule, MatterState, MatterStep
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Child, Circle, Escalation, Person
from casework.reminding import first_wake, hour_of, next_wake, reminder

_MOST_FACTS, _LONGEST_FACT = 200, 1000
_UP_THE_LINE = ("village_worker", "township_officer", "county_officer")


class NotPossible(ValueError):
    """The step is not one of this matter's at present: somebody was quicker, or the rules have changed."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What comes with a step. ``to``: the state that its form names, "" = the step's first."""

    to: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    submission: str | None = None


NOTHING = Report()


@dataclass(frozen=True, kw_only=True)
class Around:
    """What a decision about a child's matter looks at: who is around the child, the rules, the moment.

    ``escalations``: the child's open ones.
    """

    child: Child
    circle: Circle
    policy: Policy
    now: datetime
    new_id: NewId
    escalations: Sequence[Escalation] = ()


def steps_for(rule: MatterRule, state: str | None, roles: frozenset[str]) -> tuple[str, ...]:
    """The steps that holders of ``roles`` may take in ``state``; None: those that begin a matter."""
    return tuple(
        key
        for key, step in rule.steps.items()
        if (state in step.since if state is not None else not step.since) and roles & set(step.by)
    )


def holders(state: MatterState, circle: Circle) -> tuple[Person, ...]:
    """Whose turn it is: who holds the post, or the next above where nobody does."""
    for role in _UP_THE_LINE[_UP_THE_LINE.index(state.who) :]:
        found = _of_role(role, circle)
        if found:
            return found
    return ()


def _of_role(role: str, circle: Circle) -> tuple[Person, ...]:
    if role == "village_worker":
        return (circle.worker,) if circle.worker is not None else ()
    return circle.officers[:1] or circle.deputies if role == "township_officer" else circle.county


def begin_matter(
    sort: str, step: str, report: Report = NOTHING, *, by: str | None, around: Around
) -> Outcome:
    """Begins one by ``step``, which a person takes (a flag does it by `begin_by_flag`)."""
    rule = _rule(sort, around.policy)
    if step not in rule.steps or rule.steps[step].since:
        raise NotPossible(f"{step} does not begin a matter of the sort {sort}")
    return _begun(sort, rule, step, _led_to(rule.steps[step], report), report, by=by, around=around)


def begin_by_flag(
    flag: str, report: Report = NOTHING, *, by: str | None, among: Sequence[Matter], around: Around
) -> Outcome:
    """Begins what a raised flag begins, as far as none of the sort is open ``among`` the child's."""
    outcome = Outcome()
    for sort in around.policy.matters.opened_by(flag):
        if not any(m.sort == sort and m.status == "open" for m in among):
            rule = _rule(sort, around.policy)
            outcome += _begun(sort, rule, f"flag_{flag}", rule.begins, report, by=by, around=around)
    return outcome


def _begun(
    sort: str, rule: MatterRule, step: str, state: str, report: Report, *, by: str | None, around: Around
) -> Outcome:
    now = around.now
    today = local_day(now, around.policy)
    m = Matter(id=around.new_id(), child=around.child.id, sort=sort, state="", opened_at=now, since=today)
    opened = _event("matter_opened", m, now=now, by=by, step=step)
    return Outcome(events=(opened,)) + _moved(m, rule, step, state, report, by=by, around=around)


def take_step(m: Matter, step: str, report: Report = NOTHING, *, by: str | None, around: Around) -> Outcome:
    """Takes a step. `NotPossible` where it is none of the present state's."""
    rule = _rule(m.sort, around.policy)
    if m.status != "open" or step not in rule.steps or m.state not in rule.steps[step].since:
        raise NotPossible(f"{step} is no step of matter {m.id} in the state {m.state}")
    return _moved(m, rule, step, _led_to(rule.steps[step], report), report, by=by, around=around)


def _rule(sort: str, policy: Policy) -> MatterRule:
    rule = policy.matter(sort)
    if rule is None:
        raise NotPossible(f"no such sort of matter: {sort}")
    return rule


def _led_to(step: MatterStep, report: Report) -> str:
    return report.to if report.to in step.to else step.to[0]


def _moved(
    m: Matter, rule: MatterRule, step: str, to: str, report: Report, *, by: str | None, around: Around
) -> Outcome:
    """In the state ``to``: with what was said, its day, and a message to whoever's turn it is now."""
    policy, now, state = around.policy, around.now, rule.states[to]
    facts = _joined(m.facts, report.facts)
    taken = Taken(
        at=now, step=step, state=to, by=by, words=report.words, submission=report.submission,
        said=_joined({}, report.said),
    )  # fmt: skip
    today = local_day(now, policy)
    due = None if state.ends else due_day(state, facts, today, policy)
    after = replace(
        m, state=to, status="closed" if state.ends else "open", since=today, due=due, facts=facts,
        story=(*m.story, taken), told=0, gone_up=False, closed_at=now if state.ends else None,
    )  # fmt: skip
    wake_at = first_wake(due, today, policy, now) if due is not None else None
    after = replace(after, wake_at=wake_at)
    name = "matter_closed" if state.ends else "matter_moved"
    events = (_event(name, after, now=now, by=by, step=step, state=to),)
    moved = Outcome(records=(after,), events=events)
    flagged = _flagged(after, rule.steps.get(step), by=by, around=around)
    told = {notice.to for notice in flagged.notices}
    news = (n for n in _turn_news(after, state, around.circle, by=by) if n.to not in told)
    return moved + Outcome(notices=tuple(news)) + flagged


def _flagged(m: Matter, step: MatterStep | None, *, by: str | None, around: Around) -> Outcome:
    """What the step raises by itself, e.g. a sudden hardship."""
    if step is None or not step.flag:
        return Outcome()
    flag = Flag(kind=step.flag, urgency=step.urgency)
    facts = {"matter": m.sort, "state": m.state}
    return raise_one(
        flag, source=m.id, by=by, facts=facts, child=around.child, circle=around.circle,
        policy=around.policy, now=around.now, new_id=around.new_id, already_open=around.escalations,
    )  # fmt: skip


def _joined(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    joined = {**before, **{name: value[:_LONGEST_FACT] for name, value in after.items() if value}}
    return dict(list(joined.items())[-_MOST_FACTS:])


def due_day(state: MatterState, facts: Mapping[str, str], today: date, policy: Policy) -> date:
    """The day by which the next step is to be taken; never before ``today``."""
    days = state.days or 1
    if state.until:
        try:
            return max(date.fromisoformat(facts.get(state.until, "")[:10]) - timedelta(days=days), today)
        except ValueError:  # the day was not given: the state's own days count
            pass
    return add_working_days(today, days, policy) if state.working else today + timedelta(days=days)


def _turn_news(m: Matter, state: MatterState, circle: Circle, *, by: str | None) -> tuple[Notice, ...]:
    """A message each for those whose turn it is now; who took the step knows."""
    if m.status != "open" or by in {who.id for who in holders(state, circle)}:
        return ()
    return tuple(
        Notice(
            key=f"matter:{m.id}:{len(m.story)}:{who.id}",
            to=who.id,
            kind="matter_turn",
            priority=Priority.REMINDER,
            values={"matter": m.id, "state": m.state},
            about=("matter", m.id),
            child=m.child,
            silent=True,
        )
        for who in holders(state, circle)
    )


def wake_matter(m: Matter, *, around: Around) -> Outcome:
    """What the clock does with it: reminds whose turn it is, and sends it up once its day has passed."""
    policy, now = around.policy, around.now
    if m.status != "open" or m.wake_at is None or now < m.wake_at:
        return Outcome()
    if around.child.status != "active":
        return close_matter(m, reason="child_closed", now=now)
    rule = policy.matter(m.sort)
    state = rule.states.get(m.state) if rule is not None else None
    if state is None or state.ends or m.due is None:  # the file has lost it: nothing of it is forgotten
        later = now + timedelta(days=policy.matters.reminders.again_days)
        return Outcome(records=(replace(m, wake_at=later),))
    after = replace(m, told=m.told + 1)
    after = replace(after, wake_at=next_wake(m.due, after.told, policy, now))
    outcome = Outcome(events=(_event("matter_reminded", m, now=now, by=None, state=m.state),))
    outcome += _reminded(after, state, around.circle, policy, now)
    if local_day(now, policy) > m.due and not m.gone_up:
        outcome += _goes_up(after, state, around=around)
    return outcome


def _reminded(m: Matter, state: MatterState, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """Whoever's turn it is gets one message about all of his that are woken in the same hour."""
    notices = tuple(reminder("matters", who, policy, now) for who in holders(state, circle))
    return Outcome(records=(replace(m, told_at=hour_of(now)),), notices=notices)


def _goes_up(m: Matter, state: MatterState, *, around: Around) -> Outcome:
    """Late: the flag of its state goes up, once for each state; into the child's open one of its kind."""
    now = around.now
    facts = {"matter": m.sort, "state": m.state, "deadline": m.due.isoformat() if m.due else ""}
    up = raise_one(
        Flag(kind=state.flag, urgency=state.urgency), source=m.id, by=None, facts=facts, child=around.child,
        circle=around.circle, policy=around.policy, now=now, new_id=around.new_id,
        already_open=around.escalations,
    )  # fmt: skip
    late = Outcome(
        records=(replace(m, told_at=hour_of(now), gone_up=True),),
        events=(_event("matter_late", m, now=now, by=None, state=m.state),),
    )
    return late + up


def close_matter(m: Matter, *, reason: str, now: datetime, by: str | None = None) -> Outcome:
    """Ends it from outside, e.g. because the child's file was closed. ``reason`` is a code."""
    if m.status != "open":
        return Outcome()
    taken = Taken(at=now, step=reason, state=m.state, by=by)
    closed = replace(m, status="closed", closed_at=now, wake_at=None, due=None, story=(*m.story, taken))
    return Outcome(
        records=(closed,), events=(_event("matter_closed", m, now=now, by=by, step=reason, state=m.state),)
    )


def _event(name: str, m: Matter, *, now: datetime, by: str | None, **detail: str) -> Event:
    actor = by or "clock"
    return Event(
        name=name, at=now, actor=actor, child=m.child, record=m.id, ground=ground_of(actor),
        detail={"sort": m.sort, **detail},
    )  # fmt: skip
