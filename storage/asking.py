"""What the store can be asked: records in somebody's name, people, secrets only compared, what is due."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from casework.access import Reader
from casework.contacts import Contact
from casework.posts import Unattended
from casework.records import Child, Circle, Escalation, Invite, Matter, Person, R, Record, Referral
from storage import kept, people, pins, reading
from storage.arriving import Arrival, Asked, arrivals
from storage.committer import PATIENCE, Committer
from storage.database import Database
from storage.gathering import Gathering
from storage.reading import Order, Search
from storage.vault import Vault

T = TypeVar("T")
ZONE = "Asia/Shanghai"


class Asking:
    """The reading half of the `Store`."""

    def __init__(
        self, database: Database, vault: Vault, *, zone: str = ZONE, patience: float = PATIENCE
    ) -> None:
        self._database = database
        self._vault = vault
        self._zone = ZoneInfo(zone)
        self._arrivals = Gathering(self._arrived)
        self._records = Gathering(self._gotten)
        self._commits = Committer(database, vault, patience=patience)

    async def _read(self, ask: Callable[[Connection], T]) -> T:
        return await self._database.read(ask)

    async def _glance(self, ask: Callable[[Connection], T]) -> T:
        return await self._database.glance(ask)

    async def _arrived(self, asked: Sequence[Asked]) -> Mapping[Asked, Arrival | None]:
        return await self._glance(lambda conn: arrivals(conn, self._vault, asked))

    async def _gotten(self, asked: Sequence[kept.Asked]) -> Mapping[kept.Asked, Record | None]:
        return await self._glance(lambda conn: kept.several(conn, self._vault, asked))

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    # Reading, always in somebody's name

    async def get(self, reader: Reader, kind: type[R], id: str) -> R | None:
        """The record; None where there is none, and where it is not the reader's, alike."""
        if self._database.is_sqlite:  # a read costs less there than to wait for others
            return await self._glance(lambda conn: kept.get(conn, self._vault, reader, kind, id))
        found = await self._records.ask((reader, kind, id))
        assert found is None or isinstance(found, kind)
        return found

    async def find(
        self, reader: Reader, kind: type[R], *, status: Collection[str] | None = None,
        child: str | None = None, person: str | None = None, area: str | None = None,
        limit: int | None = None, order: Order = "id", keep: Callable[[R], bool] | None = None,
    ) -> list[R]:  # fmt: skip
        """All of a kind that fit and are the reader's. ``person`` of a child is its worker.

        ``keep`` is asked of each that was opened (of ``limit`` at most), in a thread: it is for histories, of
        which most are let go of again.
        """
        search = Search(status=status, child=child, person=person, area=area, limit=limit, order=order)
        look = self._glance if child is not None or (person is not None and kind is not Child) else self._read
        return await look(lambda conn: reading.find(conn, self._vault, reader, kind, search, keep))

    async def count(
        self, reader: Reader, kind: type[Record], *, status: Collection[str] | None = None,
        child: str | None = None, person: str | None = None, area: str | None = None,
    ) -> int:  # fmt: skip
        """How many `find` would find."""
        search = Search(status=status, child=child, person=person, area=area)
        return await self._read(lambda conn: reading.count(conn, reader, kind, search))

    async def find_child(
        self, reader: Reader, *, name: str | None = None, id_number: str | None = None
    ) -> list[Child]:
        """The reader's children with this whole name, or this identity number."""
        return await self._read(lambda conn: reading.find_child(conn, self._vault, reader, name, id_number))

    async def about(self, child: str) -> list[Record]:
        """All records of any kind about a child, read in our own name; without the child's own file."""
        return await self._read(lambda conn: reading.about(conn, self._vault, child))

    async def escalation_by_number(self, reader: Reader, number: int) -> Escalation | None:
        """The escalation that people call by ``number``, if it is the reader's."""
        return await self._glance(
            lambda conn: reading.by_number(conn, self._vault, reader, Escalation, number)
        )

    async def matter_by_number(self, reader: Reader, number: int) -> Matter | None:
        """The matter that people call by ``number``, if it is the reader's."""
        return await self._glance(lambda conn: reading.by_number(conn, self._vault, reader, Matter, number))

    async def referral_by_number(self, reader: Reader, number: int) -> Referral | None:
        """The referral that people call by ``number``, if it is the reader's."""
        return await self._glance(lambda conn: reading.by_number(conn, self._vault, reader, Referral, number))

    async def reader(self, person_id: str, now: datetime) -> Reader:
        """The reader that somebody is at ``now``, with those whom he stands in for."""
        return await self._glance(lambda conn: people.reader(conn, self._vault, person_id, self._today(now)))

    # People

    async def arriving(self, address: str, now: datetime) -> Arrival | None:
        """Who talks from an address, with all that an answer begins with; None for a stranger."""
        asked = address, self._today(now)
        if self._database.is_sqlite:
            return (await self._arrived((asked,)))[asked]
        return await self._arrivals.ask(asked)

    async def person(self, id: str) -> Person | None:
        """Somebody by code."""
        return (await self._glance(lambda conn: people.people(conn, self._vault, [id]))).get(id)

    async def person_at(self, address: str) -> Person | None:
        """Who talks from an address; None for a stranger."""
        return await self._glance(lambda conn: people.person_at(conn, self._vault, address))

    async def address_of(self, person_id: str) -> str | None:
        """By which address somebody is reached; None while there is none."""
        return await self._glance(lambda conn: people.address_of(conn, self._vault, person_id))

    async def circle(self, child: Child, now: datetime, *, here: Person | None = None) -> Circle:
        """The people around a child at ``now``; whoever is on leave is replaced by the deputy.

        ``here`` counts as he is given: as if he were there, say.
        """
        return await self._glance(
            lambda conn: people.circle(conn, self._vault, child, self._today(now), here)
        )

    async def contacts(self, child: Child, now: datetime) -> tuple[Contact, ...]:
        """The departments' contacts around a child who can be reached at ``now``, the nearest first."""
        return await self._read(lambda conn: people.contacts(conn, self._vault, child, self._today(now)))

    async def staff(self, *, role: str | None = None, area: str | None = None) -> list[Person]:
        """Everybody who holds a post, of this role and in this area where they are given."""
        return await self._read(lambda conn: people.staff(conn, self._vault, role, area))

    async def acting(self, role: str, now: datetime, *, area: str | None = None) -> list[Person]:
        """Who acts at ``now`` for those who hold a role: they themselves, or their deputies."""
        return await self._read(lambda conn: people.acting(conn, self._vault, role, area, self._today(now)))

    async def carers(self, *children: str) -> list[Person]:
        """Everybody who is down as a guardian of one of these children."""
        return await self._read(lambda conn: people.carers(conn, self._vault, children))

    async def unattended(self, attending: Collection[str]) -> list[Unattended]:
        """The active children whose worker is none of ``attending``, counted by village and worker."""
        return await self._read(lambda conn: people.unattended(conn, attending))

    # Secrets that are only compared

    def link_id(self, address: str) -> str:
        """The id of the `Link` of an address: its keyed index."""
        return self._vault.index("address", address)

    def code_digest(self, code: str) -> str:
        """The keyed digest of an invite's code, the same however it is typed."""
        return self._vault.index("invite", code.strip().upper())

    async def invite_by_code(self, code: str) -> Invite | None:
        """The invite that a code belongs to, whatever its status."""
        digest = self.code_digest(code)
        return await self._glance(lambda conn: reading.by_look(conn, self._vault, Invite, digest))

    def mac(self, purpose: str, data: bytes) -> bytes:
        """A keyed digest of 32 bytes, e.g. for a button's token."""
        return self._vault.mac(purpose, data)

    async def pin_hash(self, pin: str) -> str:
        """What may be kept of a PIN."""
        return await asyncio.to_thread(pins.hashed, self._vault.mac("pin", pin.encode()))

    async def pin_fits(self, pin: str, kept: str) -> bool:
        """Whether ``kept`` is the hash of this PIN."""
        return await asyncio.to_thread(pins.fits, self._vault.mac("pin", pin.encode()), kept)

    # The clock

    async def due(self, now: datetime, limit: int = 500) -> list[Record]:
        """What waits for a moment that has come, of all kinds, the longest waiting first."""
        return await self._read(lambda conn: reading.due(conn, self._vault, now, limit))

    async def next_wake(self) -> datetime | None:
        """The first moment that anything waits for."""
        return await self._glance(reading.next_wake)
