"""The county in which the crowd moves: officers, the clock, the process that dies and is born again."""

import asyncio
import atexit
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy import Connection

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Escalation, Link, Person, Record
from conversations.door import respond
from conversations.said import Reply, Said
from storage.inbox import Incoming
from storage.store import Store
from tests.conversations.county import AREAS, CHILD, KEYS, NAMES, OTHER, POSTS, County
from tests.storm.crowd_model import Model

WORKER, OFFICERS = "wang", ("li", "sun")
OPEN = ("open", "acknowledged")
SEEN: Counter[str] = Counter()  # what came about in all runs, so that nobody is content with idle steps


@cache
def _template() -> Path:
    """An empty county's database, made once."""
    path = Path(tempfile.mkdtemp(prefix="crowd")) / "county.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)

    async def make() -> None:
        store = await Store.open(f"sqlite:///{path}", KEYS)
        people: list[Record] = []
        for id in (WORKER, *OFFICERS):
            people.append(
                Person(id=id, person=id, name=NAMES["zh_Hans"][id], posts=(POSTS[id],), status="joined")
            )
            address = f"test:{id}"
            people.append(Link(id=store.link_id(address), person=id, address=address))
        await store.apply(Outcome(records=(*AREAS, *people, CHILD, OTHER)))
        await store.close()

    asyncio.run(make())
    return path


class Killed(BaseException):
    """The process is dead from here on."""


class MortalCounty(County):
    """A county whose bot can be killed at the commit of the next saying: ``deadly`` says where."""

    deadly: str | None = None  # before the commit, or after it
    kills = 0

    async def bring(self, person: str, said: Said) -> Reply:
        """Bring a saying to the door; the next life finds the deadly one open in the inbox, or done."""
        if self.deadly is None:
            return await super().bring(person, said)
        where, self.deadly = self.deadly, None
        number = update_of(said.key)
        known = Incoming(
            source="test", update_id=number, lane_address=said.address, raw=said.key.encode(),
            received_at=self.now,
        )  # fmt: skip
        (row,) = await self.store.take_in([known])
        said = replace(said, receipt=row.seq)
        self._lay_a_trap(where)
        try:
            await respond(self.desk, said)
        except Killed:
            self.kills += 1
            await asyncio.wait((self.store._commits._task,))  # it dies with the process
            self.store._commits._task.exception()
        await self.restart()
        if row.seq in [open.seq for open in await self.store.waiting()]:
            return await super().bring(person, said)
        await self.deliver()
        return Reply()

    def _lay_a_trap(self, where: str) -> None:
        database = self.store._database
        write = database.write

        async def deadly(act: Callable[[Connection], Any]) -> Any:
            def cut_off(conn: Connection) -> Any:
                act(conn)
                raise Killed

            if where == "before":
                return await write(cut_off)
            await write(act)
            raise Killed

        database.write = deadly  # type: ignore[method-assign]


def update_of(key: str) -> int:
    """The number of an update for a saying of a county: ``said:17-0`` is 170."""
    number, _, turn = key.removeprefix("said:").partition("-")
    return 10 * int(number) + int(turn or 0)


