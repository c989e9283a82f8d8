"""Damaged updates at the door: translated and answered, or put aside as unreadable; nothing else may come.

python -m tests.storm.fuzz [--updates 1000000] [--seed 1]
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.telegram.showing import payloads
from bot.telegram.translate import Unreadable, canonical, hear, lane_of, parse, update_id_of
from conversations.door import respond
from conversations.said import Message
from tests.conversations.county import CHILD, County

NOW = datetime(2026, 11, 24, 1, tzinfo=UTC)
USER = {"id": 42, "is_bot": False, "first_name": "王", "language_code": "zh-hans"}
CHAT = {"id": 42, "type": "private", "first_name": "王"}
TEXT = {"message_id": 7, "from": USER, "chat": CHAT, "date": 1_795_482_000, "text": "/report 3001"}
FILE = {"file_id": "AgACAgUAAxkB", "file_unique_id": "u", "file_size": 1000, "width": 90, "height": 60}
BARE = {key: value for key, value in TEXT.items() if key != "text"}
SAMPLES: tuple[dict[str, Any], ...] = (
    {"message": TEXT},
    {"message": {**TEXT, "text": "/start ABCDEFGHJK"}},
    {"message": {**TEXT, "text": "昨天"}},
    {"message": {**TEXT, "text": "办结 1 已处理"}},
    {"edited_message": {**TEXT, "edit_date": 1_795_482_100}},
    {"message": {**BARE, "photo": [FILE, FILE], "caption": "看"}},
    {"message": {**BARE, "location": {"latitude": 1.5, "longitude": 2}}},
    {"message": {**BARE, "voice": {**FILE, "duration": 3}}},
    {"callback_query": {"id": "9", "from": USER, "message": TEXT, "chat_instance": "1", "data": "f|d|0|c|x"}},
    {"my_chat_member": {"chat": CHAT, "from": USER, "date": 1, "new_chat_member": {"status": "kicked"}}},
    {"message": {**TEXT, "chat": {"id": -100, "type": "group", "title": "g"}}},
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**63, 2**70, -(2**70), 1e308, float("inf"), float("nan"), "", "x",
    "0", "\x00", "\ud800", "🧒" * 300, "a" * 5000, "=cmd|'/c'!A1", "<b>", "\u202e", "/", "/cancel", "1", [],
    {}, [[]], {"id": 42}, [None], "f|" * 20, "%", "|", "取消", "٣", "⑦", "１２", "收到 ٣", "办结 999999999",
)  # fmt: skip


def mutated(dice: random.Random) -> dict[str, Any]:
    """A good update with one to four damages."""
    update: dict[str, Any] = {"update_id": dice.randrange(1, 2**31), **deepcopy(dice.choice(SAMPLES))}
    for _ in range(dice.choice((1, 1, 1, 2, 3, 4))):
        _damage(dice, update)
    return update


def _damage(dice: random.Random, update: Any) -> None:
    """Changes one place of a nested value."""
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            places.append((value, key))
            if isinstance(value[key], dict | list):
                walk(value[key])

    walk(update)
    if not places:
        return
    holder, key = dice.choice(places)
    what = dice.randrange(4)
    if what == 0:
        del holder[key]
    elif what == 1:
        holder[key] = deepcopy(dice.choice(ODD))
    elif what == 2:
        holder[key] = [holder[key]] if dice.random() < 0.5 else {"x": holder[key]}
    elif isinstance(holder[key], str):
        holder[key] = holder[key][: dice.randrange(len(holder[key]) + 1)] + str(dice.choice(ODD))


def raw_of(dice: random.Random) -> bytes:
    """A mutated update as the server would send it, now and then cut or with a bit turned."""
    raw = canonical(mutated(dice))
    if dice.random() < 0.02:
        raw = raw[: dice.randrange(len(raw))]
    elif dice.random() < 0.02:
        at = dice.randrange(len(raw))
        raw = raw[:at] + bytes([raw[at] ^ (1 << dice.randrange(8))]) + raw[at + 1 :]
    return raw


class Fuzz:
    """Brings updates in, as intake, lanes and door do. ``seen`` counts how they fared."""

    def __init__(self, county: County, dice: random.Random) -> None:
        self._county, self._dice = county, dice
        self.seen: Counter[str] = Counter()

    async def one(self, number: int, *, answer: bool) -> None:
        """One update; only `Unreadable` may come of it. ``answer``: through the conversations as well."""
        raw = raw_of(self._dice)
        try:
            update = parse(raw)
        except ValueError:
            self.seen["no JSON"] += 1
            return
        lane_of(update), update_id_of(update)
        try:
            heard = hear(canonical(update), receipt=number, now=NOW)
        except Unreadable:
            self.seen["put aside"] += 1
            return
        if heard.said is None:
            self.seen["nothing said"] += 1
            return
        self.seen["understood"] += 1
        if answer:
            said = replace(heard.said, receipt=None, address="test:wang", key=f"{number}")
            reply = await respond(self._county.desk, said)
            for message in reply.messages:
                _must_fit(message)
            self.seen["answered"] += 1


def _must_fit(message: Message) -> None:
    for payload in payloads(message, 42):
        assert 0 < len(payload["text"].encode("utf-16-le")) // 2 <= 4096
        canonical(payload)


async def fuzz(
    updates: int, seed: int, *, every: int, told: Callable[[str], None] = lambda _: None
) -> Counter[str]:
    """So many damaged updates, each ``every``-th answered by the desk too. Raises what is uncaught."""
    with tempfile.TemporaryDirectory() as folder:
        county = County(Path(folder) / "county.db", "zh_Hans")
        await county.open()
        try:
            await county.settle(("wang", "li"), (CHILD,))
            work, begin = Fuzz(county, random.Random(seed)), time.monotonic()
            for number in range(1, updates + 1):
                await work.one(number, answer=number % every == 0)
                if number % 50_000 == 0:
                    told(f"{number} after {time.monotonic() - begin:.0f} s: {dict(work.seen)}")
            return work.seen
        finally:
            await county.close()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.storm.fuzz", description="Damaged updates.")
    parser.add_argument("--updates", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--every", type=int, default=20, help="each so-many-th is answered by the desk as well"
    )
    given = parser.parse_args()
    seen = asyncio.run(fuzz(given.updates, given.seed, every=given.every, told=print))
    print(f"{given.updates} updates, seed {given.seed}, nothing uncaught: {dict(seen)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
