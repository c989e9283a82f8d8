"""Who stands around a child, who stands in for whom, and by which address somebody is reached."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import Connection, select

from casework.access import Reader, reader_of
from casework.circles import AROUND, COVERED, Around, is_away, stand_in
from casework.contacts import ROLE, Contact, contacts_around
from casework.posts import Unattended
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
_WORKERS = Statement("SELECT DISTINCT worker FROM children WHERE worker IS NOT NULL")
_UNATTENDED = Statement(
    "SELECT village, worker, count(*) AS number FROM children WHERE status = 'active' "
    "AND (worker IS NULL OR worker IN :gone[]) GROUP BY village, worker ORDER BY village, worker"
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


def reader(conn: Connection, vault: Vault, person: str, today: date) -> Reader:
    """The reader that somebody is today, with those on leave whom he stands in for."""
    rows = _COVERED.rows(conn, person=person)
    return reading_as(person, {row["id"]: kept.opened(conn, vault, Person, row) for row in rows}, today)


def reading_as(person: str, found: Mapping[str, Person], today: date) -> Reader:
    """The reader that somebody is, where ``found`` are he himself and all who named him their deputy."""
    if person not in found:
        return Reader(person=person)
    if is_away(found[person], today):
        return reader_of(found[person])  # who is away himself stands in for nobody
    covers = tuple(
        other
        for id, other in found.items()
        if id != person and is_away(other, today) and stand_in(other) == person and other.status in COVERED
    )
    return reader_of(found[person], covers)


def staff(conn: Connection, vault: Vault, role: str | None, area: str | None) -> list[Person]:
    """Everybody who holds a post, or this role, or one in this area."""
    rows = select(POSTS.c.person).where(POSTS.c.role.not_in(("cares_for", "deputy")))
    if role is not None:
        rows = rows.where(POSTS.c.role == role)
    if area is not None:
        rows = rows.where(POSTS.c.area == area)
    found = people(conn, vault, conn.scalars(rows))
    return [found[id] for id in sorted(found)]


def acting(conn: Connection, vault: Vault, role: str, area: str | None, today: date) -> list[Person]:
    """Who acts today for those who hold a role, in this area or anywhere: they, or their deputies."""
    holders = staff(conn, vault, role, area)
    known = {person.id: person for person in holders}
    known |= people(conn, vault, (id for id in map(stand_in, holders) if id and id not in known))
    around = Around(held={role: [person.id for person in holders]}, known=known, today=today)
    return list(around.all(role))


def circle(conn: Connection, vault: Vault, child: Child, today: date, here: Person | None = None) -> Circle:
    """The people around a child as they stand today; ``here`` counts as he is given, not as he is kept."""
    wanted = dict(zip(AROUND, (child.township, child.county, child.id), strict=True))
    rows = _HELD.rows(conn, roles=tuple(wanted), areas=tuple(wanted.values()))
    found = [(row["role"], row["person"]) for row in rows if wanted[row["role"]] == row["area"]]
    held = {role: [who for its, who in found if its == role] for role in AROUND}
    named = [who for _, who in found] + ([child.worker] if child.worker else [])
    known = people(conn, vault, named)
    known |= people(conn, vault, filter(None, map(stand_in, known.values())))
    known |= {here.id: here} if here is not None else {}
    return Around(held=held, known=known, today=today).circle(child)


def carers(conn: Connection, vault: Vault, children: Collection[str]) -> list[Person]:
    """Everybody who is down as a guardian of one of these children, whether they can be reached or not."""
    rows = select(POSTS.c.owner).where(POSTS.c.role == "cares_for", POSTS.c.area.in_(children))
    found = people(conn, vault, conn.scalars(rows))
    return [found[id] for id in sorted(found)]


def unattended(conn: Connection, attending: Collection[str]) -> list[Unattended]:
    """The active children whose worker is none of ``attending``, counted by village and worker."""
    gone = [row["worker"] for row in _WORKERS.rows(conn) if row["worker"] not in attending]
    return [
        Unattended(village=row["village"], worker=row["worker"], count=row["number"])
        for row in _UNATTENDED.rows(conn, gone=gone)
    ]


def contacts(conn: Connection, vault: Vault, child: Child, today: date) -> tuple[Contact, ...]:
    """The departments' contacts around a child as they stand today, the nearest first."""
    areas = (child.village, child.township, child.county)
    held = [row["person"] for row in _HELD.rows(conn, roles=(ROLE,), areas=areas)]
    known = people(conn, vault, held)
    known |= people(conn, vault, filter(None, map(stand_in, known.values())))
    return contacts_around(child, held, known, today)
