"""Who stands around a child, who stands in for whom, and by which address somebody is reached."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import Connection, select

from casework.access import Reader, reader_of
from casework.records import Child, Circle, Link, Person
from storage import kept
from storage.statements import Statement, selecting
from storage.tables import POSTS, RECORDS
from storage.vault import Vault

_AT = selecting(
    RECORDS, "FROM records WHERE kind = 'link' AND id = :id OR kind = 'person' AND id = "
    "(SELECT person FROM records WHERE kind = 'link' AND id = :id)",
)  # fmt: skip
_COVERED = selecting(
    RECORDS, "FROM records WHERE kind = 'person' AND id IN (SELECT CAST(:person AS VARCHAR) UNION ALL "
    "SELECT owner FROM posts WHERE person = :person AND role = 'deputy')",
)  # fmt: skip
_HELD = Statement(
    "SELECT role, person, area FROM posts WHERE role IN :roles[] AND area IN :areas[] ORDER BY person"
)
_LINKS = Statement("SELECT id FROM records WHERE kind = 'link' AND status = 'active' AND person = :person")


def people(conn: Connection, vault: Vault, ids: Iterable[str]) -> dict[str, Person]:
    """These people, by code."""
    return {person.id: person for person in kept.records(conn, vault, Person, ids)}


def person_at(conn: Connection, vault: Vault, address: str) -> Person | None:
    """Who talks from an address; None for a stranger."""
    rows = {row["kind"]: row for row in _AT.rows(conn, id=vault.index("address", address))}
    link = kept.opened(conn, vault, Link, rows["link"]) if "link" in rows else None
    if link is None or link.status != "active" or "person" not in rows:
        return None
    found = kept.opened(conn, vault, Person, rows["person"])
    return found if found.id == link.person else None


def address_of(conn: Connection, vault: Vault, person: str) -> str | None:
    """By which address somebody is reached; None while there is none."""
    links = kept.records(conn, vault, Link, (row["id"] for row in _LINKS.rows(conn, person=person)))
    return max(links, key=lambda link: link.id).address if links else None


def is_away(person: Person, today: date) -> bool:
    """Whether somebody is on leave today."""
    return person.leave is not None and person.leave.start <= today <= person.leave.end


def _stand_in(person: Person) -> str | None:
    return (person.leave.deputy if person.leave else None) or person.deputy


def reader(conn: Connection, vault: Vault, person: str, today: date) -> Reader:
    """The reader that somebody is today, with those on leave whom he stands in for."""
    rows = _COVERED.rows(conn, person=person)
    return reading_as(person, {row["id"]: kept.opened(conn, vault, Person, row) for row in rows}, today)


def reading_as(person: str, found: Mapping[str, Person], today: date) -> Reader:
    """The reader that somebody is, where ``found`` are he himself and all who named him their deputy."""
    if person not in found:
        return Reader(person=person)
    covers = tuple(
        other
        for id, other in found.items()
        if id != person and is_away(other, today) and _stand_in(other) == person and _may_be_covered(other)
    )
    return reader_of(found[person], covers)


def _may_be_covered(person: Person) -> bool:
    return person.status in ("joined", "unreachable", "invited")


def staff(conn: Connection, vault: Vault, role: str | None, area: str | None) -> list[Person]:
    """Everybody who holds a post, or this role, or one in this area."""
    rows = select(POSTS.c.person).where(POSTS.c.role.not_in(("cares_for", "deputy")))
    if role is not None:
        rows = rows.where(POSTS.c.role == role)
    if area is not None:
        rows = rows.where(POSTS.c.area == area)
    found = people(conn, vault, conn.scalars(rows))
    return [found[id] for id in sorted(found)]


class _Around:
    """The people found around one child."""

    def __init__(self, conn: Connection, vault: Vault, child: Child, today: date) -> None:
        self.today = today
        wanted = [
            ("township_officer", child.township),
            ("county_officer", child.county),
            ("cares_for", child.id),
        ]
        roles, areas = zip(*wanted, strict=True)
        rows = _HELD.rows(conn, roles=roles, areas=areas)
        held = [(row["role"], row["person"]) for row in rows if (row["role"], row["area"]) in wanted]
        self.by_role = {role: [who for its, who in held if its == role] for role in roles}
        named = [who for _, who in held] + ([child.worker] if child.worker else [])
        self.known = people(conn, vault, named)
        self.known |= people(conn, vault, filter(None, map(_stand_in, self.known.values())))

    def acting(self, id: str | None) -> Person | None:
        """Who acts for this person today: himself, or his deputy while he is on leave."""
        person = self.known.get(id or "")
        if person is not None and is_away(person, self.today):
            person = self.known.get(_stand_in(person) or "")
            if person is not None and is_away(person, self.today):
                return None
        return person if person is not None and person.status == "joined" else None

    def is_awaited(self, id: str | None) -> bool:
        """Whether this person was named for the post and has not joined yet."""
        person = self.known.get(id or "")
        return person is not None and person.status == "invited" and not is_away(person, self.today)

    def all(self, role: str) -> tuple[Person, ...]:
        found = (self.acting(id) for id in self.by_role[role])
        return tuple({p.id: p for p in found if p is not None}.values())

    def deputies(self, officers: tuple[Person, ...]) -> tuple[Person, ...]:
        """Those who stand in for the township's officers and do not act already."""
        acting = {p.id for p in officers}
        named = (_stand_in(self.known[id]) for id in self.by_role["township_officer"] if id in self.known)
        found = (self.acting(id) for id in named if id is not None)
        return tuple({p.id: p for p in found if p is not None and p.id not in acting}.values())


def circle(conn: Connection, vault: Vault, child: Child, today: date) -> Circle:
    """The people around a child as they stand today."""
    around = _Around(conn, vault, child, today)
    worker = around.acting(child.worker)
    officers = around.all("township_officer")
    county = around.all("county_officer")
    held = {"village_worker": worker, "township_officer": officers, "county_officer": county}
    return Circle(
        worker=worker,
        officers=officers,
        deputies=around.deputies(officers),
        county=county,
        guardians=around.all("cares_for"),
        vacant=tuple(role for role, who in held.items() if not who),
        awaited=("village_worker",) if worker is None and around.is_awaited(child.worker) else (),
    )
