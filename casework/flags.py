"""Flags: what a submission's ``flag_KIND`` calculations say, and the escalations that follow from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args

from casework.clocks import started
from casework.escalations import open_escalation, withdraw
from casework.gathering import is_more_urgent
from casework.ladder import OPEN, announce, climb, happened, stand_on, steps_of, unheard
from casework.outcome import Event, NewId, Outcome, ground_of
from casework.policy_models import Policy
from casework.records import Child, Circle, Deed, Escalation, Submission, Urgency

_FLAG, _FACT = "flag_", "fact_"
_URGENCIES: tuple[Urgency, ...] = get_args(Urgency)  # the most urgent first


@dataclass(frozen=True, kw_only=True)
class Flag:
    """Something about a child that others must know, and how soon. ``kind`` is the form author's own word."""

    kind: str
    urgency: Urgency


def flags_of(calculated: Mapping[str, str]) -> tuple[Flag, ...]:
    """The flags that a submission's calculations raise, the most urgent first.

    A value that is none of now, today, days and note counts as ``days``: a fault in a form must not swallow
    a flag. `flag_faults` finds such forms' values beforehand.
    """
    found = [Flag(kind=name.removeprefix(_FLAG), urgency=_urgency(v)) for name, v in _raised(calculated)]
    return tuple(sorted(found, key=lambda flag: _URGENCIES.index(flag.urgency)))


def flag_faults(calculated: Mapping[str, str]) -> tuple[str, ...]:
    """One line for each flag whose value is not an urgency: name, value, and what would be right."""
    return tuple(
        f"{name}: {value!r} 应为 now、today、days、note 或空 / must be now, today, days, note or empty"
        for name, value in _raised(calculated)
        if value.strip().lower() not in _URGENCIES
    )


def _raised(calculated: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(n, v) for n, v in calculated.items() if n.startswith(_FLAG) and n != _FLAG and v.strip()]


def _urgency(value: str) -> Urgency:
    return next((u for u in _URGENCIES if u == value.strip().lower()), "days")


def facts_of(kind: str, submission: Submission) -> dict[str, str]:
    """What an escalation of ``kind`` says.

    Calculations ``fact_KIND_NAME`` are for that kind alone, other ``fact_NAME`` for all; ``form`` and
    ``at`` always.
    """
    facts = {"form": submission.form, "at": submission.at.isoformat()}
    kinds = [name.removeprefix(_FLAG) for name in submission.calculated if name.startswith(_FLAG)]
    for name, value in submission.calculated.items():
        if not name.startswith(_FACT) or not value.strip():
            continue
        word = name.removeprefix(_FACT)
        owner = max((k for k in kinds if word.startswith(f"{k}_")), key=len, default=None)
        if owner in (None, kind):
            facts[word.removeprefix(f"{kind}_") if owner else word] = value
    return facts


def raise_flags(
    flags: Sequence[Flag],
    *,
    submission: Submission,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    already_open: Sequence[Escalation],
) -> Outcome:
    """What follows from a submission's flags. ``already_open``: the child's open escalations.

    A child has one open escalation of a kind: a second flag is written down in it, and tells anew only if
    more urgent. What is raised together is told in one message.
    """
    outcome = Outcome()
    for flag in flags:
        raised = (r for r in outcome.records if isinstance(r, Escalation))
        outcome += raise_one(
            flag,
            source=submission.id,
            by=submission.person,
            facts=facts_of(flag.kind, submission),
            child=child,
            circle=circle,
            policy=policy,
            now=now,
            new_id=new_id,
            already_open=already_open,
            together=tuple(raised),
        )
    return outcome


def raise_one(
    flag: Flag,
    *,
    source: str,
    by: str | None,
    facts: Mapping[str, str],
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    already_open: Sequence[Escalation] = (),
    together: Sequence[Escalation] = (),
) -> Outcome:
    """What follows from one flag. A note without a ladder is written down and tells nobody.

    ``together``: what the same report has raised before.
    """
    detail = {"flag": flag.kind, "urgency": flag.urgency, "source": source}
    raised = Outcome(events=(_event("flag_raised", child, by, now, detail),))
    known = next((e for e in already_open if e.flag == flag.kind and e.status in OPEN), None)
    if known is None and policy.ladder_of(flag.kind, flag.urgency) is None:
        return raised
    if known is None:
        return raised + open_escalation(
            flag.kind,
            child=child,
            circle=circle,
            facts=facts,
            source=source,
            by=by,
            policy=policy,
            now=now,
            new_id=new_id,
            urgency=flag.urgency,
            among=together,
        )
    return raised + _once_more(known, flag, source, by, facts, circle=circle, policy=policy, now=now)


