"""The people around a child as they stand on a day: who acts for whom, and which posts nobody holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from casework.records import Child, Circle, Person

AROUND = ("township_officer", "county_officer", "cares_for")  # how somebody is found beside the worker


SILENT = "silent"  # `Person.unreached`: told of alerts, and no word for too long
COVERED = ("joined", "unreachable", "invited")  # whose deputy stands in; who has left has none


def is_away(person: Person, today: date) -> bool:
    """Whether somebody is on leave today."""
    return person.leave is not None and person.leave.start <= today <= person.leave.end


def stand_in(person: Person) -> str | None:
    """Who stands in for somebody on leave (person code): the one named for the leave, else always."""
    if person.leave is not None and (person.leave.deputy or person.leave.alone):
        return person.leave.deputy
    return person.deputy


@dataclass(frozen=True, kw_only=True)
class Around:
    """What the people around a child are found in.

    ``held``: by each of `AROUND`, the codes of those who hold the post in the child's township or county, or
    care for the child, in order. ``known``: those people, the worker, and who stands in for them, by code.
    """

    held: Mapping[str, Sequence[str]]
    known: Mapping[str, Person]
    today: date

    def acting(self, id: str | None) -> Person | None:
        """Who acts for this person today: himself, or his deputy while he is on leave."""
        person = self.known.get(id or "")
        if person is not None and person.status in COVERED and is_away(person, self.today):
            person = self.known.get(stand_in(person) or "")
            if person is not None and is_away(person, self.today):
                return None
        return person if person is not None and person.status == "joined" else None

    def why_not(self, id: str | None) -> str:
        """Why nobody acts for this person today, as `Vacancy.why` has it; "" where somebody does."""
        person, acting = self.known.get(id or ""), self.acting(id)
        if acting is not None:
            return SILENT if acting.unreached == SILENT else ""
        if person is None:
            return "nobody"
        if person.status not in COVERED:
            return person.status
        if is_away(person, self.today):
            return "deputy" if stand_in(person) else "away"
        return "not_joined" if person.status == "invited" else "unreachable"

    def is_awaited(self, id: str | None) -> bool:
        """Whether this person was named for the post and has not joined yet."""
        person = self.known.get(id or "")
        return person is not None and person.status == "invited" and not is_away(person, self.today)

    def _works(self, id: str | None) -> bool:
        """Whether this person holds a worker's post: without one he would not see the child."""
        person = self.known.get(id or "")
        return person is not None and any(post.role == "village_worker" for post in person.posts)

    def all(self, role: str) -> tuple[Person, ...]:
        """Everybody who acts in a role."""
        return _each_once(self.acting(id) for id in self.held[role])

    def deputies(self, officers: tuple[Person, ...]) -> tuple[Person, ...]:
        """Those who stand in for the township's officers and do not act already."""
        named = (stand_in(self.known[id]) for id in self.held["township_officer"] if id in self.known)
        found = _each_once(self.acting(id) for id in named if id is not None)
        return tuple(person for person in found if all(person.id != officer.id for officer in officers))

    def away(self, child: Child) -> Mapping[str, str]:
        """`Circle.away`."""
        posts = ("township_officer", "county_officer")
        ids = dict.fromkeys((child.worker or "", *(id for role in posts for id in self.held[role])))
        gone = (self.known[id] for id in ids if id in self.known and is_away(self.known[id], self.today))
        found = {person.id: self.acting(person.id) for person in gone if person.status in COVERED}
        return {id: acting.id if acting is not None else "" for id, acting in found.items()}

    def circle(self, child: Child) -> Circle:
        """The people around the child."""
        worker = self.acting(child.worker) if self._works(child.worker) else None
        county = self.all("county_officer")
        county = _heard_of(county) or county
        officers = self.all("township_officer")
        officers = _heard_of(officers) or (
            () if county else officers
        )  # one who is silent is better than none
        by_role = {"village_worker": worker, "township_officer": officers, "county_officer": county}
        return Circle(
            worker=worker,
            officers=officers,
            deputies=_heard_of(self.deputies(officers)),
            county=county,
            guardians=self.all("cares_for"),
            away=self.away(child),
            vacant=tuple(role for role, who in by_role.items() if not who),
            awaited=("village_worker",) if worker is None and self.is_awaited(child.worker) else (),
        )


def _each_once(people: Iterable[Person | None]) -> tuple[Person, ...]:
    return tuple({person.id: person for person in people if person is not None}.values())


def _heard_of(people: tuple[Person, ...]) -> tuple[Person, ...]:
    """Those who are not silent."""
    return tuple(person for person in people if person.unreached != SILENT)
