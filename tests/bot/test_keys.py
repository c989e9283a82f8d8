"""The secret key is changed from another process while the bot runs and people go on talking."""

import asyncio
import os
import sys
from pathlib import Path

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Child
from playground.people import Phone
from storage.store import Store
from tests.bot.harness import KEY, replies, running, stand_in
from tests.storage.world import child

NEW = "fedcba9876543210fedcba9876543210"
CHILDREN = 3_000
PEOPLE = 4


async def _rotate(folder: Path, keys: str) -> tuple[int, str]:
    """`xiangban keys rotate` as an operator runs it; the status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from bot.cli import main; main()", "keys", "rotate", "--language", "en",
        cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "XIANGBAN_DATA_DIR": str(folder), "XIANGBAN_SECRET_KEYS": keys},
    )  # fmt: skip
    printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()


async def test_the_key_is_changed_while_the_bot_runs_and_nothing_is_lost(tmp_path: Path) -> None:
    async with stand_in() as server:
        async with running(server, tmp_path) as (app, _):
            for start in range(0, CHILDREN, 1_000):
                many = tuple(child(f"c{n}") for n in range(start, start + 1_000))
                await app.store.apply(Outcome(records=many))
            await server.phone(42).say("x")
            await server.phone(42).wait_for("1:x")
            status, printed = await _rotate(tmp_path, f"{NEW},{KEY}")
            assert status == 1
            assert "restart the bot" in printed  # it could not read what is sealed under the new one
        async with running(server, tmp_path, secret_keys=f"{NEW},{KEY}") as (app, _):
            over = asyncio.Event()
            work = [asyncio.create_task(_talk(server.phone(100 + n), over)) for n in range(PEOPLE)]
            reading = asyncio.create_task(_read_and_write(app.store, over))
            status, printed = await _rotate(tmp_path, f"{NEW},{KEY}")
            over.set()
            assert (status, printed.startswith("Sealed anew under the first key: 3")) == (0, True)
            said = await asyncio.gather(*work)
            changed = await reading
            for n, count in enumerate(said):
                await server.phone(100 + n).wait_for(f"{count}:m{count}")
                assert replies(server, 100 + n) == [f"{k}:m{k}" for k in range(1, count + 1)]
        async with running(server, tmp_path, secret_keys=NEW) as (app, _):
            kept = {c.id: c for c in await app.store.find(CLOCK, Child)}
            assert len(kept) == CHILDREN + len(changed)
            assert all(kept[id].school == "新" for id in changed)
            await server.phone(42).say("y")
            await server.phone(42).wait_for("2:y")


async def _talk(phone: Phone, over: asyncio.Event) -> int:
    count = 0
    while not over.is_set():
        count += 1
        await phone.say(f"m{count}")
        await asyncio.sleep(0.05)
    return count


async def _read_and_write(store: Store, over: asyncio.Event) -> list[str]:
    """Reads every child again and again and adds new ones; the codes of those added."""
    added: list[str] = []
    while not over.is_set():
        assert await store.get(CLOCK, Child, f"c{len(added) * 37 % CHILDREN}") is not None
        id = f"new{len(added)}"
        await store.apply(Outcome(records=(child(id, school="新"),)))
        added.append(id)
        await asyncio.sleep(0.005)
    return added
