"""A warm process that starts the real bot again and again, each time as a fresh child to be killed.

Importing takes longer than starting. To a line ``{"folder", "env", "die_at", "armed", "hang", "unhurried",
"again", "unlocked", "forgetful", "backup"}`` of standard input it answers ``started PID``, and ``ended PID
STATUS`` at its end (minus the signal, if by one). The child is the packaged bot: its own conversations, forms
and pace; or, with ``backup``, what `xiangban backup` of that file does.
"""

import asyncio
import json
import os
import signal
import sys
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop

import bot.desk  # noqa: F401 - to be warm
from bot import logs
from bot.app import App
from bot.clock import Clock
from bot.settings import SettingsError, load_settings
from bot.telegram.limits import UNHURRIED, Limits
from storage import kept, sqlite
from storage.errors import AlreadyRunning
from storage.store import KeyRing, Store
from tests.storm.again import deliver_again, leave_the_door_open
from tests.storm.points import Points, hang
from xlsform import Parking

LIMITS = replace(  # the product's own pace; but one person may be written to at any rate
    Limits(), chat_per_second=UNHURRIED.chat_per_second, chat_burst=UNHURRIED.chat_burst
)
REFUSED = 3  # another instance is at work


class MovableClock(Clock):
    """Goes by the file ``offset`` (seconds): forwards while it runs, to anywhere at a start."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "offset"
        super().__init__(self.read())

    def read(self) -> timedelta:
        """How far ahead it is to be."""
        return timedelta(seconds=float(self._file.read_text()) if self._file.exists() else 0.0)


def run(job: dict[str, Any]) -> int:
    """The bot, until it ends: its exit status."""
    folder = Path(job["folder"])
    for key in [key for key in os.environ if key.startswith("XIANGBAN_")]:
        del os.environ[key]
    os.environ.update(job["env"])
    logs.set_up(as_json=False)
    if job.get("backup"):
        uvloop.run(_save(Path(job["backup"])))
        return 0
    points = Points(job.get("die_at", ""), folder, armed=job.get("armed", True))
    points.wrap()
    if job.get("hang"):
        hang(job["hang"])
    if job.get("again"):
        deliver_again(job["again"])
    if job.get("unlocked"):
        leave_the_door_open()
    if job.get("forgetful"):
        _forget_soon()
    try:
        return uvloop.run(_live(folder, points, LIMITS if job.get("unhurried", True) else Limits()))
    except AlreadyRunning:
        return REFUSED
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        points.write()


def _forget_soon() -> None:
    """What is remembered only to save time has little room, soon filled: what grows then is a leak."""
    kept.REMEMBERED = 64  # records
    Parking.__init__.__defaults__ = (400,)  # fields of unfinished forms
    sqlite._PRAGMAS = tuple(
        "PRAGMA cache_size=-500" if one.startswith("PRAGMA cache_size") else one for one in sqlite._PRAGMAS
    )


async def _live(folder: Path, points: Points, limits: Limits) -> int:
    clock = MovableClock(folder)
    app = App(load_settings(), clock=clock, limits=limits)

    def moved() -> None:
        app.advance(max(clock.read() - clock.offset, timedelta(0)))

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, moved)
    loop.add_signal_handler(signal.SIGUSR2, points.arm)
    clock.offset = clock.read()  # it may have been put on since
    return await app.run()


async def _save(path: Path) -> None:
    settings = load_settings()
    store = await Store.open(settings.database, KeyRing(settings.keys))
    try:
        await store.backup(path, now=datetime.now(UTC), home=settings.data_dir)
    finally:
        await store.close()


def _child(job: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for early in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(early, signal.SIG_IGN)  # until it can listen
    log = os.open(Path(job["folder"]) / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    status = 1
    try:
        status = run(job)
    except Exception:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def _bury(*_: object) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _say("ended", pid, os.waitstatus_to_exitcode(status))


def main() -> None:
    """Starts what standard input asks for; at its end all children are killed."""
    signal.signal(signal.SIGCHLD, _bury)
    children: list[int] = []
    while line := sys.stdin.readline():
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            _child(json.loads(line))
        children.append(pid)
        _say("started", pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for pid in children:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
