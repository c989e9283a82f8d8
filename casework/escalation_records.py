"""The record of an escalation: who was told, what was done, when the clock looks again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from casework.record import Record

Urgency = Literal["now", "today", "days", "note"]


@dataclass(frozen=True, kw_only=True)
class Told:
    """Somebody was told of an escalation at a rung.

    ``delivered_at``: when the channel took a message about it for this person; ``seen_at``: when he first
    tapped or wrote something about it. None: not that we know.
    """

    person: str
    at: datetime
    rung: int
    undelivered: str = ""  # why it could not be delivered; "" = as far as known it was
    delivered_at: datetime | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One line of an escalation's story: what was done, by whom. ``until``: what was put off, and to when."""

    at: datetime
    name: str  # the event's name: escalation_opened, escalation_acknowledged, …
    by: str | None = None
    note: str = ""
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Escalation(Record):
    """A matter that goes up until somebody has taken it on and dealt with it. ``person`` is who holds it now.

    ``status``: open, acknowledged, resolved, withdrawn. ``flag`` is the kind (dropout, missed_visit,
    help_wanted, …). ``number`` is short and county-wide, for people to say and type; storage gives it (0 =
    not yet). ``ladder`` are the steps, ``clock`` the times (`clocks.clock_of`) of the policy that was in
    force when it began, kept so that a new policy does not change them. ``rung`` counts from 0; ``repeats``
    how often the present rung was told again; ``tellings`` counts all tellings ever and makes their keys
    unique. ``author`` is who reported it and hears the end, None where nobody does (the clock, or
    a guardian who must not). ``under``: the child's greater one, in whose messages it is named; it says
    nothing of its own while that one lasts. ``proposed_by`` wants to end it with ``outcome``, where a second
    person must agree.

    While it is open: ``climb_at`` is when the next rung is told if nobody has taken it on (None: there is
    none above). With ``person`` it waits for that person (a hand-over, a lapse) until then; ``given_by`` is
    who handed it over and gets it back. ``counted_from``: the waits count from then, and nobody is known to
    have got the last telling; None: somebody has it.

    While it is acknowledged: ``lapse_at`` is when that lapses, ``chase_at`` when the second clock asks for
    the outcome, ``rests_until`` when it is over that it rests (then neither of them runs). ``outcome_by`` is
    the day by which an outcome was to be recorded (None: begun before there were such days), ``chases``
    how often its being late was told, ``rests`` how often it was put to rest.
    """

    kind: ClassVar[str] = "escalation"
    status: str = "open"
    number: int = 0
    flag: str
    urgency: Urgency
    opened_at: datetime
    source: str | None = None  # id of the visit or submission that caused it
    facts: Mapping[str, str] = field(default_factory=dict)  # what, since when, what was done: plain values
    ladder: tuple[Mapping[str, Any], ...] = ()
    clock: Mapping[str, Any] = field(default_factory=dict)
    rung: int = 0
    repeats: int = 0
    tellings: int = 0
    climb_at: datetime | None = None
    given_by: str | None = None
    counted_from: datetime | None = None
    author: str | None = None
    under: str | None = None
    told: tuple[Told, ...] = ()
    acknowledged_at: datetime | None = None
    lapse_at: datetime | None = None
    outcome_by: datetime | None = None
    chase_at: datetime | None = None
    chases: int = 0
    rests_until: datetime | None = None
    rests: int = 0
    outcome: str = ""
    proposed_by: str | None = None
    story: tuple[Deed, ...] = ()
