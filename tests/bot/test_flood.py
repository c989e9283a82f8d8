"""A chat in a flood: how long it waits, and who is told of it how often."""

import asyncio

from bot.telegram.flood import PRUNE_AT, Flood
from casework.policy_access import FloodRules

RULES = FloodRules(source="of the tests", burst=5, most_waiting=100, again_minutes=10, attack_minutes=3)


class Told:
    """Whom it was said to, and a clock to be moved."""

    def __init__(self) -> None:
        self.at = 1_000.0
        self.heard: list[tuple[str, str]] = []
        self.failing = False
        self.flood = Flood(RULES, 1.0, self.tell, tick=lambda: self.at)

    async def tell(self, address: str, what: str) -> None:
        if self.failing:
            raise OSError("the database is away")
        self.heard.append((address, what))


async def test_a_burst_runs_ahead_then_each_turn_waits_for_as_many_answers_as_it_brought() -> None:
    told = Told()
    for _ in range(5):
        assert told.flood.wait("a") == 0.0
        told.flood.spend("a", 0)
    assert told.flood.wait("a") == 0.0
    told.flood.spend("a", 3)
    assert told.flood.wait("a") == 3.0
    assert told.flood.wait("b") == 0.0
    told.at += 3.0
    assert told.flood.wait("a") == 0.0
    told.at += 60.0
    for _ in range(6):
        told.flood.spend("a", 1)
    assert told.flood.wait("a") == 1.0, "calm for long gives one burst, not several"


async def test_those_who_are_calm_again_are_forgotten() -> None:
    told = Told()
    for n in range(PRUNE_AT + 1):
        told.flood.spend(f"c{n}", 1)
    told.at += 2.0
    told.flood.spend("a", 1)
    assert list(told.flood._paid) == ["a"]


async def test_the_sender_is_told_once_in_ten_minutes_and_the_county_when_it_does_not_end() -> None:
    told = Told()
    for _ in range(180):
        told.flood.slow("a")
        told.flood.refuse("a", 10)
        told.at += 1.0
        await asyncio.sleep(0)
    assert told.heard == [("a", "slow"), ("a", "full")]
    told.flood.refuse("a", 10)
    await told.flood.stop()
    assert told.heard[2:] == [("a", "attack")]
    assert (told.flood.refused, told.flood.slowed) == (1_810, 180)
    told.at += 601.0
    told.flood.refuse("a", 1)
    await told.flood.stop()
    assert told.heard[3:] == [("a", "full")], "a new flood is no attack yet"


async def test_that_nobody_can_be_told_now_harms_nothing_else() -> None:
    told = Told()
    told.failing = True
    told.flood.refuse("a", 1)
    await told.flood.stop()
    assert told.flood.refused == 1


async def test_calm_chats_are_looked_for_when_there_are_many_and_once_a_second_at_most() -> None:
    told = Told()
    for n in range(PRUNE_AT - 1):
        told.flood.spend(f"c{n}", 1)
    told.at += 1.0  # at this moment they are calm again
    told.flood.spend("a", 5)
    assert len(told.flood._paid) == PRUNE_AT, "not too many yet"
    told.flood.spend("b", 5)
    assert list(told.flood._paid) == ["a", "b"]
    for n in range(PRUNE_AT):
        told.flood.spend(f"d{n}", 1)
    told.at += 1.0
    told.flood.spend("a", 1)
    assert len(told.flood._paid) == PRUNE_AT + 2, "it has looked only a second ago"
    told.at += 0.001
    told.flood.spend("a", 1)
    assert list(told.flood._paid) == ["a", "b"]


async def test_he_is_told_again_when_ten_minutes_are_over_and_not_before() -> None:
    told = Told()
    for seconds in (0.0, 599.0, 1.0):
        told.at += seconds
        told.flood.slow("a")
        await told.flood.stop()
    assert told.heard == [("a", "slow"), ("a", "slow")]
    assert not told.flood._telling
    told.at += 600.0
    told.flood.slow("b")
    await told.flood.stop()
    assert list(told.flood._told) == [("b", "slow")]


async def test_a_flood_with_pauses_of_ten_minutes_at_most_is_one_flood() -> None:
    told = Told()
    for minutes in (0, 1, 1, 1):
        told.at += 60.0 * minutes
        told.flood.refuse("a", 1)
    await told.flood.stop()
    assert told.heard == [("a", "full"), ("a", "attack")]
    told.flood.refuse("c", 1)
    told.at += 600.0
    told.flood.refuse("b", 1)
    told.flood.refuse("c", 1)
    await told.flood.stop()
    assert ("c", "attack") in told.heard


async def test_a_stop_waits_half_a_second_at_most_for_what_is_being_told() -> None:
    async def hanging(_: str, __: str) -> None:
        await asyncio.Event().wait()

    flood = Flood(RULES, 1.0, hanging)
    flood.slow("a")
    began = asyncio.get_running_loop().time()
    await flood.stop()
    assert 0.4 < asyncio.get_running_loop().time() - began < 1.2
