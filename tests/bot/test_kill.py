"""SIGKILL at random moments while people go on talking: nothing lost, nothing twice, nothing overtaken."""

import asyncio
import random
import time
from pathlib import Path

from playground.server import StandIn
from tests.bot.echo import MARK
from tests.bot.harness import Process, replies, stand_in

PEOPLE = 12
KILLS = 8


async def talk(server: StandIn, dice: random.Random, over: asyncio.Event, said: dict[int, int]) -> None:
    """People say numbered things, sometimes several at once, until it is over."""
    while not over.is_set():
        user = 100 + dice.randrange(PEOPLE)
        for _ in range(dice.choice((1, 1, 1, 2, 5))):
            said[user] += 1
            await server.phone(user).say(f"m{said[user]}")
        await asyncio.sleep(dice.expovariate(8))


def last_is_there(server: StandIn, said: dict[int, int]) -> bool:
    return all(
        not n or any(f"{n}:m{n}" in text for text in replies(server, user)) for user, n in said.items()
    )


async def test_eight_kills_lose_nothing_double_nothing_and_swap_nothing(tmp_path: Path) -> None:
    dice = random.Random(20261124)
    said = {100 + n: 0 for n in range(PEOPLE)}
    async with stand_in() as server:
        bot = Process(server.root, tmp_path, in_flight=2)
        over = asyncio.Event()
        talking = asyncio.create_task(talk(server, dice, over, said))
        for _ in range(KILLS):
            heard = len(server.journal.calls("sendMessage"))
            bot.start()
            while len(server.journal.calls("sendMessage")) == heard:  # it is at work
                await asyncio.sleep(0.01)
            await asyncio.sleep(dice.random() * 0.7)
            bot.kill()
        over.set()
        await talking
        bot.start()
        said[100] += 1
        await server.phone(100).say(f"m{said[100]}")  # answered only by one that is at work
        end = time.monotonic() + 40
        while not last_is_there(server, said) and time.monotonic() < end:
            await asyncio.sleep(0.1)
        assert await bot.terminate() == 0
        check(server, said)


def check(server: StandIn, said: dict[int, int]) -> None:
    """The record: each person's replies are 1, 2, 3 …; what is there twice says that it may be."""
    repeats = 0
    for user, count in said.items():
        shown = replies(server, user)
        first = list(dict.fromkeys(text.removeprefix(MARK) for text in shown))
        assert first == [f"{n}:m{n}" for n in range(1, count + 1)], f"lost, doubled or overtaken for {user}"
        plain = [text for text in shown if not text.startswith(MARK)]
        assert len(plain) == len(set(plain)), "a repeat without a mark"
        repeats += len(shown) - len(first)
    assert sum(said.values()) > 100
    assert repeats <= 1.5 * KILLS, f"{repeats} repeats"
