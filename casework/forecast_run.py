"""What a forecast runs on: what is kept, who acts for whom on which day, and what was counted."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Literal

from casework.absence import is_spared
from casework.calendar import at_hour, local_day
from casework.circles import Around
from casework.contacts import ROLE, Contact, contacts_around
from casework.forecast_tally import Tally
from casework.outcome import Notice, Priority
from casework.policy_models import Policy
from casework.records import (
    Area,
    CheckIn,
    Child,
    Circle,
    Escalation,
    Matter,
    Person,
    Referral,
    Vacancy,
    Visit,
)

Course = Literal["done", "silent"]


@dataclass(frozen=True, kw_only=True)
class Books:
    """What is kept at a moment, as far as the clock looks at it. Of what has ended nothing is needed."""

    people: Sequence[Person]
    children: Sequence[Child]
    visits: Sequence[Visit] = ()
    escalations: Sequence[Escalation] = ()
    checkins: Sequence[CheckIn] = ()
    matters: Sequence[Matter] = ()
    referrals: Sequence[Referral] = ()
    areas: Sequence[Area] = ()
    vacancies: Sequence[Vacancy] = ()


class Run:
    """What all children have in common."""

    def __init__(self, books: Books, policy: Policy, start: datetime, days: int, course: Course) -> None:
        self.policy, self.start, self.course = policy, start, course
        self.first = local_day(start, policy)
        self.end_day = self.first + timedelta(days=days)
        self.end = at_hour(self.end_day, 0, policy)
        self.tally = Tally()
        self.seen: set[str] = set()  # the keys of all messages
        self._gathered: set[tuple[str, datetime]] = set()  # who gets something gathered, and when
        self.known = {person.id: person for person in books.people}
        self._held: dict[tuple[str, str], list[str]] = defaultdict(list)
        for id, person in sorted(self.known.items()):
            for post in person.posts:
                self._held[post.role, post.area].append(id)
            for child in person.cares_for:
                self._held["cares_for", child].append(id)
        self._turns = sorted(set(_leave_turns(books.people)))
        self._areas = {area.id: area for area in books.areas}
        self._circles: dict[tuple[object, ...], Circle] = {}
        self._contacts: dict[tuple[object, ...], Sequence[Contact]] = {}
        self._ids = count(1)

    def new_id(self) -> str:
        return f"forecast-{next(self._ids)}"

    def changed(self, person: Person) -> None:
        """Somebody is kept as he is now; whoever acts for whom is found anew."""
        self.known[person.id] = person
        self._circles.clear()
        self._contacts.clear()

    def around(self, child: Child, now: datetime, here: Person | None = None) -> Around:
        """In what the people around a child are found; ``here`` counts as he is given."""
        known = self.known if here is None else {**self.known, here.id: here}
        held = {
            "township_officer": self._held["township_officer", child.township],
            "county_officer": self._held["county_officer", child.county],
            "cares_for": self._held["cares_for", child.id],
        }
        return Around(held=held, known=known, today=local_day(now, self.policy))

    def contacts(self, child: Child, now: datetime) -> Sequence[Contact]:
        """The departments' contacts around a child, the nearest first."""
        today, areas = local_day(now, self.policy), (child.village, child.township, child.county)
        key = (bisect_right(self._turns, today), *areas, child.school)
        if key not in self._contacts:
            held = sorted(id for area in areas for id in self._held[ROLE, area])
            self._contacts[key] = contacts_around(child, held, self.known, today)
        return self._contacts[key]

    def sent(self, notices: Sequence[Notice], now: datetime, township: str | None = None) -> None:
        """Counts messages; one with a known key is the same message."""
        for notice in notices:
            if notice.key in self.seen:
                continue
            self.seen.add(notice.key)
            moment = notice.not_before or now
            day = local_day(moment, self.policy)
            if notice.to in self.known and not is_spared(notice.kind, self.known[notice.to], day):
                town = self._town(notice.to) if township is None else township
                self.tally.sent(notice, day, town, alone=self._alone(notice, moment))

    def _alone(self, notice: Notice, moment: datetime) -> bool:
        """Whether it is a message by itself: of what is gathered at a moment, the first."""
        key = notice.to or "", moment
        joins = notice.priority is Priority.GATHERED and key in self._gathered
        if notice.priority is Priority.GATHERED:
            self._gathered.add(key)
        return not joins

    def _town(self, person: str) -> str:
        """The township in which somebody works; "" for the county's."""
        for post in self.known[person].posts:
            area = self._areas.get(post.area)
            if area is not None and area.level != "county":
                return area.id if area.level == "township" else area.parent or ""
        return ""

    def circle(self, child: Child, now: datetime) -> Circle:
        """The people around a child; the same for all who have the same people, until somebody's leave."""
        since = bisect_right(self._turns, local_day(now, self.policy))
        key = (since, child.worker, child.township, child.county, *self._held["cares_for", child.id])
        if key not in self._circles:
            self._circles[key] = self.around(child, now).circle(child)
        return self._circles[key]


def _leave_turns(people: Sequence[Person]) -> Iterator[date]:
    """The days on which others begin to act for somebody, or cease to."""
    for person in people:
        if person.leave is not None:
            yield from (person.leave.start, person.leave.end + timedelta(days=1))
