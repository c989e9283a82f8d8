"""People who answer at once: so many chats, each waiting for the bot before it says the next thing."""

import asyncio
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playground.people import Phone
from playground.view import ChatMessage

Say = Callable[[ChatMessage | None], str]
PATIENCE = 20.0  # seconds after which a person who got no answer says so and gives up
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(kw_only=True)
class Figures:
    """What one run showed. Times in milliseconds, CPU in microseconds of the bot's process, memory in MiB."""

    updates: int = 0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    cpu: float = 0.0
    memory: float = 0.0
    unanswered: int = 0

    @property
    def rate(self) -> float:
        """Updates a second."""
        return self.updates / self.seconds if self.seconds else 0.0

    @property
    def p50(self) -> float:
        """The median wait from saying to reading the answer."""
        return 1000 * statistics.median(self.waits) if self.waits else 0.0

    @property
    def p99(self) -> float:
        """The wait that one in a hundred exceeds."""
        return 1000 * percentile(self.waits, 99)

    @property
    def cpu_each(self) -> float:
        """Microseconds of CPU for an update."""
        return 1e6 * self.cpu / self.updates if self.updates else 0.0


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that ``percent`` of a hundred do not exceed; 0 where there is none."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, len(ranked) * percent // 100)] if ranked else 0.0


def cpu_seconds(pid: int) -> float:
    """User and system time that a process has used, with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid: int) -> float:
    """Memory of a process in MiB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def drive(
    phones: Sequence[Phone], says: Sequence[Say], *, pid: int, warm: float, measure: float
) -> Figures:
    """Let everybody talk for ``warm`` + ``measure`` seconds; only the second part counts."""
    figures = Figures()
    start = time.monotonic() + warm
    end = start + measure
    people = [
        asyncio.create_task(_person(phone, say, start, end, figures))
        for phone, say in zip(phones, says, strict=True)
    ]
    await asyncio.sleep(warm)
    cpu = cpu_seconds(pid)
    await asyncio.sleep(measure)
    figures.cpu = cpu_seconds(pid) - cpu
    figures.memory = resident(pid)
    figures.seconds = measure
    for person in people:
        person.cancel()
    await asyncio.gather(*people, return_exceptions=True)
    return figures


async def _person(phone: Phone, say: Say, start: float, end: float, figures: Figures) -> None:
    heard: ChatMessage | None = None
    while time.monotonic() < end:
        seen = len(phone.chat.records) + 1
        at = time.monotonic()
        await phone.say(say(heard))
        heard = await answer(phone, seen, at + PATIENCE)
        now = time.monotonic()
        if heard is None:
            figures.unanswered += 1
        elif start <= at and now <= end:
            figures.updates += 1
            figures.waits.append(now - at)


async def answer(phone: Phone, seen: int, deadline: float) -> ChatMessage | None:
    """The next message of the bot after the ``seen`` ones; None when patience runs out."""
    while len(phone.chat.records) <= seen:
        version = phone.signal.version
        if not await phone.signal.wait(version, max(0.0, deadline - time.monotonic())):
            return None
    return phone.messages_after(seen)[0]
