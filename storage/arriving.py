"""Who says something, read in one go when a step begins: person, reader, talk, unfinished drafts."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from casework.access import Reader
from casework.records import Draft, Link, Person, Talk
from storage import kept
from storage.people import reading_as
from storage.statements import selecting_all
from storage.tables import RECORDS
from storage.vault import Vault

_LINKED = "SELECT person FROM records WHERE kind = 'link' AND id = :id"
_OWNERS = f"SELECT owner FROM posts WHERE person = ({_LINKED}) AND role = 'deputy'"  # noqa: S608
_ARRIVING = selecting_all(
    RECORDS,
    "FROM records WHERE kind = 'link' AND id = :id",
    f"FROM records WHERE kind = 'person' AND id IN ({_LINKED} UNION ALL {_OWNERS})",
    f"FROM records WHERE kind = 'talk' AND id = ({_LINKED})",
    f"FROM records WHERE kind = 'draft' AND person = ({_LINKED}) AND status = 'open'",
)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Somebody who says something, as whom he reads today, where the talk stands, and what he has begun."""

    person: Person
    reader: Reader
    talk: Talk | None
    drafts: tuple[Draft, ...]


def arrival(conn: Connection, vault: Vault, address: str, today: date) -> Arrival | None:
    """Who talks from an address; None for a stranger."""
    rows: defaultdict[str, list[Any]] = defaultdict(list)
    for row in _ARRIVING.rows(conn, id=vault.index("address", address)):
        rows[row["kind"]].append(row)
    links = [kept.opened(conn, vault, Link, row) for row in rows["link"]]
    if not links or links[0].status != "active":
        return None
    people = {row["id"]: kept.opened(conn, vault, Person, row) for row in rows["person"]}
    person = people.get(links[0].person or "")
    if person is None:
        return None
    return Arrival(
        person=person,
        reader=reading_as(person.id, people, today),
        talk=next((kept.opened(conn, vault, Talk, row) for row in rows["talk"]), None),
        drafts=tuple(kept.opened(conn, vault, Draft, row) for row in rows["draft"]),
    )
