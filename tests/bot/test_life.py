"""Starting, stopping, failing: polling and webhook, second instances, outages, health."""

import asyncio
import socket
import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.app import App
from bot.settings import Listen, SettingsError
from bot.telegram import intake
from storage.errors import AlreadyRunning
from tests.bot.echo import make_echo
from tests.bot.harness import TOKEN, Process, replies, running, settings, stand_in, until

SECRET = "a-secret-of-the-webhook"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def hook(port: int) -> dict[str, object]:
    return {
        "webhook_url": f"http://127.0.0.1:{port}/hook/here",
        "webhook_listen": Listen(host="127.0.0.1", port=port),
        "webhook_secret": SECRET,
    }


async def test_by_webhook_it_answers_as_well(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path, **hook(free_port())):
        phone = server.phone(42)
        for n in range(5):
            await phone.say(f"m{n}")
        await phone.wait_for("5:m4")
        assert replies(server, 42) == [f"{n + 1}:m{n}" for n in range(5)]
        assert server.journal.calls("getUpdates") == []


async def test_the_webhook_takes_nothing_without_the_secret_and_nothing_too_large(tmp_path: Path) -> None:
    port = free_port()
    async with stand_in() as server, running(server, tmp_path, **hook(port)) as (app, _):
        url = f"http://127.0.0.1:{port}/hook/here"
        right = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        update = {
            "update_id": 7,
            "message": {"message_id": 1, "date": 1, "chat": {"id": 42, "type": "private"}},
        }
        async with aiohttp.ClientSession() as client:
            for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": SECRET + "x"}):
                async with client.post(url, json=update, headers=headers) as answer:
                    assert answer.status == 403
            async with client.post(url, data=b"x" * (1024 * 1024 + 1), headers=right) as answer:
                assert answer.status == 413
            assert app.channel.intake.received == 0
            async with client.post(url, json=update, headers=right) as answer:
                assert answer.status == 200
            assert app.channel.intake.received == 1


