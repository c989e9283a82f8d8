"""Fifty people fill in a form of five questions: our bot and its peers, in turn, on the same machine."""

import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playground.server import StandIn
from playground.view import ChatMessage
from tests.bench import county
from tests.bench.drive import Figures, Say, drive

HERE = Path(__file__).parent
PEERS = HERE.parent.parent / ".venv-peers" / "bin" / "python"
PEOPLE = 50
OURS, BOT_CORE = "ours", 1
PATIENCE = 30.0


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A bot. ``script``: a peer's, with what it is told; ``database``: ours, on this one."""

    name: str
    keeps: str
    script: tuple[str, ...] = ()
    database: str = ""


CONTESTANTS = (
    Contestant(name="**Xiangban, SQLite**", keeps="all, synced, sealed", database="sqlite"),
    Contestant(name="**Xiangban, PostgreSQL**", keeps="all, synced, sealed", database="postgresql"),
    Contestant(
        name="python-telegram-bot, ConversationHandler + PicklePersistence", keeps="every 60 s",
        script=("peer_ptb.py",),
    ),
    Contestant(name="aiogram FSM, memory", keeps="nothing", script=("peer_aiogram.py", "memory")),
    Contestant(name="aiogram FSM, SQLite", keeps="state, synced", script=("peer_aiogram.py", "sqlite")),
)  # fmt: skip


@dataclass(kw_only=True)
class Result:
    """The rounds of one contestant."""

    rounds: list[Figures] = field(default_factory=list)

    def median(self, name: str) -> float:
        """Of a figure, over the rounds."""
        return statistics.median(getattr(figures, name) for figures in self.rounds)


def settings(root: str, url: str, data: Path) -> Mapping[str, str]:
    """The environment of our bot."""
    return {
        **os.environ,
        "XIANGBAN_TELEGRAM_TOKEN": county.TOKEN,
        "XIANGBAN_TELEGRAM_API": root,
        "XIANGBAN_DATA_DIR": str(data),
        "XIANGBAN_SECRET_KEYS": county.KEY,
        "XIANGBAN_DATABASE_URL": url,
        "XIANGBAN_FORMS_DIR": str(county.write_forms(data / "forms")),
    }


@contextlib.asynccontextmanager
async def process(
    command: Sequence[str], environment: Mapping[str, str], data: Path, core: int | None = BOT_CORE
) -> AsyncIterator["subprocess.Popen[bytes]"]:
    """A bot on its own core (None: on any), ended with the block."""
    where = [] if core is None else ["taskset", "-c", str(core)]
    with (data / "log").open("wb") as log:
        bot = subprocess.Popen([*where, *command], env=dict(environment), stdout=log, stderr=log)
    try:
        yield bot
    finally:
        bot.terminate()
        try:
            await asyncio.to_thread(bot.wait, 10)
        except subprocess.TimeoutExpired:
            bot.kill()


def our_words(number: int) -> Say:
    """What the person ``number`` says to our bot: a report, question by question, then Submit."""

    def say(heard: ChatMessage | None) -> str:
        if heard is not None and any(b.text.endswith("Submit") for row in heard.buttons for b in row):
            return "Submit"
        if heard is not None and any(question in heard.text for question in county.QUESTIONS):
            return f"answer of {number}"
        return f"/report c{number}-0"

    return say


def peer_words(number: int) -> Say:
    """The same for the peers, whose form ends with its last answer."""

    def say(heard: ChatMessage | None) -> str:
        asked = heard is not None and heard.text in county.QUESTIONS
        return f"answer of {number}" if asked else "/form"

    return say


async def one_round(one: Contestant, url: str, *, warm: float, measure: float) -> Figures:
    """Run one contestant once."""
    server = StandIn(token=county.TOKEN)
    await server.start()
    phones = [server.phone(county.FIRST_USER + n) for n in range(PEOPLE)]
    try:
        with tempfile.TemporaryDirectory(prefix="xbench") as folder:
            data = Path(folder)
            command, environment = await _command(one, server.root, url or f"sqlite:///{data}/x.db", data)
            async with process(command, environment, data) as bot:
                await phones[0].say("/start")
                await _at_work(server, bot)
                words = our_words if one.database else peer_words
                says = [words(n) for n in range(PEOPLE)]
                figures = await drive(phones, says, pid=bot.pid, warm=warm, measure=measure)
        return figures
    finally:
        await server.stop()


async def _command(one: Contestant, root: str, url: str, data: Path) -> tuple[list[str], Mapping[str, str]]:
    if one.script:
        script, *more = one.script
        return [str(PEERS), str(HERE / script), root, county.TOKEN, str(data), *more], os.environ
    await county.found_county(url, workers=PEOPLE)
    return [sys.executable, "-m", "tests.bench.ours", "unpaced"], settings(root, url, data)


async def _at_work(server: StandIn, bot: "subprocess.Popen[bytes]") -> None:
    """Until the bot has taken what waits for it."""
    end = time.monotonic() + PATIENCE
    while not server.journal.calls("getUpdates") or len(server.world.updates):
        if bot.poll() is not None or time.monotonic() > end:
            raise RuntimeError("a bot did not start; is everything of its environment installed?")
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