class Around(RuleBasedStateMachine):
    """Two officers, a clock, and a bot that is restarted."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="crowd"))
        shutil.copy(_template(), self.folder / "county.db")
        self.county = MortalCounty(self.folder / "county.db", "zh_Hans")
        self.do(self.county.open())
        self.model = Model()
        self.words = 0
        self.seen: Counter[str] = Counter()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Wait for it."""
        return self.runner.run(work)

    def teardown(self) -> None:
        self.seen["kills"] += self.county.kills
        SEEN.update(self.seen)
        self.do(self.county.close())
        self.runner.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _bring(self, *, times: int = 1, **fields: str) -> None:
        said = self.county.said(WORKER, **fields)
        for n in range(times):  # a second tap is another saying
            self.do(self.county.bring(WORKER, replace(said, key=f"{said.key}-{n}")))

    # Officers, the clock, the process

    @precondition(lambda self: self.model.alerts)
    @rule(officer=st.sampled_from(OFFICERS), at=st.integers(0, 10), twice=st.booleans())
    def take_on(self, officer: str, at: int, twice: bool) -> None:
        e = self._alert(at)
        for _ in range(1 + twice):
            self.do(self.county.say(officer, f"收到 {e.number}"))
        kept = self.do(self.county.store.get(CLOCK, Escalation, e.id))
        assert kept.status == "acknowledged"
        assert kept.person == (e.person if e.status == "acknowledged" else officer)

    @precondition(lambda self: self.model.alerts)
    @rule(officer=st.sampled_from(OFFICERS), at=st.integers(0, 10), twice=st.booleans())
    def end(self, officer: str, at: int, twice: bool) -> None:
        e = self._alert(at)
        self.do(self.county.say(officer, f"办结 {e.number} 已处理"))
        if twice:
            self.do(self.county.say(officer, f"办结 {e.number} 又处理"))
        kept = self.do(self.county.store.get(CLOCK, Escalation, e.id))
        if kept.status != "resolved":  # a danger takes two
            assert kept.proposed_by == officer
            other = next(one for one in OFFICERS if one != officer)
            self.do(self.county.say(other, f"办结 {e.number} 已处理"))
        self.model.alerts.discard((e.child or "", e.flag))
        kept = self.do(self.county.store.get(CLOCK, Escalation, e.id))
        assert kept.status == "resolved"
        proposed = any(deed.name == "escalation_proposed" for deed in kept.story)
        # a second who turned out to be out of reach is not waited for: then the later words count
        assert kept.outcome == "已处理" or (twice and proposed and kept.outcome == "又处理")

    def _alert(self, at: int) -> Escalation:
        found = self.do(self.county.store.find(CLOCK, Escalation, status=OPEN))
        chosen: Escalation = found[at % len(found)]
        return chosen

    @precondition(lambda self: self.model.alerts)
    @rule(at=st.integers(0, 10))
    def two_take_it_on_at_once(self, at: int) -> None:
        e = self._alert(at)
        sayings = [self.county.said(officer, text=f"收到 {e.number}") for officer in OFFICERS]
        self.do(self._at_once(*sayings))
        kept = self.do(self.county.store.get(CLOCK, Escalation, e.id))
        before = [deed.name for deed in e.story].count("escalation_acknowledged")
        after = [deed.name for deed in kept.story].count("escalation_acknowledged")
        assert (kept.status, after - before) == ("acknowledged", e.status == "open")
        self.seen["two at once"] += 1

    async def _at_once(self, *sayings: Said) -> None:
        await asyncio.gather(*(respond(self.county.desk, said) for said in sayings))
        await self.county.deliver()

    @rule(officer=st.sampled_from(OFFICERS))
    def block(self, officer: str) -> None:
        self.county.phones[officer].blocked = not self.county.phones[officer].blocked
        if not self.county.phones[officer].blocked:
            said = self.county.said(officer, kind="came")
            self.do(self.county.bring(officer, said))

    @rule()
    def restart(self) -> None:
        self.do(self.county.restart())

    @rule(where=st.sampled_from(("before", "after")))
    def kill(self, where: str) -> None:
        """The bot is killed at the commit of whatever is said next, before it or after it."""
        self.county.deadly = where

    @rule(minutes=st.sampled_from((0, 1, 60)))
    def put_the_clock_back(self, minutes: int) -> None:
        """Which only a start finds: the machine's clock was wrong and is set right."""
        self.county.now -= timedelta(minutes=minutes, seconds=2)
        self.do(self.county.restart())

    @rule()
    def die_between_answer_and_message(self) -> None:
        """What was decided is kept; what it says is brought by the next life."""
        said = self.county.said(WORKER, text="/help")
        self.do(respond(self.county.desk, said))
        self.model.sure = None
        self.do(self.county.restart())
        before = len(self.county.phones[WORKER].shown)
        self.do(self.county.deliver())
        assert len(self.county.phones[WORKER].shown) == before + 1
        self.do(self._again(said))
        assert len(self.county.phones[WORKER].shown) == before + 1

    async def _again(self, said: Said) -> None:
        await respond(self.county.desk, said)
        await self.county.deliver()

    @rule(minutes=st.sampled_from((1, 6, 70, 300, 1500)))
    def wait(self, minutes: int) -> None:
        self.do(self.county.until(self.county.now + timedelta(minutes=minutes)))
