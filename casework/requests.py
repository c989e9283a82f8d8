"""A request about a child: asked, reminded of, gone up, answered. It moves nothing by itself."""

from collections.abc import Iterable
from datetime import date, datetime

from casework.calendar import add_working_days, local_day
from casework.outcome import Event, Notice, Outcome, Priority, ground_of
from casework.own_quiet import undisturbed
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Child, Circle, Person, Request
from casework.reminding import first_wake, next_wake
from casework.request_records import Answer

WAITING = ("waiting",)


def answerers(circle: Circle) -> tuple[Person, ...]:
    """Who answers: the officers of the township, else who stands in for them, else the county's."""
    return circle.officers or circle.deputies or circle.county


def answering(r: Request, child: Child) -> Child:
    """The child as it would stand in the township whose officers answer: what their circle is found by."""
    return child if r.area is None else replace(child, township=r.area, worker=None)


def due_day(r: Request, policy: Policy, today: date) -> date:
    """By when it is to be answered."""
    rules = policy.closing if r.what == "close" else policy.moving
    return add_working_days(today, rules.working_days, policy)


def ask(r: Request, *, circle: Circle, policy: Policy, now: datetime, own: Circle | None = None) -> Outcome:
    """Hands it to whoever answers in ``circle``, that of `answering`; its clock begins.

    ``own``: the child's circle where that is another: its officer is to know what a worker asks elsewhere.
    """
    today = local_day(now, policy)
    due = due_day(r, policy, today)
    asked = replace(r, asked_at=now, due=due, wake_at=first_wake(due, today, policy, now))
    told = _notices(asked, "request_asked", answerers(circle)[:1], but=r.sender, policy=policy, now=now)
    known = answerers(own)[:1] if own is not None and r.sender not in {p.id for p in own.officers} else ()
    told += _notices(asked, "request_known", known, but=r.sender, policy=policy, now=now)
    event = _event("request_asked", asked, now=now, by=r.sender, what=r.what, reason=r.reason, area=r.area)
    return Outcome(records=(asked,), events=(event,), notices=told)


def answered(
    r: Request, answer: Answer, words: str = "", *, by: str | None, policy: Policy, now: datetime
) -> Outcome:
    """It is over; its sender hears how, unless he did it himself. ``by`` None = the clock. Once only.

    Raises `ValueError` where it is refused without a word: the sender must know what to do.
    """
    if answer == "refused" and not words.strip():
        raise ValueError("a request is refused with a reason in words")
    if r.status not in WAITING:
        return Outcome()
    done = replace(
        r, status="closed", answer=answer, answered_by=by, answered_at=now, answer_words=words.strip(),
        wake_at=None,
    )  # fmt: skip
    told = _notices(done, "request_answered", [r.sender], but=by, policy=policy, now=now)
    event = _event(f"request_{answer}", done, now=now, by=by, what=r.what)
    return Outcome(records=(done,), events=(event,), notices=told)


def wake_request(r: Request, *, child: Child, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """What the clock does: reminds; after its day the county hears of it too, and the sender that it waits.

    ``circle`` is that of `answering`. One that has lost its object (the file was closed, the child is there
    already) is void.
    """
    if r.status not in WAITING or r.wake_at is None or now < r.wake_at:
        return Outcome()
    if child.status != "active" or r.area == child.township:
        return answered(r, "void", by=None, policy=policy, now=now)
    today = local_day(now, policy)
    later = replace(r, told=r.told + 1, wake_at=next_wake(r.due, r.told + 1, policy, now))
    people = (*circle.officers, *circle.deputies) or circle.county
    if today <= r.due:
        told = _notices(later, "request_reminded", people, policy=policy, now=now)
        return Outcome(records=(later,), notices=told)
    late = replace(later, gone_up=True)
    people = tuple({p.id: p for p in (*people, *circle.county)}.values())
    told = _notices(late, "request_late", people, policy=policy, now=now)
    if r.gone_up:
        return Outcome(records=(late,), notices=told)
    told += _notices(late, "request_waits", [r.sender], policy=policy, now=now)
    event = _event("request_late", late, now=now, by=None, what=r.what, area=r.area)
    return Outcome(records=(late,), events=(event,), notices=told)


def _notices(
    r: Request, kind: str, people: Iterable[Person | str], *, policy: Policy, now: datetime,
    but: str | None = None,
) -> tuple[Notice, ...]:  # fmt: skip
    """At night they wait for the morning: nothing about the child changes meanwhile."""
    own = {who if isinstance(who, str) else who.id: getattr(who, "quiet", None) for who in people}
    moments = {id: undisturbed(now, "township_officer", quiet, policy) for id, quiet in own.items()}
    return tuple(
        Notice(
            key=f"request:{r.id}:{kind.removeprefix('request_')}:{r.told}:{id}",
            to=id,
            kind=kind,
            priority=Priority.REMINDER,
            values={"request": r.id},
            about=("request", r.id),
            child=r.child,
            not_before=moment if moment > now else None,
        )
        for id, moment in moments.items()
        if id != but
    )


def _event(name: str, r: Request, *, now: datetime, by: str | None, **detail: str | None) -> Event:
    actor = by or "clock"
    kept = {key: value for key, value in detail.items() if value}
    return Event(
        name=name, at=now, actor=actor, child=r.child, record=r.id, ground=ground_of(actor), detail=kept
    )