def _once_more(
    known: Escalation,
    flag: Flag,
    source: str,
    by: str | None,
    facts: Mapping[str, str],
    *,
    circle: Circle,
    policy: Policy,
    now: datetime,
) -> Outcome:
    story = (*known.story, Deed(at=now, name="flag_raised", by=by, note=source))
    noted = replace(known, story=story, facts={**known.facts, **facts})
    if is_more_urgent(flag.urgency, known.urgency):
        return _upgrade(noted, urgency=flag.urgency, circle=circle, policy=policy, now=now)
    return Outcome(records=(noted,))


def _upgrade(
    e: Escalation,
    *,
    urgency: Urgency,
    circle: Circle,
    policy: Policy,
    now: datetime,
) -> Outcome:
    """Starts it anew on the ladder of a greater urgency; who was told before stays told."""
    name = policy.ladder_of(e.flag, urgency) or "days"
    steps = steps_of(policy.ladders[name])
    anew = replace(stand_on(e, 0), under=None, urgency=urgency, ladder=steps)
    risen = started(anew, urgency=urgency, policy=policy, now=now)
    event = happened(e, "escalation_upgraded", now=now, urgency=urgency, ladder=name)
    heard = climb(risen, 0, circle=circle, policy=policy, now=now, anew=True) or unheard(risen, now=now)
    return Outcome(events=(event,)) + heard


def correct_flags(
    old: Submission,
    new: Submission,
    *,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    already_open: Sequence[Escalation],
) -> Outcome:
    """What follows when ``new`` replaces ``old``: what fell away is withdrawn, what is new raised.

    A flag that stays keeps its escalation, with the new facts, and goes up anew only if it became more
    urgent. One that has ended stays ended. An escalation that an earlier submission began stays open when
    only this one's flag falls away.
    """
    flags = flags_of(new.calculated)
    before = {flag.kind: flag for flag in flags_of(old.calculated)}
    after = {flag.kind for flag in flags}
    outcome = Outcome()
    for kind in (kind for kind in before if kind not in after):
        outcome += _fallen(
            kind, old, new, child=child, circle=circle, policy=policy, now=now, already_open=already_open
        )
    mine = tuple(
        replace(e, source=new.id) if e.source == old.id and e.flag in after else e for e in already_open
    )
    fresh = tuple(flag for flag in flags if _is_fresh(flag, before, mine))
    return outcome + raise_flags(
        fresh,
        submission=new,
        child=child,
        circle=circle,
        policy=policy,
        now=now,
        new_id=new_id,
        already_open=mine,
    )


def _is_fresh(flag: Flag, before: Mapping[str, Flag], already_open: Sequence[Escalation]) -> bool:
    """A flag whose escalation has ended is not raised again by a correction that leaves it as it was."""
    still_open = any(e.flag == flag.kind and e.status in OPEN for e in already_open)
    was = before.get(flag.kind)
    return was is None or still_open or is_more_urgent(flag.urgency, was.urgency)


def _fallen(
    kind: str,
    old: Submission,
    new: Submission,
    *,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    already_open: Sequence[Escalation],
) -> Outcome:
    event = _event("flag_withdrawn", child, new.person, now, {"flag": kind, "source": new.id})
    outcome = Outcome(events=(event,))
    for e in already_open:
        if e.flag != kind or e.status not in OPEN:
            continue
        if e.source == old.id and not _held_danger(e, policy):
            outcome += withdraw(e, by=new.person, reason="corrected", circle=circle, policy=policy, now=now)
            continue
        deed = Deed(at=now, name="flag_withdrawn", by=new.person, note=new.id)
        noted = replace(e, story=(*e.story, deed))
        outcome += Outcome(records=(noted,))
        if e.source == old.id:
            turn = len(noted.story)
            told = announce(
                noted, "escalation_doubted", circle=circle, policy=policy, now=now, but=new.person, turn=turn
            )
            outcome += Outcome(notices=told)
    return outcome


def _held_danger(e: Escalation, policy: Policy) -> bool:
    """An urgent danger in somebody's hands: its reporter alone does not end it, by pressure or mistake."""
    return e.status == "acknowledged" and e.urgency == "now" and policy.flag(e.flag).two_close


def _event(name: str, child: Child, by: str | None, now: datetime, detail: Mapping[str, str]) -> Event:
    return Event(
        name=name,
        at=now,
        actor=by or "clock",
        child=child.id,
        ground=ground_of(by or "clock"),
        detail=dict(detail),
    )
