"""Delivery by webhook: one update in flight per lane, the secret header, and retries that back off."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from playground.updates import Pending, Updates

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a name
FIRST_PAUSE = 1.0  # seconds, doubling with every failure
LONGEST_PAUSE = (60.0, 120.0)
LONGEST_RETRY_AFTER = 3600.0
DELIVERY_TIMEOUT = 60.0
GONE_AFTER = 23 * 3600.0  # seconds of 410 that remove the webhook
SILENT_METHODS = ("get", "setwebhook", "deletewebhook", "close", "logout")
Ready = Callable[[], Awaitable[None]]  # returns when the server is not frozen
Execute = Callable[[str, dict[str, Any]], Awaitable[None]]


@dataclass(kw_only=True, frozen=True, slots=True)
class Target:
    """Where updates go, as setWebhook said it."""

    url: str
    secret: str = ""
    max_connections: int = 40


@dataclass(kw_only=True, slots=True)
class Failures:
    """What getWebhookInfo tells of the last failure."""

    date: int = 0
    message: str = ""
    gone_since: float | None = None


@dataclass(slots=True)
class Lane:
    """The updates of one chat or one tapping person, delivered one after another."""

    keys: list[tuple[int, Pending]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


class Webhook:
    """Takes updates from the queue while a target is set. `pause`: seconds before the second try."""

    def __init__(
        self,
        updates: Updates,
        clock: Callable[[], float],
        execute: Execute,
        ready: Ready,
        pause: float = FIRST_PAUSE,
    ):
        self.target: Target | None = None
        self.failures = Failures()
        self.pause = pause
        self._updates = updates
        self._clock = clock
        self._execute = execute
        self._ready = ready
        self._lanes: dict[int, Lane] = {}
        self._session: aiohttp.ClientSession | None = None
        self._slots = asyncio.Semaphore(1)

    async def set(self, target: Target) -> None:
        """Sends everything that waits, and all that follows, to the target."""
        await self.remove()
        self.target, self.failures = target, Failures()
        self._slots = asyncio.Semaphore(target.max_connections)
        timeout = aiohttp.ClientTimeout(total=DELIVERY_TIMEOUT)
        connector = aiohttp.TCPConnector(limit=target.max_connections, ssl=False)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)
        self._updates.end_poll()
        self._updates.on_push = self._enqueue
        for key, pending in self._updates.waiting():
            self._enqueue(key, pending)

    async def remove(self) -> None:
        """Stops deliveries; what was not delivered waits for getUpdates."""
        self.target, self._updates.on_push = None, None
        tasks = [lane.task for lane in self._lanes.values() if lane.task is not None]
        self._lanes = {}
        current = asyncio.current_task()
        for task in tasks:
            if task is not current:
                task.cancel()
        for task in tasks:
            if task is not current:
                with suppress(asyncio.CancelledError):
                    await task
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _enqueue(self, key: int, pending: Pending) -> None:
        lane = self._lanes.setdefault(pending.lane, Lane())
        lane.keys.append((key, pending))
        if lane.task is None:
            lane.task = asyncio.create_task(self._drain(pending.lane, lane))

    async def _drain(self, number: int, lane: Lane) -> None:
        while lane.keys:
            key, pending = lane.keys[0]
            pause = self.pause
            while pending.expires > self._clock():
                async with self._slots:
                    retry_after = await self._deliver(pending)
                if retry_after is None:
                    break
                if self.target is None:
                    return
                longest = random.uniform(*LONGEST_PAUSE)  # noqa: S311 - jitter
                await asyncio.sleep(retry_after or min(pause, longest))
                pause *= 2
            self._updates.settle(key)
            lane.keys.pop(0)
        if self._lanes.get(number) is lane:
            del self._lanes[number]

    async def _deliver(self, pending: Pending) -> float | None:
        """One try: None when delivered, otherwise the Retry-After that was asked for, or 0."""
        await self._ready()
        target, session = self.target, self._session
        if target is None or session is None:
            return 0.0
        headers = {"Content-Type": "application/json"}
        if target.secret:
            headers[SECRET_HEADER] = target.secret
        try:
            async with session.post(target.url, data=pending.body, headers=headers) as response:
                body = await response.read()
                status, reason = response.status, response.reason
                asked = response.headers.get("Retry-After", "")
        except TimeoutError:
            return self._failed("Read timeout expired")
        except aiohttp.ClientConnectorError:
            return self._failed("Connection refused")
        except aiohttp.ClientError as error:
            return self._failed(f"Connection closed: {type(error).__name__}")
        if 200 <= status < 300:
            self.failures.gone_since = None
            await self._answer(body)
            return None
        self._failed(f"Wrong response from the webhook: {status} {reason}")
        await self._note_gone(status)
        return min(float(asked), LONGEST_RETRY_AFTER) if asked.isdecimal() else 0.0

    def _failed(self, words: str) -> float:
        self.failures.date, self.failures.message = int(self._clock()), words
        return 0.0

    async def _note_gone(self, status: int) -> None:
        if status != 410:
            self.failures.gone_since = None
        elif self.failures.gone_since is None:
            self.failures.gone_since = self._clock()
        elif self._clock() - self.failures.gone_since >= GONE_AFTER:
            await self.remove()

    async def _answer(self, body: bytes) -> None:
        """Executes the method that the bot put into its response; its result goes nowhere."""
        try:
            call = orjson.loads(body)
        except orjson.JSONDecodeError:
            return
        if not isinstance(call, dict) or not isinstance(call.get("method"), str):
            return
        method = call.pop("method")
        if not method.lower().startswith(SILENT_METHODS):
            await self._execute(method, call)
