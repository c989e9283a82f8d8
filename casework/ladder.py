"""An escalation's rungs: who stands on them, who is told at what moment, when the clock looks again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from casework.calendar import outside_quiet
from casework.outcome import Event, Notice, Outcome, Priority, ground_of
from casework.own_quiet import undisturbed
from casework.people_records import QuietTime
from casework.policy_ladders import Ladder
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Circle, Deed, Escalation, Person, Told

OPEN = ("open", "acknowledged")
_ENDS = ("escalation_resolved", "escalation_withdrawn")  # the law has the reporter told of the outcome
UNHEARD_AGAIN = timedelta(hours=1)  # nobody can be reached at all: the clock looks again this soon


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Somebody to be told, in the role in which he is (his quiet hours follow from it), and his own hours."""

    person: str
    role: str
    quiet: QuietTime | None = None


def steps_of(ladder: Ladder) -> tuple[Mapping[str, Any], ...]:
    """The ladder's steps as plain values, as they are kept in an escalation. Times are minutes."""
    return tuple(
        {
            "to": list(step.to),
            "after": step.after_minutes,
            "repeat": step.repeat_minutes,
            "growth": step.growth,
            "longest": step.longest_minutes,
            "quiet": ladder.quiet,
            "lapse": ladder.lapse_minutes,
        }
        for step in ladder.steps
    )


def _standing(circle: Circle, place: str) -> tuple[Person, ...]:
    """Who stands at a place of the ladder; further officers of the township stand in beside the deputies."""
    if place == "village_worker":
        return (circle.worker,) if circle.worker is not None else ()
    if place == "township_officer":
        return circle.officers[:1]
    if place == "deputy":
        return (*circle.officers[1:], *circle.deputies)
    return circle.county


_ROLE_OF = {"deputy": "township_officer"}


def on_rung(e: Escalation, rung: int, circle: Circle) -> tuple[Listener, ...]:
    """Who stands on a rung, each person once."""
    found: dict[str, Listener] = {}
    for place in e.ladder[rung]["to"]:
        for person in _standing(circle, place):
            role = _ROLE_OF.get(place, place)
            found.setdefault(person.id, Listener(person=person.id, role=role, quiet=person.quiet))
    return tuple(found.values())


def up_to_rung(e: Escalation, circle: Circle) -> tuple[Listener, ...]:
    """Everybody from the lowest rung to the present one: who was told below stays told."""
    found = {who.person: who for rung in range(e.rung + 1) for who in on_rung(e, rung, circle)}
    return tuple(found.values())


def in_circle(circle: Circle) -> Mapping[str, str]:
    """Everybody who works in the circle, person -> role."""
    places = ("county_officer", "deputy", "township_officer", "village_worker")
    return {p.id: _ROLE_OF.get(place, place) for place in places for p in _standing(circle, place)}


def everybody(circle: Circle) -> tuple[Person, ...]:
    """All who work in the circle."""
    worker = () if circle.worker is None else (circle.worker,)
    return (*worker, *circle.officers, *circle.deputies, *circle.county)


def reached(e: Escalation, person: str) -> bool:
    """Whether nothing told to the person is known to have failed."""
    return not any(told.person == person and told.undelivered for told in e.told)


def tell(e: Escalation, people: Sequence[Listener], *, policy: Policy, now: datetime) -> Outcome:
    """Tells ``people`` of it at its present rung and sets when the clock looks again.

    Where the rung keeps quiet hours, the first telling comes at once but without a sound, all others wait
    for the morning; the gaps count from when the message may be expected to be read. Hours of somebody's own
    hold back his message likewise, but no gap: a matter goes up no later for them.
    """
    read = [told_from(e, who, policy=policy, now=now) for who in people]
    heard = [
        heard_at(e, who, policy=policy, now=now) if who.quiet else moment
        for who, moment in zip(people, read, strict=True)
    ]
    at = max(read)
    told = with_told(e, people, at)
    again, climb_at = at + gap_of(e), e.climb_at
    if climb_at is None and e.rung + 1 < len(e.ladder):
        climb_at = at + timedelta(minutes=e.ladder[e.rung + 1]["after"])
    wake = again if climb_at is None else min(again, climb_at)
    changed = replace(
        e,
        told=told,
        tellings=e.tellings + 1,
        wake_at=wake,
        climb_at=climb_at,
        counted_from=at if min(heard) <= at else None,  # hours of one's own hold up nothing
    )
    notices = tuple(
        Notice(
            key=f"escalation:{e.id}:r{e.rung}:n{e.tellings}:{who.person}",
            to=who.person,
            kind="escalation_told",
            priority=_priority(e),
            values={"escalation": e.id, "rung": e.rung, "repeat": e.repeats},
            about=("escalation", e.id),
            child=e.child,
            not_before=moment if moment > now and e.tellings else None,
            silent=moment > now and not e.tellings,
        )
        for who, moment in zip(people, heard, strict=True)
    )
    return Outcome(records=(changed,), notices=notices)


def _priority(e: Escalation) -> Priority:
    """What a person reports is told by itself until it has reached somebody, and always what can't wait."""
    reported = e.story[0].by is not None and all(told.undelivered for told in e.told)
    return Priority.ALERT if reported or not e.ladder[e.rung]["quiet"] else Priority.GATHERED


def with_told(e: Escalation, people: Sequence[Listener], at: datetime) -> tuple[Told, ...]:
    """The told, with ``people``. Whom nothing reached gets a fresh line: this telling may arrive."""
    names = {who.person for who in people}
    kept = tuple(t for t in e.told if not (t.person in names and t.undelivered))
    known = {t.person for t in kept}
    new = tuple(Told(person=w.person, at=at, rung=e.rung) for w in people if w.person not in known)
    return kept + new


