"""The inbox and the outbox: nothing taken twice, nothing lost, in order, urgent first."""

import asyncio
from datetime import timedelta

from casework.access import CLOCK
from casework.outcome import Outcome, Priority
from casework.records import Child
from storage.store import Incoming, Sent, Store
from tests.storage.world import LEASE, NOW, bare, child, keep, link, notice, person


def update(number: int, raw: bytes = b"", address: str = "telegram:1") -> Incoming:
    raw = raw or b'{"update_id":%d}' % number
    return Incoming(source="telegram", update_id=number, lane_address=address, raw=raw, received_at=NOW)


async def test_an_update_that_comes_again_is_kept_once(store: Store) -> None:
    assert await store.receive([update(5), update(6), update(5)]) == 2
    assert await store.receive([update(6), update(7)]) == 1
    assert [row.raw for row in await store.waiting()] == [update(n).raw for n in (5, 6, 7)]


async def test_numbers_that_start_anew_or_repeat_with_other_content_are_new_updates(store: Store) -> None:
    await store.receive([update(9_000_000)])
    assert await store.receive([update(17), update(9_000_000, b"another")]) == 2
    rows = await store.waiting()
    assert [row.raw for row in rows] == [update(9_000_000).raw, update(17).raw, b"another"]
    assert [row.seq for row in await store.waiting(after=rows[0].seq, limit=1)] == [rows[1].seq]


async def test_a_done_update_is_forgotten_but_still_known_when_it_comes_again(store: Store, url: str) -> None:
    await store.receive([update(1, b"secret words")])
    (row,) = await store.waiting()
    await store.apply(Outcome(), done=row.seq)
    assert await bare(url, "SELECT raw, state FROM inbox") == [(None, "done")]
    assert await store.receive([update(1, b"secret words")]) == 0
    assert await store.prune(NOW + timedelta(hours=47)) == 0
    assert await store.prune(NOW + timedelta(hours=49)) == 1


async def test_what_fails_again_and_again_is_parked_and_stops_no_other(store: Store) -> None:
    await store.receive([update(1), update(2)])
    first, second = await store.waiting()
    assert [await store.failed(first.seq, "KeyError", park_after=3) for _ in range(3)] == [False, False, True]
    assert [row.seq for row in await store.waiting()] == [second.seq]
    assert (await store.status()).inbox_parked == 1
    assert await store.failed(first.seq, "again") is False


async def claimed(store: Store, at: timedelta = timedelta(0), busy: tuple[str, ...] = ()) -> list[str]:
    rows = await store.claim(NOW + at, limit=9, lease=LEASE, busy=busy)
    return [row.key for row in rows]


async def send_all(store: Store) -> list[str]:
    keys: list[str] = []
    while rows := await store.claim(NOW, limit=9, lease=LEASE):
        keys += [row.key for row in rows]
        await store.sent([Sent(seq=row.seq, message_id="1") for row in rows])
    return keys


async def test_a_notice_with_a_known_key_is_the_same_notice_even_long_after_it_was_sent(store: Store) -> None:
    await store.apply(Outcome(notices=(notice("a"), notice("a"))))
    assert await send_all(store) == ["a"]
    await store.apply(Outcome(notices=(notice("a"), notice("b"))))
    assert await send_all(store) == ["b"]


async def test_messages_leave_in_order_and_urgent_ones_first(store: Store) -> None:
    kinds = (Priority.DIGEST, Priority.REPLY, Priority.ALERT, Priority.REPLY, Priority.DIGEST, Priority.ALERT)
    await store.apply(Outcome(notices=tuple(notice(f"{p.name}{i}", priority=p) for i, p in enumerate(kinds))))
    assert await send_all(store) == ["ALERT2", "ALERT5", "REPLY1", "REPLY3", "DIGEST0", "DIGEST4"]


async def test_one_message_per_person_is_on_its_way_and_none_to_the_busy(store: Store) -> None:
    for who in ("1", "2", "3"):
        await store.apply(
            Outcome(notices=tuple(notice(f"{who}.{n}", address=f"telegram:{who}") for n in (1, 2)))
        )
    assert await claimed(store, busy=("telegram:2",)) == ["1.1", "3.1"]
    assert await claimed(store) == ["2.1"]
    assert await claimed(store) == []


