"""The connection to SQLite or PostgreSQL: reading, writing, and telling trouble from faults."""

import asyncio
import contextlib
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.errors import AlreadyRunning, Refused, StorageError, Unavailable
from storage.postgres import Postgres
from storage.sqlite import Sqlite, is_busy

T = TypeVar("T")
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
_REFUSING = ("28", "3D")  # a wrong user or password; no such database


def is_passing(error: BaseException) -> bool:
    """Whether the trouble is the database's and may pass: locked, full, gone; and not what was written."""
    if isinstance(error, OSError | asyncio.TimeoutError):
        return True
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        error = error.orig or error
    state = getattr(error, "sqlstate", None)
    if state:
        return str(state).startswith(_PASSING_STATES)
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        return True
    names = ("InterfaceError", "InternalClientError")  # SQLAlchemy's own, around the driver's
    if type(error).__name__ in names and not isinstance(error, sqlite3.Error):
        return True
    words = str(error).lower()
    return isinstance(error, sqlite3.OperationalError | sqlite3.ProgrammingError) and any(
        w in words for w in _PASSING
    )


class Database:
    """Runs plain functions of a connection, each in one go.

    ``glance`` is for reads of few rows, ``read`` for any; ``write`` for an ordinary batch, ``write_long`` for
    what may take longer than the others should wait. Writers come one after another.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.path = Path(parsed.database or "") if self.is_sqlite else None
        self._side: Sqlite | Postgres = Postgres(parsed) if self.path is None else Sqlite(parsed, self.path)
        self._held: contextlib.AsyncExitStack = contextlib.AsyncExitStack()
        self._locked = False

    def told(self, error: BaseException) -> BaseException:
        """What an error on opening means: the server is away, or refuses us; else the error itself."""
        cause = getattr(error, "orig", None) or error
        if str(getattr(cause, "sqlstate", None) or "").startswith(_REFUSING):
            return Refused(str(cause))
        away = is_passing(error) if self.path is None else is_busy(error)
        if away:
            return Unavailable(type(cause).__name__)
        return StorageError(f"{self.path}: {cause}") if isinstance(cause, sqlite3.Error) else error

    async def glance(self, ask: Callable[[Connection], T]) -> T:
        """What ``ask`` finds in a few rows. Each of its statements sees what was committed before it."""
        if isinstance(self._side, Sqlite):
            return await self._side.glance(ask)
        return await self._side.read(ask)

    async def read(self, ask: Callable[[Connection], T]) -> T:
        """The same, where it may take long."""
        return await self._side.read(ask)

    async def write(self, act: Callable[[Connection], T]) -> T:
        """What ``act`` returns, once it is committed."""
        if isinstance(self._side, Sqlite):
            return await self._side.write(act, long=False)
        return await self._side.write(act)

    async def write_long(self, act: Callable[[Connection], T]) -> T:
        """The same, where it may take long."""
        if isinstance(self._side, Sqlite):
            return await self._side.write(act, long=True)
        return await self._side.write(act)

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one and the same state for as long as it is held."""
        async with self._side.snapshot() as conn:
            yield conn

    async def scrub(self) -> bool:
        """Leave no trace of deleted keys and rows in the files; False where others were in the way.

        PostgreSQL keeps some in its log until that is written over.
        """
        return await self._side.scrub()

    async def lock(self) -> None:
        """Hold this database until `close`. Raises `AlreadyRunning` if another instance holds it.

        Asked again, it makes sure: a crash of PostgreSQL takes the lock away from who held it.
        """
        if isinstance(self._side, Postgres):
            if not await self._side.lock():
                raise AlreadyRunning("another instance works with this database")
        elif self.path is not None and not self._locked:
            self._held.enter_context(_file_lock(self.path.with_name(self.path.name + ".lock")))
            self._locked = True

    async def close(self) -> None:
        """Let go of the lock and of all connections."""
        await self._held.aclose()
        await self._side.close()


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
