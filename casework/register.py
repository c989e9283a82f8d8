"""Compares an imported roster with what is kept: only what differs changes, and nothing is ever removed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime

from casework.calendar import local_day
from casework.categories import classified
from casework.child_clock import awake
from casework.facts import amended
from casework.moving import follow, people_around
from casework.outcome import Event, NewId, Notice, Outcome
from casework.policy_models import Policy
from casework.records import Area, Child, Person, Record, Visit
from casework.register_children import child_of, placed
from casework.register_staff import left, looked_at_soon, person_of
from casework.roster import AreaRow, ChildRow, Kept, PersonRow, Roster, Tally
from casework.rostered import replaced, standing, words_of
from casework.visits import cancel_visit, plan_visit, reassign, tell_assigned

ACTOR, GROUND = "import", "roster"
ROUTINE = ("routine", "new_child")  # of these a child has one to be made


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What an import does. A sheet that was not there has a tally of nothing."""

    outcome: Outcome
    areas: Tally
    people: Tally
    children: Tally


def changes(
    roster: Roster,
    kept: Kept,
    *,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    tick: Callable[[], None] = lambda: None,
) -> Changes:
    """What must change so that what is kept says what the roster says; empty where it does already.

    Of a child counts what the roster says anew (`casework.rostered`); what was said since stands otherwise.
    The language of somebody who has joined is that person's choice and stays. A closed file stays closed. A
    village that came to another township takes its children along, also those that the roster does not name.
    ``tick`` is called once per row, to show how far it is.
    """
    gone = left(roster.people or (), kept.people)
    work = _Work(policy=policy, now=now, new_id=new_id, tick=tick, staff=kept.people, left=gone)
    areas = _areas(roster.areas, kept, work)
    places = {**kept.areas, **{row.code: _area(row, None) for row in roster.areas or ()}}
    people = _people(roster.people, kept, work)
    children = _children(roster.children, kept, work, places)
    named = {row.code for row in roster.children or ()}
    for child in kept.children.values():
        if child.id not in named:
            _moved_along(child, kept, work, places)
    _look_at_posts(kept, work)
    return Changes(outcome=work.outcome(), areas=areas, people=people, children=children)