async def test_a_refused_message_holds_back_what_follows_but_no_alert_and_no_other_person(
    store: Store,
) -> None:
    await store.apply(Outcome(notices=(notice("one"), notice("two"), notice("else", address="telegram:2"))))
    rows = {row.key: row for row in await store.claim(NOW, limit=9, lease=LEASE)}
    assert rows.keys() == {"one", "else"}
    await store.retry_later(rows["one"].seq, NOW + timedelta(seconds=30), ambiguous=False)
    assert await claimed(store) == []
    await store.apply(Outcome(notices=(notice("alert", priority=Priority.ALERT),)))
    assert await claimed(store) == ["alert"]
    assert await claimed(store, timedelta(seconds=29)) == []
    assert await store.sweep(NOW + LEASE) == 2
    assert (await store.claim(NOW + LEASE, limit=1, lease=LEASE))[0].key == "alert"


async def test_a_notice_held_for_the_morning_holds_back_nothing(store: Store) -> None:
    morning = NOW + timedelta(hours=8)
    held = notice("held", priority=Priority.ALERT, not_before=morning)
    await store.apply(Outcome(notices=(held, notice("reply", priority=Priority.REPLY))))
    assert await send_all(store) == ["reply"]
    assert await claimed(store, timedelta(hours=8)) == ["held"]


async def test_a_lease_that_ran_out_gives_the_message_back_marked_as_perhaps_sent(store: Store) -> None:
    await store.apply(Outcome(notices=(notice("a"),)))
    assert await claimed(store) == ["a"]
    assert await store.sweep(NOW + LEASE - timedelta(seconds=1)) == 0
    assert await store.sweep(NOW + LEASE) == 1
    (row,) = await store.claim(NOW + LEASE, limit=1, lease=LEASE)
    assert row.ambiguous
    assert row.tries == 1
    await store.retry_later(row.seq, NOW, ambiguous=False)
    assert (await store.claim(NOW + LEASE, limit=1, lease=LEASE))[0].ambiguous


async def test_at_a_start_nothing_is_on_its_way_even_if_the_clock_was_put_back_since(store: Store) -> None:
    await store.apply(Outcome(notices=(notice("a"),)))
    (first,) = await store.claim(NOW, limit=1, lease=LEASE, busy=())
    await store.retry_later(first.seq, NOW + timedelta(hours=1), ambiguous=False)
    await store.apply(Outcome(notices=(notice("other", address="telegram:2"),)))
    (other,) = await store.claim(NOW, limit=5, lease=LEASE, busy=())
    earlier, minute = NOW - timedelta(hours=1), timedelta(minutes=1)
    assert await store.take_over(earlier, minute) == 1
    (again,) = await store.claim(earlier, limit=5, lease=LEASE, busy=())
    assert (again.seq, again.ambiguous) == (other.seq, True)
    rows = await store.claim(earlier + minute, limit=5, lease=LEASE, busy=())
    assert [(row.seq, row.ambiguous) for row in rows] == [(first.seq, False)]


async def test_two_senders_never_get_the_same_message(store: Store) -> None:
    await store.apply(Outcome(notices=tuple(notice(f"n{i}", address=f"t:{i}") for i in range(60))))
    parts = await asyncio.gather(*(store.claim(NOW, limit=10, lease=LEASE) for _ in range(8)))
    keys = [row.key for part in parts for row in part]
    assert len(keys) == len(set(keys)) == 60


async def test_an_undeliverable_message_is_not_tried_again_and_its_text_is_gone(
    store: Store, url: str
) -> None:
    await store.apply(Outcome(notices=(notice("a"), notice("b"))))
    (row,) = await store.claim(NOW, limit=9, lease=LEASE)
    await store.undeliverable(row.seq, "blocked")
    assert await send_all(store) == ["b"]
    assert await bare(url, "SELECT body, reason FROM outbox WHERE key = 'a'") == [(None, "blocked")]


async def test_a_person_is_reached_at_the_address_that_holds_when_it_is_sent(store: Store) -> None:
    await keep(store, person("w1"), child())
    told = {"to": "w1", "address": None, "child": "c1"}
    await store.apply(Outcome(notices=(notice("early", **told), notice("early2", **told))))
    assert [row.address for row in await store.claim(NOW, limit=1, lease=LEASE)] == [""]
    await link(store, "w1", "telegram:77")
    await store.apply(Outcome(notices=(notice("late", **told), notice("reply", address="telegram:77"))))
    rows = await store.claim(NOW, limit=9, lease=LEASE)
    assert {row.address for row in rows} == {"telegram:77"}
    assert len(rows) == 1
    assert rows[0].notice.values == {}
    found = await store.person_at("telegram:77")
    assert found is not None
    assert found.id == "w1"
    assert await store.address_of("w1") == "telegram:77"
    assert await store.get(CLOCK, Child, "c1") is not None
