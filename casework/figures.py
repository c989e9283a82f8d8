"""The figures of the work summary: counted from records, each with its day, its whole, and what it counts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from casework.activities import turnout
from casework.calendar import at_hour, local_day
from casework.ladder import OPEN
from casework.policy import Policy
from casework.records import (
    Activity,
    Area,
    Attendance,
    Child,
    Escalation,
    Matter,
    Person,
    R,
    Record,
    Referral,
    Role,
    Visit,
)
from casework.visits import TO_DO

_AWAY = ("left", "suspended")  # people who hold a post in name only


@dataclass(frozen=True, kw_only=True)
class Span:
    """Days from ``first`` to ``last``, both included; ``today`` is the day on which it is counted."""

    first: date
    last: date
    today: date

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in it."""
        return day is not None and self.first <= day <= self.last


def within(span: Span, policy: Policy) -> Callable[[datetime | None], bool]:
    """A question asked of many moments: whether they lie in the span, by the county's days."""
    first, after = at_hour(span.first, 0, policy), at_hour(span.last + timedelta(days=1), 0, policy)
    return lambda moment: moment is not None and first <= moment < after


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One record that a figure counts; ``child`` is whose it is, None = nobody's."""

    kind: str
    id: str
    child: str | None = None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure. ``count`` of ``whole`` (None: there is no whole that it would be a part of).

    ``span`` None: it says how things stood on ``as_of``; else what happened in those days. ``part`` tells
    apart figures of one key (a kind of alert, a sort of matter). ``records`` are those counted, ``lacking``
    those of the whole that are not: with a whole, both together are it.
    """

    key: str
    part: str = ""
    count: int
    whole: int | None = None
    as_of: date
    span: Span | None = None
    records: tuple[Counted, ...] = ()
    lacking: tuple[Counted, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Books:
    """The records that are counted: all that somebody answers for. No ``areas``: posts are not counted."""

    children: Sequence[Child] = ()
    visits: Sequence[Visit] = ()
    escalations: Sequence[Escalation] = ()
    matters: Sequence[Matter] = ()
    referrals: Sequence[Referral] = ()
    activities: Sequence[Activity] = ()
    attended: Sequence[Attendance] = ()
    areas: Sequence[Area] = ()
    people: Sequence[Person] = ()
    _active: Mapping[str, Child] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        active = {child.id: child for child in self.children if child.status == "active"}
        object.__setattr__(self, "_active", active)

    @property
    def active(self) -> Mapping[str, Child]:
        """The children on the books, by code."""
        return self._active


@dataclass(frozen=True, kw_only=True)
class Counting:
    """What every counter is given."""

    books: Books
    policy: Policy
    span: Span

    def day(self, moment: datetime) -> date:
        """The day of a moment in the county."""
        return local_day(moment, self.policy)

    @cached_property
    def holds(self) -> Callable[[datetime | None], bool]:
        """Whether a moment lies in the span."""
        return within(self.span, self.policy)

    def stands(
        self, key: str, found: Iterable[Record], lacking: Iterable[Record] | None = None, *, part: str = ""
    ) -> Figure:
        """How things stand today: ``found``, of these and ``lacking`` together."""
        return self._figure(key, part, found, lacking, None)

    def happened(
        self, key: str, found: Iterable[Record], lacking: Iterable[Record] | None = None, *, part: str = ""
    ) -> Figure:
        """What happened in the span."""
        return self._figure(key, part, found, lacking, self.span)

    def _figure(
        self, key: str, part: str, found: Iterable[Record], lacking: Iterable[Record] | None,
        span: Span | None,
    ) -> Figure:  # fmt: skip
        records, others = _counted(found), _counted(lacking or ())
        return Figure(
            key=key, part=part, count=len(records),
            whole=None if lacking is None else len(records) + len(others),
            as_of=self.span.today if span is None else min(span.last, span.today),
            span=span, records=records, lacking=others,
        )  # fmt: skip


def _counted(records: Iterable[Record]) -> tuple[Counted, ...]:
    return tuple(sorted((Counted(kind=r.kind, id=r.id, child=r.child) for r in records), key=lambda c: c.id))


def figures(books: Books, policy: Policy, span: Span) -> tuple[Figure, ...]:
    """All figures that there is something to count for, in the order of the summary."""
    counting = Counting(books=books, policy=policy, span=span)
    return tuple(figure for counter in COUNTERS for figure in counter(counting))


def _split(records: Iterable[R], test: Callable[[R], bool]) -> tuple[list[R], list[R]]:
    """Those for which it holds, and the others."""
    yes: list[R] = []
    no: list[R] = []
    for record in records:
        (yes if test(record) else no).append(record)
    return yes, no


def _by_id(records: Iterable[R], ids: AbstractSet[str | None]) -> tuple[list[R], list[R]]:
    return _split(records, lambda record: record.id in ids)


def _children(c: Counting) -> Iterable[Figure]:
    yield c.stands("children", c.books.active.values())


def _visits(c: Counting) -> Iterable[Figure]:
    done = [
        v for v in c.books.visits
        if v.status == "done" and c.holds(v.closed_at)
    ]  # fmt: skip
    seen = {v.child for v in done}
    yield c.happened("visited", *_by_id(c.books.active.values(), seen))
    yield c.happened("visits", done)
    waiting = [v for v in c.books.visits if v.status in TO_DO]
    yield c.stands("overdue", *_split(waiting, lambda v: v.due < c.span.today and not v.unknown))


def _alerts(c: Counting) -> Iterable[Figure]:
    raised = [e for e in c.books.escalations if c.holds(e.opened_at)]
    yield c.happened("alerts", *_split(raised, lambda e: e.status not in OPEN))
    for kind in sorted({e.flag for e in raised}):
        yield c.happened("alerts_of", [e for e in raised if e.flag == kind], part=kind)
    yield c.stands("alerts_open", [e for e in c.books.escalations if e.status in OPEN])


def _agreements(c: Counting) -> Iterable[Figure]:
    for sort, rule in c.policy.matters.sorts.items():
        wanted = [x for x in c.books.active.values() if set(x.categories) & set(rule.wanted_for)]
        if rule.wanted_for:
            have = {m.child for m in c.books.matters if m.sort == sort and m.state in rule.done_in}
            yield c.stands("have", *_by_id(wanted, have), part=sort)


def _carers(c: Counting) -> Iterable[Figure]:
    """Of the children that ever had nobody named: who has somebody now."""
    rules = c.policy.summary
    mine = [m for m in c.books.matters if m.sort == rules.carer and m.child in c.books.active]
    ever = {m.child for m in mine if {m.state, *(t.state for t in m.story)} & set(rules.without_carer)}
    now = {m.child for m in mine if m.status == "open" and m.state in rules.without_carer}
    children = [c.books.active[code] for code in sorted(code for code in ever if code)]
    yield c.stands("named", *_split(children, lambda child: child.id not in now))


def _school(c: Counting) -> Iterable[Figure]:
    rules = c.policy.schooling
    mine = [m for m in c.books.matters if m.sort == rules.sort]
    yield c.stands("suspected", [m for m in mine if m.status == "open" and m.state in rules.suspected])
    dropped = [m for m in mine if _reached(c, m, rules.dropped)]
    yield c.happened("returned", *_split(dropped, lambda m: m.state in c.policy.summary.returned))


def _done(c: Counting) -> Iterable[Figure]:
    """Matters that were in hand in the span, and those of them that were brought to their end in it."""
    rules = c.policy.summary
    for sort, states in rules.done.items():
        mine = [m for m in c.books.matters if m.sort == sort and _in_hand(c, m)]
        mine = [m for m in mine if m.state not in rules.left_out.get(sort, ())]
        done = {m.id for m in mine if _reached(c, m, states)}
        yield c.happened("done", *_by_id(mine, done), part=sort)


def _in_hand(c: Counting, m: Matter) -> bool:
    opened = c.day(m.opened_at)
    return opened <= c.span.last and (m.closed_at is None or c.day(m.closed_at) >= c.span.first)


def _reached(c: Counting, m: Matter, states: Sequence[str]) -> bool:
    """Whether a step led it to one of ``states`` within the span."""
    return any(taken.state in states and c.holds(taken.at) for taken in m.story)


def _referrals(c: Counting) -> Iterable[Figure]:
    sent = [r for r in c.books.referrals if c.holds(r.opened_at)]
    yield c.happened("referrals", *_split(sent, lambda r: r.status in ("answered", "closed")))


def _activities(c: Counting) -> Iterable[Figure]:
    held = [a for a in c.books.activities if a.status == "held" and c.span.holds(a.day)]
    came = [x for x in c.books.attended if x.status == "held" and c.span.holds(x.day)]
    count = turnout(c.books.activities, c.books.attended, c.span.first, c.span.last)
    yield c.happened("activities", held)
    times = c.happened("person_times", held)
    yield Figure(
        key=times.key, count=count.person_times, as_of=times.as_of, span=times.span, records=times.records
    )
    first = {x.child: x for x in sorted(came, key=lambda x: x.id, reverse=True)}
    yield c.happened("attended", first.values())


def _staff(c: Counting) -> Iterable[Figure]:
    """Posts with somebody named for them; whether they can be reached is the vacancies' matter."""
    here = [p for p in c.books.people if p.status not in _AWAY]
    for key, level, role in _POSTS:
        areas = [a for a in c.books.areas if a.level == level]
        held = {post.area for p in here for post in p.posts if post.role == role}
        if areas:
            yield c.stands(key, *_by_id(areas, held))
    if c.books.areas:
        mine = {a.id for a in c.books.areas}
        workers = [
            p for p in here if any(x.role == "village_worker" and x.area in mine for x in p.posts)
        ]  # fmt: skip
        yield c.stands("workers", workers)


_POSTS: tuple[tuple[str, str, Role], ...] = (
    ("townships", "township", "township_officer"),
    ("villages", "village", "village_worker"),
)
COUNTERS: tuple[Callable[[Counting], Iterable[Figure]], ...] = (
    _children, _visits, _alerts, _agreements, _carers, _school, _done, _referrals, _activities, _staff,
)  # fmt: skip
