"""The connection to SQLite or PostgreSQL: reading, writing, migrating, and telling trouble from faults."""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.errors import AlreadyRunning

T = TypeVar("T")
READERS = 4
BUSY = 2_000  # milliseconds to wait for another process's write lock before trying again
LOCK = 0x5841_4E47  # the number of our advisory locks on PostgreSQL
_PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",
)
_PASSING = (
    "locked",
    "busy",
    "disk is full",
    "disk i/o error",
    "unable to open",
    "closed",
    "readonly database",
)
_PASSING_STATES = ("08", "53", "57", "40", "25006")


def is_passing(error: BaseException) -> bool:
    """Whether the trouble is the database's and may pass: locked, full, gone; and not what was written."""
    if isinstance(error, OSError | asyncio.TimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state:
        return str(state).startswith(_PASSING_STATES)
    words = str(error.orig).lower()
    connection = type(error.orig).__name__ in ("InterfaceError", "InternalClientError")
    return connection or (isinstance(error, OperationalError) and any(w in words for w in _PASSING))


class Database:
    """Runs plain functions of a connection, each in one go: ``read`` or, one at a time, ``write``."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.path = Path(parsed.database or "") if self.is_sqlite else None
        driver = "sqlite+aiosqlite" if self.is_sqlite else "postgresql+asyncpg"
        parsed = parsed.set(drivername=driver)
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        more: dict[str, Any] = {"connect_args": {"isolation_level": None}} if self.is_sqlite else {}
        self._writing = create_async_engine(parsed, hide_parameters=True, pool_size=1, max_overflow=0, **more)
        self._reading = create_async_engine(
            parsed, hide_parameters=True, pool_size=READERS, max_overflow=0,
            isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **more,
        )  # fmt: skip
        self._prepare(self._writing, self._reading)
        self._held: contextlib.AsyncExitStack = contextlib.AsyncExitStack()

    def _prepare(self, writing: AsyncEngine, reading: AsyncEngine) -> None:
        if self.is_sqlite:
            event.listen(writing.sync_engine, "connect", _set_up)
            event.listen(reading.sync_engine, "connect", _set_up)
            event.listen(writing.sync_engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
        else:  # writers of all processes one after another, as on SQLite: the audit chain needs it anyway
            event.listen(writing.sync_engine, "begin", lambda c: c.execute(_ONE_WRITER))

    async def read(self, ask: Callable[[Connection], T]) -> T:
        """What ``ask`` finds. Each of its statements sees what was committed before it."""
        async with self._reading.connect() as conn:
            return await conn.run_sync(ask)

    async def write(self, act: Callable[[Connection], T]) -> T:
        """What ``act`` returns, once it is committed."""
        async with self._writing.begin() as conn:
            return await conn.run_sync(act)

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one and the same state for as long as it is held."""
        engine = self._reading.execution_options(
            isolation_level="SERIALIZABLE" if self.is_sqlite else "REPEATABLE READ"
        )
        async with engine.connect() as conn:
            if self.is_sqlite:
                await conn.exec_driver_sql("BEGIN")
            try:
                yield conn
            finally:
                await conn.rollback()

    async def bare(self, statement: str) -> None:
        """Run one statement outside any transaction (SQLite's VACUUM)."""
        async with self._reading.connect() as conn:
            await conn.exec_driver_sql(statement)

    async def lock(self) -> None:
        """Hold this database until `close`. Raises `AlreadyRunning` if another instance holds it."""
        if self.path is not None:
            self._held.enter_context(_file_lock(self.path.with_name(self.path.name + ".lock")))
            return
        conn = await self._held.enter_async_context(self._reading.connect())
        if not await conn.scalar(text(f"SELECT pg_try_advisory_lock({LOCK}, 2)")):
            await self._held.aclose()
            raise AlreadyRunning("another instance works with this database")
        self._held.push_async_callback(conn.invalidate)  # ends the session, and the lock with it

    async def close(self) -> None:
        """Let go of the lock and of all connections."""
        await self._held.aclose()
        await self._writing.dispose()
        await self._reading.dispose()


_ONE_WRITER = text(f"SELECT pg_advisory_xact_lock({LOCK}, 1)")


def _set_up(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


@contextlib.contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning("another instance works with this database") from None
        yield
    finally:
        os.close(handle)
