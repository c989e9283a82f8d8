"""Group commit: what many lanes want written at the same moment is written in one transaction."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection

from storage.database import Database, is_passing
from storage.errors import Conflict, Unavailable
from storage.handing import Taker
from storage.notices import Added
from storage.vault import Vault
from storage.writing import Step, write_steps

LOG = logging.getLogger(__name__)
T = TypeVar("T")
AT_ONCE = 200
MOST_AT_ONCE = 50  # records in an ordinary outcome; more are written in a thread
PATIENCE = 60.0  # seconds a caller waits while the database is locked, full or gone
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
A_MOMENT = 0.005  # seconds that what is in no hurry waits for others to be written with


@dataclass(eq=False)
class _Job:
    """Either an outcome or a function to be run inside the transaction."""

    work: Step | Callable[[Connection], Any]
    done: asyncio.Future[Any]
    since: float = field(default_factory=time.monotonic)


class _Long:
    def __init__(self, act: Callable[[Connection], Any]) -> None:
        self._act = act

    def __call__(self, conn: Connection) -> Any:
        return self._act(conn)


def _is_long(job: _Job) -> bool:
    if isinstance(job.work, Step):
        return len(job.work.outcome.records) > MOST_AT_ONCE
    return isinstance(job.work, _Long)


class Committer:
    """Takes what is to be written, from any number of tasks, and answers each when it is committed."""

    def __init__(self, database: Database, vault: Vault, *, patience: float = PATIENCE) -> None:
        self._database = database
        self._vault = vault
        self._patience = patience
        self._jobs: list[_Job] = []
        self._task: asyncio.Task[None] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._taker: Taker | None = None
        self._added = Added()

    def hand_to(self, taker: Taker) -> None:
        """``taker`` may take messages over as they are committed."""
        self._taker = taker

    def listen(self, callback: Callable[[], None]) -> None:
        """``callback`` is called after each commit that put messages into the outbox."""
        self._listeners.append(callback)

    async def step(self, step: Step) -> None:
        """Write an outcome. Raises `Conflict`, `Unavailable`; once it returns, the outcome is on the disk."""
        await self._put(step)

    async def run(self, act: Callable[[Connection], T]) -> T:
        """Run ``act`` in a writing transaction, together with what others write."""
        result: T = await self._put(act)
        return result

    async def run_long(self, act: Callable[[Connection], T]) -> T:
        """The same for an ``act`` that may take longer than the others should wait."""
        result: T = await self._put(_Long(act))
        return result

    async def run_along(self, act: Callable[[Connection], T]) -> T:
        """The same for an ``act`` in no hurry: it goes with the next transaction, or alone after a moment."""
        result: T = await self._put(act, wait=A_MOMENT)
        return result

    async def _put(self, work: Step | Callable[[Connection], Any], *, wait: float = 0.0) -> Any:
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future())
        self._jobs.append(job)
        if wait:
            loop.call_later(wait, self._begin)
        else:
            self._begin()
        return await job.done

    def _begin(self) -> None:
        if self._jobs and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Wait until everything that was handed in is answered."""
        self._begin()
        while self._task is not None and not self._task.done():
            await asyncio.wait((self._task,))

    async def _work(self) -> None:
        while self._jobs:
            await asyncio.sleep(0)  # whoever goes on after the last commit may have more to write
            batch, self._jobs = self._jobs[:AT_ONCE], self._jobs[AT_ONCE:]
            try:
                await self._written(batch)
            except BaseException as error:  # nobody may be left waiting
                _answer_all(batch, error)
                if not isinstance(error, Exception):
                    raise

    async def _written(self, batch: list[_Job]) -> None:
        pause = FIRST_PAUSE
        while batch:
            write = self._database.write_long if any(map(_is_long, batch)) else self._database.write
            try:
                answers = await write(lambda conn, jobs=batch: self._write(conn, jobs))  # type: ignore[misc]
            except BaseException as error:
                self._tell(Added())
                if not isinstance(error, Exception):
                    raise
                if not is_passing(error):
                    await self._apart(batch, error)
                    return
                LOG.warning("the database is in trouble, trying again: %s", type(error).__name__)
                batch = self._still_patient(batch)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                added, self._added = self._added, Added()
                _answer(batch, answers)
                self._tell(added)
                return

    async def _apart(self, batch: list[_Job], error: Exception) -> None:
        """One of the batch spoils the transaction: each gets its own."""
        if len(batch) == 1:
            _answer_all(batch, error)
            return
        for job in batch:
            await self._written([job])

    def _still_patient(self, batch: list[_Job]) -> list[_Job]:
        since = time.monotonic() - self._patience
        over = [job for job in batch if job.since <= since]
        _answer_all(over, Unavailable("the database could not be reached; nothing was changed"))
        return [job for job in batch if job.since > since]

    def _write(self, conn: Connection, jobs: Sequence[_Job]) -> list[Any]:
        steps = [job for job in jobs if isinstance(job.work, Step)]
        answers: dict[int, Any] = {}
        if steps:
            verdicts, self._added = write_steps(
                conn, self._vault, [j.work for j in steps if isinstance(j.work, Step)], self._taker
            )
            answers = {id(job): verdict for job, verdict in zip(steps, verdicts, strict=True)}
        for job in jobs:
            if not isinstance(job.work, Step):
                answers[id(job)] = job.work(conn)
        return [answers[id(job)] for job in jobs]

    def _tell(self, added: Added) -> None:
        if self._taker is not None:
            self._taker.hand_over(added.handed)
        for callback in self._listeners if added.waits else ():
            callback()


def _answer(batch: Sequence[_Job], answers: Sequence[Any]) -> None:
    for job, answer in zip(batch, answers, strict=True):
        if job.done.done():
            continue
        if isinstance(answer, Conflict):
            job.done.set_exception(answer)
        else:
            job.done.set_result(answer)


def _answer_all(batch: Sequence[_Job], error: BaseException) -> None:
    for job in batch:
        if not job.done.done():
            job.done.set_exception(error)
