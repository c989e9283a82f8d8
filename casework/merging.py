"""Two files of one child become one: what goes over to the file that stays, and nothing is lost by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from casework.calendar import local_day
from casework.checkins import WAITING, stop_checkin
from casework.child_clock import awake
from casework.facts import amended
from casework.ladder import OPEN, in_circle
from casework.moving import follow
from casework.outcome import Event, NewId, Notice, Outcome, Priority
from casework.own_quiet import undisturbed
from casework.policy_models import Policy
from casework.record import replace
from casework.records import (
    Attendance,
    CheckIn,
    Child,
    Circle,
    Escalation,
    Merge,
    Person,
    Record,
    Referral,
    Request,
    Visit,
)
from casework.referrals import WITH_CONTACT
from casework.side_by_side import joined_facts
from casework.visit_steps import ROUTINE
from casework.visits import TO_DO, cancel_visit, reassign

_STAY = ("entry", "merge")  # what belongs to the other file as a file: its number in the national register


class NotMergeable(ValueError):
    """The kept file is closed or was joined itself, a request about one of them waits, or it is one file."""


@dataclass(frozen=True, kw_only=True)
class Files:
    """Both files with what there is about them.

    ``mine``, ``theirs``: all records about the kept and the other one. ``carers``: everybody who is down as a
    guardian of either. ``circles``: who is around each of them, by code.
    """

    kept: Child
    other: Child
    mine: Sequence[Record]
    theirs: Sequence[Record]
    carers: Sequence[Person] = ()
    circles: Mapping[str, Circle]


def merge(m: Merge, files: Files, *, by: Person, policy: Policy, now: datetime, new_id: NewId) -> Outcome:
    """``m`` is done: what is about the other file is about the kept one now, and nothing of it is lost.

    Of two routine visits the one that is due first, and does not rest, stays. Alerts go on with who is around
    the kept file. Nothing where ``m`` is not being weighed any more. Raises `NotMergeable`.
    """
    if m.status != "weighed":
        return Outcome()
    kept, other = files.kept, files.other
    _refuse(files)
    after = joined_facts(kept, other, m.taken, policy, local_day(now, policy))
    after = awake(after, policy, now)
    shell = replace(
        other, status="closed", closed_on=other.closed_on or local_day(now, policy), merged_into=kept.id,
        id_number="", wake_at=None,
    )  # fmt: skip
    work = _Over(m=m, files=files, after=after, by=by, policy=policy, now=now)
    work.go()
    guardians, moved_people = _guardians_over(files)
    both = tuple(p.id for p in files.carers if {kept.id, other.id} <= {*p.cares_for})
    done = replace(
        m, status="done", person=by.id, at=now, child=kept.id, moved=tuple(work.moved), guardians=guardians,
        both=both, before=(kept, other), after=(after, shell), visits=tuple(work.visits),
        checkins=tuple(work.checkins), escalations=tuple(work.escalations),
        referrals=tuple(work.referrals),
    )  # fmt: skip
    event = of_files("files_joined", done, by, now)
    history = amended(kept, after, by=by.id, source="joining", now=now, new_id=new_id)
    first = Outcome(
        records=(after, shell, done, *history, *moved_people, *work.plain), events=event,
        notices=told_of("file_joined", done, (after, other), by, files, policy, now),
    )  # fmt: skip
    return first + work.outcome


def _refuse(files: Files) -> None:
    kept, other = files.kept, files.other
    if kept.id == other.id or kept.status != "active" or other.merged_into is not None:
        raise NotMergeable("file")
    if any(isinstance(r, Request) and r.status == "waiting" for r in (*files.mine, *files.theirs)):
        raise NotMergeable("request")


def of_files(name: str, m: Merge, by: Person, now: datetime) -> tuple[Event, ...]:
    """One in the trail of each file."""
    return tuple(
        Event(
            name=name, at=now, actor=by.id, child=child, record=m.id, ground="assignment",
            detail={"kept": m.child or "", "other": m.other},
        )
        for child in (m.child, m.other)
    )  # fmt: skip


def told_of(
    kind: str, m: Merge, children: Sequence[Child], by: Person, files: Files, policy: Policy, now: datetime
) -> tuple[Notice, ...]:
    """The workers of both files hear of it, without who did it himself."""
    found: dict[str, Notice] = {}
    for child in children:
        worker = files.circles[child.id].worker if child.id in files.circles else None
        if worker is None or worker.id == by.id or worker.id in found:
            continue
        moment = undisturbed(now, "village_worker", worker.quiet, policy)
        found[worker.id] = Notice(
            key=f"merge:{m.id}:{kind}:{worker.id}", to=worker.id, kind=kind, priority=Priority.DIGEST,
            about=("merge", m.id), child=m.child, not_before=moment if moment > now else None,
            values={"merge": m.id, "by": by.id},
        )  # fmt: skip
    return tuple(found.values())


def _guardians_over(files: Files) -> tuple[tuple[str, ...], list[Person]]:
    """Who cared for the other file alone, and everybody as they care for the kept one now."""
    kept, other = files.kept.id, files.other.id
    alone, changed = [], []
    for person in files.carers:
        if other not in person.cares_for:
            continue
        if kept in person.cares_for:
            cares = tuple(code for code in person.cares_for if code != other)
        else:
            cares = tuple(kept if code == other else code for code in person.cares_for)
            alone.append(person.id)
        changed.append(replace(person, cares_for=cares))
    return tuple(alone), changed


class _Over:
    """What goes over, as it piles up: ``plain`` records, and what the rules of visits and alerts decide."""

    def __init__(
        self, *, m: Merge, files: Files, after: Child, by: Person, policy: Policy, now: datetime
    ) -> None:
        self._m, self._files, self._after = m, files, after
        self._by, self._policy, self._now = by, policy, now
        self.moved: list[str] = []
        self.plain: list[Record] = []
        self.outcome = Outcome()
        self.visits: list[Visit] = []
        self.checkins: list[CheckIn] = []
        self.escalations: list[Escalation] = []
        self.referrals: list[Referral] = []

    def go(self) -> None:
        """Every record about the other file, by its kind."""
        came = {r.activity for r in self._files.mine if isinstance(r, Attendance)}
        relinked = self._routine()
        for record in self._files.theirs:
            if record.kind in _STAY or (isinstance(record, Attendance) and record.activity in came):
                continue
            if isinstance(record, Visit) and record.status in TO_DO:
                continue  # `_routine` has seen to them
            self.moved.append(name_of(record))
            if isinstance(record, Escalation) and record.status in OPEN:
                self._alert(record, relinked)
            elif isinstance(record, CheckIn) and record.status in WAITING:
                self._prompt(record)
            elif isinstance(record, Referral) and record.status in WITH_CONTACT and self._is_far():
                self.referrals.append(record)  # the clock looks for a contact who is near now
                self.plain.append(replace(record, child=self._after.id, wake_at=self._now))
            else:
                self.plain.append(replace(record, child=self._after.id))
        for record in self._files.mine:
            if isinstance(record, CheckIn) and record.status in WAITING:
                self.checkins.append(record)  # as one that was the kept file's own
            if isinstance(record, Escalation) and record.status in OPEN and record.source in relinked:
                self.escalations.append(record)
                self.plain.append(replace(record, source=relinked[record.source or ""]))

    def _is_far(self) -> bool:
        return self._files.other.township != self._after.township

    def _routine(self) -> dict[str, str]:
        """Of the routine visits one stays; what is to be made besides goes over.

        Returns which visit speaks for the one that is cancelled, so that its alerts end with that one.
        """
        mine = [v for v in self._files.mine if isinstance(v, Visit) and v.status in TO_DO]
        theirs = [v for v in self._files.theirs if isinstance(v, Visit) and v.status in TO_DO]
        routine = [v for v in (*mine, *theirs) if v.purpose in ROUTINE]
        stays = min(routine, key=lambda v: (v.pause is not None, v.due), default=None)
        gone = [v for v in routine if v is not stays]
        for visit in gone:
            self.visits.append(visit)
            self.outcome += cancel_visit(visit, reason="joined", now=self._now, by=self._by.id)
        going = [v for v in theirs if v not in gone]
        self.visits += going
        self.moved += map(name_of, going)
        there = [replace(v, child=self._after.id, person=self._after.worker) for v in going]
        staying = [v for v in mine if v not in gone]
        shifted = reassign(
            self._after, visits=[*staying, *there], policy=self._policy, now=self._now, by=self._by.id
        )
        changed = {r.id for r in shifted.records}
        self.visits += [v for v in staying if v.id in changed]
        self.plain += there
        self.outcome += shifted
        return {v.id: stays.id for v in gone} if stays is not None else {}

    def _alert(self, e: Escalation, relinked: Mapping[str, str]) -> None:
        self.escalations.append(e)
        source = relinked.get(e.source or "", e.source)
        moved = replace(e, child=self._after.id, source=source)
        self.plain.append(moved)
        around = in_circle(self._files.circles[self._after.id])
        self.outcome += follow(moved, around=around, now=self._now)

    def _prompt(self, c: CheckIn) -> None:
        """A guardian of both is not asked twice."""
        self.checkins.append(c)
        asked = {r.person for r in self._files.mine if isinstance(r, CheckIn) and r.status in WAITING}
        moved = replace(c, child=self._after.id)
        if c.person in asked:
            self.outcome += stop_checkin(moved, reason="joined", by=self._by.id, now=self._now)
        else:
            self.plain.append(moved)


def name_of(record: Record) -> str:
    """How a record stands in `Merge.moved`."""
    return f"{record.kind} {record.id}"
