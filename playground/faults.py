"""What can go wrong on the way to Telegram and back: a schedule of faults, and a freeze of the server."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from playground.refusal import Refusal, too_many_requests
from playground.wire import Args

Kind = Literal[
    "refuse",  # an error answer; `code`, `description`, `retry_after`, `parameters` say which
    "drop_before",  # connection reset, nothing executed
    "drop_after",  # executed, then the connection is reset: the caller can't know
    "half_open",  # no byte ever comes back
    "wrong_json",  # 200 with a body that is cut in the middle
    "html",  # a proxy's error page; `code` 502 unless said otherwise
    "slow",  # executed; the answer comes one byte at a time, `delay` seconds apart
    "delay",  # executed and answered, `delay` seconds late
]
KINDS: tuple[str, ...] = get_args(Kind)
DEFAULT_WORDS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


@dataclass(kw_only=True)
class Fault:
    """One planned fault: which calls it hits, and what happens to them.

    A call is hit when its method fits the pattern, its chat and its words fit, `skip` earlier fitting calls
    have passed, the dice say so (`share`), and fewer than `times` calls were hit. `delay` seconds pass first.
    `execute` says whether a half_open, wrong_json or html call takes effect all the same.
    """

    kind: Kind = "refuse"
    method: str = "*"  # a name or a pattern such as send*; "file" is a download
    code: int = 500
    retry_after: int | None = None
    description: str | None = None
    parameters: Mapping[str, Any] | None = None
    contains: str | None = None
    chat_id: int | None = None
    delay: float = 0.0
    times: int | None = 1  # None is for ever
    skip: int = 0
    share: float = 1.0
    execute: bool = False
    hits: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no such kind of fault: {self.kind}; one of {', '.join(KINDS)}")
        if self.kind == "html" and self.code == 500:
            self.code = 502

    @property
    def spent(self) -> bool:
        """Whether it has hit as often as it should."""
        return self.times is not None and self.hits >= self.times

    @property
    def takes_effect(self) -> bool:
        """Whether a call that is hit is executed."""
        return self.kind in ("drop_after", "slow", "delay") or (self.kind != "refuse" and self.execute)

    def refusal(self) -> Refusal:
        """The error answer of a `refuse`."""
        if self.retry_after is not None and self.description is None:
            return too_many_requests(self.retry_after)
        words = self.description or DEFAULT_WORDS.get(self.code, "Bad Request")
        parameters = dict(self.parameters or {})
        if self.retry_after is not None:
            parameters["retry_after"] = self.retry_after
        return Refusal(self.code, words, parameters)

    def fits(self, method: str, args: Args) -> bool:
        """Whether it speaks of such a call."""
        if self.spent or not fnmatchcase(method.lower(), self.method.lower()):
            return False
        if self.chat_id is not None and args.integer("chat_id") != self.chat_id:
            return False
        return self.contains is None or any(
            self.contains in value for value in args.fields.values() if isinstance(value, str)
        )


class Faults:
    """The schedule, first fitting fault first. The dice are seeded, so a run can be had again."""

    def __init__(self, seed: int = 0) -> None:
        self.planned: list[Fault] = []
        self._dice = random.Random(seed)  # noqa: S311 - a test's dice, not a secret
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._released = asyncio.Event()

    def add(self, kind: Kind = "refuse", **options: Any) -> Fault:
        """Plans a fault; the options are the fields of Fault."""
        fault = Fault(kind=kind, **options)
        self.planned.append(fault)
        return fault

    def clear(self) -> None:
        """Everything works again: the schedule is empty, the server thawed, half-open connections are cut."""
        self.planned.clear()
        self.thaw()
        self.release()

    def pick(self, method: str, args: Args) -> Fault | None:
        """The fault that hits this call, counted; None when it goes through."""
        for fault in self.planned:
            if not fault.fits(method, args):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.share < 1.0 and self._dice.random() >= fault.share:
                continue
            fault.hits += 1
            return fault
        return None

    @property
    def frozen(self) -> bool:
        """Whether the server is frozen."""
        return not self._thawed.is_set()

    def freeze(self, seconds: float | None = None) -> None:
        """Every call waits, as when the process is stopped; after the thaw all are executed, even those whose
        caller has gone. Without seconds, until `thaw`."""
        self._thawed.clear()
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, self.thaw)

    def thaw(self) -> None:
        """Ends a freeze."""
        self._thawed.set()

    async def wait_thawed(self) -> None:
        """Returns at once unless frozen."""
        await self._thawed.wait()

    def release(self) -> None:
        """Cuts the connections that hang in half_open."""
        self._released.set()
        self._released = asyncio.Event()

    async def hang(self) -> None:
        """Waits until somebody releases the half-open connections."""
        await self._released.wait()
