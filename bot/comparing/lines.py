"""The lines of a comparison: for each role, township and person the figures of both policies."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from casework.forecast import Books, Course
from casework.forecast_tally import MEASURES, Tally
from casework.records import Area, Person

Side = Literal["today", "new"]
Level = Literal["role", "township", "person"]
Tallies = Mapping[tuple[Course, Side], Tally]

COURSES: tuple[Course, ...] = ("done", "silent")
SIDES: tuple[Side, ...] = ("today", "new")
MOST = "most"  # messages that one person gets on his fullest day
FIGURES = (*MEASURES, MOST)
_ORDER = ("village_worker", "township_officer", "county_officer", "department_contact", "auditor", "guardian")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A role, a township or a person (``code``; "" = where nobody holds the post) and the figures.

    ``name`` is a place's name, never a person's. ``figures``: by course, side and one of `FIGURES`, how many
    a week (`MOST`: a day).
    """

    level: Level
    code: str
    name: str = ""
    role: str = ""
    people: int = 1
    figures: Mapping[tuple[Course, Side, str], float] = field(default_factory=dict)

    def differs(self, figure: str) -> bool:
        """Whether the policies differ in a figure, whatever people do."""
        return any(self.change(course, figure) for course in COURSES)

    def change(self, course: Course, figure: str) -> float:
        """The new policy's figure less today's."""
        return self.figures[course, "new", figure] - self.figures[course, "today", figure]


def lines_of(books: Books, areas: Iterable[Area], tallies: Tallies, days: int) -> list[Line]:
    """Roles, then townships, then people, each in order of rank and code."""
    names = {area.id: area.name for area in areas}
    roles = {person.id: role_of(person) for person in books.people}
    found = [
        Line(
            level=level,
            code=code,
            name=names.get(code, "") if level == "township" else "",
            role={"role": code, "township": "", "person": roles.get(code, "")}[level],
            people=len({person for person, _ in keys}),
            figures=dict(_figures(tallies, keys, days)),
        )
        for (level, code), keys in _groups(tallies, roles).items()
    ]
    return sorted(found, key=_rank)


def role_of(person: Person) -> str:
    """The role by which somebody is counted: the first of his posts."""
    return next((post.role for post in person.posts), "guardian" if person.cares_for else "")


def _groups(tallies: Tallies, roles: Mapping[str, str]) -> dict[tuple[Level, str], set[tuple[str, str]]]:
    found: dict[tuple[Level, str], set[tuple[str, str]]] = defaultdict(set)
    for tally in tallies.values():
        for person, township in tally.counts:
            found["role", roles.get(person, "")].add((person, township))
            if township:
                found["township", township].add((person, township))
            found["person", person].add((person, township))
    return found


def _rank(line: Line) -> tuple[int, int, str]:
    place = _ORDER.index(line.role) if line.role in _ORDER else len(_ORDER)
    return ("role", "township", "person").index(line.level), place, line.code


def _figures(
    tallies: Tallies, keys: set[tuple[str, str]], days: int
) -> Iterator[tuple[tuple[Course, Side, str], float]]:
    people = {person for person, _ in keys}
    for (course, side), tally in tallies.items():
        counts: Counter[str] = Counter()
        for key in keys:
            counts.update(tally.counts.get(key, {}))
        for measure in MEASURES:
            yield (course, side, measure), counts[measure] * 7 / days
        fullest = (max(tally.by_day[who].values()) for who in people if who in tally.by_day)
        yield (course, side, MOST), max(fullest, default=0)
