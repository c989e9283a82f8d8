"""Ways in which the world treats a bot badly without killing it: updates that come again, an open lock."""

import random
from collections.abc import Sequence
from typing import Any

from bot.telegram.intake import Intake
from bot.telegram.translate import lane_of
from storage.store import Store

MOST = 5  # times that one update comes, at the most


def deliver_again(seed: int) -> None:
    """Let every update come one to five times and more, the first comings of each lane in their order.

    That is what Telegram leaves open: one delivery under way for each chat, repeats for a day.
    """
    dice, take = random.Random(seed), Intake.take
    known: list[Any] = []

    async def taken(self: Intake, updates: Sequence[Any]) -> int:
        batch = shuffled(dice, updates)
        known.extend(updates)
        repeats = dice.choices(known, k=dice.randrange(3))
        new = await take(self, [*batch, *repeats])
        if dice.random() < 0.5:  # and once more, when everything of it may be done already
            await take(self, batch[::-1])
        return new

    Intake.take = taken  # type: ignore[method-assign]


def shuffled(dice: random.Random, updates: Sequence[Any]) -> list[Any]:
    """The updates with repeats, lanes interleaved anyhow, the first comings of each lane in their order."""
    lanes: dict[str, list[Any]] = {}
    for update in updates:
        lanes.setdefault(lane_of(update), []).append(update)
    batch: list[Any] = []
    while lanes:
        lane = dice.choice(list(lanes))
        batch.append(lanes[lane].pop(0))
        if not lanes[lane]:
            del lanes[lane]
    for update in list(batch):
        for _ in range(dice.randrange(MOST)):
            batch.insert(dice.randint(batch.index(update) + 1, len(batch)), update)
    return batch


def leave_the_door_open() -> None:
    """Let any number of instances work with one database: nothing but the database keeps them apart."""

    async def unlocked(_: Store) -> None:
        return

    Store.lock = unlocked  # type: ignore[method-assign]