def gap_of(e: Escalation) -> timedelta:
    """How long after this telling it is told again."""
    step = e.ladder[e.rung]
    # beyond a hundred the longest gap holds anyway; floats end at 1e308
    growth = step["growth"] ** min(e.repeats, 100)
    return timedelta(minutes=min(step["repeat"] * growth, step["longest"]))


def stand_on(e: Escalation, rung: int) -> Escalation:
    """The escalation on ``rung``, not yet told there, open, waiting for nobody in particular."""
    return replace(
        e,
        status="open",
        rung=rung,
        repeats=0,
        person=None,
        acknowledged_at=None,
        climb_at=None,
        given_by=None,
        counted_from=None,
        lapse_at=None,
        rests_until=None,
    )


def told_from(e: Escalation, who: Listener, *, policy: Policy, now: datetime) -> datetime:
    """When somebody may read what he is told at ``now``."""
    return outside_quiet(now, who.role, policy) if e.ladder[e.rung]["quiet"] else now


def heard_at(e: Escalation, who: Listener, *, policy: Policy, now: datetime) -> datetime:
    """When he is to hear it, by his own hours too; what is urgent keeps nobody's."""
    return undisturbed(now, who.role, who.quiet, policy) if e.ladder[e.rung]["quiet"] else now


def climb(
    e: Escalation, first: int, *, circle: Circle, policy: Policy, now: datetime, anew: bool = False
) -> Outcome | None:
    """Tells the first rung from ``first`` upwards on which somebody can be reached; None where there is none.

    Rungs that nobody holds are passed over at once and leave the deed ``vacancy``. Whom nothing reached
    before is tried once more only ``anew``.
    """
    for rung in range(first, len(e.ladder)):
        people = tuple(who for who in on_rung(e, rung, circle) if anew or reached(e, who.person))
        if people:
            passed = [r for r in range(first, rung) if not on_rung(e, r, circle)]
            vacant = _vacancies(e, passed, now=now)
            stood = stand_on(vacant[0], rung)
            return Outcome(events=vacant[1]) + tell(stood, people, policy=policy, now=now)
    return None


def _vacancies(e: Escalation, rungs: Iterable[int], *, now: datetime) -> tuple[Escalation, tuple[Event, ...]]:
    known = {deed.note for deed in e.story if deed.name == "vacancy"}
    roles = [",".join(e.ladder[rung]["to"]) for rung in rungs]
    new = [role for role in dict.fromkeys(roles) if role not in known]
    story = e.story + tuple(Deed(at=now, name="vacancy", note=role) for role in new)
    events = tuple(happened(e, "post_vacant", now=now, role=role) for role in new)
    return replace(e, story=story), events


def unheard(e: Escalation, *, now: datetime) -> Outcome:
    """Nobody can be told at all: it stays open, and the clock looks again every hour."""
    vacant, events = _vacancies(e, [len(e.ladder) - 1], now=now)
    changed = replace(stand_on(vacant, e.rung), wake_at=now + UNHEARD_AGAIN, repeats=e.repeats)
    return Outcome(records=(changed,), events=(*events, happened(e, "escalation_unheard", now=now)))


def somebody_reached(e: Escalation, circle: Circle) -> bool:
    """Whether anybody up to the present rung was told of it and could be reached."""
    told = {t.person for t in e.told}
    return any(who.person in told and reached(e, who.person) for who in up_to_rung(e, circle))


def next_person(e: Escalation, *, circle: Circle, policy: Policy, now: datetime) -> Outcome:
    """Tells others on the rungs so far, else the next rung; nobody anywhere: the clock looks every hour."""
    others = tuple(who for who in up_to_rung(e, circle) if reached(e, who.person))
    if others:
        return tell(e, others, policy=policy, now=now)
    higher = climb(e, e.rung + 1, circle=circle, policy=policy, now=now)
    return higher or unheard(e, now=now)


def happened(e: Escalation, name: str, *, now: datetime, actor: str = "clock", **detail: str) -> Event:
    """An event about the escalation; the kind of flag stands in every one."""
    return Event(
        name=name,
        at=now,
        actor=actor,
        child=e.child,
        record=e.id,
        ground=ground_of(actor),
        detail={"flag": e.flag, **detail},
    )


def announce(
    e: Escalation,
    kind: str,
    *,
    circle: Circle,
    policy: Policy,
    now: datetime,
    but: str | None = None,
    turn: int = 0,
    **values: str,
) -> tuple[Notice, ...]:
    """News of it for everybody who was told and for its author, except ``but``, who did it.

    Whoever is on leave is spared them: he hears how things stand when he is back. An author hears the end.
    In quiet hours, and in hours of one's own, news come without a sound, unless the matter is so urgent that
    they do not count. ``turn`` numbers news of one kind that may come more than once.
    """
    roles, own = in_circle(circle), {p.id: p.quiet for p in everybody(circle)}
    names = [t.person for t in e.told if not t.undelivered]
    names += [name for name in (e.person, e.author) if name is not None]
    quiet = e.ladder[e.rung]["quiet"]
    found = []
    for name in dict.fromkeys(names):
        if name == but or (name in circle.away and not (name == e.author and kind in _ENDS)):
            continue
        role = roles.get(name, "default")
        moment = undisturbed(now, role, own.get(name), policy) if quiet else now
        found.append(
            Notice(
                key=f"escalation:{e.id}:{kind.removeprefix('escalation_')}:{turn}:{name}",
                to=name,
                kind=kind,
                priority=Priority.REMINDER if quiet else Priority.ALERT,
                values={"escalation": e.id, **values},
                about=("escalation", e.id),
                child=e.child,
                silent=moment > now,
            )
        )
    return tuple(found)
