"""Who says something, read in one go when a step begins: person, reader, talk, unfinished drafts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from casework.access import Reader
from casework.records import Draft, Link, Person, Talk
from storage import kept
from storage.people import reading_as
from storage.statements import Statement, selecting_all
from storage.tables import RECORDS
from storage.vault import Vault


def _arriving(found: str) -> Statement:
    """The rows of who talks from the addresses whose links are ``found``."""
    linked = f"SELECT person FROM records WHERE kind = 'link' AND id {found}"  # noqa: S608
    owners = f"SELECT owner FROM posts WHERE person IN ({linked}) AND role = 'deputy'"  # noqa: S608
    return selecting_all(
        RECORDS,
        f"FROM records WHERE kind = 'link' AND id {found}",
        f"FROM records WHERE kind = 'person' AND id IN ({linked} UNION ALL {owners})",
        f"FROM records WHERE kind = 'talk' AND id IN ({linked})",
        f"FROM records WHERE kind = 'draft' AND person IN ({linked}) AND status = 'open'",
    )


_ONE, _SEVERAL = _arriving("= :id"), _arriving("IN :ids[]")
Asked = tuple[str, date]  # an address, and which day is today


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Somebody who says something, as whom he reads today, where the talk stands, and what he has begun."""

    person: Person
    reader: Reader
    talk: Talk | None
    drafts: tuple[Draft, ...]


def arrivals(conn: Connection, vault: Vault, asked: Sequence[Asked]) -> Mapping[Asked, Arrival | None]:
    """Who talks from each of these addresses; None for a stranger."""
    ids = sorted({vault.index("address", address) for address, _ in asked})
    rows = _ONE.rows(conn, id=ids[0]) if len(ids) == 1 else _SEVERAL.rows(conn, ids=ids)
    found = _Found(conn, vault, rows)
    return {(address, day): found.at(vault.index("address", address), day) for address, day in asked}


class _Found:
    """All rows that belong to several addresses. Who stands in for whom is decided for each reader apart."""

    def __init__(self, conn: Connection, vault: Vault, rows: Sequence[Any]) -> None:
        self._links: dict[str, Link] = {}
        self._people: dict[str, Person] = {}
        self._talks: dict[str, Talk] = {}
        self._drafts: list[Draft] = []
        for row in rows:
            match row["kind"]:
                case "link":
                    self._links[row["id"]] = kept.opened(conn, vault, Link, row)
                case "person":
                    self._people[row["id"]] = kept.opened(conn, vault, Person, row)
                case "talk":
                    self._talks[row["id"]] = kept.opened(conn, vault, Talk, row)
                case _:
                    self._drafts.append(kept.opened(conn, vault, Draft, row))

    def at(self, link_id: str, today: date) -> Arrival | None:
        link = self._links.get(link_id)
        person = self._people.get(link.person or "") if link is not None and link.status == "active" else None
        if person is None:
            return None
        return Arrival(
            person=person,
            reader=reading_as(person.id, self._people, today),
            talk=self._talks.get(person.id),
            drafts=tuple(draft for draft in self._drafts if draft.person == person.id),
        )
