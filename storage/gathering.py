"""What several ask for in the same moment is read in one go: on PostgreSQL each read is a trip."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Gathering(Generic[K, V]):
    """``read`` finds many at once. It begins after the last of those who share it has asked, so that nobody
    gets what was read before he asked.
    """

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._read = read
        self._asked: dict[K, asyncio.Future[V]] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    async def ask(self, key: K) -> V:
        """What ``read`` finds for ``key``. Raises what it raises."""
        answer = self._asked.get(key)
        if answer is None:
            loop = asyncio.get_running_loop()
            if not self._asked:
                loop.call_soon(self._begin)
            answer = self._asked[key] = loop.create_future()
        return await asyncio.shield(answer)  # who gives up takes nothing from the others

    def _begin(self) -> None:
        asked, self._asked = self._asked, {}
        task = asyncio.create_task(self._answer(asked))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _answer(self, asked: Mapping[K, "asyncio.Future[V]"]) -> None:
        try:
            found = await self._read(tuple(asked))
        except Exception as error:
            for answer in asked.values():
                answer.set_exception(error)
                answer.exception()  # whoever asked may have given up: it is no fault that nobody looks at it
        else:
            for key, answer in asked.items():
                answer.set_result(found[key])
