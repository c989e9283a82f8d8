"""Messages handed over at the moment they are committed: in order, once, and never more than are taken."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from casework.outcome import Outcome, Priority
from casework.records import Talk
from storage.handing import OutboxRow
from storage.store import Conflict, Sent, Store
from tests.storage.world import LEASE, NOW, bare, notice


class Hand:
    """A taker with so much room."""

    lease = LEASE

    def __init__(self, room: int = 9) -> None:
        self.room = room
        self.places: list[str] = []
        self.got: list[OutboxRow] = []

    def now(self) -> datetime:
        return NOW

    def take(self, address: str) -> bool:
        if len(self.places) >= self.room:
            return False
        self.places.append(address)
        return True

    def hand_over(self, rows: Sequence[OutboxRow]) -> None:
        self.places.clear()
        self.got += rows

    @property
    def keys(self) -> list[str]:
        return [row.key for row in self.got]


async def claimed(store: Store, at: timedelta = timedelta(0)) -> list[str]:
    return [row.key for row in await store.claim(NOW + at, limit=9, lease=LEASE)]


async def test_the_first_message_of_a_free_lane_is_handed_over_and_needs_no_claim(store: Store) -> None:
    hand = Hand()
    store.hand_to(hand)
    await store.apply(Outcome(notices=(notice("a1"), notice("a2"), notice("b", address="telegram:2"))))
    assert sorted(hand.keys) == ["a1", "b"]
    assert hand.got[0].address == "telegram:1"
    assert not hand.got[0].ambiguous
    assert await claimed(store) == []  # a2 waits for a1
    await store.sent([Sent(seq=row.seq, message_id="1") for row in hand.got])
    assert await claimed(store) == ["a2"]


async def test_what_waits_in_a_lane_is_not_overtaken_by_what_comes_later(store: Store) -> None:
    await store.apply(Outcome(notices=(notice("early"),)))
    hand = Hand()
    store.hand_to(hand)
    await store.apply(Outcome(notices=(notice("late"), notice("urgent", priority=Priority.ALERT))))
    assert hand.keys == []
    assert await claimed(store) == ["urgent"]


async def test_the_most_urgent_of_one_lane_is_the_one_that_is_handed_over(store: Store) -> None:
    hand = Hand()
    store.hand_to(hand)
    await store.apply(Outcome(notices=(notice("reply"), notice("alert", priority=Priority.ALERT))))
    assert hand.keys == ["alert"]


async def test_what_is_held_back_or_finds_no_room_waits_in_the_table(store: Store) -> None:
    hand = Hand(room=1)
    store.hand_to(hand)
    later = notice("later", address="telegram:3", not_before=NOW + timedelta(hours=1))
    await store.apply(Outcome(notices=(notice("a"), notice("b", address="telegram:2"), later)))
    assert len(hand.got) == 1
    assert await claimed(store) == sorted({"a", "b"} - set(hand.keys))
    assert await claimed(store, timedelta(hours=1)) == ["later"]


async def test_a_known_notice_is_not_handed_over_again_and_its_place_is_given_back(store: Store) -> None:
    hand = Hand()
    store.hand_to(hand)
    await store.apply(Outcome(notices=(notice("a"),)))
    await store.sent([Sent(seq=hand.got[0].seq)])
    await store.apply(Outcome(notices=(notice("a"),)))
    assert hand.keys == ["a"]
    assert hand.places == []


async def test_after_a_crash_what_was_handed_over_comes_again_marked(store: Store) -> None:
    store.hand_to(Hand())
    await store.apply(Outcome(notices=(notice("a"),)))
    assert await store.sweep(NOW + LEASE) == 1
    (row,) = await store.claim(NOW + LEASE, limit=9, lease=LEASE)
    assert (row.key, row.ambiguous, row.tries) == ("a", True, 1)


async def test_nothing_is_handed_over_of_what_was_not_committed(store: Store, url: str) -> None:
    hand = Hand()
    store.hand_to(hand)
    await store.apply(Outcome(records=(Talk(id="t"),)))
    with pytest.raises(Conflict):
        await store.apply(Outcome(records=(Talk(id="t"),), notices=(notice("a"),)))
    await bare(url, "CREATE UNIQUE INDEX poison ON records (person) WHERE kind = 'talk'")
    good = [
        Outcome(records=(Talk(id=f"p{i}", person=f"p{i}"),), notices=(notice(f"g{i}"),)) for i in range(4)
    ]
    bad = Outcome(
        records=(Talk(id="x", person="p3"), Talk(id="y", person="z")),
        notices=(notice("bad", address="telegram:9"),),
    )
    results = await asyncio.gather(*map(store.apply, [*good, bad]), return_exceptions=True)
    assert [result is None for result in results] == [True] * 4 + [False]
    assert hand.keys == ["g0"]
    assert hand.places == []
    assert await bare(url, "SELECT count(*) FROM outbox WHERE key IN ('a', 'bad')") == [(0,)]
