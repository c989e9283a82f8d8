"""What the model check looks for in a state, which states it takes for alike, and with which it begins."""

from collections.abc import Iterator
from datetime import timedelta

from casework.calendar import is_quiet
from casework.clocks import arrives_by
from casework.escalations import open_escalation
from casework.ladder import OPEN, on_rung
from casework.records import Escalation
from tests.casework.model_moves import look, restart
from tests.casework.model_state import State, Step, bit_of, circle_of, kept, ring_of, roles_of
from tests.casework.world import CHILD, DAY, MINUTE, POLICY, at

FLAGS = {"now": "danger", "today": "dropout", "days": "parents_silent", "help": "help_wanted"}
BEGINS = {"opened by day": at("2026-11-23 09:00"), "opened by night": at("2026-11-23 23:00")}
LOOKS, LONGEST = 12, 45 * DAY  # so often, and so long, the clock may look before somebody is told
NIGHT = POLICY.quiet("township_officer")

Key = tuple[object, ...]


def key_of(s: State) -> Key:
    """What of an alert decides what can follow."""
    e, now = s.e, s.now
    if e.status not in OPEN:
        return e.status, e.wake_at is None
    if e.status == "open":
        moments, others = (e.wake_at, e.climb_at, arrives_by(e)), (e.chase_at, e.outcome_by)
    else:
        moments, others = (e.wake_at, e.lapse_at, e.chase_at, e.rests_until, e.outcome_by), ()
    order = sorted({moment for moment in moments if moment is not None and moment > now})
    told = frozenset((t.person, bool(t.undelivered)) for t in e.told)
    waits = e.counted_from is not None and now - e.counted_from >= MINUTE
    quiet = e.ladder[0]["quiet"] and is_quiet(now.astimezone(POLICY.zone).time(), NIGHT)
    return (
        e.status, e.rung, e.person, e.given_by, e.proposed_by, min(e.chases, len(e.ladder)), e.rests, told,
        e.counted_from is not None, waits, quiet,
        *(None if m is None else order.index(m) if m > now else -1 for m in moments),
        *(None if m is None else m > now for m in others),
    )  # fmt: skip


def all_of(s: State) -> Key:
    """All of an alert but what it was opened with: no two are alike."""
    opened_with = ("facts", "ladder", "clock")
    return s.now, s.keys, *(value for name, value in vars(s.e).items() if name not in opened_with)


def begun(ladder: str) -> Iterator[tuple[str, State]]:
    """The alert as it is just opened."""
    for name, now in BEGINS.items():
        outcome = open_escalation(
            FLAGS[ladder], child=CHILD, circle=circle_of(frozenset(), frozenset()), facts={}, source="s1",
            by="wang", policy=POLICY, now=now, new_id=lambda: "e1",
        )  # fmt: skip
        (e,) = (r for r in outcome.records if isinstance(r, Escalation))
        yield name, kept(State(e=e, now=now), outcome).to


def fault_of(s: State) -> str:
    """What is wrong with an alert by itself; "" = nothing."""
    e = s.e
    if e.status not in OPEN:
        return "an ended one waits for the clock" if e.wake_at is not None else ""
    if e.wake_at is None:
        return "it is open and the clock never looks at it again"
    if restart(s).to.e != e:
        return "it is another one after a restart"
    if e.rests_until is not None and (e.status != "acknowledged" or e.wake_at != e.rests_until):
        return "its rest has no end"
    return ""


def silent(s: State, step: Step) -> tuple[str, timedelta]:
    """Whether, from the clock's look ``step`` on, by the clock alone, nobody is ever told of an open one.

    That is a fault where somebody can be. Also how long it takes until somebody is told.
    """
    roles = roles_of(ring_of(s.away, s.blocked))
    for _ in range(LOOKS):
        then = step.to
        if then.e.wake_at is None or then.e.wake_at <= then.now:
            return "the clock looks at it and sets no later moment", timedelta(0)
        if then.now - s.now > LONGEST:
            break
        if any(n.to in roles for n in step.notices):
            return "", then.now - s.now
        step = look(then)
        fault = told_again(then, step)
        if fault:
            return f"{fault}, once the clock looks", timedelta(0)
    heard = any(on_rung(s.e, rung, s.circle) for rung in range(len(s.e.ladder)))
    return ("somebody can be reached, and nobody is ever told" if heard else ""), timedelta(0)


def told_again(before: State, step: Step) -> str:
    """A message with the key of an earlier one would never be sent."""
    keys = before.keys
    for notice in step.notices:
        if keys & bit_of(notice.key):
            return f"two messages with the key {notice.key}"
        keys |= bit_of(notice.key)
    return ""