async def test_the_webhook_says_200_only_after_the_update_is_kept(tmp_path: Path) -> None:
    port = free_port()
    async with stand_in() as server, running(server, tmp_path, **hook(port)) as (app, _):
        url = f"http://127.0.0.1:{port}/hook/here"
        update = {
            "update_id": 7,
            "message": {"message_id": 1, "date": 1, "chat": {"id": 42, "type": "private"}},
        }
        right = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        other = sqlite3.connect(tmp_path / "xiangban.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        async with aiohttp.ClientSession() as client:
            posting = asyncio.create_task(client.post(url, json=update, headers=right))
            await asyncio.sleep(0.7)
            assert not posting.done(), "the database is locked, so nothing can have been kept"
            other.execute("ROLLBACK")
            assert (await posting).status == 200
        assert app.channel.intake.received == 1
        other.close()


async def test_back_from_webhook_to_polling_the_webhook_is_taken_away(tmp_path: Path) -> None:
    async with stand_in() as server:
        async with running(server, tmp_path, **hook(free_port())):
            await until(lambda: bool(server.journal.calls("setWebhook")))
        async with running(server, tmp_path):
            await server.phone(42).say("x")
            await server.phone(42).wait_for("1:x")


async def test_a_second_instance_on_the_same_data_is_refused(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path):
        second = App(settings(server.root, tmp_path), make=make_echo)
        with pytest.raises(AlreadyRunning):
            await second.start()


async def test_a_second_instance_elsewhere_makes_this_one_wait_until_it_has_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(intake, "CONFLICT_PAUSE", 0.2)
    async with stand_in() as server, running(server, tmp_path):
        server.faults.add(method="getUpdates", code=409, times=3)
        await server.phone(42).say("x")
        await server.phone(42).wait_for("1:x")
        await server.phone(42).say("y")
        await server.phone(42).wait_for("2:y")
        assert sum("another instance" in record.message for record in caplog.records) == 1


async def test_a_wrong_token_stops_it_with_one_line(tmp_path: Path) -> None:
    async with stand_in() as server:
        app = App(settings(server.root, tmp_path, telegram_token="999:wrong"), make=make_echo)
        with pytest.raises(SettingsError) as caught:
            await app.start()
        assert caught.value.faults == ["XIANGBAN_TELEGRAM_TOKEN: Telegram does not know this token"]


async def test_what_was_said_while_it_was_away_is_answered_when_it_is_back(tmp_path: Path) -> None:
    async with stand_in() as server:
        async with running(server, tmp_path):
            await server.phone(42).say("a")
            await server.phone(42).wait_for("1:a")
        await server.phone(42).say("b")
        async with running(server, tmp_path):
            await server.phone(42).wait_for("2:b")
            assert replies(server, 42) == ["1:a", "2:b"]


async def test_after_a_long_absence_people_are_told_after_a_short_one_not(tmp_path: Path) -> None:
    async with stand_in() as server:
        async with running(server, tmp_path) as (app, echo):
            assert echo.outages == []
        async with running(server, tmp_path) as (app, echo):
            assert echo.outages == []
            last = datetime.now(UTC) - timedelta(minutes=5)
            await app.supervisor.stop("beats")
            await app.store.beat("heard", last)
        async with running(server, tmp_path) as (_, echo):
            ((start, end),) = echo.outages
            assert start == last
            assert timedelta(minutes=5) <= end - start < timedelta(minutes=6)


async def test_when_telegram_was_silent_for_long_people_are_told_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "OUTAGE", timedelta(seconds=1))
    async with stand_in() as server, running(server, tmp_path) as (app, echo):
        await server.phone(42).say("x")
        await server.phone(42).wait_for("1:x")
        server.faults.add("html", method="getUpdates", times=4)
        await server.phone(42).say("y")
        await server.phone(42).wait_for("2:y", timeout=10)
        await server.phone(42).say("z")
        await until(lambda: len(echo.outages) >= 1)
        start, end = echo.outages[0]
        assert end - start > timedelta(seconds=1)
        assert app.channel.poller.errors == 4


async def test_errors_of_the_server_never_make_it_deaf_for_more_than_five_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    original = asyncio.sleep

    async def sleep(seconds: float, *rest: object) -> None:
        pauses.append(seconds)
        await original(min(seconds, 0.01))

    async with stand_in() as server, running(server, tmp_path) as (app, _):
        await server.phone(42).say("w")
        await server.phone(42).wait_for("1:w")
        monkeypatch.setattr(intake.asyncio, "sleep", sleep)
        server.faults.add(method="getUpdates", code=500, times=12)
        await server.phone(42).say("x")
        await until(lambda: app.channel.poller.errors == 12)
        monkeypatch.undo()
    assert max(pauses) == 5.0


async def test_health_readiness_and_figures_can_be_asked_for(tmp_path: Path) -> None:
    listen = Listen(host="127.0.0.1", port=free_port())
    async with stand_in() as server, running(server, tmp_path, health_listen=listen) as (app, _):
        await server.phone(42).say("x")
        await server.phone(42).wait_for("1:x")
        base = f"http://127.0.0.1:{listen.port}"
        async with aiohttp.ClientSession() as client:
            async with client.get(base + "/healthz") as answer:
                body = await answer.json()
                assert answer.status == 200
                assert set(body["loops"]) == {
                    "clock",
                    "beats",
                    "intake",
                    "lanes",
                    "outbox",
                    "greeting",
                    "auditor",
                }
            async with client.get(base + "/readyz") as answer:
                assert (answer.status, (await answer.json())["faults"]) == (200, [])
            async with client.get(base + "/metrics") as answer:
                figures = await answer.text()
                assert 'xiangban_total{what="updates_handled"} 1' in figures
                assert 'xiangban_total{what="messages_sent"} 1' in figures
            await app.supervisor.stop("lanes")
            app.supervisor.start("lanes", lambda _: asyncio.Event().wait())  # type: ignore[arg-type,return-value]
            await asyncio.sleep(0.05)
            app.supervisor._loops["lanes"].beat.at -= 31
            async with client.get(base + "/healthz") as answer:
                assert answer.status == 503
            async with client.get(base + "/readyz") as answer:
                assert (await answer.json())["faults"] == ["a loop is dead"]


