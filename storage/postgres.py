"""PostgreSQL: everything over asyncpg; writers of all processes one after another, as on SQLite."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.errors import DatabaseFault

T = TypeVar("T")
READERS = 8
LOCK = 0x5841_4E47  # the number of our advisory locks
LOCK_NOT_AVAILABLE = "55P03"
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    OSError,
)
# One writer at a time, of all processes: the audit chain needs it anyway.
_BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({LOCK}, 1)"


class Postgres:
    """The connections to one server."""

    def __init__(self, url: URL) -> None:
        url = url.set(drivername="postgresql+asyncpg")
        self._writing: AsyncEngine = create_async_engine(
            url, hide_parameters=True, pool_size=1, max_overflow=0,
            isolation_level="AUTOCOMMIT", pool_reset_on_return=None,
        )  # fmt: skip
        self._reading: AsyncEngine = create_async_engine(
            url, hide_parameters=True, pool_size=READERS + 3, max_overflow=0,
            isolation_level="AUTOCOMMIT", pool_reset_on_return=None,
        )  # fmt: skip
        self._free: list[AsyncConnection] = []
        self._places = asyncio.Semaphore(READERS)
        self._writer: AsyncConnection | None = None
        self._lock: AsyncConnection | None = None
        self._one = asyncio.Lock()

    async def read(self, ask: Callable[[Connection], T]) -> T:
        """A read of any size. A connection that was used without a fault is kept open for the next one."""
        async with self._places:
            conn = self._free.pop() if self._free else await self._reading.connect()
            try:
                with _told(conn):
                    result = await conn.run_sync(ask)
            except BaseException:
                await conn.close()
                raise
            self._free.append(conn)
            return result

    async def write(self, act: Callable[[Connection], T]) -> T:
        """What ``act`` returns, once it is committed. Beginning and committing are one trip each."""
        async with self._one:
            conn = self._writer or await self._writing.connect()
            self._writer = None
            try:
                with _told(conn):
                    raw: Any = (await conn.get_raw_connection()).driver_connection
                    await raw.execute(_BEGIN)
                    result = await conn.run_sync(act)
                    await raw.execute("COMMIT")
            except BaseException:
                await self._give_up(conn)
                raise
            self._writer = conn
            return result

    @staticmethod
    async def _give_up(conn: AsyncConnection) -> None:
        """Nothing is written: the server rolls back what a session leaves open."""
        if not conn.invalidated:
            await conn.invalidate()
        await conn.close()

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """See `Database.snapshot`."""
        engine = self._reading.execution_options(isolation_level="REPEATABLE READ")
        async with engine.connect() as conn:
            try:
                yield conn
            finally:
                await conn.rollback()

    async def scrub(self) -> bool:
        """See `Database.scrub`: the table of keys is written anew, without those that were deleted."""
        async with self._reading.connect() as conn:
            try:
                await conn.exec_driver_sql("SET lock_timeout = '2s'")  # a backup may be reading it
                await conn.exec_driver_sql("VACUUM FULL keys")
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                    raise
                return False
            finally:
                await conn.exec_driver_sql("SET lock_timeout = 0")
        return True

    async def lock(self) -> bool:
        """Whether this process holds the database, until `close`.

        The lock lives in a session: asked again after the server has crashed, it is taken anew, unless
        another process was quicker.
        """
        if self._lock is not None:
            try:
                await self._lock.execute(text("SELECT 1"))
                return True
            except (DBAPIError, asyncpg.InterfaceError, OSError):
                await self._give_up(self._lock)
                self._lock = None
                await self._reading.dispose()  # those that lie idle are dead as well
        conn = await self._reading.connect()
        if await conn.scalar(text(f"SELECT pg_try_advisory_lock({LOCK}, 2)")):
            self._lock = conn
            return True
        await conn.close()
        return False

    async def close(self) -> None:
        """Close everything; the lock ends with its session."""
        if self._lock is not None:
            await self._give_up(self._lock)
            self._lock = None
        for conn in (*self._free, *([self._writer] if self._writer else [])):
            await conn.close()
        self._free.clear()
        self._writer = None
        await self._writing.dispose()
        await self._reading.dispose()


@contextlib.contextmanager
def _told(conn: AsyncConnection) -> Iterator[None]:
    """Faults under a `Statement`, which SQLAlchemy does not see: without the values that they quote.

    A connection that was lost must not be used again.
    """
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        if isinstance(error, _LOST) and conn.sync_connection is not None:
            conn.sync_connection.invalidate()
        if isinstance(error, asyncpg.PostgresError):
            raise DatabaseFault(type(error).__name__, error.sqlstate or "") from None
        raise
