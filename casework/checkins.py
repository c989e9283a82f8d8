"""Short prompts to guardians, as often as the risk wants; unanswered, they become a telephone task."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from casework.calendar import at_hour, local_day, outside_quiet
from casework.outcome import Event, NewId, Notice, Outcome, Priority
from casework.pauses import rule_of
from casework.policy_models import Policy
from casework.record import replace
from casework.records import CheckIn, Child, Circle, Person, Visit
from casework.visits import TO_DO, cancel_visit, plan_visit

WAITING = ("planned", "asked")


def plan_checkin(
    child: Child,
    guardian: Person | str,
    *,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    after: CheckIn | None = None,
    due: date | None = None,
) -> Outcome:
    """Plans the next prompt: soon for a guardian who has just joined, then by the child's risk."""
    rules = policy.checkins
    days = rules.every_days[child.risk] if after is not None else rules.first_days
    day = due or local_day(now, policy) + timedelta(days=days)
    person = guardian if isinstance(guardian, str) else guardian.id
    checkin = CheckIn(
        id=new_id(), child=child.id, person=person, due=day, wake_at=at_hour(day, rules.hour, policy)
    )
    detail = {"due": day.isoformat()}
    return Outcome(records=(checkin,), events=(_event("checkin_planned", checkin, now=now, **detail),))


def wake_checkin(
    checkin: CheckIn,
    *,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    visits: Sequence[Visit] = (),
) -> Outcome:
    """What the clock does with it at ``now``: nothing before its time; then it is asked, or found unanswered.

    A guardian who cannot be asked (blocked the bot, not of this child any more) ends the prompts, and the
    worker telephones. ``visits`` are those still to be made: a telephone task among them is not given twice,
    and while they rest because the child is not with the guardian, the prompt waits for the end of that.
    """
    if checkin.status not in WAITING or checkin.wake_at is None or now < checkin.wake_at:
        return Outcome()
    if child.status != "active":
        return stop_checkin(checkin, reason="child_closed", by=None, now=now)
    if all(guardian.id != checkin.person for guardian in circle.guardians):
        stopped = stop_checkin(checkin, reason="not_reached", by=None, now=now)
        return stopped + _task(child, policy=policy, now=now, new_id=new_id, visits=visits)
    if checkin.status == "planned":
        guardian = next(g for g in circle.guardians if g.id == checkin.person)
        if is_paused(guardian, local_day(now, policy)):
            return Outcome(records=(_after_pause(checkin, guardian, policy),))
        resting = next((v.pause for v in visits if v.pause is not None), None)
        rule = rule_of(resting, policy) if resting is not None else None
        if resting is not None and rule is not None and not rule.checkins:
            later = at_hour(resting.end, policy.checkins.hour, policy)
            return Outcome(records=(replace(checkin, due=resting.end, wake_at=later),))
        return _asked(checkin, policy=policy, now=now)
    return _unanswered(checkin, child=child, policy=policy, now=now, new_id=new_id, visits=visits)


def is_paused(guardian: Person, day: date) -> bool:
    """Whether the guardian is asked nothing on this day."""
    return guardian.paused_until is not None and day <= guardian.paused_until


def _after_pause(checkin: CheckIn, guardian: Person, policy: Policy) -> CheckIn:
    """It is asked on the day after the pause."""
    assert guardian.paused_until is not None
    day = guardian.paused_until + timedelta(days=1)
    at = at_hour(day, policy.checkins.hour, policy)
    return replace(checkin, status="planned", due=day, asked_at=None, wake_at=at)


def pause_checkins(
    guardian: Person,
    until: date | None,
    *,
    checkins: Sequence[CheckIn],
    workers: Mapping[str, str],
    policy: Policy,
    now: datetime,
) -> Outcome:
    """The guardian is asked nothing to ``until`` (included); None: prompts come again as they would.

    ``checkins`` are the guardian's that wait: none of them becomes a telephone task meanwhile. ``workers``:
    who looks after each child (child -> person code), and is to know.
    """
    changed = replace(guardian, paused_until=until)
    first = local_day(now, policy) + timedelta(days=policy.checkins.first_days)
    moved = []
    for checkin in (c for c in checkins if c.status in WAITING):
        if until is not None:
            moved.append(_after_pause(checkin, changed, policy))
        elif checkin.due > first:
            at = at_hour(first, policy.checkins.hour, policy)
            moved.append(replace(checkin, due=first, wake_at=at))
    detail = {"until": until.isoformat() if until else ""}
    event = Event(
        name="checkins_paused",
        at=now,
        actor=guardian.id,
        record=guardian.id,
        ground="own_wish",
        detail=detail,
    )
    told = tuple(_paused_news(child, to, detail, policy, now) for child, to in workers.items())
    return Outcome(records=(changed, *moved), events=(event,), notices=told)


