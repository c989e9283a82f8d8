"""The clocks beside the ladder: what has arrived, the outcome's day, rest with a reason and an end."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from casework.calendar import add_working_days, at_hour, local_day
from casework.ladder import (
    Listener,
    announce,
    everybody,
    gap_of,
    happened,
    heard_at,
    in_circle,
    on_rung,
    reached,
    told_from,
    with_told,
)
from casework.outcome import Notice, Outcome, Priority
from casework.policy_clocks import ClockRule
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Circle, Deed, Escalation, Person, Urgency

AT_ONCE = timedelta(minutes=1)  # what arrives within it moves no clock


def clock_of(rule: ClockRule) -> Mapping[str, Any]:
    """An urgency's times as plain values, as they are kept in an escalation. Times are minutes, rest days."""
    return {
        "hours": rule.within_hours,
        "working_days": rule.within_working_days,
        "remind": rule.remind_hours * 60,
        "again": rule.again_hours * 60,
        "growth": rule.growth,
        "longest": rule.longest_hours * 60,
        "arrive": rule.arrive_minutes,
        "rest_days": rule.rest_days,
        "rests": rule.rests,
    }


def started(e: Escalation, *, urgency: Urgency, policy: Policy, now: datetime) -> Escalation:
    """``e`` with the second clock of an urgency, counted from ``now``; an earlier day that it had stays."""
    clock = clock_of(policy.clocks[urgency])
    by = now + timedelta(hours=clock["hours"] or 0)
    if clock["working_days"]:
        local = now.astimezone(policy.zone)
        day = add_working_days(local.date(), clock["working_days"], policy)
        by = at_hour(day, local.hour, policy) + timedelta(minutes=local.minute)
    by = min(by, e.outcome_by or by)
    chase_at = max(by - timedelta(minutes=clock["remind"]), now)
    return replace(e, clock=clock, outcome_by=by, chase_at=chase_at)


def next_look(e: Escalation) -> datetime | None:
    """When the clock looks at one that somebody has taken on."""
    return e.rests_until or min((at for at in (e.lapse_at, e.chase_at) if at is not None), default=None)


def lapse_of(e: Escalation) -> timedelta:
    """How long an acknowledgement holds without a step."""
    return timedelta(minutes=e.ladder[e.rung]["lapse"])


def held(e: Escalation, *, by: str, now: datetime) -> Escalation:
    """It is in somebody's hands from ``now``, until that lapses; the second clock runs on.

    Whoever is the first to take it on, however late, has the time of one reminder for it.
    """
    chase_at = e.chase_at
    if chase_at is not None and not any(deed.name == "escalation_acknowledged" for deed in e.story):
        chase_at = max(chase_at, now + _again(e))
    changed = replace(
        e,
        status="acknowledged",
        person=by,
        acknowledged_at=now,
        climb_at=None,
        given_by=None,
        counted_from=None,
        lapse_at=now + lapse_of(e),
        chase_at=chase_at,
        rests_until=None,
    )
    return replace(changed, wake_at=next_look(changed))


# What has arrived


def telling_key(e: Escalation, person: str) -> str:
    """The key of the message by which ``person`` was told last, if he was."""
    return f"escalation:{e.id}:r{e.rung}:n{e.tellings - 1}:{person}"


def arrives_by(e: Escalation) -> datetime | None:
    """Until when the last telling, on its way to everybody, holds up the ladder; None: it does not."""
    if e.status != "open" or e.counted_from is None or not e.clock:
        return None
    return e.counted_from + timedelta(minutes=max(e.clock["arrive"], e.ladder[e.rung]["repeat"]))


def arrived(e: Escalation, *, person: str, key: str, now: datetime) -> Outcome:
    """The channel took the message ``key`` for ``person`` at ``now``: the waits for his answer begin."""
    told = tuple(
        replace(t, delivered_at=now)
        if t.person == person and t.delivered_at is None and not t.undelivered
        else t
        for t in e.told
    )
    changed = replace(e, told=told)
    if key == telling_key(e, person):
        changed = _counted(changed, now)
    return Outcome(records=(changed,)) if changed != e else Outcome()


def seen(e: Escalation, *, person: str, now: datetime) -> Escalation:
    """``e`` once ``person``, if he was told of it, has tapped or written something about it.

    Whom a message failed to reach, and who taps after all, can be reached. What has ended stays as it is.
    """
    if e.status not in ("open", "acknowledged") or all(t.person != person for t in e.told):
        return e
    told = tuple(
        replace(t, seen_at=t.seen_at or now, delivered_at=t.delivered_at or now, undelivered="")
        if t.person == person
        else t
        for t in e.told
    )
    return _counted(replace(e, told=told) if told != e.told else e, now)


def _counted(e: Escalation, now: datetime) -> Escalation:
    """The waits that were counted from the queueing, counted from the arrival at ``now``."""
    if e.status != "open" or e.counted_from is None:
        return e
    late = now - e.counted_from
    if late < AT_ONCE:
        return replace(e, counted_from=None)
    climb_at = e.climb_at + late if e.climb_at is not None else None
    again = now + gap_of(e)
    wake = again if climb_at is None else min(again, climb_at)
    return replace(e, counted_from=None, climb_at=climb_at, wake_at=wake)


# The day of the outcome