async def test_the_clock_can_be_moved_and_what_is_held_back_leaves_at_once(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (app, _):
        await server.phone(42).say("later")
        await until(lambda: app.channel.lanes.handled == 1)
        app.advance(timedelta(hours=1))
        await server.phone(42).wait_for("1:later", timeout=1.0)


async def test_when_a_loop_dies_the_process_ends_to_be_started_anew(tmp_path: Path) -> None:
    async with stand_in() as server:
        app = App(settings(server.root, tmp_path), make=make_echo)
        running_ = asyncio.create_task(app.run())
        await server.phone(42).say("x")
        await server.phone(42).wait_for("1:x")
        next(task for task in asyncio.all_tasks() if task.get_name() == "outbox").cancel()
        assert await asyncio.wait_for(running_, 10) == 1


async def test_a_token_that_is_taken_back_ends_the_process_with_one_line(tmp_path: Path) -> None:
    async with stand_in() as server:
        app = App(settings(server.root, tmp_path), make=make_echo)
        running_ = asyncio.create_task(app.run())
        await server.phone(42).say("x")
        await server.phone(42).wait_for("1:x")
        server.faults.add(method="getUpdates", code=401, times=None)
        await server.phone(42).say("y")
        with pytest.raises(SettingsError, match="no longer takes this token"):
            await asyncio.wait_for(running_, 10)


async def test_sigterm_under_load_loses_nothing_and_takes_less_than_five_seconds(tmp_path: Path) -> None:
    async with stand_in() as server:
        bot = Process(server.root, tmp_path)
        bot.start()
        phones = [server.phone(100 + n) for n in range(10)]
        for phone in phones:
            await phone.say("m0")
        await phones[0].wait_for("1:m0", timeout=20)
        for n in range(1, 20):
            for phone in phones:
                await phone.say(f"m{n}")
        await asyncio.sleep(0.05)
        began = time.monotonic()
        assert await bot.terminate() == 0
        assert time.monotonic() - began < 5
        bot.start()
        for phone in phones:
            await phone.wait_for("20:m19", timeout=30)
        for phone in phones:
            assert replies(server, phone.user_id) == [f"{n + 1}:m{n}" for n in range(20)]
        await bot.terminate()


async def test_a_wrong_setting_ends_the_process_with_status_1_and_one_line(tmp_path: Path) -> None:
    bot = Process("no address", tmp_path)
    bot.start()
    assert await bot.end() == 1
    (line,) = bot.log.read_text().splitlines()
    assert line.startswith("XIANGBAN_TELEGRAM_API: ")


async def test_no_token_and_nothing_that_was_said_is_in_the_log_of_a_stormy_run(tmp_path: Path) -> None:
    async with stand_in() as server:
        bot = Process(server.root, tmp_path)
        bot.start()
        phone = server.phone(42, first_name="张小雨")
        for kind in ("html", "wrong_json", "drop_after", "refuse"):
            server.faults.add(kind, method="sendMessage")  # type: ignore[arg-type]
        server.faults.add("wrong_json", method="getUpdates", execute=True, times=2)
        for n in range(5):
            await phone.say(f"李小明没有去上学{n}")
        await phone.wait_for("5:李小明没有去上学4", timeout=60)
        await bot.terminate()
        log = bot.log.read_text()
        assert "is at work" in log
        for planted in (TOKEN, TOKEN.split(":")[1], "李小明", "张小雨"):
            assert planted not in log
