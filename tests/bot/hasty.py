"""Stands in for the name ``asyncio`` in a module under test: pauses are noted instead of slept."""

import asyncio
from collections.abc import Callable
from typing import Any


class Hasty:
    """Everything else is asyncio's own."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    def get_running_loop(self) -> "Hasty":
        return self

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.get_running_loop().create_future()

    def call_later(self, seconds: float, call: Callable[..., Any], *arguments: Any) -> None:
        self.pauses.append(seconds)
        asyncio.get_running_loop().call_soon(call, *arguments)


async def until(condition: Callable[[], Any]) -> None:
    """Let the others run until ``condition()`` holds; TimeoutError after five seconds."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)
