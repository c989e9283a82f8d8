"""Two files that were joined are two again: all goes back, and what came meanwhile is not lost."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from casework.checkins import WAITING
from casework.child_clock import awake
from casework.facts import amended
from casework.ladder import OPEN, in_circle
from casework.merging import Files, name_of, of_files, told_of
from casework.moving import follow
from casework.outcome import NewId, Outcome
from casework.planning import plan_visit
from casework.policy_models import Policy
from casework.record import replace
from casework.records import (
    CheckIn,
    Child,
    Draft,
    Escalation,
    File,
    FilePart,
    Invite,
    Merge,
    Person,
    Record,
    Referral,
    Submission,
    Visit,
)
from casework.visit_steps import ROUTINE
from casework.visits import TO_DO, cancel_visit


def undo(m: Merge, files: Files, *, by: Person, policy: Policy, now: datetime, new_id: NewId) -> Outcome:
    """Both files are as they were before ``m``; ``files`` are they as they stand now.

    What nobody has touched since is restored to the letter. What went on meanwhile goes back as it is, with
    what hangs on it (a report on its visit, a referral of its matter); what is new stays with the kept file.
    Facts that were changed after the joining keep the change. Each open file has one routine visit again.
    Nothing where ``m`` is not done, or is undone already.
    """
    if m.status != "done":
        return Outcome()
    kept, other = _as_before(files.kept, m, 0), _as_before(files.other, m, 1)
    kept, other = awake(kept, policy, now), awake(other, policy, now)
    going = {name_of(r): r for r in _going(m, files.mine)}
    back = [_back(r, other, m) for r in going.values()]
    staying = [_restored(r, m) or _linked_back(r, m) for r in files.mine if name_of(r) not in going]
    of_shell = [_restored(r, m) or r for r in files.theirs]
    was = {name_of(r): r for r in (*files.mine, *files.theirs)}
    changed = [r for r in (*staying, *of_shell) if r != was[name_of(r)]]
    done = replace(
        m, status="undone", before=(), after=(), visits=(), checkins=(), escalations=(), referrals=()
    )
    history = amended(files.kept, kept, by=by.id, source="parting", now=now, new_id=new_id)
    people = _guardians_back(m, files)
    outcome = Outcome(
        records=(kept, other, done, *history, *people, *back, *changed),
        events=of_files("files_parted", m, by, now),
        notices=told_of("file_parted", done, (kept, other), by, files, policy, now),
    )
    for child, theirs in ((kept, staying), (other, [*of_shell, *back])):
        outcome += _one_routine(child, theirs, by=by.id, policy=policy, now=now, new_id=new_id)
    for e in (r for r in back if isinstance(r, Escalation) and r.status in OPEN):
        outcome += follow(e, around=in_circle(files.circles[other.id]), now=now)
    return outcome


def _as_before(child: Child, m: Merge, place: int) -> Child:
    """The file as it was, but for what was changed in it after the joining."""
    before, after = m.before[place], m.after[place]
    back = {
        f.name: getattr(before, f.name)
        for f in fields(child)
        if f.name not in ("version", "properties") and getattr(child, f.name) == getattr(after, f.name)
    }
    keys = {**before.properties, **after.properties, **child.properties}
    same = {key: child.properties.get(key) == after.properties.get(key) for key in keys}
    found = {key: (before if same[key] else child).properties.get(key) for key in keys}
    properties = {key: value for key, value in found.items() if value is not None}
    return replace(child, **back, properties=properties)


def _going(m: Merge, mine: Sequence[Record]) -> Iterator[Record]:
    """What goes back: what had come over, and what came of it since."""
    own = {name_of(r) for r in (*m.escalations, *m.checkins) if r.child == m.child}
    names, people = {*m.moved}, _their_people(m, mine)
    left = [r for r in mine if name_of(r) not in own]
    ids = {name.partition(" ")[2] for name in names}
    found = True
    while found:
        found = False
        for record in list(left):
            if name_of(record) in names or ids & set(_hangs_on(record)) or _asks(record, people):
                left.remove(record)
                ids.add(record.id)
                found = True
                yield record


def _hangs_on(record: Record) -> Iterator[str]:
    """The ids of what a record came of."""
    if isinstance(record, Submission | Draft):
        yield from (id for id in (record.visit, record.checkin, record.corrects, *record.matter[2:]) if id)
    elif isinstance(record, Escalation | File):
        yield from (id for id in (record.source,) if id)
    elif isinstance(record, FilePart):
        yield record.id.partition(":")[0]
    elif isinstance(record, Referral) and record.matter:
        yield record.matter


def _asks(record: Record, people: Collection[str]) -> bool:
    return isinstance(record, CheckIn) and record.status in WAITING and record.person in people


def _their_people(m: Merge, records: Iterable[Record]) -> set[str]:
    """Who cared for the other file alone, with whoever has joined since by an invite for it."""
    invites = (r for r in records if isinstance(r, Invite) and name_of(r) in m.moved)
    joined = {r.person for r in invites if r.used_at is not None and r.used_at >= m.at}
    return {*m.guardians, *(person for person in joined if person is not None)}


def _back(record: Record, other: Child, m: Merge) -> Record:
    """A record as the other file's again."""
    if (before := _restored(record, m)) is not None:
        return before
    changes: dict[str, object] = {"child": other.id}
    if isinstance(record, Visit) and record.status in TO_DO:
        changes["person"] = other.worker
    return replace(_linked_back(record, m), **changes)  # type: ignore[arg-type]


def _linked_back(record: Record, m: Merge) -> Record:
    """An alert of the visit that it went up for, which has come back."""
    if not isinstance(record, Escalation):
        return record
    source = next((e.source for e in m.escalations if e.id == record.id), record.source)
    return record if source == record.source else replace(record, source=source)


def _restored(record: Record, m: Merge) -> Record | None:
    """The record as it stood before the joining changed it, where nobody has touched it since; else None."""
    kept: Mapping[type[Record], Iterable[Record]] = {
        Visit: m.visits, CheckIn: m.checkins, Escalation: m.escalations, Referral: m.referrals,
    }  # fmt: skip
    for before in kept.get(type(record), ()):
        untouched = before.id == record.id and record.version == before.version + 1
        if untouched and not (isinstance(before, CheckIn) and before.child == m.child):
            return replace(before, version=record.version)
    return None


def _guardians_back(m: Merge, files: Files) -> list[Person]:
    """Who cared for the other file does so again."""
    kept, other, theirs = files.kept.id, files.other.id, _their_people(m, files.mine)
    changed = []
    for person in files.carers:
        if kept not in person.cares_for:
            continue
        if person.id in m.both:
            changed.append(replace(person, cares_for=(*person.cares_for, other)))
        elif person.id in theirs:
            cares = tuple(other if code == kept else code for code in person.cares_for)
            changed.append(replace(person, cares_for=cares))
    return changed


def _one_routine(
    child: Child, records: Sequence[Record], *, by: str, policy: Policy, now: datetime, new_id: NewId
) -> Outcome:
    """An open file has one routine visit to be made: the first due stays; without one it is planned."""
    todo = [r for r in records if isinstance(r, Visit) and r.status in TO_DO and r.purpose in ROUTINE]
    if child.status != "active":
        return Outcome()
    if not todo:
        return plan_visit(child, policy=policy, now=now, new_id=new_id)
    todo.sort(key=lambda v: v.due)
    outcome = Outcome()
    for visit in todo[1:]:
        outcome += cancel_visit(visit, reason="parted", now=now, by=by)
    return outcome
