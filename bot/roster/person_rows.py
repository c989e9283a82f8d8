"""Reads the sheet of people: who holds which role where; several rows with one code are one person."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from bot.roster.area_rows import AreaReader
from bot.roster.cells import code, day, phone, several, trainings
from bot.roster.codes import Codes
from bot.roster.column import folded
from bot.roster.columns import (
    EMPLOYMENT_WORDS,
    EMPLOYMENTS,
    LANGUAGE_WORDS,
    LANGUAGES,
    LEVELS,
    ROLE_LEVELS,
    STANDING_WORDS,
    STANDINGS,
    department_labels,
    department_words,
    role_labels,
    role_words,
)
from bot.roster.faults import Either
from bot.roster.tables import Row
from casework.policy_models import Policy
from casework.records import Employment, Post, Role, Tenure, Training
from casework.roster import Kept, Level, PersonRow, Standing

_USUAL: tuple[Level, ...] = ("county", "township")  # of a contact whose department is not given


@dataclass(kw_only=True)
class _Person:
    row: Row
    name: str
    phone: str
    language: str | None
    deputy: str | None
    status: Standing | None
    department: str
    school: str
    employment: Employment | None
    trainings: tuple[Training, ...]
    checked_on: date | None
    tenures: list[Tenure] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)


class PersonReader:
    """Takes row by row; ``rows`` are whole people. ``roles`` are those of all known people, kept and here."""

    def __init__(self, kept: Kept, areas: AreaReader, policy: Policy, today: date) -> None:
        self.codes = Codes(kept.people)
        self.roles = {known: frozenset(p.role for p in person.posts) for known, person in kept.people.items()}
        self.rows: list[PersonRow] = []
        self._areas = areas
        self._today = today
        self._words = role_words(policy)
        self._labels = role_labels(policy)
        self._policy = policy
        self._department_words = department_words(policy)
        self._department_labels = department_labels(policy)
        self._people: dict[str, _Person] = {}

    def take(self, row: Row) -> None:
        """One row of the sheet."""
        own = self.codes.own(row, repeated=True)
        person = _Person(
            row=row,
            name=row.text("name", needed=True) or "",
            phone=row.take("phone", phone) or "",
            language=row.word("language", LANGUAGE_WORDS, folded, LANGUAGES),
            deputy=row.take("deputy", code),
            status=row.word("status", STANDING_WORDS, folded, STANDINGS),
            department=row.word("department", self._department_words, folded, self._department_labels) or "",
            school=row.text("school") or "",
            employment=row.word("employment", EMPLOYMENT_WORDS, folded, EMPLOYMENTS),
            trainings=row.take("trainings", trainings) or (),
            checked_on=self._past(row, "checked_on"),
        )
        if any(training.on > self._today for training in person.trainings):
            row.fault("trainings", "roster.not_yet")
        posts = list(self._posts(row))
        if own is None:
            return
        first = self._people.setdefault(own, person)
        if first is not person:
            _agree(first, person)
        for post in posts:
            if post in first.posts:
                row.fault("code", "roster.post_twice", code=own)
            first.posts.append(post)
        first.tenures += self._tenures(row, posts, person.status)

    def _past(self, row: Row, key: str) -> date | None:
        found = row.take(key, day)
        if found is not None and found > self._today:
            row.fault(key, "roster.not_yet")
        return found

    def _tenures(self, row: Row, posts: list[Post], status: Standing | None) -> Iterator[Tenure]:
        """From when to when the posts of this row were held, as far as it says."""
        start, end = self._past(row, "started_on"), self._past(row, "ended_on")
        if end is not None and status not in ("left", "suspended"):
            row.fault("ended_on", "roster.ended_here")
        if start is not None and end is not None and end < start:
            row.fault("ended_on", "roster.ended_before")
        for post in posts if start or end else ():
            yield Tenure(role=post.role, area=post.area, start=start, end=end)

    def finish(self) -> None:
        """Deputies may stand below whom they stand in for, so they are looked up last."""
        for own, person in self._people.items():
            self.roles[own] = frozenset(post.role for post in person.posts)
        for own, person in self._people.items():
            deputy = self._deputy(own, person)
            self._stands_for(person)
            self.rows.append(
                PersonRow(
                    code=own, name=person.name, posts=tuple(person.posts), phone=person.phone,
                    language=person.language, deputy=deputy, status=person.status,
                    department=person.department if person.row.has("department") else None,
                    school=person.school if person.row.has("school") else None,
                    employment=person.employment or "", tenures=tuple(person.tenures),
                    trainings=person.trainings, checked_on=person.checked_on,
                )
            )  # fmt: skip

    def _deputy(self, own: str, person: _Person) -> str | None:
        if person.deputy is None:
            return None
        known = self.codes.resolve(person.deputy, person.row, "deputy")
        if known is None:
            person.row.fault("deputy", "roster.unknown_person", code=person.deputy)
        elif known == own:
            person.row.fault("deputy", "roster.own_deputy")
        return known

    def _stands_for(self, person: _Person) -> None:
        """A department is a contact's, its areas are among those where it may have one."""
        held = [post for post in person.posts if post.role == "department_contact"]
        if not held:
            if person.department:
                person.row.fault("department", "roster.no_contact", role=self._labels["department_contact"])
            return
        rule = self._policy.departments.get(person.department)
        if rule is None and person.row.has("department") and not person.row.filled("department"):
            person.row.warn("department", "roster.no_department")
        levels = rule.levels if rule is not None else _USUAL
        label = rule.zh_Hans if rule is not None else self._labels["department_contact"]
        meant = Either(zh="、".join(LEVELS[one] for one in levels), en=" or ".join(levels))
        for post in held:
            level = self._areas.levels[post.area]
            if level is not None and level not in levels:
                person.row.fault("area", "roster.role_misfits", role=label, code=post.area, level=meant)

    def _posts(self, row: Row) -> Iterator[Post]:
        """Every role with its area: one area for all roles, one role for all areas, or as many of both."""
        roles = row.words("role", self._words, folded, self._labels)
        areas = row.take("area", several, needed=True) or ()
        if not roles or not areas:
            return
        if len(roles) > 1 and len(areas) > 1 and len(roles) != len(areas):
            row.fault("area", "roster.uneven", roles=len(roles), areas=len(areas))
            return
        for n in range(max(len(roles), len(areas))):
            post = self._post(row, roles[n % len(roles)], areas[n % len(areas)])
            if post:
                yield post

    def _post(self, row: Row, role: Role, given: str) -> Post | None:
        area = self._areas.codes.resolve(given, row, "area")
        if area is None:
            row.fault("area", "roster.unknown_area", code=given)
            return None
        level = self._areas.levels[area]
        fitting = ROLE_LEVELS[role]
        if level is not None and level not in fitting:
            level_meant = Either(zh="、".join(LEVELS[one] for one in fitting), en=" or ".join(fitting))
            row.fault("area", "roster.role_misfits", role=self._labels[role], code=area, level=level_meant)
        return Post(role=role, area=area)


def _agree(first: _Person, again: _Person) -> None:
    """What a further row says of the person must not contradict the first; what only it says is taken."""
    for key in (
        "name",
        "phone",
        "language",
        "deputy",
        "status",
        "department",
        "school",
        "employment",
        "checked_on",
        "trainings",
    ):
        one, other = getattr(first, key), getattr(again, key)
        if one and other and one != other:
            again.row.fault(key, "roster.contradicts", row=first.row.number)
        elif other:
            setattr(first, key, other)