def _paused_news(child: str, to: str, detail: dict[str, str], policy: Policy, now: datetime) -> Notice:
    moment = outside_quiet(now, "village_worker", policy)
    return Notice(
        key=f"checkins_paused:{child}:{to}:{detail['until']}:{now.isoformat()}",
        to=to,
        kind="checkins_paused",
        priority=Priority.REMINDER,
        values={"child": child, **detail},
        about=("child", child),
        child=child,
        not_before=moment if moment > now else None,
    )


def _asked(checkin: CheckIn, *, policy: Policy, now: datetime) -> Outcome:
    """The prompt leaves; the hours for the answer run from when it may be read."""
    moment = outside_quiet(now, "guardian", policy)
    until = moment + timedelta(hours=policy.checkins.hours_until_task)
    asked = replace(checkin, status="asked", asked_at=moment, wake_at=until)
    notice = Notice(
        key=f"checkin:{checkin.id}:asked",
        to=checkin.person,
        kind="checkin_asked",
        priority=Priority.REMINDER,
        values={"checkin": checkin.id},
        about=("checkin", checkin.id),
        child=checkin.child,
        not_before=moment if moment > now else None,
    )
    return Outcome(records=(asked,), events=(_event("checkin_asked", checkin, now=now),), notices=(notice,))


def _unanswered(
    checkin: CheckIn,
    *,
    child: Child,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    visits: Sequence[Visit],
) -> Outcome:
    closed = replace(checkin, status="unanswered", wake_at=None)
    outcome = Outcome(records=(closed,), events=(_event("checkin_unanswered", checkin, now=now),))
    outcome += _task(child, policy=policy, now=now, new_id=new_id, visits=visits)
    return outcome + plan_checkin(
        child, checkin.person or "", policy=policy, now=now, new_id=new_id, after=checkin
    )


def _task(child: Child, *, policy: Policy, now: datetime, new_id: NewId, visits: Sequence[Visit]) -> Outcome:
    """A telephone task. The worker finds it in the message of the next morning; without one it goes up."""
    if any(visit.purpose == "phone" and visit.status in TO_DO for visit in visits):
        return Outcome()
    return plan_visit(child, policy=policy, now=now, new_id=new_id, purpose="phone")


def answer_checkin(
    checkin: CheckIn,
    *,
    submission: str,
    child: Child,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    phone_tasks: Sequence[Visit] = (),
) -> Outcome:
    """The guardian answered. A late answer counts too, and cancels the child's ``phone_tasks``.

    The next prompt is planned, unless the lack of an answer had planned it already. Nothing where it was
    answered or stopped.
    """
    if checkin.status not in (*WAITING, "unanswered"):
        return Outcome()
    answered = replace(checkin, status="answered", submission=submission, wake_at=None)
    event = _event("checkin_answered", checkin, now=now, actor=checkin.person)
    outcome = Outcome(records=(answered,), events=(event,))
    for visit in phone_tasks:
        if visit.purpose == "phone" and visit.status in TO_DO:
            outcome += cancel_visit(visit, reason="checkin_answered", now=now, by=checkin.person)
    if checkin.status == "unanswered" or child.status != "active":
        return outcome
    return outcome + plan_checkin(
        child, checkin.person or "", policy=policy, now=now, new_id=new_id, after=checkin
    )


def stop_checkins(
    guardian: Person, *, checkins: Sequence[CheckIn], now: datetime, by: str | None = None
) -> Outcome:
    """The guardian leaves: no more prompts, and the bond with the children is loosed.

    One who holds no other post has left altogether. ``checkins`` are the guardian's; ``by`` is who ends it
    if not the guardian.
    """
    posts = tuple(post for post in guardian.posts if post.role != "guardian")
    left = replace(guardian, cares_for=(), posts=posts, status=guardian.status if posts else "left")
    outcome = Outcome(
        records=(left,),
        events=(
            Event(
                name="guardian_left",
                at=now,
                actor=by or guardian.id,
                record=guardian.id,
                ground="own_wish" if by in (None, guardian.id) else "assignment",
            ),
        ),
    )
    for checkin in checkins:
        if checkin.person == guardian.id and checkin.status in WAITING:
            outcome += stop_checkin(checkin, reason="left", by=by or guardian.id, now=now)
    return outcome


def stop_checkin(checkin: CheckIn, *, reason: str, by: str | None, now: datetime) -> Outcome:
    """It is asked no more. ``reason`` is a code; ``by`` None = the clock. Nothing where it has ended."""
    if checkin.status not in WAITING:
        return Outcome()
    stopped = replace(checkin, status="stopped", wake_at=None)
    event = _event("checkin_stopped", checkin, now=now, actor=by, reason=reason)
    return Outcome(records=(stopped,), events=(event,))


def _event(name: str, checkin: CheckIn, *, now: datetime, actor: str | None = None, **detail: str) -> Event:
    return Event(
        name=name,
        at=now,
        actor=actor or "clock",
        child=checkin.child,
        record=checkin.id,
        ground="consent" if actor == checkin.person else "clock",
        detail=detail,
    )
