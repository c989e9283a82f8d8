"""What must hold at every moment of records, queues and loops, and who is told when it does not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from casework.calendar import outside_quiet
from casework.outcome import Event, Notice, Outcome, Priority
from casework.policy_audit import AuditRules
from casework.policy_models import Policy
from casework.records import Person

Kind = Literal[
    "removed", "altered", "vanished", "unguarded", "asleep", "unreadable", "odd", "trail", "loop",
    "failing", "late", "inbox", "alerts", "messages", "ahead",
]  # fmt: skip
DELAYS: tuple[Kind, ...] = ("loop", "late", "inbox", "alerts", "messages")  # nothing is lost by these
KINDS: tuple[Kind, ...] = get_args(Kind)
SHOWN = 20  # places that a finding names
Places = tuple[str, ...]  # which ones, by code or number, never by name
Since = Mapping[tuple[Kind, str], float]


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What an audit needs to know of those before it, beside what is kept.

    ``open``: the escalations that were open, with their children; ``held``: how many messages and updates a
    restore held back; ``noted``: how many rows were known to have been removed or altered; ``settled``: when
    the operator last settled what was found; ``read``: up to which event the trail was read; ``failed``: what
    the clock could not decide about, by place, and the moment for which that was put off.
    """

    open: Mapping[str, str | None] = field(default_factory=dict)
    held: int | None = None
    noted: int = 0
    settled: str = ""
    read: int | None = None
    failed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """How things stand. ``wrong`` must not be at all; ``waiting`` is wrong only if it lasts.

    removed: rows that others deleted; altered: rows that others changed; vanished: open escalations that are
    no longer there; unguarded: tripwires that do not lie where they should; asleep: open records for which
    no moment is set; unreadable: open escalations whose seal does not fit; odd: queue rows in a state in
    which we never leave them; failing: due records about which no decision can be taken, put off again and
    again; trail: the audit trail no longer holds what was kept of it; loop: loops that do
    not beat. Waiting: late (due and not woken), inbox, alerts, messages. ahead: messages held back for days.
    """

    wrong: Mapping[Kind, Places] = field(default_factory=dict)
    waiting: Mapping[Kind, Places] = field(default_factory=dict)
    memory: Memory = Memory()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that must not be: its kind, how many, and some of them."""

    kind: Kind
    count: int
    places: Places


def silent_loops(ages: Mapping[str, float], expected: Iterable[str], rules: AuditRules) -> Places:
    """The loops that should beat and do not. ``ages``: seconds since the last sign of life of those alive."""
    return tuple(name for name in sorted(expected) if ages.get(name, float("inf")) > rules.loop_seconds)


def waiting_since(before: Since, picture: Picture, at: float) -> Since:
    """Since when each of what waits was seen to wait, in seconds of a clock that nobody moves.

    Time in which nobody looked, because we were away or the database was, does not count.
    """
    return {
        (kind, place): before.get((kind, place), at)
        for kind, places in picture.waiting.items()
        for place in places
    }


def findings(picture: Picture, since: Since, at: float, rules: AuditRules) -> tuple[Finding, ...]:
    """What is wrong now; ``since`` and ``at`` by `waiting_since`."""
    patience: Mapping[Kind, float] = {
        "late": 60 * rules.late_minutes,
        "inbox": 60 * rules.inbox_minutes,
        "alerts": 60 * rules.alert_minutes,
        "messages": 60 * rules.message_minutes,
    }
    too_long = {
        kind: tuple(place for place in places if at - since[kind, place] > patience[kind])
        for kind, places in picture.waiting.items()
    }
    found = (*picture.wrong.items(), *too_long.items())
    return tuple(
        Finding(kind=kind, count=len(places), places=places[:SHOWN]) for kind, places in found if places
    )


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """What people know of the present faults, from one audit to the next.

    ``since``: when the first of them was found, None while there are none. ``seen``: in how many audits in
    a row each kind was found; ``kinds``: those that people were told of, ``times`` how often, last at
    ``told_at``; ``calm``: how many audits in a row found nothing.
    """

    since: datetime | None = None
    seen: Mapping[str, int] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    times: int = 0
    told_at: datetime | None = None
    calm: int = 0


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the last audit found, and what people know of it: kept, so that a restart goes on from there."""

    at: datetime
    found: tuple[Finding, ...] = ()
    alarm: Alarm = Alarm()


def looked(alarm: Alarm, found: Sequence[Finding], now: datetime) -> Alarm:
    """The alarm after one more audit."""
    if not found:
        return replace(alarm, seen={}, calm=alarm.calm + 1) if alarm.since is not None else alarm
    seen: dict[str, int] = {f.kind: alarm.seen.get(f.kind, 0) + 1 for f in found}
    return replace(alarm, since=alarm.since or now, seen=seen, calm=0)


def is_to_be_told(alarm: Alarm, rules: AuditRules, now: datetime) -> bool:
    """Whether people must hear of it now: for the first time, of something new, or once more."""
    certain = {kind for kind, times in alarm.seen.items() if times >= rules.seen}
    if not certain:
        return False
    if alarm.told_at is None or certain - {*alarm.kinds}:
        return True
    gap = min(rules.again_minutes * rules.growth ** min(alarm.times - 1, 100), rules.longest_minutes)
    return now >= alarm.told_at + timedelta(minutes=gap)


def is_over(alarm: Alarm, rules: AuditRules) -> bool:
    """Whether all has been well for long enough to say so."""
    return alarm.since is not None and alarm.calm >= rules.well_after


def told(
    alarm: Alarm, found: Sequence[Finding], officers: Sequence[Person], *, policy: Policy, now: datetime
) -> tuple[Alarm, Outcome]:
    """``officers`` are told what was found, each kind by its own sentence."""
    known = tuple(dict.fromkeys((*alarm.kinds, *(f.kind for f in found))))
    values = {
        "since": (alarm.since or now).isoformat(),
        "found": [[f.kind, f.count] for f in found],
        "again": alarm.times > 0,
    }
    after = replace(alarm, kinds=known, times=alarm.times + 1, told_at=now)
    detail: dict[str, str] = {f.kind: str(f.count) for f in found}
    event = Event(name="audit_found", at=now, actor="clock", ground="clock", detail=detail)
    notices = _notices("audit_found", alarm, officers, values, policy=policy, now=now)
    return after, Outcome(events=(event,), notices=notices)


def told_well(
    alarm: Alarm, officers: Sequence[Person], *, policy: Policy, now: datetime
) -> tuple[Alarm, Outcome]:
    """It is over: whoever heard of it hears that too."""
    if not alarm.times:
        return Alarm(), Outcome()
    values = {"since": (alarm.since or now).isoformat()}
    event = Event(name="audit_well", at=now, actor="clock", ground="clock")
    notices = _notices("audit_well", alarm, officers, values, policy=policy, now=now)
    return Alarm(), Outcome(events=(event,), notices=notices)


def _notices(
    kind: str, alarm: Alarm, officers: Sequence[Person], values: Mapping[str, object], *, policy: Policy,
    now: datetime,
) -> tuple[Notice, ...]:  # fmt: skip
    """One for each; at night without a sound: the officer can't mend it, and alerts go their own way."""
    begun = (alarm.since or now).isoformat()
    return tuple(
        Notice(
            key=f"{kind}:{begun}:{alarm.times}:{officer.id}",
            to=officer.id,
            kind=kind,
            priority=Priority.ALERT,
            values=values,
            silent=any(outside_quiet(now, post.role, policy) > now for post in officer.posts),
        )
        for officer in officers
    )
