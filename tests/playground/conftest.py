"""A stand-in on a free port, a caller of its methods, and two phones."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from playground.people import Phone
from playground.server import StandIn

TOKEN = "123456:stand-in-token"
NOON = 1_780_000_000.0


@dataclass
class Clock:
    """A clock that only moves when told to."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


@dataclass
class Api:
    """Calls methods as a bot does, with a form, and returns the whole JSON answer."""

    root: str
    session: aiohttp.ClientSession

    async def __call__(self, method: str, **fields: Any) -> Any:
        form = {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()
        }
        async with self.session.post(f"{self.root}/bot{TOKEN}/{method}", data=form) as response:
            answer = await response.json()
            assert response.status == (200 if answer["ok"] else answer["error_code"])
            return answer

    async def ok(self, method: str, **fields: Any) -> Any:
        """The result of a call that must succeed."""
        answer = await self(method, **fields)
        assert answer["ok"], answer
        return answer["result"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(clock: Clock) -> AsyncIterator[StandIn]:
    stand_in = StandIn(token=TOKEN, clock=clock)
    await stand_in.start()
    yield stand_in
    stand_in.faults.clear()
    await stand_in.stop()


@pytest.fixture
async def api(server: StandIn) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(server.root, session)


@pytest.fixture
def worker(server: StandIn) -> Phone:
    return server.phone(1001, first_name="王芳")


@pytest.fixture
def officer(server: StandIn) -> Phone:
    return server.phone(2002, first_name="李强")
