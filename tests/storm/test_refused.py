"""Refusals by the server: 429 in storms, and people who can't be reached on any rung."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.records import Escalation, Person
from playground.journal import Call
from storage.store import KeyRing, Store
from tests.bot.harness import KEY
from tests.storm.process import Nursery
from tests.storm.refused import refused
from tests.storm.stage import COUNTY, OFFICER, WORKER, Stage, settle, stage

REPORT = (
    "/report 3001",
    "4",
    "昨天",
    "不想读了",
    "1",
    "提交",
)  # a dropout: the officer first, then the county


@pytest.mark.timeout(150)
async def test_in_a_storm_of_429_alerts_overtake_and_nobody_is_asked_too_soon(tmp_path: Path) -> None:
    findings = await refused(tmp_path, waits=(1, 2), people=6, words=2, share=0.6)
    assert findings.wrong == []
    assert findings.refused > 10


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[Stage]:
    url = f"sqlite:///{tmp_path}/stage.db"
    async with Nursery(tmp_path, {}) as nursery, stage(nursery, tmp_path, url) as one:
        await settle(one.url, one.first_day, one.now)
        await one.begin(armed=False)
        yield one


def first(one: Stage, chat: int, *, executed: bool) -> Call:
    return next(c for c in one.server.journal.calls("sendMessage", chat_id=chat) if c.executed is executed)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("state", ["blocked", "deactivated", "unopened"])  # 403, 403, and 400: chat not found
async def test_where_a_rung_can_not_be_reached_the_next_one_knows_within_five_seconds(
    county: Stage, state: str
) -> None:
    county.phone(OFFICER).chat.state = state  # type: ignore[assignment]
    for text in REPORT:
        await county.phone(WORKER).say(text)
    await county.phone(COUNTY).wait_for("预警 1：", timeout=30)
    refusal, told = first(county, OFFICER, executed=False), first(county, COUNTY, executed=True)
    assert told.monotonic - refusal.monotonic < 5.0


@pytest.mark.timeout(60)
async def test_where_nobody_at_all_can_be_reached_it_stays_open_and_says_so(county: Stage) -> None:
    for number in (OFFICER, COUNTY):
        county.phone(number).chat.state = "blocked"
    for text in REPORT:
        await county.phone(WORKER).say(text)
    await county.phone(WORKER).wait_for("记好了", timeout=30)
    await county.rest()
    await county.bot.terminate()
    store = await Store.open(county.url, KeyRing([KEY]))
    (e,) = await store.find(CLOCK, Escalation)
    unreachable = {person.id for person in await store.find(CLOCK, Person, status=("unreachable",))}
    assert {told.person for told in e.told if told.undelivered} == unreachable == {"O1", "K1"}
    assert e.status == "open"
    assert e.wake_at is not None
    assert e.wake_at <= county.now + timedelta(hours=1)
    assert (await store.status()).outbox_dead == 2  # which /metrics and `xiangban status` show
    await store.close()
