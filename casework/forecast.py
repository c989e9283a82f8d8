"""What the coming days would bring under a policy: the clock's rules, run ahead on a copy of what is kept."""

import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Literal

from casework.calendar import at_hour, local_day
from casework.checkins import WAITING, answer_checkin
from casework.circles import Around
from casework.escalations import acknowledge, resolve
from casework.forecast_tally import Tally
from casework.ladder import OPEN
from casework.outcome import Outcome
from casework.policy_models import Policy
from casework.records import CheckIn, Child, Circle, Escalation, Matter, Person, Record, Visit
from casework.visits import TO_DO, complete_visit
from casework.waking import wake_record

Course = Literal["done", "silent"]
MADE_AT = 17  # o'clock, on its day, at which a visit is made
ANSWERED = timedelta(hours=1)  # after a prompt
_WAITING = {"visit": TO_DO, "escalation": OPEN, "checkin": WAITING, "matter": ("open",),
            "child": ("active",)}  # fmt: skip
_Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Books:
    """What is kept at a moment, as far as the clock looks at it. Of what has ended nothing is needed."""

    people: Sequence[Person]
    children: Sequence[Child]
    visits: Sequence[Visit] = ()
    escalations: Sequence[Escalation] = ()
    checkins: Sequence[CheckIn] = ()
    matters: Sequence[Matter] = ()


def forecast(books: Books, *, policy: Policy, now: datetime, days: int, course: Course) -> Tally:
    """What everybody would get from ``now`` for so many days, today the first, if no new report comes.

    ``silent``: nobody answers anything. ``done``: a visit is made on its day (a late one at once) where
    somebody is there to make it, prompts are answered, an alert is taken on and ended when it is told, a
    matter when it is reminded of. Open
    escalations go on by the ladder that they began with, and what is planned keeps its day, as in the bot.
    """
    run = _Run(books, policy, now, days, course)
    waiting: dict[str, list[Record]] = defaultdict(list)
    for record in (*books.visits, *books.escalations, *books.checkins, *books.matters):
        waiting[record.child or ""].append(record)
    for child in books.children:
        if child.wake_at is not None and child.wake_at < run.end:
            waiting[child.id].append(child)
    for child in books.children:
        if child.id in waiting:
            _OneChild(run, child, waiting[child.id]).play()
    return run.tally


class _Run:
    """What all children have in common."""

    def __init__(self, books: Books, policy: Policy, start: datetime, days: int, course: Course) -> None:
        self.policy, self.start, self.course = policy, start, course
        self.first = local_day(start, policy)
        self.end_day = self.first + timedelta(days=days)
        self.end = at_hour(self.end_day, 0, policy)
        self.tally = Tally()
        self.seen: set[str] = set()  # the keys of all messages
        self.known = {person.id: person for person in books.people}
        self._held: dict[tuple[str, str], list[str]] = defaultdict(list)
        for id, person in sorted(self.known.items()):
            for post in person.posts:
                self._held[post.role, post.area].append(id)
            for child in person.cares_for:
                self._held["cares_for", child].append(id)
        self._turns = sorted(set(_leave_turns(books.people)))
        self._circles: dict[tuple[object, ...], Circle] = {}
        self._ids = count(1)

    def new_id(self) -> str:
        return f"forecast-{next(self._ids)}"

    def circle(self, child: Child, now: datetime) -> Circle:
        """The people around a child; the same for all who have the same people, until somebody's leave."""
        today = local_day(now, self.policy)
        held = {
            "township_officer": self._held["township_officer", child.township],
            "county_officer": self._held["county_officer", child.county],
            "cares_for": self._held["cares_for", child.id],
        }
        since = bisect_right(self._turns, today)
        key = (since, child.worker, child.township, child.county, *held["cares_for"])
        if key not in self._circles:
            self._circles[key] = Around(held=held, known=self.known, today=today).circle(child)
        return self._circles[key]


def _leave_turns(people: Sequence[Person]) -> Iterator[date]:
    """The days on which others begin to act for somebody, or cease to."""
    for person in people:
        if person.leave is not None:
            yield from (person.leave.start, person.leave.end + timedelta(days=1))


