"""SQLite: short work at once on the event loop, long work and every wait for the disk in threads.

A thread that has to be waited for costs up to a millisecond of the interpreter's lock each time it comes
back, while a point read takes some microseconds. So point reads and the statements of an ordinary batch run
where they are asked for; only COMMIT, which waits for the disk, and what may take long, leaves the loop.
"""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

T = TypeVar("T")
READERS = 2
BUSY = 2.0  # seconds to wait for another process's write lock before the caller is told
SCRUBBING = 10.0  # seconds to wait for readers who hold the log
_LOOK_AGAIN = 0.01
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",
)


class Sqlite:
    """The connections to one file."""

    def __init__(self, url: URL, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        connect = {"isolation_level": None}
        self._streaming: AsyncEngine = create_async_engine(
            url.set(drivername="sqlite+aiosqlite"), hide_parameters=True, poolclass=NullPool,
            isolation_level="AUTOCOMMIT", connect_args=connect,
        )  # fmt: skip
        self._engine: Engine = create_engine(
            url.set(drivername="sqlite+pysqlite"), hide_parameters=True, poolclass=NullPool,
            isolation_level="AUTOCOMMIT", connect_args={**connect, "check_same_thread": False},
        )  # fmt: skip
        event.listen(self._engine, "connect", _set_up)
        event.listen(self._streaming.sync_engine, "connect", _set_up)
        self._threads = ThreadPoolExecutor(READERS + 1, "sqlite")
        self._writer: Connection | None = None
        self._glancer: Connection | None = None
        self._looking = False
        self._free: list[Connection] = []
        self._reading = asyncio.Semaphore(READERS)
        self._writing = asyncio.Lock()

    async def glance(self, ask: Callable[[Connection], T]) -> T:
        """A read of few rows, on the spot.

        Reads in one go of the event loop see one state: opening it costs as much as a read. It is given up
        before anything that the loop hears of later, so nobody who knows of a commit reads from before it.
        """
        if self._glancer is None:
            self._glancer = await self._in_thread(self._open, 0.0)
        try:
            if not self._looking:
                self._looking = True
                self._raw(self._glancer).execute("BEGIN")
                asyncio.get_running_loop().call_soon(self._look_away)
            return ask(self._glancer)
        except (sqlite3.OperationalError, OperationalError) as error:
            if not is_busy(error):
                raise
            return await self.read(ask)

    def _look_away(self) -> None:
        self._looking = False
        if self._glancer is not None and self._raw(self._glancer).in_transaction:
            self._raw(self._glancer).execute("COMMIT")

    async def read(self, ask: Callable[[Connection], T]) -> T:
        """A read of any size, in a thread."""
        async with self._reading:
            conn = self._free.pop() if self._free else await self._in_thread(self._open, BUSY)
            try:
                return await self._in_thread(ask, conn)
            finally:
                self._free.append(conn)

    async def write(self, act: Callable[[Connection], T], *, long: bool) -> T:
        """What ``act`` returns, once it is committed. Whatever is raised, nothing was written."""
        async with self._writing:
            if self._writer is None:
                self._writer = await self._in_thread(self._open, 0.0)
            conn = self._writer
            raw = self._raw(conn)
            await self._begin(raw)
            try:
                result = await self._in_thread(act, conn) if long else act(conn)
                await self._in_thread(raw.execute, "COMMIT")
            except BaseException:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
                raise
            return result

    async def _begin(self, raw: sqlite3.Connection) -> None:
        until = time.monotonic() + BUSY
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() > until:
                    raise
            await asyncio.sleep(_LOOK_AGAIN)

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """See `Database.snapshot`."""
        async with self._streaming.connect() as conn:
            await conn.exec_driver_sql("BEGIN")
            try:
                yield conn
            finally:
                await conn.exec_driver_sql("ROLLBACK")

    async def scrub(self) -> bool:
        """See `Database.scrub`: what `secure_delete` cleared in the file still stands in the WAL."""
        until = time.monotonic() + SCRUBBING
        while True:
            done = await self.read(_emptied)
            if done or time.monotonic() > until:
                return done
            await asyncio.sleep(_LOOK_AGAIN)

    async def close(self) -> None:
        """Close everything."""
        kept = (self._writer, self._glancer, *self._free)
        self._writer, self._glancer, self._free = None, None, []
        for conn in kept:
            if conn is not None:
                await self._in_thread(conn.close)
        self._threads.shutdown(wait=False)
        await self._streaming.dispose()
        self._engine.dispose()

    @staticmethod
    def _raw(conn: Connection) -> sqlite3.Connection:
        raw: sqlite3.Connection = conn.connection.driver_connection  # type: ignore[assignment]
        return raw

    def _open(self, busy: float) -> Connection:
        until = time.monotonic() + BUSY
        while True:
            try:
                conn = self._engine.connect()
                break
            except OperationalError as error:  # several processes at once at a new file: WAL is set by one
                if not is_busy(error) or time.monotonic() > until:
                    raise
            time.sleep(_LOOK_AGAIN)
        conn.exec_driver_sql(f"PRAGMA busy_timeout={int(1000 * busy)}").close()
        return conn

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """``work`` in a thread. A caller that is cancelled waits for its end: the connection is in use."""
        future = asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait((future,))
            raise


def _emptied(conn: Connection) -> bool:
    busy, *_ = conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy


def is_busy(error: BaseException) -> bool:
    """Whether another connection holds what is needed."""
    return "locked" in str(error) or "busy" in str(error)


def _set_up(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={int(1000 * BUSY)}")
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
