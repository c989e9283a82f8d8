"""A county's year on a false clock: each visit is reminded of, asked about, sent up once, and none forgotten.

    python -m tests.storm.year [--visits 1000000] [--seed 1]

The rules alone, ticking every minute, from March 2027 to March 2028: a leap day, holidays with the weekends
worked for them, outages of up to three days, a clock that is put on and back. Nothing is kept: `make bench`
has the store's share.
"""

import argparse
import heapq
import itertools
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.telegram.intake import OUTAGE
from casework.outages import visit_after_outage, visit_in_outage
from casework.outcome import Outcome
from casework.policy import load_policy
from casework.record import replace
from casework.records import Child, Circle, Person, Post, Role, Visit
from casework.visit_steps import TO_DO, moment_of, step_days
from casework.visits import complete_visit, plan_visit, wake_visit
from tests.storm.holidays import HOLIDAYS, working_day_after
from tests.storm.stage import ZONE

BEGIN = datetime(2027, 3, 1, 6, tzinfo=ZONE).astimezone(UTC)
END = BEGIN + timedelta(days=367)
TICK = timedelta(minutes=1)
# By the event that is written down.
STEPS = {"visit_overdue": "overdue", "visit_missed": "missed", "visit_unknown": "unknown"}


def _person(id: str, role: Role) -> Person:
    return Person(id=id, person=id, name=id, posts=(Post(role=role, area="t"),), status="joined")


CIRCLE = Circle(
    worker=_person("w", "village_worker"),
    officers=(_person("o", "township_officer"),),
)


@dataclass(frozen=True, order=True)
class Move:
    """After so many days the clock is put on (or back) by ``by``; or nobody ticks while we are ``away``."""

    day: float
    by: timedelta = timedelta(0)
    away: timedelta = timedelta(0)


LATE = 1.04  # so many more children are needed for the visits, for those that are made late
HOUR, DAY, STEP = timedelta(hours=1), timedelta(days=1), timedelta(seconds=2)
MOVES = (
    Move(20.3, HOUR), Move(20.6, -HOUR), Move(50.2, -HOUR), Move(51.0, HOUR), Move(80.5, -DAY),
    Move(83.5, DAY),
    *(Move(100 + n / 24, STEP if n % 2 else -STEP) for n in range(48)),
    Move(150.4, away=timedelta(minutes=3)), Move(200.1, away=timedelta(hours=25)),
    Move(300.7, away=timedelta(hours=72)), Move(350.0, -DAY), Move(364.9, HOUR),
)  # fmt: skip


