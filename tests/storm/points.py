"""Places at which the bot under test can be made to die, to hang or to find its disk full."""

import asyncio
import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from bot.clock import Ticker
from bot.supervise import Beat, Supervisor
from bot.telegram.api import Api
from bot.telegram.deliver import Delivery, Result
from storage.database import Database
from storage.outbox import OutboxRow

POINTS = (
    "commit.before", "commit.after", "send.before", "send.after", "poll.after", "tick.before", "tick.after",
)  # fmt: skip
ROWS = "storm_rows"  # where the server's record names the outbox rows; Telegram ignores such a field
SENDING = ("sendMessage", "editMessageText")
_rows: ContextVar[list[int]] = ContextVar("rows", default=[])  # noqa: B039 (never changed)


class Points:
    """Counts what the bot passes, and kills it at the chosen count: ``commit.after:17``; "" never.

    ``commit.after:17+0.03`` kills it 0.03 seconds later, wherever it is then. ``armed`` False: it counts from
    the signal SIGUSR2 on.
    """

    def __init__(self, die_at: str, folder: Path, *, armed: bool = True) -> None:
        self._name, _, rest = die_at.partition(":")
        number, _, later = rest.partition("+")
        self._number, self._later = int(number or 0), float(later or 0)
        self._armed = armed
        self._passed: Counter[str] = Counter()
        self._folder = folder
        self._full = folder / "full"
        self._was_full = False

    def arm(self) -> None:
        """From here on it counts."""
        self._armed = True

    def passed(self, name: str) -> None:
        """The bot is at ``name``; at the chosen count it goes no further."""
        if not self._armed:
            return
        self._passed[name] += 1
        if name != self._name or self._passed[name] != self._number:
            return
        if self._later:
            threading.Timer(self._later, os.kill, (os.getpid(), signal.SIGKILL)).start()
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    def write(self) -> None:
        """Leave word of how many points were passed."""
        (self._folder / "points.json").write_text(json.dumps(self._passed))

    def wrap(self) -> None:
        """Put the points around commits, changes of the tables, calls, polls and ticks."""
        event.listen(Engine, "before_cursor_execute", self._statement)
        _around_commits(self)
        _around_calls(self)
        _around_ticks(self)
        _around_rows()

    def _statement(self, _conn: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip()[:6].upper() in ("CREATE", "ALTER "):
            self.passed("ddl.before")

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
        poll, sends = method == "getUpdates", method in SENDING
        if sends:
            points.passed("send.before")
            parameters = {**parameters, ROWS: _rows.get()}
        if not poll:
            points.passed("call.before")
        result = await call(self, method, parameters, read_timeout=read_timeout)
        if sends:
            points.passed("send.after")
        if not poll:
            points.passed("call.after")
        elif result:
            points.passed("poll.after")
        return result

    Api.call = watched  # type: ignore[method-assign]


def _around_ticks(points: Points) -> None:
    make = Ticker.__init__

    def made(self: Ticker, wake: Callable[[datetime, int], Awaitable[int]], *rest: Any, **more: Any) -> None:
        async def watched(now: datetime, limit: int) -> int:
            points.passed("tick.before")
            woken = await wake(now, limit)
            points.passed("tick.after")
            return woken

        make(self, watched, *rest, **more)

    Ticker.__init__ = made  # type: ignore[assignment,method-assign]


def _around_rows() -> None:
    send = Delivery.send

    async def watched(self: Delivery, row: OutboxRow) -> Result:
        _rows.set([each.seq for each in row.whole])
        return await send(self, row)

    Delivery.send = watched  # type: ignore[method-assign]


def hang(what: str) -> None:
    """Let a supervised loop hang without a sign of life ("hang:outbox"), or end as if cancelled ("end:…")."""
    how, _, chosen = what.partition(":")
    start = Supervisor.start

    def started(self: Supervisor, name: str, body: Callable[[Beat], Awaitable[None]]) -> None:
        async def stuck(_: Beat) -> None:
            await asyncio.sleep(0.5)
            if how == "end":
                raise asyncio.CancelledError
            await asyncio.Event().wait()

        start(self, name, stuck if name == chosen else body)

    Supervisor.start = started  # type: ignore[method-assign]
