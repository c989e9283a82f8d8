"""A small county for the tests: a child, the people around it, and a book that keeps what is decided."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import TypeVar
from zoneinfo import ZoneInfo

from casework.calendar import is_quiet
from casework.outcome import Event, Notice, Outcome
from casework.policy import Policy, load_policy
from casework.records import Child, Circle, Person, Post, Record

R = TypeVar("R", bound=Record)

POLICY: Policy = load_policy()
ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=ZONE).astimezone(UTC)  # a working day, outside quiet hours


def at(text: str) -> datetime:
    """A local time such as "2026-11-23 09:00", as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def person(code: str, role: str, area: str, **more: object) -> Person:
    """Somebody who has joined and holds one post."""
    held = Person(id=code, person=code, name=code, posts=(Post(role=role, area=area),), status="joined")  # type: ignore[arg-type]
    return replace(held, **more)  # type: ignore[arg-type]


WANG = person("wang", "village_worker", "v1")
LI = person("li", "township_officer", "t1")
ZHAO = person("zhao", "township_officer", "t1")
SUN = person("sun", "county_officer", "c1")
GRANNY = person("granny", "guardian", "v1", cares_for=("3001",))

CHILD = Child(
    id="3001",
    child="3001",
    name="张小雨",
    village="v1",
    township="t1",
    county="c1",
    worker="wang",
    risk=2,
    registered_on=date(2026, 9, 1),
)

CIRCLE = Circle(worker=WANG, officers=(LI,), deputies=(ZHAO,), county=(SUN,), guardians=(GRANNY,))
NOBODY = Circle(worker=None)


def ids(prefix: str = "x") -> Iterator[str]:
    """Identifiers that count up."""
    return (f"{prefix}{n}" for n in count(1))


@dataclass
class Book:
    """Keeps what is decided as the store does: a version per record, a notice's key once for ever."""

    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    told_twice: list[str] = field(default_factory=list)
    _ids: Iterator[str] = field(default_factory=ids)

    def new_id(self) -> str:
        """The next identifier."""
        return next(self._ids)

    def keep(self, outcome: Outcome) -> Outcome:
        """Writes an outcome; a record must be at the version that was read."""
        for record in outcome.records:
            kept = self.records.get((record.kind, record.id))
            assert record.version == (kept.version if kept else 0), f"stale {record.kind} {record.id}"
            self.records[(record.kind, record.id)] = replace(record, version=record.version + 1)
        keys = {notice.key for notice in self.notices}
        for notice in outcome.notices:
            if notice.key in keys:
                self.told_twice.append(notice.key)
            keys.add(notice.key)
            self.notices.append(notice)
        self.events.extend(outcome.events)
        return outcome

    def all(self, kind: type[R], *, status: str | None = None) -> list[R]:
        """The kept records of a kind, in the order in which they were first kept."""
        found = [r for r in self.records.values() if isinstance(r, kind)]
        return [r for r in found if status is None or r.status == status]

    def one(self, kind: type[R], *, status: str | None = None) -> R:
        """The only kept record of a kind."""
        (record,) = self.all(kind, status=status)
        return record

    def said(self, since: int = 0) -> list[tuple[str | None, str]]:
        """Who was told what, in order, from the ``since``-th notice on."""
        return [(notice.to, notice.kind) for notice in self.notices[since:]]

    def happenings(self) -> list[str]:
        """The names of all events so far."""
        return [event.name for event in self.events]


def leaves(notice: Notice, now: datetime) -> datetime:
    """When a notice made at ``now`` may leave."""
    return notice.not_before or now


def in_quiet_hours(moment: datetime, role: str, policy: Policy = POLICY) -> bool:
    """Whether a moment lies in a role's quiet hours."""
    return is_quiet(moment.astimezone(policy.zone).time(), policy.quiet(role))


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def in_circle_roles(circle: Circle) -> dict[str, str]:
    """Everybody who works in the circle with the role that their quiet hours follow."""
    officers = (*circle.officers, *circle.deputies)
    roles = {p.id: "county_officer" for p in circle.county} | {p.id: "township_officer" for p in officers}
    return roles | ({circle.worker.id: "village_worker"} if circle.worker else {})