def chase(e: Escalation, *, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """Somebody holds it and there is no outcome yet: before its day a line to him, afterwards the next up."""
    assert e.outcome_by is not None
    roles, holder = in_circle(circle), _holder(e, circle)
    if now < e.outcome_by:
        waits = replace(e, chase_at=e.outcome_by)
        line = _line(e, "escalation_due", holder, policy=policy, now=now, but_urgent=Priority.REMINDER)
        return Outcome(
            records=(replace(waits, wake_at=next_look(waits)),), notices=(line,) if e.person in roles else ()
        )
    above = above_of(e, circle)
    people = (*above, *((holder,) if e.person in roles else ()))
    at = max((told_from(e, who, policy=policy, now=now) for who in people), default=now)
    late = replace(
        e,
        told=with_told(e, above, at),
        chases=e.chases + 1,
        chase_at=at + _again(e),
        story=(*e.story, Deed(at=now, name="escalation_overdue", by=e.person)),
    )
    event = happened(e, "escalation_overdue", now=now, holder=e.person or "", times=str(late.chases))
    return Outcome(
        records=(replace(late, wake_at=next_look(late)),),
        events=(event,),
        notices=tuple(_line(e, "escalation_overdue", who, policy=policy, now=now) for who in people),
    )


def _holder(e: Escalation, circle: Circle) -> Listener:
    own = next((person.quiet for person in everybody(circle) if person.id == e.person), None)
    role = in_circle(circle).get(e.person or "", "default")
    return Listener(person=e.person or "", role=role, quiet=own)


def above_of(e: Escalation, circle: Circle) -> tuple[Listener, ...]:
    """Who hears that it is late: each time one rung further up, else whoever can be reached; not its holder.

    Nobody below: that an officer is late is not the village worker's affair.
    """
    top = len(e.ladder) - 1
    first = min(e.rung + 1 + e.chases, top)
    for rung in (*range(first, top + 1), *range(first - 1, -1, -1)):
        found = tuple(
            who
            for who in on_rung(e, rung, circle)
            if who.person != e.person and who.role != "village_worker" and reached(e, who.person)
        )
        if found:
            return found
    return ()


def _again(e: Escalation) -> timedelta:
    gap = e.clock["again"] * e.clock["growth"] ** min(e.chases, 100)
    return timedelta(minutes=min(gap, e.clock["longest"]))


def _line(
    e: Escalation, kind: str, who: Listener, *, policy: Policy, now: datetime,
    but_urgent: Priority = Priority.ALERT,
) -> Notice:  # fmt: skip
    at = heard_at(e, who, policy=policy, now=now)
    return Notice(
        key=f"escalation:{e.id}:{kind.removeprefix('escalation_')}:{len(e.story)}:{e.chases}:{who.person}",
        to=who.person,
        kind=kind,
        priority=Priority.GATHERED if e.ladder[e.rung]["quiet"] else but_urgent,
        values={"escalation": e.id},
        about=("escalation", e.id),
        child=e.child,
        not_before=at if at > now else None,
    )


# Rest


def may_rest(e: Escalation, *, by: Person, circle: Circle) -> bool:
    """Whether ``by`` may put it to rest: an officer, while somebody holds it, never what cannot wait.

    Source: `rests` and `rest_days` of the urgency in the policy file.
    """
    officer = in_circle(circle).get(by.id, "village_worker") != "village_worker"
    left = bool(e.clock) and e.rests < e.clock["rests"] and e.clock["rest_days"] > 0
    return e.status == "acknowledged" and e.urgency != "now" and officer and left


def latest_rest(e: Escalation, *, policy: Policy, now: datetime) -> date:
    """The last day to which it may be put to rest."""
    return local_day(now, policy) + timedelta(days=e.clock["rest_days"])


def rest(
    e: Escalation, *, by: Person, until: date, reason: str, circle: Circle, policy: Policy, now: datetime
) -> Outcome:
    """Nobody is asked about it before the morning of ``until``; all who were told hear why.

    The day of its outcome moves along. Nothing where `may_rest` does not allow it; else raises `ValueError`
    where ``reason`` is blank or ``until`` is not after today, or after `latest_rest`.
    """
    if not may_rest(e, by=by, circle=circle):
        return Outcome()
    if not reason.strip():
        raise ValueError("rest needs a reason")
    if not local_day(now, policy) < until <= latest_rest(e, policy=policy, now=now):
        raise ValueError("rest ends after today, and not later than the policy allows")
    end = at_hour(until, policy.visits.remind_hour, policy)
    deed = Deed(at=now, name="escalation_rested", by=by.id, note=reason.strip(), until=end)
    story = (*e.story, deed)
    resting = replace(
        e,
        rests_until=end,
        rests=e.rests + 1,
        outcome_by=max(e.outcome_by, end) if e.outcome_by is not None else None,
        wake_at=end,
        story=story,
    )
    news = announce(
        resting, "escalation_rested", circle=circle, policy=policy, now=now, but=by.id, turn=len(story),
        by=by.id,
    )  # fmt: skip
    event = happened(e, "escalation_rested", now=now, actor=by.id, until=until.isoformat())
    return Outcome(records=(resting,), events=(event,), notices=news)


def rested(e: Escalation, *, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """Its rest is over: its holder hears it, and has the whole time of an acknowledgement."""
    holder = _holder(e, circle)
    at = told_from(e, holder, policy=policy, now=now)
    story = (*e.story, Deed(at=now, name="escalation_woken"))
    chase_at = max(e.chase_at, at + _again(e)) if e.chase_at is not None else None
    awake = replace(e, rests_until=None, lapse_at=at + lapse_of(e), chase_at=chase_at, story=story)
    line = _line(awake, "escalation_woken", holder, policy=policy, now=now)
    event = happened(e, "escalation_woken", now=now, holder=e.person or "")
    return Outcome(records=(replace(awake, wake_at=next_look(awake)),), events=(event,), notices=(line,))
