"""One child's coming days: what waits, in the order of its moments, decided by the clock's own rules."""

import heapq
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

from casework.calendar import at_hour, local_day
from casework.checkins import WAITING, answer_checkin
from casework.escalations import acknowledge, resolve
from casework.forecast_run import Run
from casework.ladder import OPEN
from casework.outcome import Outcome
from casework.records import CheckIn, Child, Circle, Escalation, Matter, Person, Record, Referral, Visit
from casework.referrals import OPEN as REFERRED
from casework.visits import TO_DO, complete_visit
from casework.waking import wake_record

MADE_AT = 17  # o'clock, on its day, at which a visit is made
ANSWERED = timedelta(hours=1)  # after a prompt
_WAITING = {
    "visit": TO_DO, "escalation": OPEN, "checkin": WAITING, "matter": ("open",), "referral": REFERRED,
    "child": ("active",),
}  # fmt: skip
_Key = tuple[str, str]


class OneChild:
    """One child's days: what waits, in the order of its moments."""

    def __init__(self, run: Run, child: Child, waiting: Sequence[Record]) -> None:
        self._run, self.child = run, child
        self._open: dict[_Key, Record] = {}
        self._queue: list[tuple[datetime, int, datetime | None, _Key]] = []
        self._order = count()
        self._now = run.start
        for record in waiting:
            if run.course == "silent" or record.status != "acknowledged":
                self._keep(record)

    def play(self, until: datetime) -> None:
        """What waits for a moment before ``until``."""
        while self._queue and self._queue[0][0] < until:
            self._now, _, wake_at, key = heapq.heappop(self._queue)
            record = self._open.get(key)
            if record is None:
                continue
            if wake_at is None:
                self._done(record)
            elif record.wake_at == wake_at:
                self._wake(record)

    def _circle(self) -> Circle:
        return self._run.circle(self.child, self._now)

    def _visits(self) -> list[Visit]:
        return [record for record in self._open.values() if isinstance(record, Visit)]

    def turns(self) -> list[Matter | Referral]:
        """The open ones of which it is somebody's turn."""
        return [record for record in self._open.values() if isinstance(record, Matter | Referral)]

    def escalations(self) -> list[Escalation]:
        """The open ones."""
        return [record for record in self._open.values() if isinstance(record, Escalation)]

    def _wake(self, record: Record) -> None:
        outcome = wake_record(
            record,
            child=self.child,
            circle=self._circle(),
            policy=self._run.policy,
            now=self._now,
            new_id=self._run.new_id,
            visits=self._visits(),
            escalations=self.escalations(),
            contacts=self._run.contacts(self.child, self._now) if isinstance(record, Referral) else (),
        )
        self._take(outcome)
        if self._run.course == "done":
            self._answer(outcome)

    def _take(self, outcome: Outcome) -> None:
        """Keeps and counts it."""
        run, tally, town = self._run, self._run.tally, self.child.township
        told = next((n.to for n in outcome.notices if n.kind == "duties"), None)
        for event in outcome.events:
            tally.happened(event, told or self.child.worker or "", town)
        run.sent(outcome.notices, self._now, town)
        for record in outcome.records:
            self._keep(record)

    def keep(self, record: Record, now: datetime) -> None:
        """What others decided about one of the child's at ``now``."""
        self._now = max(self._now, now)
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
            self.child = record
        self._open[key] = record
        if record.wake_at is not None:
            self._put(max(record.wake_at, self._now), record.wake_at, key)

    def _begin(self, visit: Visit, key: _Key) -> None:
        run = self._run
        if run.first <= visit.due < run.end_day:
            run.tally.due(visit.person or "", self.child.township)
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
            if isinstance(record, Matter | Referral):
                self._open.pop((record.kind, record.id), None)
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
                record, child=self.child, by=circle.worker.id, submission="-", policy=run.policy,
                now=self._now, new_id=run.new_id, circle=circle, open_escalations=self.escalations(),
            )  # fmt: skip
            self._take(outcome)
        if isinstance(record, CheckIn):
            outcome = answer_checkin(
                record, submission="-", child=self.child, policy=run.policy, now=self._now,
                new_id=run.new_id, phone_tasks=self._visits(),
            )  # fmt: skip
            self._take(outcome)
