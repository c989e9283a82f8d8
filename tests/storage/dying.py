"""A process that backs up, restores or migrates, and is killed at its n-th step; told by lines on stdin.

Each line is ``WHAT URL FILE N``; the answer is the status of a process of its own: -9, or 0 where there is no
n-th step and the work was done. Steps are the chunks and statements that the work consists of.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from storage import keeping, restoring, sealed_file
from storage.store import Store
from tests.conversations.county import KEYS


class Death:
    """Comes at the n-th step."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, *_: object) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, place: Any, name: str) -> None:
        """Each call of this is a step."""
        act: Callable[..., Any] = getattr(place, name)

        def step(*arguments: Any, **named: Any) -> Any:
            self()
            return act(*arguments, **named)

        setattr(place, name, step)


async def _work(what: str, url: str, file: Path, at: int) -> None:
    death = Death(at)
    if what == "migrate":
        event.listen(Engine, "before_cursor_execute", death)
        await (await Store.open(url, KEYS)).close()
        return
    store = await Store.open(url, KEYS)
    if what == "backup":
        for place, name in (
            (sealed_file.Writer, "_put"), (sealed_file, "put_in_place"), (keeping, "write_list"),
        ):  # fmt: skip
            death.before(place, name)
        await store.backup(file, now=datetime.now(UTC), home=file.parent)
    else:
        for name in ("_make_room", "_load", "migrate", "lists_in", "wipe", "verify", "hold_all"):
            death.before(restoring, name)
        await store.restore(file, now=datetime.now(UTC), home=file.parent)
    await store.close()


def main() -> None:
    for line in sys.stdin:
        what, url, file, at = line.split()
        child = os.fork()
        if not child:
            asyncio.run(_work(what, url, Path(file), int(at)))
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(status, flush=True)


if __name__ == "__main__":
    main()
