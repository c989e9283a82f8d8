"""Places at which the bot under test can be made to die, to hang or to find its disk full."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.supervise import Beat
from bot.telegram.api import Api
from bot.telegram.deliver import Delivery, Result
from bot.telegram.outbox import Sender
from storage.database import Database
from storage.outbox import OutboxRow

POINTS = ("commit.before", "commit.after", "send.before", "send.after", "poll.after")
ROW = "storm_row"  # the field by which the server's record names the outbox row; Telegram ignores such
SENDING = ("sendMessage", "editMessageText")
_row: ContextVar[int | None] = ContextVar("row", default=None)


class Points:
    """Counts what the bot passes, and kills it at the chosen count: ``commit.after:17``; "" never."""

    def __init__(self, die_at: str, folder: Path) -> None:
        self._name, _, number = die_at.partition(":")
        self._number = int(number or 0)
        self._passed: Counter[str] = Counter()
        self._full = folder / "full"
        self._was_full = False

    def passed(self, name: str) -> None:
        """The bot is at ``name``; at the chosen count it goes no further."""
        self._passed[name] += 1
        if name == self._name and self._passed[name] == self._number:
            os.kill(os.getpid(), signal.SIGKILL)

    def wrap(self) -> None:
        """Put the points around commits, sends and polls."""
        _around_commits(self)
        _around_calls(self)
        _around_rows()

    def disk(self, conn: Connection) -> None:
        """While the file ``full`` is there, SQLite may take no further page."""
        full = self._full.exists()
        self._was_full = self._was_full or full
        if self._was_full and conn.dialect.name == "sqlite":  # each connection has a limit of its own
            conn.exec_driver_sql(f"PRAGMA max_page_count={1 if full else 2**30}")


def _around_commits(points: Points) -> None:
    for name in ("write", "write_long"):
        _around(points, name)


def _around(points: Points, name: str) -> None:
    write = getattr(Database, name)

    async def watched(self: Database, act: Callable[[Connection], Any]) -> Any:
        def whole(conn: Connection) -> Any:
            points.disk(conn)
            result = act(conn)
            points.passed("commit.before")
            return result

        result = await write(self, whole)
        points.passed("commit.after")
        return result

    setattr(Database, name, watched)


def _around_calls(points: Points) -> None:
    call = Api.call

    async def watched(
        self: Api, method: str, parameters: Mapping[str, Any], *, read_timeout: float | None = None
    ) -> Any:
        if method in SENDING:
            points.passed("send.before")
            parameters = {**parameters, ROW: _row.get()}
        result = await call(self, method, parameters, read_timeout=read_timeout)
        if method in SENDING:
            points.passed("send.after")
        elif method == "getUpdates" and result:
            points.passed("poll.after")
        return result

    Api.call = watched  # type: ignore[method-assign]


def _around_rows() -> None:
    send = Delivery.send

    async def watched(self: Delivery, row: OutboxRow) -> Result:
        _row.set(row.seq)
        return await send(self, row)

    Delivery.send = watched  # type: ignore[method-assign]


def hang(what: str) -> None:
    """Let the outbox's loop hang without a sign of life ("hang"), or end as if cancelled ("end")."""

    async def stuck(self: Sender, beat: Beat) -> None:
        await asyncio.sleep(0.5)
        if what == "end":
            raise asyncio.CancelledError
        await asyncio.Event().wait()

    def dead(run: Callable[[Sender, Beat], Awaitable[None]]) -> None:
        Sender.run = run  # type: ignore[assignment]

    dead(stuck)