def needs_history(roster: Roster, kept: Kept) -> tuple[str, ...]:
    """Children whose past visits must be known too, to tell a changed day from a visit made early."""
    rows = roster.children or ()
    return tuple(
        row.code
        for row in rows
        if row.next_visit and row.code in kept.children and not _is_due(row, kept.visits.get(row.code, ()))
    )


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What piles up, in lists: adding ten thousand outcomes one to another takes the square of the time."""

    policy: Policy
    now: datetime
    new_id: NewId
    tick: Callable[[], None]
    staff: Mapping[str, Person]
    left: frozenset[str] = frozenset()
    records: list[Record] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def take(self, outcome: Outcome) -> None:
        self.records.extend(outcome.records)
        self.events.extend(outcome.events)
        self.notices.extend(outcome.notices)

    def keep(self, record: Record, name: str, before: Record | None) -> None:
        detail = {} if before is None else {"fields": ",".join(_differing(before, record))}
        child = record.id if isinstance(record, Child) else None
        event = Event(
            name=name, at=self.now, actor=ACTOR, child=child, record=record.id, ground=GROUND, detail=detail
        )
        self.take(Outcome(records=(record,), events=(event,)))

    def outcome(self) -> Outcome:
        return Outcome(records=tuple(self.records), events=tuple(self.events), notices=tuple(self.notices))


def _differing(before: Record, after: Record) -> list[str]:
    names = (f.name for f in fields(after) if f.name not in ("wake_at", "rostered"))
    return [name for name in names if getattr(before, name) != getattr(after, name)]


@dataclass(kw_only=True)
class _Count:
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    replaced: list[str] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)

    def compared(self, work: _Work, noun: str, before: Record | None, after: Record) -> None:
        """Counts one record, and keeps it where it differs."""
        work.tick()
        if before is None:
            self.new += 1
            work.keep(after, f"{noun}_registered", None)
        elif before == after:
            self.unchanged += 1
        elif _differing(before, after):
            self.changed += 1
            work.keep(after, f"{noun}_changed", before)
        else:  # the roster came to say what the file says already: only that is kept
            self.unchanged += 1
            work.records.append(after)

    def held_against(self, row: ChildRow, before: Child, after: Child) -> None:
        """Counts the cells in which the chat had said, or says, something else."""
        words = words_of(row)
        self.replaced += [before.id] * len(replaced(words, before, after))
        self.standing += [before.id] * len(standing(words, after))

    def tally(self, missing: tuple[str, ...]) -> Tally:
        return Tally(
            new=self.new, changed=self.changed, unchanged=self.unchanged, missing=missing,
            replaced=tuple(self.replaced), standing=tuple(self.standing),
        )  # fmt: skip


def _missing(kept: Mapping[str, Record], named: set[str]) -> tuple[str, ...]:
    gone = ("closed", "left")
    return tuple(sorted(code for code, r in kept.items() if code not in named and r.status not in gone))


def _areas(rows: Sequence[AreaRow] | None, kept: Kept, work: _Work) -> Tally:
    if rows is None:
        return Tally()
    count = _Count()
    for row in rows:
        before = kept.areas.get(row.code)
        area = _area(row, before)
        if area.level == "county" and area != before:
            area = looked_at_soon(area, work.policy, work.now)
        count.compared(work, "area", before, area)
    return count.tally(_missing(kept.areas, {row.code for row in rows}))


def _look_at_posts(kept: Kept, work: _Work) -> None:
    """Where anything has changed, a post may be vacant now, or filled."""
    written = {(record.kind, record.id) for record in work.records}
    for area in kept.areas.values() if written else ():
        soon = looked_at_soon(area, work.policy, work.now)
        if area.level == "county" and soon is not area and (area.kind, area.id) not in written:
            work.records.append(soon)


def _area(row: AreaRow, before: Area | None) -> Area:
    if before is None:
        return Area(id=row.code, name=row.name, level=row.level, parent=row.parent)
    return replace(before, name=row.name, level=row.level, parent=row.parent)


def _people(rows: Sequence[PersonRow] | None, kept: Kept, work: _Work) -> Tally:
    if rows is None:
        return Tally()
    count, today = _Count(), local_day(work.now, work.policy)
    for row in rows:
        before = kept.people.get(row.code)
        count.compared(work, "person", before, person_of(row, before, work.now, today))
    staff = {code: p for code, p in kept.people.items() if any(post.role != "guardian" for post in p.posts)}
    return count.tally(_missing(staff, {row.code for row in rows}))


def _children(rows: Sequence[ChildRow] | None, kept: Kept, work: _Work, places: Mapping[str, Area]) -> Tally:
    if rows is None:
        return Tally()
    count = _Count()
    today = local_day(work.now, work.policy)
    for row in rows:
        before = kept.children.get(row.code)
        if before is not None and before.merged_into is not None:
            count.compared(work, "child", before, before)  # what the row says is said of the other file
            continue
        child = classified(child_of(row, before, places, today), work.policy.categories, today)
        if before is None or before.birth_date != child.birth_date:
            child = awake(child, work.policy, work.now)
        if before is not None and before.worker and child.worker in work.left:
            child = replace(child, worker=before.worker)  # who came after him keeps the children
        count.compared(work, "child", before, child)
        if before is None:
            _first_visit(row, child, work, today)
            _tell_worker(child, work)
        else:
            count.held_against(row, before, child)
            changed = amended(before, child, by=None, source=GROUND, now=work.now, new_id=work.new_id)
            work.records.extend(changed)
            _visits_kept_right(row, child, before, kept.visits.get(row.code, ()), work, today)
            _alerts_follow(child, before, kept, work)
    return count.tally(_missing(kept.children, {row.code for row in rows}))


def _first_visit(row: ChildRow, child: Child, work: _Work, today: date) -> None:
    """On the day that the file gives, unless it has passed; else as the policy has it for a new child."""
    given = row.next_visit if row.next_visit and row.next_visit >= today else None
    purpose = "routine" if given else "new_child"
    work.take(
        plan_visit(child, policy=work.policy, now=work.now, new_id=work.new_id, purpose=purpose, due=given)
    )


def _tell_worker(child: Child, work: _Work) -> None:
    """Only who has joined already: everybody else sees all the children on joining."""
    worker = work.staff.get(child.worker or "")
    if worker is None or worker.status != "joined":
        return
    (notice,) = tell_assigned(child).notices
    if all(other.key != notice.key for other in work.notices[-3:]):  # or the visits that went over told it
        work.notices.append(notice)


def _visits_kept_right(
    row: ChildRow, child: Child, before: Child, visits: Sequence[Visit], work: _Work, today: date
) -> None:
    """Another worker, risk or day for the visits that stand; nothing where the file only repeats itself.

    A day that the file gives is kept to, whatever the risk: otherwise the same file would move it to and fro.
    """
    if child.status != "active":
        return
    routine = next((v for v in visits if v.status == "planned" and v.purpose in ROUTINE), None)
    if routine and row.next_visit and row.next_visit >= today and _sets_day(row, routine, visits):
        visits = [v for v in visits if v is not routine]
        _to_day(routine, row.next_visit, child, work)
    moved = child.worker != before.worker
    if moved or child.risk != before.risk:
        work.take(reassign(child, visits=visits, policy=work.policy, now=work.now, by=ACTOR))
    if moved:
        _tell_worker(child, work)


def _sets_day(row: ChildRow, routine: Visit, visits: Sequence[Visit]) -> bool:
    return routine.due == row.next_visit or not _is_due(row, visits)


def _to_day(routine: Visit, day: date, child: Child, work: _Work) -> None:
    if routine.due == day and routine.person == child.worker:
        return
    work.take(cancel_visit(routine, reason="roster", now=work.now, by=ACTOR))
    work.take(plan_visit(child, policy=work.policy, now=work.now, new_id=work.new_id, due=day, after=routine))


def _is_due(row: ChildRow, visits: Sequence[Visit]) -> bool:
    """Whether a visit is or was planned for the day in the file: then the file says nothing new."""
    return any(v.due == row.next_visit and v.status != "cancelled" for v in visits)


def _moved_along(child: Child, kept: Kept, work: _Work, places: Mapping[str, Area]) -> None:
    moved = placed(child, places)
    if moved is not child:
        work.keep(moved, "child_changed", child)
        _alerts_follow(moved, child, kept, work)


def _alerts_follow(child: Child, before: Child, kept: Kept, work: _Work) -> None:
    """Open alerts go on with the people around the child now; the former ones see it no more."""
    alerts = kept.escalations.get(child.id, ())
    here = (before.worker, before.township, before.county)
    if not alerts or (child.worker, child.township, child.county) == here:
        return
    people = {**kept.people, **{r.id: r for r in work.records if isinstance(r, Person)}}
    around = people_around(child, people.values())
    for e in alerts:
        work.take(follow(e, around=around, now=work.now))
