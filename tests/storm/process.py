"""The bot as a process of its own: started from the warm one, watched, stopped, killed."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import deque
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[2]


class Bot:
    """One life of the bot."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.over: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return not self.over.done()

    def signal(self, number: int) -> None:
        """Send a signal; nothing where it has ended."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def kill(self) -> int:
        """SIGKILL, and wait; the exit status, which is another where it had ended before."""
        self.signal(signal.SIGKILL)
        return await self.over

    async def terminate(self) -> int:
        """SIGTERM; the exit status."""
        self.signal(signal.SIGTERM)
        return await self.ended(15)

    async def ended(self, patience: float) -> int:
        """The exit status once it has ended by itself; TimeoutError."""
        return await asyncio.wait_for(asyncio.shield(self.over), patience)

    def memory(self) -> float:
        """Megabytes that it holds for itself."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024

    def handles(self) -> int:
        """How many files and connections it has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))


class Nursery:
    """Starts bots. Use with ``async with``."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._folder, self._env = folder, env
        self._bots: dict[int, Bot] = {}
        self._expected: deque[asyncio.Future[Bot]] = deque()  # in the order in which they were asked for
        self._warm: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Nursery":
        self._folder.mkdir(parents=True, exist_ok=True)
        self._warm = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.storm.launcher", cwd=HERE,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        for bot in self._bots.values():
            bot.signal(signal.SIGKILL)
        assert self._warm is not None
        assert self._warm.stdin is not None
        self._warm.stdin.close()
        await self._warm.wait()
        if self._reader is not None:
            await self._reader

    @property
    def bots(self) -> list[Bot]:
        """Those that were born and have not ended."""
        return list(self._bots.values())

    async def _listen(self) -> None:
        assert self._warm is not None
        assert self._warm.stdout is not None
        while line := (await self._warm.stdout.readline()).decode().split():
            if line[0] == "started":
                bot = self._bots[int(line[1])] = Bot(int(line[1]))
                self._expected.popleft().set_result(bot)
            else:
                self._bots.pop(int(line[1])).over.set_result(int(line[2]))

    async def start(self, **job: Any) -> Bot:
        """A new bot; ``die_at``, ``armed`` and ``hang`` as in `points`; ``backup``: a backup instead.

        Whoever is cancelled while it is born leaves none behind.
        """
        assert self._warm is not None
        assert self._warm.stdin is not None
        whole = {"folder": str(self._folder), "env": self._env, **job}
        self._warm.stdin.write((json.dumps(whole) + "\n").encode())
        born: asyncio.Future[Bot] = asyncio.get_running_loop().create_future()
        self._expected.append(born)
        try:
            return await asyncio.shield(born)
        except asyncio.CancelledError:
            born.add_done_callback(lambda late: late.result().signal(signal.SIGKILL))
            raise
