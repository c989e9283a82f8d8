"""The store: the one thing that the parts to the left of storage hold. All SQL lies behind it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from casework.access import Reader
from casework.outcome import Event, Outcome
from casework.records import Child, Link
from storage import life, numbers
from storage.asking import ZONE
from storage.committer import PATIENCE
from storage.database import Database
from storage.errors import (
    AlreadyRunning,
    BackupFault,
    Conflict,
    StillClosed,
    StorageError,
    Tampered,
    TooNew,
    Unavailable,
    WrongKeys,
)
from storage.events import AuditResult, begin
from storage.handing import Taker
from storage.inbox import InboxRow, Incoming
from storage.keeping import Keeping
from storage.keys import KeyRing
from storage.migrating import check_shape, migrate
from storage.outbox import OutboxRow, Sent
from storage.restoring import CLOSED
from storage.vault import Vault
from storage.writing import Step

__all__ = [
    "AlreadyRunning", "AuditResult", "BackupFault", "Conflict", "InboxRow", "Incoming", "KeyRing",
    "OutboxRow", "Sent", "StillClosed", "StorageError", "Store", "Tampered", "TooNew", "Unavailable",
    "WrongKeys",
]  # fmt: skip


class Store(Keeping):
    """Records, events, inbox and outbox on SQLite or PostgreSQL. Made by `open`.

    Every write may raise `Unavailable` when the database was in trouble for as long as ``patience``; every
    read may raise `Tampered`.
    """

    @classmethod
    async def open(
        cls, url: str, keys: KeyRing, *, migrate: bool = True, closed_too: bool = False,
        zone: str = ZONE, patience: float = PATIENCE,
    ) -> "Store":  # fmt: skip
        """Connect to ``sqlite:///path`` or ``postgresql://…`` and bring it to the present shape.

        ``zone`` is the county's: it says which day is today for those on leave. Raises `Unavailable` while
        the database is away, `Refused`, `TooNew`, `WrongKeys`, and `StillClosed` unless ``closed_too``.
        """
        database, vault = Database(url), Vault(keys)
        try:
            await database.write_long(lambda conn: _prepare(conn, vault, migrate, closed_too))
        except BaseException as error:
            await database.close()
            raise database.told(error) from None
        return cls(database, vault, zone=zone, patience=patience)

    async def close(self) -> None:
        """Finish what is being written and let go of the database."""
        await self._commits.close()
        await self._database.close()

    # What decisions change

    async def apply(self, outcome: Outcome, *, done: int | None = None, forget: bool = False) -> None:
        """Write the whole of a decision, and complete the inbox row ``done``, in one transaction.

        ``forget``: the row goes at once. It was a stranger's, and would do little if it came again.
        When it returns, all is on the disk. Raises `Conflict` where a record is not at the version that was
        read or the row is done already; nothing is changed then.
        """
        for record in outcome.records:
            if isinstance(record, Link) and record.id != self.link_id(record.address):
                raise ValueError("a link's id must be the link_id of its address")
        await self._commits.step(Step(outcome=outcome, done=done, forget=forget))

    def on_commit(self, callback: Callable[[], None]) -> None:
        """``callback`` is called after each commit that put messages into the outbox."""
        self._commits.listen(callback)

    def hand_to(self, taker: Taker) -> None:
        """``taker``, a sender in this process, may take messages over as they are committed."""
        self._commits.hand_to(taker)

    # Reading that leaves a trace

    async def open_file(self, reader: Reader, child_id: str, *, ground: str, now: datetime) -> Child | None:
        """Like ``get(reader, Child, …)``; the reading is an event, written before the child is returned.

        A file that was joined with another opens that one.
        """
        child = await self.get(reader, Child, child_id)
        while child is not None and child.merged_into is not None:
            child = await self.get(reader, Child, child.merged_into)
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

    # The life of the process

    async def beat(self, loop: str, now: datetime) -> None:
        """The loop lived at ``now``."""
        await self._commits.run(lambda conn: life.beat(conn, loop, now))

    async def beats(self) -> dict[str, datetime]:
        """When each loop was last known to live."""
        return await self._glance(life.beats)

    async def status(self) -> life.Status:
        """Lengths and ages of the queues."""
        return await self._read(life.status)

    async def lengths(self) -> dict[str, int]:
        """The lengths alone, by the names under which they are measured."""
        return (await self.status()).lengths

    async def note(self, name: str, value: str) -> None:
        """Keep a small plain fact under ``name`` (e.g. the bot's user name): never anything personal."""
        await self._commits.run(lambda conn: life.note(conn, name, value))

    async def noted(self, name: str) -> str | None:
        """The fact kept under ``name``."""
        return await self._glance(lambda conn: life.noted(conn, name))

    async def next_number(self, series: str) -> int:
        """The next running number of ``series`` (e.g. "agreement:2026"), from 1; never the same twice."""
        return await self._commits.run(lambda conn: numbers.next_number(conn, series))

    async def lock(self) -> None:
        """Hold the database for this instance; asked again, make sure. Raises `AlreadyRunning`."""
        await self._database.lock()


def _prepare(conn: Connection, vault: Vault, may_migrate: bool, closed_too: bool) -> None:
    if may_migrate:
        migrate(conn)
    else:
        check_shape(conn)
    if not vault.in_use(conn).keys() <= {*vault.ring.names}:
        raise WrongKeys("SECRET_KEYS does not hold all keys that this database was written with")
    if "audit" in vault.prepare(conn):
        begin(conn, vault.audit)
    closed = life.noted(conn, CLOSED)
    if closed is not None and not closed_too:
        raise StillClosed(closed)
