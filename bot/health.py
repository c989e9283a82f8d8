"""How the process is: /healthz (does it live), /readyz (does it keep up), /metrics (for Prometheus)."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import orjson
from aiohttp import web

from bot.logs import reason
from bot.settings import Listen

LOG = logging.getLogger("bot.health")

BEHIND = 60.0  # seconds that somebody may wait for an answer before we say that we don't keep up
DATABASE_PATIENCE = 3.0


@dataclass(frozen=True, kw_only=True)
class State:
    """How things stand. ``loops``: seconds since the last beat; ``oldest``: how long the first waits.

    ``notes`` want a person, but don't keep the bot from its work: a form that can't be taken over.
    ``findings`` are what the auditor found, a sentence each; ``found`` how many of each kind.
    """

    alive: bool
    loops: Mapping[str, float]
    queues: Mapping[str, int] = field(default_factory=dict)
    oldest: Mapping[str, float] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    found: Mapping[str, int] = field(default_factory=dict)


class Health:
    """The listener. Meant for the loopback: it names no person, but it needs no strangers either.

    ``state`` says how the process is, without the database; ``queues`` asks the database for their lengths.
    """

    def __init__(
        self, listen: Listen, state: Callable[[], State], queues: Callable[[], Awaitable[Mapping[str, int]]]
    ) -> None:
        self._listen = listen
        self._state = state
        self._queues = queues
        self._runner: web.AppRunner | None = None
        self._since = time.time()

    @property
    def port(self) -> int:
        """The port it listens on, 0 before it does."""
        addresses = self._runner.addresses if self._runner else []
        return int(addresses[0][1]) if addresses else 0

    async def start(self) -> None:
        """Begin to listen."""
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._listen.host, self._listen.port).start()

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _healthz(self, _: web.Request) -> web.Response:
        state = self._state()
        loops = {name: round(age, 1) for name, age in state.loops.items()}
        return _json(state.alive, {"alive": state.alive, "loops": loops})

    async def _readyz(self, _: web.Request) -> web.Response:
        state = self._state()
        faults = [] if state.alive else ["a loop is dead"]
        faults += [f"{queue} is {age:.0f} s behind" for queue, age in state.oldest.items() if age > BEHIND]
        faults += state.findings
        if await self._kept() is None:
            faults.append("the database does not answer")
        return _json(not faults, {"ready": not faults, "faults": faults, "notes": list(state.notes)})

    async def _kept(self) -> Mapping[str, int] | None:
        try:
            async with asyncio.timeout(DATABASE_PATIENCE):
                return await self._queues()
        except Exception as error:
            LOG.warning("the database does not answer: %s", reason(error))
            return None

    async def _metrics(self, _: web.Request) -> web.Response:
        state = self._state()
        lines = [
            "# TYPE xiangban_start_time_seconds gauge",
            f"xiangban_start_time_seconds {self._since:.0f}",
            *_family("xiangban_loop_age_seconds", "gauge", "loop", state.loops),
            *_family(
                "xiangban_queue_length", "gauge", "queue", {**state.queues, **(await self._kept() or {})}
            ),
            *_family("xiangban_queue_oldest_seconds", "gauge", "queue", state.oldest),
            *_family("xiangban_findings", "gauge", "what", state.found),
            *_family("xiangban_total", "counter", "what", state.counters),
        ]
        text = "\n".join(lines) + "\n"
        return web.Response(text=text, content_type="text/plain", charset="utf-8")


def _json(good: bool, body: Mapping[str, object]) -> web.Response:
    return web.Response(status=200 if good else 503, body=orjson.dumps(body), content_type="application/json")


def _family(name: str, kind: str, label: str, values: Mapping[str, float]) -> list[str]:
    if not values:
        return []
    return [
        f"# TYPE {name} {kind}",
        *(f'{name}{{{label}="{key}"}} {value:g}' for key, value in values.items()),
    ]