class _OneChild:
    """One child's days: what waits, in the order of its moments."""

    def __init__(self, run: _Run, child: Child, waiting: Sequence[Record]) -> None:
        self._run, self._child = run, child
        self._open: dict[_Key, Record] = {}
        self._queue: list[tuple[datetime, int, datetime | None, _Key]] = []
        self._order = count()
        self._now = run.start
        for record in waiting:
            if run.course == "silent" or record.status != "acknowledged":
                self._keep(record)

    def play(self) -> None:
        while self._queue and self._queue[0][0] < self._run.end:
            self._now, _, wake_at, key = heapq.heappop(self._queue)
            record = self._open.get(key)
            if record is None:
                continue
            if wake_at is None:
                self._done(record)
            elif record.wake_at == wake_at:
                self._wake(record)

    def _circle(self) -> Circle:
        return self._run.circle(self._child, self._now)

    def _visits(self) -> list[Visit]:
        return [record for record in self._open.values() if isinstance(record, Visit)]

    def _escalations(self) -> list[Escalation]:
        return [record for record in self._open.values() if isinstance(record, Escalation)]

    def _wake(self, record: Record) -> None:
        outcome = wake_record(
            record,
            child=self._child,
            circle=self._circle(),
            policy=self._run.policy,
            now=self._now,
            new_id=self._run.new_id,
            visits=self._visits(),
            escalations=self._escalations(),
        )
        self._take(outcome)
        if self._run.course == "done":
            self._answer(outcome)

    def _take(self, outcome: Outcome) -> None:
        """Keeps and counts it."""
        run, tally, town = self._run, self._run.tally, self._child.township
        told = next((n.to for n in outcome.notices if n.kind == "duties"), None)
        for event in outcome.events:
            tally.happened(event, told or self._child.worker or "", town)
        for notice in outcome.notices:
            if notice.key not in run.seen:  # else it is the same message
                run.seen.add(notice.key)
                tally.sent(notice, local_day(notice.not_before or self._now, run.policy), town)
        for record in outcome.records:
            self._keep(record)

    def _keep(self, record: Record) -> None:
        if record.kind not in _WAITING:
            return
        key = record.kind, record.id
        if record.status not in _WAITING[record.kind]:
            self._open.pop(key, None)
            return
        if isinstance(record, Visit) and key not in self._open:
            self._begin(record, key)
        if isinstance(record, Child):
            self._child = record
        self._open[key] = record
        if record.wake_at is not None:
            self._put(max(record.wake_at, self._now), record.wake_at, key)

    def _begin(self, visit: Visit, key: _Key) -> None:
        run = self._run
        if run.first <= visit.due < run.end_day:
            run.tally.due(visit.person or "", self._child.township)
        if run.course == "done":
            day = max(visit.due, local_day(self._now, run.policy))
            moment = at_hour(day, MADE_AT, run.policy)
            self._put(moment if moment > self._now else moment + timedelta(days=1), None, key)

    def _put(self, when: datetime, wake_at: datetime | None, key: _Key) -> None:
        heapq.heappush(self._queue, (when, next(self._order), wake_at, key))

    def _answer(self, outcome: Outcome) -> None:
        """People do at once, or will do, what they were just asked to."""
        told = next((n.to for n in outcome.notices if n.kind == "escalation_told"), None)
        for record in outcome.records:
            if isinstance(record, Matter):
                self._open.pop(("matter", record.id), None)
            if isinstance(record, CheckIn) and record.status == "asked" and record.asked_at is not None:
                self._put(record.asked_at + ANSWERED, None, ("checkin", record.id))
            if isinstance(record, Escalation) and record.status == "open" and told is not None:
                self._end(record, self._run.known[told])

    def _end(self, e: Escalation, by: Person) -> None:
        circle, policy, now = self._circle(), self._run.policy, self._now
        taken = acknowledge(e, by=by, circle=circle, policy=policy, now=now)
        self._take(taken)
        for held in taken.records:
            if isinstance(held, Escalation):
                self._take(resolve(held, by=by, outcome="-", circle=circle, policy=policy, now=now))

    def _done(self, record: Record) -> None:
        """A visit is made where there is somebody to make it; a prompt is answered."""
        run, circle = self._run, self._circle()
        if isinstance(record, Visit) and circle.worker is not None:
            outcome = complete_visit(
                record, child=self._child, by=circle.worker.id, submission="-", policy=run.policy,
                now=self._now, new_id=run.new_id, circle=circle, open_escalations=self._escalations(),
            )  # fmt: skip
            self._take(outcome)
        if isinstance(record, CheckIn):
            outcome = answer_checkin(
                record, submission="-", child=self._child, policy=run.policy, now=self._now,
                new_id=run.new_id, phone_tasks=self._visits(),
            )  # fmt: skip
            self._take(outcome)
