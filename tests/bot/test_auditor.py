"""The auditor in a running bot: rows deleted by hand and loops that stop turn it red; then people hear."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest

from bot import auditor
from bot.app import App
from bot.settings import Listen
from casework.outcome import Outcome
from casework.records import Link, Person, Post, Visit
from casework.waking import put_off
from playground.server import StandIn
from storage.outbox import Sent
from tests.bot.harness import running, stand_in, until
from tests.bot.test_life import free_port
from tests.storage.world import LEASE

Bot = tuple[StandIn, App, Path]


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    listen = Listen(host="127.0.0.1", port=free_port())
    async with stand_in() as server, running(server, tmp_path, health_listen=listen) as (app, _):
        await server.phone(42).say("x")
        await server.phone(42).wait_for("1:x")
        await until(lambda: app.auditor.audits > 0)
        yield server, app, tmp_path / "xiangban.db"


async def ready(app: App) -> tuple[int, list[str]]:
    """What /readyz says."""
    assert app.health is not None
    url = f"http://127.0.0.1:{app.health.port}/readyz"
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        return answer.status, (await answer.json())["faults"]


def by_hand(path: Path, *statements: str) -> None:
    other = sqlite3.connect(path)
    with other:
        for statement in statements:
            other.execute(statement)
    other.close()


async def test_a_row_deleted_by_hand_turns_it_red_within_a_minute_by_itself(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, app, path = bot
    assert await ready(app) == (200, [])
    assert auditor.EVERY <= 30, "twice a minute, so that one minute is kept"
    monkeypatch.setattr(auditor, "EVERY", 0.2)
    await app.supervisor.stop("auditor")
    app.supervisor.start("auditor", app.auditor.run)
    by_hand(path, "DELETE FROM inbox")
    await until(lambda: app.auditor.found, patience=5)
    assert await ready(app) == (503, ["rows were deleted from the database by somebody else: 1"])
    assert app.state().found["removed"] == 1


@pytest.mark.parametrize("name", ["clock", "lanes", "outbox", "intake", "beats", "greeting"])
async def test_a_loop_that_stops_is_found(bot: Bot, name: str) -> None:
    _, app, _ = bot
    await app.supervisor.stop(name)
    await app.auditor.audit()
    assert app.auditor.found[0].places == (name,)
    assert (await ready(app))[1] == ["loops of the program that no longer beat: 1"]


async def test_an_auditor_that_looks_no_more_is_a_fault_itself(bot: Bot) -> None:
    _, app, _ = bot
    app.auditor._last -= 200
    status, faults = await ready(app)
    assert status == 503
    assert "the auditor has not looked for 200 s" in faults


async def test_an_inbox_that_stands_still_is_found(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    server, app, _ = bot
    await app.supervisor.stop("lanes")
    app.supervisor.start("lanes", lambda beat: _idle(beat))
    app.channel.lanes._stopping = True
    await server.phone(42).say("y")
    await until(lambda: app.channel.intake.received == 2)
    await app.auditor.audit()
    assert app.auditor.found == ()
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + 181)
    monkeypatch.setattr(auditor, "time", clock)
    await app.auditor.audit()
    assert [f.kind for f in app.auditor.found] == ["inbox"]
    assert "updates that have waited for too long to be handled: 1" in (await ready(app))[1]


async def _idle(beat: Callable[[], None]) -> None:
    while True:
        beat()
        await asyncio.sleep(0.1)


async def _county_officer(app: App, user: int) -> None:
    sun = Person(
        id="sun", person="sun", name="孙", posts=(Post(role="county_officer", area="k1"),), status="joined"
    )
    address = f"telegram:{user}"
    link = Link(id=app.store.link_id(address), person="sun", address=address)
    await app.store.apply(Outcome(records=(sun, link)))


async def test_the_county_hears_of_it_through_the_outbox_and_a_restart_does_not_repeat_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "xiangban.db"
    async with stand_in() as server:
        async with running(server, tmp_path) as (app, _):
            await _county_officer(app, 7)
            await app.supervisor.stop("outbox", "auditor")
            by_hand(path, "DELETE FROM posts")
            by_hand(path, "INSERT INTO posts VALUES ('sun', 'county_officer', 'sun', 'k1')")
            await app.auditor.audit()
            assert await _told(app) == []
            await app.auditor.audit()
            assert await _told(app) == ["audit_found"]
            report = await auditor.last_report(app.store)
            assert report is not None
            assert (report.alarm.times, [f.kind for f in report.found]) == (1, ["removed", "loop"])
        async with running(server, tmp_path) as (app, _):
            await app.supervisor.stop("outbox")
            await until(lambda: app.auditor.audits > 0)
            await app.auditor.audit()
            assert await _told(app) == []
            assert app.auditor._alarm is not None
            assert app.auditor._alarm.times == 1


async def test_what_the_clock_can_never_decide_is_found_at_once_and_the_county_is_told(
    tmp_path: Path,
) -> None:
    async with stand_in() as server, running(server, tmp_path) as (app, _):
        await _county_officer(app, 7)
        await app.supervisor.stop("outbox", "auditor")
        now = app.clock.now()
        visit = Visit(id="v1", due=now.date(), planned_on=now.date())
        await app.store.apply(put_off(visit, now))
        await app.auditor.audit()
        found = {f.kind: f.places for f in app.auditor.found}
        assert found["failing"] == ("visit v1",)
        assert any(fault.startswith("due records that cannot be dealt with") for fault in app.auditor.faults)
        await app.auditor.audit()
        assert await _told(app) == ["audit_found"]


async def _told(app: App) -> list[str]:
    """What waits in the outbox, which is emptied."""
    rows = await app.store.claim(app.clock.now(), limit=10, lease=LEASE)
    await app.store.sent([Sent(seq=row.seq) for row in rows])
    return [row.notice.kind for row in rows]
