"""The county in which the crowd moves: officers, the clock, the process that dies and is born again."""

import asyncio
import atexit
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Escalation, Link, Person, Record
from conversations.door import respond
from conversations.said import Said
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


class Around(RuleBasedStateMachine):
    """Two officers, a clock, and a bot that is restarted."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="crowd"))
        shutil.copy(_template(), self.folder / "county.db")
        self.county = County(self.folder / "county.db", "zh_Hans")
        self.do(self.county.open())
        self.model = Model()
        self.words = 0
        self.seen: Counter[str] = Counter()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Wait for it."""
        return self.runner.run(work)

    def teardown(self) -> None:
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
        self.model.alerts.discard((e.child or "", e.flag))
        assert self.do(self.county.store.get(CLOCK, Escalation, e.id)).outcome == "已处理"

    def _alert(self, at: int) -> Escalation:
        found = self.do(self.county.store.find(CLOCK, Escalation, status=OPEN))
        chosen: Escalation = found[at % len(found)]
        return chosen

    @rule(officer=st.sampled_from(OFFICERS))
    def block(self, officer: str) -> None:
        self.county.phones[officer].blocked = not self.county.phones[officer].blocked
        if not self.county.phones[officer].blocked:
            said = self.county.said(officer, kind="came")
            self.do(self.county.bring(officer, said))

    @rule()
    def restart(self) -> None:
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