@dataclass
class Year:
    """One run. ``wrong``: what must not be, with how often."""

    seed: int = 1
    moves: tuple[Move, ...] = MOVES
    visits: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    latest: timedelta = timedelta(0)  # by how much the latest step was late, outages and clock moves apart
    digest: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._policy = load_policy().model_copy(update={"calendar": HOLIDAYS})
        self._ids = itertools.count(1)
        self._open: dict[str, Visit] = {}
        self._children: dict[str, Child] = {}
        self._queue: list[tuple[datetime, int, str, str]] = []
        self._order = itertools.count()
        self._told: dict[str, set[str]] = defaultdict(set)  # the steps of each visit that is to be made
        self._answer_by: dict[str, datetime] = {}  # after an outage: before it no visit goes up

    def run(self, visits: int) -> None:
        """About so many visits, from the first tick to the last."""
        self._plan_all(visits)
        self._register_all()
        for now, since in self._ticks():
            while self._queue and self._queue[0][0] <= now:
                when, _, what, id = heapq.heappop(self._queue)
                if what == "registered":
                    self._register(id, now)
                visit = self._open.get(id)
                if visit is None:
                    continue
                if what == "made":
                    self._made(visit, now)
                elif what == "wake" and visit.wake_at == when:
                    self._wake(visit, now, since)

    def _plan_all(self, visits: int) -> None:
        every = {risk: self._policy.visits.risk(risk).every_days for risk in (1, 2, 3, 4)}
        a_year = sum(366 / days for days in every.values()) / len(every)
        for n in range(max(int(LATE * visits / a_year), 4)):
            child = self._child(f"c{n}", n, BEGIN.date())
            due = BEGIN.astimezone(ZONE).date() + timedelta(days=self._dice.randrange(every[child.risk]))
            self._take(plan_visit(child, policy=self._policy, now=BEGIN, new_id=self._id, due=due))

    def _child(self, id: str, n: int, registered_on: date) -> Child:
        born = date(2016, 2, 29) if n % 7 == 0 else date(2017, 5, 4)
        child = Child(
            id=id, child=id, name="张小花", birth_date=born, village="v", township="t", county="k",
            worker="w", risk=1 + n % 4, registered_on=registered_on,
        )  # fmt: skip
        self._children[id] = child
        return child

    def _register_all(self) -> None:
        """Every day of the year a child comes to the books."""
        for n in range((END - BEGIN).days):
            self._put(BEGIN + timedelta(days=n, hours=4), "registered", f"n{n}")

    def _register(self, id: str, now: datetime) -> None:
        """Its first visit is due on the fifth working day, as a calendar on the wall would have it."""
        today = now.astimezone(ZONE).date()
        child = self._child(id, 3, today)
        outcome = plan_visit(child, policy=self._policy, now=now, new_id=self._id, purpose="new_child")
        (visit,) = (record for record in outcome.records if isinstance(record, Visit))
        if visit.due != working_day_after(today, self._policy.visits.new_child_working_days):
            self.wrong["first visit on the wrong day"] += 1
        self._take(outcome)

    def _ticks(self) -> Iterator[tuple[datetime, datetime]]:
        """The clock at each minute at which anything is due, and since when it could have been seen."""
        real, offset, moves = BEGIN, timedelta(0), sorted(self.moves)
        before = BEGIN
        while self._queue:
            due = max(real, self._queue[0][0] - offset)
            if moves and BEGIN + timedelta(days=moves[0].day) <= due:
                move = moves.pop(0)
                start = max(real, BEGIN + timedelta(days=move.day)) + offset
                real = start - offset + move.away
                offset += move.by
                before = real + offset
                if move.away > OUTAGE:
                    self._back(start, before)
                continue
            real = BEGIN + TICK * -((BEGIN - due) // TICK)  # the first full minute that is not before it
            if real + offset > END:
                return
            yield real + offset, before

    def _back(self, start: datetime, end: datetime) -> None:
        """After an outage of ours, as the bot comes back from one."""
        for visit in list(self._open.values()):
            about: dict[str, Any] = {
                "child": self._children[visit.child or ""], "policy": self._policy, "start": start, "end": end
            }  # fmt: skip
            days = step_days(about["child"], self._policy)
            answer = timedelta(days=days["missed"] - days["overdue"])
            if visit.status in ("planned", "overdue") and (visit.wake_at or end) > start:
                self._answer_by[visit.id] = end + answer
            self._keep(visit_after_outage(visit, **about))
            self._take(visit_in_outage(visit, circle=CIRCLE, **about))

    def _wake(self, visit: Visit, now: datetime, since: datetime) -> None:
        assert visit.wake_at is not None
        self.latest = max(self.latest, now - max(visit.wake_at, since))
        child = self._children[visit.child or ""]
        arguments: dict[str, Any] = {
            "child": child, "circle": CIRCLE, "policy": self._policy, "now": now, "new_id": self._id
        }  # fmt: skip
        outcome = wake_visit(visit, **arguments)
        self._take(outcome)
        if wake_visit(self._open.get(visit.id, visit), **arguments):
            self.wrong["woken twice at one moment"] += 1
        if not outcome.records:
            self.wrong["woken in vain"] += 1

    def _made(self, visit: Visit, now: datetime) -> None:
        self._check(visit, now)
        child = self._children[visit.child or ""]
        self._take(
            complete_visit(
                visit, child=child, by="w", submission="s", policy=self._policy, now=now, new_id=self._id,
                circle=CIRCLE,
            )
        )  # fmt: skip

    def _check(self, visit: Visit, now: datetime) -> None:
        """All steps of which the moment had come before the visit was made have been taken."""
        child = self._children[visit.child or ""]
        for step in ("due_today", "overdue", "missed"):
            moment = moment_of(visit, step, child, self._policy)
            moment = max(moment, self._answer_by.get(visit.id, moment))
            if step not in visit.told and moment + 4 * DAY < now:
                self.wrong[f"forgotten: {step}"] += 1

    def _take(self, outcome: Outcome) -> None:
        for event in outcome.events:
            step = STEPS.get(event.name) or (event.detail["step"] if event.name == "visit_reminded" else "")
            if step:
                told = self._told[event.record or ""]
                self.steps[step.partition(":")[0]] += 1
                if step in told:
                    self.wrong["told twice"] += 1
                told.add(step)
                if step == "missed" and event.at < self._answer_by.get(event.record or "", event.at):
                    self.wrong["missed for our absence"] += 1
                self.digest = hash((self.digest, event.record, step, event.at.timestamp()))
        for record in outcome.records:
            if isinstance(record, Visit):
                self._keep(record)

    def _keep(self, visit: Visit) -> None:
        if visit.status not in TO_DO:
            del self._open[visit.id]
            self._told.pop(visit.id, None)
            self._answer_by.pop(visit.id, None)
            return
        if visit.id not in self._open:
            self.visits += 1
            self._put(self._when_made(visit), "made", visit.id)
        self._open[visit.id] = replace(visit, version=visit.version + 1)
        if visit.wake_at is None:
            self.wrong["sleeps for ever"] += 1
        else:
            self._put(visit.wake_at, "wake", visit.id)

    def _when_made(self, visit: Visit) -> datetime:
        """Most people come on the day or soon after it, some weeks later."""
        days = self._dice.choice((-1, 0, 0, 0, 0, 1, 1, 3, 6, 20))
        day = visit.due + timedelta(days=days)
        return datetime(day.year, day.month, day.day, 9, self._dice.randrange(60), tzinfo=ZONE).astimezone(
            UTC
        )

    def _put(self, when: datetime, what: str, id: str) -> None:
        heapq.heappush(self._queue, (when, next(self._order), what, id))

    def _id(self) -> str:
        return f"v{next(self._ids)}"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a year showed. ``memory``: the most that the process ever took, in MiB."""

    visits: int
    seconds: float
    processor: float  # seconds
    memory: float
    steps: dict[str, int]
    wrong: dict[str, int]
    latest: float

    def line(self) -> str:
        """For a table."""
        missed = sum(count for name, count in self.wrong.items() if name != "told twice")
        twice = self.wrong.get("told twice", 0)
        took = f"{self.seconds:.0f} s ({self.processor:.0f} s of processor), {self.memory:.0f} MiB"
        return f"{took}; forgotten or wrong {missed}, told twice {twice}"


def lived(visits: int, seed: int = 1) -> Shown:
    """A year of about so many visits, in this process."""
    begin, worked, year = time.monotonic(), time.process_time(), Year(seed=seed)
    year.run(visits)
    return Shown(
        visits=year.visits,
        seconds=time.monotonic() - begin,
        processor=time.process_time() - worked,
        memory=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        steps=dict(year.steps),
        wrong=dict(year.wrong),
        latest=year.latest.total_seconds(),
    )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm.year", description=__doc__)
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    shown = lived(given.visits, given.seed)
    print(f"{shown.visits:,} visits: {shown.line()}")
    print(f"steps: {shown.steps}; none came more than {shown.latest:.0f} s late")
    print(f"wrong: {shown.wrong or 'nothing'}")
    return 1 if shown.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
