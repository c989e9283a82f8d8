"""Another process holds the database for fourteen seconds while people go on talking: all are answered."""

import asyncio
import sqlite3
from pathlib import Path

from tests.bot.harness import replies, running, stand_in

LOCKED = 14.0
PEOPLE = 3


async def test_a_database_locked_for_fourteen_seconds_loses_and_swaps_nothing(tmp_path: Path) -> None:
    async with stand_in() as server, running(server, tmp_path) as (app, _):
        phones = [server.phone(100 + n) for n in range(PEOPLE)]
        for phone in phones:
            await phone.say("m1")
            await phone.wait_for("1:m1")
        holder = sqlite3.connect(tmp_path / "xiangban.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        for n in range(2, 9):
            for phone in phones:
                await phone.say(f"m{n}")
            await asyncio.sleep(LOCKED / 7)
        assert app.supervisor.alive
        holder.execute("ROLLBACK")
        holder.close()
        for phone in phones:
            await phone.wait_for("8:m8", timeout=15)
            assert replies(server, phone.user_id) == [f"{n}:m{n}" for n in range(1, 9)]
        assert app.supervisor.restarts == 0
