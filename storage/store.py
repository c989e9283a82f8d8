"""The store: the one thing that the parts to the left of storage hold. All SQL lies behind it."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from casework.access import Reader
from casework.outcome import Event, Outcome
from casework.records import Child, Circle, Escalation, Invite, Link, Person, Record
from storage import backup as backups
from storage import erasing, inbox, life, outbox, people, reading
from storage.codec import R
from storage.committer import PATIENCE, Committer
from storage.database import Database
from storage.errors import (
    AlreadyRunning,
    BackupFault,
    Conflict,
    StorageError,
    Tampered,
    Unavailable,
    WrongKeys,
)
from storage.events import AuditResult
from storage.inbox import InboxRow, Incoming
from storage.keys import KeyRing
from storage.migrating import check_shape, migrate
from storage.outbox import OutboxRow, Sent
from storage.reading import Order, Search
from storage.vault import Vault
from storage.writing import Step

__all__ = [
    "AlreadyRunning", "AuditResult", "BackupFault", "Conflict", "InboxRow", "Incoming", "KeyRing",
    "OutboxRow", "Sent", "StorageError", "Store", "Tampered", "Unavailable", "WrongKeys",
]  # fmt: skip

T = TypeVar("T")
ZONE = "Asia/Shanghai"


class Store:
    """Records, events, inbox and outbox on SQLite or PostgreSQL. Made by `open`.

    Every write may raise `Unavailable` when the database was in trouble for as long as ``patience``; every
    read may raise `Tampered`.
    """

    def __init__(
        self, database: Database, vault: Vault, *, zone: str = ZONE, patience: float = PATIENCE
    ) -> None:
        self._database = database
        self._vault = vault
        self._zone = ZoneInfo(zone)
        self._commits = Committer(database, vault, patience=patience)

    @classmethod
    async def open(
        cls, url: str, keys: KeyRing, *, migrate: bool = True, zone: str = ZONE, patience: float = PATIENCE
    ) -> "Store":
        """Connect to ``sqlite:///path`` or ``postgresql://…`` and bring it to the present shape.

        ``zone`` is the county's: it says which day is today for those on leave. Raises `WrongKeys`.
        """
        database, vault = Database(url), Vault(keys)
        try:
            await database.write(lambda conn: _prepare(conn, vault, migrate))
        except BaseException:
            await database.close()
            raise
        return cls(database, vault, zone=zone, patience=patience)

    async def close(self) -> None:
        """Finish what is being written and let go of the database."""
        await self._commits.close()
        await self._database.close()

    async def _read(self, ask: Callable[[Connection], T]) -> T:
        return await self._database.read(ask)

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._zone).date()

    # What decisions change

    async def apply(self, outcome: Outcome, *, done: int | None = None) -> None:
        """Write the whole of a decision, and complete the inbox row ``done``, in one transaction.

        When it returns, all is on the disk. Raises `Conflict` where a record is not at the version that was
        read or the row is done already; nothing is changed then.
        """
        for record in outcome.records:
            if isinstance(record, Link) and record.id != self.link_id(record.address):
                raise ValueError("a link's id must be the link_id of its address")
        await self._commits.step(Step(outcome=outcome, done=done))

    def on_commit(self, callback: Callable[[], None]) -> None:
        """``callback`` is called after each commit that put messages into the outbox."""
        self._commits.listen(callback)

    # Reading, always in somebody's name

    async def get(self, reader: Reader, kind: type[R], id: str) -> R | None:
        """The record; None where there is none, and where it is not the reader's, alike."""
        return await self._read(lambda conn: reading.get(conn, self._vault, reader, kind, id))

    async def find(
        self, reader: Reader, kind: type[R], *, status: Collection[str] | None = None,
        child: str | None = None, person: str | None = None, area: str | None = None,
        limit: int | None = None, order: Order = "id",
    ) -> list[R]:  # fmt: skip
        """All of a kind that fit and are the reader's. ``person`` of a child is its worker."""
        search = Search(status=status, child=child, person=person, area=area, limit=limit, order=order)
        return await self._read(lambda conn: reading.find(conn, self._vault, reader, kind, search))

    async def count(
        self, reader: Reader, kind: type[Record], *, status: Collection[str] | None = None,
        child: str | None = None, person: str | None = None, area: str | None = None,
    ) -> int:  # fmt: skip
        """How many `find` would find."""
        search = Search(status=status, child=child, person=person, area=area)
        return await self._read(lambda conn: reading.count(conn, reader, kind, search))

    async def open_file(self, reader: Reader, child_id: str, *, ground: str, now: datetime) -> Child | None:
        """Like ``get(reader, Child, …)``; the reading is an event, written before the child is returned."""
        child = await self.get(reader, Child, child_id)
        if child is not None:
            event = Event(
                name="child_file_read",
                at=now,
                actor=reader.person,
                child=child.id,
                record=child.id,
                ground=ground,
            )
            await self.apply(Outcome(events=(event,)))
        return child

    async def find_child(
        self, reader: Reader, *, name: str | None = None, id_number: str | None = None
    ) -> list[Child]:
        """The reader's children with this whole name, or this identity number."""
        return await self._read(lambda conn: reading.find_child(conn, self._vault, reader, name, id_number))

    async def escalation_by_number(self, reader: Reader, number: int) -> Escalation | None:
        """The escalation that people call by ``number``, if it is the reader's."""
        return await self._read(lambda conn: reading.by_number(conn, self._vault, reader, number))

    async def reader(self, person_id: str, now: datetime) -> Reader:
        """The reader that somebody is at ``now``, with those whom he stands in for."""
        return await self._read(lambda conn: people.reader(conn, self._vault, person_id, self._today(now)))

    # People

    async def person(self, id: str) -> Person | None:
        """Somebody by code."""
        return (await self._read(lambda conn: people.people(conn, self._vault, [id]))).get(id)

    async def person_at(self, address: str) -> Person | None:
        """Who talks from an address; None for a stranger."""

        def ask(conn: Connection) -> Person | None:
            link = people.link_at(conn, self._vault, address)
            if link is None or link.person is None:
                return None
            return people.people(conn, self._vault, [link.person]).get(link.person)

        return await self._read(ask)

    async def address_of(self, person_id: str) -> str | None:
        """By which address somebody is reached; None while there is none."""
        return await self._read(lambda conn: people.address_of(conn, self._vault, person_id))

    async def circle(self, child: Child, now: datetime) -> Circle:
        """The people around a child at ``now``; whoever is on leave is replaced by the deputy."""
        return await self._read(lambda conn: people.circle(conn, self._vault, child, self._today(now)))

    async def staff(self, *, role: str | None = None, area: str | None = None) -> list[Person]:
        """Everybody who holds a post, of this role and in this area where they are given."""
        return await self._read(lambda conn: people.staff(conn, self._vault, role, area))

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
        return await self._read(lambda conn: reading.by_look(conn, self._vault, Invite, digest))

    def mac(self, purpose: str, data: bytes) -> bytes:
        """A keyed digest of 32 bytes, e.g. for a button's token."""
        return self._vault.mac(purpose, data)

    # The clock

    async def due(self, now: datetime, limit: int = 500) -> list[Record]:
        """What waits for a moment that has come, of all kinds, the longest waiting first."""
        return await self._read(lambda conn: reading.due(conn, self._vault, now, limit))

    async def next_wake(self) -> datetime | None:
        """The first moment that anything waits for."""
        return await self._read(reading.next_wake)

    # The inbox

    async def receive(self, updates: Sequence[Incoming]) -> int:
        """Keep raw updates; returns, once they are committed, how many were not known before."""
        return await self._commits.run(lambda conn: inbox.receive(conn, self._vault, updates))

    async def waiting(self, *, after: int = 0, limit: int = 500) -> list[InboxRow]:
        """What came and is neither done nor parked, in order, from beyond ``after``."""
        return await self._read(lambda conn: inbox.waiting(conn, self._vault, after, limit))

    async def failed(self, seq: int, error: str, *, park_after: int = 5) -> bool:
        """Count a try that failed; True when the row is parked now. ``error`` must hold no personal data."""
        return await self._commits.run(lambda conn: inbox.failed(conn, seq, error, park_after))

    async def prune(self, now: datetime) -> int:
        """Forget inbox rows done more than 48 hours ago; returns how many."""
        return await self._commits.run(lambda conn: inbox.prune(conn, now))

    # The outbox

    async def claim(
        self, now: datetime, *, limit: int, lease: timedelta, busy: Collection[str] = ()
    ) -> list[OutboxRow]:
        """Take up to ``limit`` due messages, one per lane, urgent first; none for those in ``busy``."""
        taken = tuple(busy)
        if not await self._read(lambda conn: outbox.any_due(conn, now)):
            return []
        return await self._commits.run(lambda conn: outbox.claim(conn, self._vault, now, limit, lease, taken))

    async def sent(self, results: Sequence[Sent]) -> None:
        """These arrived."""
        await self._commits.run(lambda conn: outbox.sent(conn, results))

    async def retry_later(self, seq: int, at: datetime, *, ambiguous: bool) -> None:
        """Try a claimed message again at ``at``; ``ambiguous`` if it may have arrived."""
        await self._commits.run(lambda conn: outbox.retry_later(conn, seq, at, ambiguous))

    async def undeliverable(self, seq: int, reason: str) -> None:
        """A message that can never arrive. The caller goes on with what follows from that."""
        await self._commits.run(lambda conn: outbox.undeliverable(conn, seq, reason))

    async def sweep(self, now: datetime) -> int:
        """Give back claims whose lease ran out, marked ambiguous; returns how many."""
        return await self._commits.run(lambda conn: outbox.sweep(conn, now))

    # The life of the process

    async def beat(self, loop: str, now: datetime) -> None:
        """The loop lived at ``now``."""
        await self._commits.run(lambda conn: life.beat(conn, loop, now))

    async def beats(self) -> dict[str, datetime]:
        """When each loop was last known to live."""
        return await self._read(life.beats)

    async def status(self) -> life.Status:
        """Lengths and ages of the queues."""
        return await self._read(life.status)

    async def note(self, name: str, value: str) -> None:
        """Keep a small plain fact under ``name`` (e.g. the bot's user name): never anything personal."""
        await self._commits.run(lambda conn: life.note(conn, name, value))

    async def noted(self, name: str) -> str | None:
        """The fact kept under ``name``."""
        return await self._read(lambda conn: life.noted(conn, name))

    async def lock(self) -> None:
        """Hold the database for this instance. Raises `AlreadyRunning` if another one does."""
        await self._database.lock()

    async def rotate_keys(self, *, batch: int = 500) -> int:
        """Wrap all data keys with the newest secret key, in steps while others work; returns how many."""
        rewrapped = 0
        while step := await self._commits.run(lambda conn: self._vault.rewrap(conn, batch)):
            rewrapped += step
        return rewrapped

    async def verify_audit(self) -> AuditResult:
        """Walk the whole audit trail; names the first row that was altered, is missing or was moved."""
        return await life.verify(self._database, self._vault)

    async def backup(self, path: Path) -> None:
        """Write a consistent, encrypted copy while others work."""
        await backups.backup(self._database, self._vault, path)

    async def restore(self, path: Path, *, erased: Path | None = None) -> backups.Restored:
        """Fill this empty database from a backup. Raises `BackupFault`; nothing is changed then.

        Messages that were not sent yet are held back, so that nothing is sent twice. Children that stand in
        the list ``erased`` (None: the one beside a SQLite database) stay erased.
        """
        return await backups.restore(self._database, self._vault, path, erased)

    async def erase(
        self, child_code: str, *, now: datetime, actor: str = "operator", erased: Path | None = None
    ) -> bool:
        """Erase a child for good: the data key and all rows about it; False where there is no such child.

        The event that stays holds the bare code only. ``erased`` is the list that `restore` heeds (None: the
        one beside a SQLite database; on PostgreSQL it must be named).
        """
        path = erased or erasing.erased_list(self._database)
        return await erasing.erase(self._database, self._vault, self._commits, child_code, now, actor, path)


def _prepare(conn: Connection, vault: Vault, may_migrate: bool) -> None:
    if may_migrate:
        migrate(conn)
    else:
        check_shape(conn)
    vault.prepare(conn)
