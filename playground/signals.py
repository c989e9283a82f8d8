"""A counter that others can wait on: how phones, pages and tests learn that something has changed."""

import asyncio


class Signal:
    """`version` goes up by one with every change."""

    __slots__ = ("_waiting", "version")

    def __init__(self) -> None:
        self.version = 0
        self._waiting: list[asyncio.Future[None]] = []

    def fire(self) -> None:
        """Something has changed."""
        self.version += 1
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)

    async def wait(self, since: int, seconds: float) -> bool:
        """Waits until the version is past `since`; False when the seconds ran out first."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.version <= since:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            try:
                async with asyncio.timeout(left):
                    await future
            except TimeoutError:
                self._waiting = [one for one in self._waiting if one is not future]
                return False
        return True
