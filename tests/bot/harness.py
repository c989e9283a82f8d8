"""A bot and its stand-in server for tests, over real HTTP, in this process or in one of its own."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bot.app import App
from bot.clock import Clock
from bot.conversation import Conversation
from bot.settings import Settings
from bot.telegram.limits import UNHURRIED, Limits
from playground.server import StandIn
from storage.store import Store
from tests.bot.echo import Echo

TOKEN = "123456:test-token"
KEY = "0123456789abcdef0123456789abcdef"


def settings(root: str, data: Path, **more: Any) -> Settings:
    """Settings for a bot at ``root`` that keeps everything in ``data``."""
    values = {"telegram_token": TOKEN, "telegram_api": root, "data_dir": data, "secret_keys": KEY, **more}
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]


@contextlib.asynccontextmanager
async def stand_in() -> AsyncIterator[StandIn]:
    """A server that lives as long as the test."""
    server = StandIn(token=TOKEN)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@contextlib.asynccontextmanager
async def running(
    server: StandIn, data: Path, *, limits: Limits = UNHURRIED, clock: Clock | None = None, **more: Any
) -> AsyncIterator[tuple[App, Echo]]:
    """A bot with the echo behind it, started, and stopped at the end."""
    kept: list[Echo] = []

    async def make(store: Store, clock: Clock, _: str) -> Conversation:
        kept.append(Echo(store, clock))
        return kept[0].conversation()

    app = App(settings(server.root, data, **more), clock=clock, make=make, limits=limits)
    await app.start()
    try:
        yield app, kept[0]
    finally:
        await app.stop()


class Process:
    """The same bot in a process of its own, to be killed."""

    def __init__(self, root: str, data: Path, *, in_flight: int = 32) -> None:
        self._in_flight = str(in_flight)
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("XIANGBAN_")},
            "XIANGBAN_TELEGRAM_TOKEN": TOKEN,
            "XIANGBAN_TELEGRAM_API": root,
            "XIANGBAN_DATA_DIR": str(data),
            "XIANGBAN_SECRET_KEYS": KEY,
        }
        self.log = data / "log.txt"
        data.mkdir(parents=True, exist_ok=True)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns at once."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "tests.bot.run_echo", self._in_flight]
            self.process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    async def terminate(self) -> int:
        """SIGTERM; gives the exit status."""
        assert self.process is not None
        self.process.terminate()
        return await self.end()

    async def end(self, patience: float = 40.0) -> int:
        """The exit status once it has ended by itself."""
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, patience)


async def until(condition: Any, patience: float = 10.0, what: str = "") -> None:
    """Wait until ``condition()`` holds."""
    end = asyncio.get_running_loop().time() + patience
    while not condition():
        if asyncio.get_running_loop().time() > end:
            raise TimeoutError(f"waited {patience} s in vain {what}")
        await asyncio.sleep(0.02)


def replies(server: StandIn, user: int) -> list[str]:
    """What the bot wrote to ``user``, in order."""
    return [message.text for message in server.phone(user).messages if message.from_bot]
