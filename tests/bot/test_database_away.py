"""A bot whose PostgreSQL is away at the start waits for it; one that is refused ends at once."""

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import App
from storage.errors import Refused
from tests.bot.echo import make_echo
from tests.bot.harness import running, settings, stand_in
from tests.storage import postgres

if postgres.is_there():

    @pytest.fixture
    def server() -> Iterator[postgres.Cluster]:
        with postgres.cluster() as cluster:
            yield cluster

    async def test_a_bot_started_before_its_database_waits_for_it_and_says_so_once(
        server: postgres.Cluster, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = SecretStr(server.database())
        await asyncio.to_thread(server.stop)
        async with stand_in() as telegram:
            await telegram.phone(42).say("x")
            bot = running(telegram, tmp_path, database_url=url)
            starting = asyncio.create_task(bot.__aenter__())
            await asyncio.sleep(3.5)
            assert not starting.done()
            await asyncio.to_thread(server.start)
            began = time.monotonic()
            await telegram.phone(42).wait_for("1:x", timeout=15)
            assert time.monotonic() - began < 5
            assert sum("waiting for it" in record.message for record in caplog.records) == 1
            await starting
            await bot.__aexit__(None, None, None)

    async def test_after_a_crash_of_the_database_people_are_answered_within_five_seconds_of_its_return(
        server: postgres.Cluster, tmp_path: Path
    ) -> None:
        url = SecretStr(server.database())
        async with stand_in() as telegram, running(telegram, tmp_path, database_url=url):
            await telegram.phone(42).say("a")
            await telegram.phone(42).wait_for("1:a", timeout=15)
            await asyncio.to_thread(server.stop, "immediate")
            await telegram.phone(42).say("b")
            await asyncio.sleep(3)
            await asyncio.to_thread(server.start)
            began = time.monotonic()
            await telegram.phone(42).wait_for("2:b", timeout=20)
            assert time.monotonic() - began < 5

    @pytest.mark.parametrize(("right", "wrong"), [("/t1?", "/nothing?"), ("xiangban@", "nobody@")])
    async def test_a_wrong_user_or_database_ends_the_start_at_once(
        server: postgres.Cluster, tmp_path: Path, caplog: pytest.LogCaptureFixture, right: str, wrong: str
    ) -> None:
        caplog.set_level(logging.INFO)
        url = SecretStr(server.database().replace(right, wrong))
        async with stand_in() as telegram:
            app = App(settings(telegram.root, tmp_path, database_url=url), make=make_echo)
            with pytest.raises(Refused):
                await app.start()
        assert caplog.records == []
