"""The append-only record of every API call, with two clocks, so that tests and storms can prove things."""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

GONE = 0  # status of a call whose caller got no answer


class Call(NamedTuple):
    """One API call. `args` are its fields (no file contents); `answer` is the message id, the description of
    a refusal, or the list of update ids that getUpdates gave out."""

    n: int
    method: str
    chat_id: int | None
    args: dict[str, Any]
    status: int  # HTTP status; 0 when the connection was dropped or the caller had gone
    executed: bool  # whether the call took effect, whatever the caller was told
    answer: Any
    fault: str | None  # the kind of the fault that was played, if one was
    monotonic: float  # seconds, when the call had been read
    wall: float  # seconds since 1970, the same moment
    seconds: float  # from then to the answer


class Journal:
    """Every call in order of its answer; `n` counts from 0 and is the place in the record."""

    def __init__(self) -> None:
        self._calls: list[Call] = []

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    def add(
        self,
        method: str,
        args: dict[str, Any],
        started: tuple[float, float],
        *,
        status: int,
        executed: bool,
        answer: Any = None,
        fault: str | None = None,
    ) -> None:
        """Appends one call; `started` is (monotonic, wall)."""
        chat = args.get("chat_id")
        try:
            chat_id = None if chat is None else int(chat)
        except (TypeError, ValueError):
            chat_id = None
        monotonic, wall = started
        self._calls.append(
            Call(
                len(self._calls),
                method,
                chat_id,
                args,
                status,
                executed,
                answer,
                fault,
                monotonic,
                wall,
                time.monotonic() - monotonic,
            )
        )

    def since(self, n: int, limit: int | None = None) -> list[Call]:
        """The calls numbered n and later, at most `limit` of them."""
        start = max(n, 0)
        return self._calls[start:] if limit is None else self._calls[start : start + limit]

    def calls(self, method: str | None = None, *, chat_id: int | None = None) -> list[Call]:
        """The calls of one method (in any case of letters) and one chat; None means any."""
        wanted = None if method is None else method.lower()
        return [
            call
            for call in self._calls
            if (wanted is None or call.method.lower() == wanted)
            and (chat_id is None or call.chat_id == chat_id)
        ]
