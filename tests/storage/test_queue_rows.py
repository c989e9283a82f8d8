"""What stands in the rows of inbox and outbox at each turn, to the letter."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from casework.access import CLOCK
from casework.outcome import Outcome, Priority
from casework.records import Link, Talk
from casework.strangers import OVER
from storage import inbox
from storage.moments import to_number
from storage.store import Incoming, KeyRing, Sent, Store
from tests.storage.world import KEY, LEASE, NOW, bare, child, keep, link, notice, person

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def update(number: int, address: str = "telegram:1", raw: bytes = b"") -> Incoming:
    raw = raw or b'{"update_id":%d}' % number
    return Incoming(source="telegram", update_id=number, lane_address=address, raw=raw, received_at=NOW)


async def column(url: str, name: str, table: str) -> list[Any]:
    return [row[0] for row in await bare(url, f"SELECT {name} FROM {table} ORDER BY seq")]


async def claim(store: Store, at: timedelta = timedelta(0), limit: int = 9) -> list[str]:
    return [row.key for row in await store.claim(NOW + at, limit=limit, lease=LEASE)]


# The inbox


async def test_a_fresh_update_is_open_untried_and_bears_its_source_its_number_and_its_moment(
    store: Store, url: str
) -> None:
    (row,) = await store.take_in([update(77, "telegram:-100")])
    assert (row.seq, row.address, row.raw, row.tries) == (1, "telegram:-100", update(77).raw, 0)
    columns = "source, update_id, received_at, state, tries, error, length(digest)"
    assert await bare(url, f"SELECT {columns} FROM inbox") == [
        ("telegram", 77, to_number(NOW), "open", 0, None, 16)
    ]


async def test_an_update_is_read_again_with_the_lane_in_which_it_came_however_long_its_name(
    store: Store,
) -> None:
    addresses = ["telegram:1", "", "网页:" + "x" * 300]
    await store.receive([update(n, address) for n, address in enumerate(addresses, 1)])
    rows = await store.waiting()
    assert [(row.seq, row.address, row.raw, row.tries) for row in rows] == [
        (n, address, update(n).raw, 0) for n, address in enumerate(addresses, 1)
    ]


async def test_of_each_update_is_known_whether_its_address_is_somebodys_who_has_joined(store: Store) -> None:
    await keep(store, person("w1"), person("w2"))
    await link(store, "w1", "telegram:1")
    await link(store, "w2", "telegram:2")
    (gone,) = [r for r in await store.find(CLOCK, Link) if r.address == "telegram:2"]
    await store.apply(Outcome(records=(replace(gone, status="ended"),)))
    addresses = ["telegram:1", "telegram:2", "telegram:3", "telegram:1"]
    taken = await store.take_in([update(n, address) for n, address in enumerate(addresses, 1)])
    assert [(row.seq, row.joined) for row in taken] == [(1, True), (2, False), (3, False), (4, True)]
    assert await store.waiting() == taken
    await link(store, "w1", "telegram:3")
    assert [row.joined for row in await store.waiting()] == [True, False, True, True]


async def test_updates_are_read_in_portions_of_so_many_from_beyond_the_last_one_read(store: Store) -> None:
    await store.receive([update(n) for n in range(1, 506)])
    first = await store.waiting()
    assert [row.seq for row in first] == list(range(1, 501))
    assert [row.seq for row in await store.waiting(after=500)] == list(range(501, 506))
    assert [row.seq for row in await store.waiting(after=3, limit=2)] == [4, 5]


async def test_each_failure_is_counted_with_its_reason_cut_short_until_the_fifth_puts_it_aside(
    store: Store, url: str
) -> None:
    await store.receive([update(1), update(2)])
    for tries in range(1, 5):
        assert await store.failed(1, f"KeyError {tries} " + "x" * 600) is False
        assert (await store.waiting())[0].tries == tries
    assert await column(url, "length(error)", "inbox") == [500, None]
    assert await store.failed(1, "KeyError 5") is True
    assert await bare(url, "SELECT state, tries, error FROM inbox ORDER BY seq") == [
        ("parked", 5, "KeyError 5"),
        ("open", 0, None),
    ]
    assert await store.failed(2, "its own count") is False
    assert await column(url, "tries", "inbox") == [5, 1]


async def test_each_update_has_a_count_of_its_own_of_how_often_it_failed(store: Store, url: str) -> None:
    await store.receive([update(n) for n in (1, 2, 3)])
    for seq in (2, 3, 2, 1, 2):
        await store.failed(seq, "x")
    assert await column(url, "tries", "inbox") == [1, 3, 1]


async def test_what_is_unreadable_is_put_aside_at_once_and_what_is_done_does_not_fail_any_more(
    store: Store, url: str
) -> None:
    await store.receive([update(1), update(2)])
    assert await store.failed(1, "Unreadable", park_after=1) is True
    await store.apply(Outcome(), done=2)
    for seq in (1, 2, 3):
        assert await store.failed(seq, "again", park_after=1) is False
    assert await bare(url, "SELECT state, tries, error FROM inbox ORDER BY seq") == [
        ("parked", 1, "Unreadable"),
        ("done", 0, None),
    ]


async def test_what_was_done_is_forgotten_after_two_days_and_what_was_not_never(
    store: Store, url: str
) -> None:
    await store.receive([update(n) for n in (1, 2, 3)])
    await store.apply(Outcome(), done=1)
    await store.failed(2, "x", park_after=1)
    assert await store.prune(NOW + timedelta(hours=48)) == 0
    assert await store.prune(NOW + timedelta(hours=48, microseconds=1)) == 1
    assert await store.prune(NOW + timedelta(days=900)) == 0
    assert await column(url, "state", "inbox") == ["parked", "open"]


async def test_with_it_go_the_talks_with_strangers_that_are_over_and_no_others(
    store: Store, url: str
) -> None:
    await store.receive([update(1)])
    await store.apply(Outcome(), done=1)
    over = Talk(id="over", status=OVER)
    other = person("w9", status=OVER)
    await keep(store, over, Talk(id="going"), other)
    assert await store.prune(NOW + timedelta(hours=49)) == 2
    assert sorted(await bare(url, "SELECT kind, id FROM records")) == [("person", "w9"), ("talk", "going")]


async def test_what_was_put_aside_or_held_back_is_found_with_its_words_and_nothing_else(
    store: Store, url: str
) -> None:
    await store.receive([update(n) for n in range(1, 6)])
    await store.failed(1, "x", park_after=1)
    await store.apply(Outcome(), done=2)
    await bare(url, "UPDATE inbox SET state = 'held' WHERE seq = 3")
    await bare(url, "UPDATE inbox SET state = 'held', raw = NULL WHERE seq = 5")
    stuck = await store._glance(lambda conn: inbox.stuck(conn, store._vault))
    assert [(row.seq, row.raw, row.tries) for row in stuck] == [(1, update(1).raw, 1), (3, update(3).raw, 0)]


async def test_what_an_update_is_known_again_by_stays_as_it_is_in_the_databases_that_there_are(
    store: Store, url: str
) -> None:
    await store.receive([update(1)])
    ((digest,),) = await bare(url, "SELECT digest FROM inbox")
    assert bytes(digest) == store._vault.mac("update", update(1).raw)[:16]


def test_the_place_to_which_an_update_is_sealed_stays_as_it_is_in_the_databases_that_there_are() -> None:
    assert inbox._place("telegram", 77, bytes([0, 255])) == b"6:=inbox4:=raw9:=telegram3:=775:=00ff"


# The outbox


async def test_a_claim_leases_the_row_and_counts_the_try(store: Store, url: str) -> None:
    await store.apply(Outcome(notices=(notice("a", to="w1"), notice("b"))))
    (row,) = await store.claim(NOW, limit=9, lease=LEASE)
    assert (row.seq, row.key, row.to, row.address, row.priority) == (1, "a", "w1", "telegram:1", 3)
    assert (row.tries, row.ambiguous, row.notice) == (0, False, notice("a", to="w1"))
    assert await bare(url, "SELECT state, lease, tries FROM outbox ORDER BY seq") == [
        ("sending", to_number(NOW + LEASE), 1),
        ("new", None, 0),
    ]


async def test_a_claim_takes_no_more_than_it_may_and_the_most_urgent_first(store: Store) -> None:
    urgent = [notice(f"u{n}", address=f"telegram:9{n}", priority=Priority.ALERT) for n in range(3)]
    plain = [notice(f"p{n}", address=f"telegram:8{n}") for n in range(3)]
    await store.apply(Outcome(notices=(*plain, *urgent)))
    assert await claim(store, limit=2) == ["u0", "u1"]
    assert await claim(store, limit=2) == ["u2", "p0"]
    assert await claim(store, limit=1) == ["p1"]


async def test_what_waits_for_somebody_busy_takes_no_place_of_what_may_leave(store: Store) -> None:
    await store.apply(Outcome(notices=(notice("busy"), notice("free", address="telegram:2"))))
    rows = await store.claim(NOW, limit=1, lease=LEASE, busy={"telegram:1"})
    assert [row.key for row in rows] == ["free"]


async def test_a_message_that_somebody_altered_is_never_sent_and_stands_in_the_way_of_no_other(
    store: Store, url: str
) -> None:
    await store.apply(Outcome(notices=tuple(notice(f"a{n}", address=f"telegram:{n}") for n in (1, 2, 3))))
    await bare(url, "UPDATE outbox SET body = (SELECT body FROM outbox WHERE seq = 1) WHERE seq = 2")
    assert await claim(store) == ["a1", "a3"]
    assert await bare(url, "SELECT state, lease, reason FROM outbox WHERE seq = 2") == [
        ("dead", None, "altered")
    ]


async def test_who_starts_anew_reads_what_was_left_of_a_child(store: Store, url: str) -> None:
    await keep(store, person("w1"), child())
    left = notice("of a child", child="c1")
    await store.apply(Outcome(notices=(left,)))
    later = await Store.open(url, KeyRing([KEY]))
    assert [row.notice for row in await later.claim(NOW, limit=9, lease=LEASE)] == [left]
    await later.close()


async def test_however_many_wait_in_one_lane_the_next_lane_behind_them_is_found(store: Store) -> None:
    crowd = [notice(f"c{n}", address="telegram:1") for n in range(450)]
    await store.apply(Outcome(notices=(*crowd, notice("behind", address="telegram:2"))))
    assert await claim(store) == ["c0", "behind"]


async def test_a_queue_of_exactly_one_look_is_read_to_its_end(store: Store) -> None:
    crowd = [notice(f"c{n}", address="telegram:1") for n in range(199)]
    await store.apply(Outcome(notices=(*crowd, notice("last", address="telegram:2"))))
    assert await claim(store) == ["c0", "last"]


async def test_what_waits_to_be_tried_again_closes_its_lane_and_what_is_held_for_later_does_not(
    store: Store,
) -> None:
    held = notice("held", not_before=NOW + HOUR)
    await store.apply(Outcome(notices=(held, notice("next"))))
    (row,) = await store.claim(NOW, limit=9, lease=LEASE)
    assert row.key == "next"
    await store.retry_later(row.seq, NOW + 2 * HOUR, ambiguous=False)
    assert await claim(store, HOUR - SECOND) == []
    assert await claim(store, HOUR) == ["held"]


async def test_a_message_leaves_at_the_moment_until_which_it_was_held_and_no_later(store: Store) -> None:
    await store.apply(Outcome(notices=(notice("a", not_before=NOW + HOUR),)))
    assert not await store.any_due(NOW + HOUR - SECOND)
    assert await store.any_due(NOW + HOUR)
    assert await claim(store, HOUR) == ["a"]


async def test_two_lanes_that_lead_to_the_same_chat_since_somebody_joined_take_turns(
    store: Store, url: str
) -> None:
    await keep(store, person("w1"), child())
    told = {"to": "w1", "address": None, "child": "c1"}
    await store.apply(Outcome(notices=(notice("by name", **told), notice("else", address="telegram:5"))))
    await link(store, "w1", "telegram:77")
    await store.apply(Outcome(notices=(notice("by address", address="telegram:77"),)))
    rows = await store.claim(NOW, limit=9, lease=LEASE)
    assert [(row.key, row.address) for row in rows] == [("by name", "telegram:77"), ("else", "telegram:5")]
    assert await bare(url, "SELECT state, lease, tries FROM outbox WHERE key = 'by address'") == [
        ("new", None, 0)
    ]
    assert await claim(store) == ["by address"], "the table knows the chat by its lane only"


async def test_who_is_busy_by_address_gets_nothing_even_if_the_lane_has_his_name(store: Store) -> None:
    await keep(store, person("w1"), child())
    await store.apply(
        Outcome(notices=(notice("a", to="w1", address=None), notice("b", address="telegram:5")))
    )
    await link(store, "w1", "telegram:77")
    rows = await store.claim(NOW, limit=9, lease=LEASE, busy={"telegram:77", ""})
    assert [row.key for row in rows] == ["b"]
    assert [row.address for row in await store.claim(NOW, limit=9, lease=LEASE)] == ["telegram:77"]


async def test_two_people_without_an_address_do_not_wait_for_each_other(store: Store) -> None:
    await keep(store, person("w1"), person("w2"))
    await store.apply(
        Outcome(notices=(notice("a", to="w1", address=None), notice("b", to="w2", address=None)))
    )
    rows = await store.claim(NOW, limit=9, lease=LEASE)
    assert [(row.key, row.to, row.address) for row in rows] == [("a", "w1", ""), ("b", "w2", "")]


async def test_two_people_are_each_reached_at_their_own_address(store: Store) -> None:
    await keep(store, person("w1"), person("w2"))
    for who in ("w2", "w1"):
        await link(store, who, f"telegram:{who}")
    own = notice("own", to="w1", address="telegram:own")
    both = [notice(who, to=who, address=None) for who in ("w1", "w2")]
    await store.apply(Outcome(notices=(*both, own)))
    rows = await store.claim(NOW, limit=9, lease=LEASE)
    assert [(row.key, row.address) for row in rows] == [
        ("w1", "telegram:w1"),
        ("w2", "telegram:w2"),
        ("own", "telegram:own"),
    ]


async def test_what_was_sent_keeps_its_key_and_its_number_and_nothing_else(store: Store, url: str) -> None:
    for n in (1, 2):
        await store.apply(Outcome(notices=(notice(f"a{n}", address=f"telegram:{n}"),)))
    rows = await store.claim(NOW, limit=9, lease=LEASE)
    await store.sent([Sent(seq=rows[0].seq, message_id=555), Sent(seq=rows[1].seq)])
    assert await bare(url, "SELECT key, state, lease, body, message_id FROM outbox ORDER BY seq") == [
        ("a1", "sent", None, None, "555"),
        ("a2", "sent", None, None, None),
    ]


async def test_a_retry_is_new_again_at_its_moment_and_what_may_have_arrived_stays_marked(
    store: Store, url: str
) -> None:
    await store.apply(Outcome(notices=(notice("a"),)))
    for ambiguous, kept in ((False, False), (True, True), (False, True)):
        (row,) = await store.claim(NOW + HOUR, limit=9, lease=LEASE)
        await store.retry_later(row.seq, NOW + HOUR, ambiguous=ambiguous)
        (columns,) = await bare(url, "SELECT state, lease, next_at, ambiguous FROM outbox")
        assert (columns[:3], bool(columns[3])) == (("new", None, to_number(NOW + HOUR)), kept)


async def test_only_what_is_on_its_way_is_tried_again(store: Store, url: str) -> None:
    await store.apply(Outcome(notices=(notice("a"), notice("b"))))
    (row,) = await store.claim(NOW, limit=9, lease=LEASE)
    await store.sent([Sent(seq=row.seq)])
    for seq in (1, 2):
        await store.retry_later(seq, NOW + HOUR, ambiguous=True)
    assert await column(url, "state", "outbox") == ["sent", "new"]
    assert await claim(store) == ["b"]


async def test_the_undeliverable_is_dead_with_its_reason_cut_short_but_never_what_was_sent(
    store: Store, url: str
) -> None:
    await store.apply(Outcome(notices=(notice("a"), notice("b"))))
    (row,) = await store.claim(NOW, limit=9, lease=LEASE)
    await store.undeliverable(row.seq, "blocked " + "x" * 300)
    (dead, other) = await bare(url, "SELECT state, lease, body, length(reason) FROM outbox ORDER BY seq")
    assert dead == ("dead", None, None, 200)
    assert (other[0], other[3]) == ("new", None)
    (row,) = await store.claim(NOW, limit=9, lease=LEASE)
    await store.sent([Sent(seq=row.seq)])
    await store.undeliverable(row.seq, "blocked")
    assert await column(url, "state", "outbox") == ["dead", "sent"]


async def test_a_sweep_gives_back_only_what_is_on_its_way_and_over(store: Store, url: str) -> None:
    await store.apply(Outcome(notices=tuple(notice(f"a{n}", address=f"telegram:{n}") for n in range(3))))
    assert await claim(store, limit=1) == ["a0"]
    assert await claim(store, SECOND, limit=1) == ["a1"]
    assert await store.sweep(NOW + LEASE) == 1
    columns = "SELECT state, lease, ambiguous FROM outbox ORDER BY seq"
    rows = [(state, lease, bool(mark)) for state, lease, mark in await bare(url, columns)]
    assert rows == [
        ("new", None, True),
        ("sending", to_number(NOW + SECOND + LEASE), False),
        ("new", None, False),
    ]


async def test_a_start_takes_over_what_was_on_its_way_and_hurries_only_what_was_tried_before(
    store: Store, url: str
) -> None:
    held = notice("held", address="telegram:1", not_before=NOW + HOUR)
    more = [notice(f"a{n}", address=f"telegram:{n}") for n in (2, 3, 4)]
    await store.apply(Outcome(notices=(held, *more)))
    _, soon, late = await store.claim(NOW, limit=9, lease=LEASE)
    await store.retry_later(soon.seq, NOW + 5 * SECOND, ambiguous=False)
    await store.retry_later(late.seq, NOW + HOUR, ambiguous=False)
    assert await store.take_over(NOW, timedelta(minutes=1)) == 1
    columns = "SELECT key, state, lease, next_at, ambiguous FROM outbox ORDER BY seq"
    rows = [(*row[:4], bool(row[4])) for row in await bare(url, columns)]
    minute = to_number(NOW + timedelta(minutes=1))
    assert rows == [
        ("held", "new", None, to_number(NOW + HOUR), False),
        ("a2", "new", None, rows[1][3], True),
        ("a3", "new", None, to_number(NOW + 5 * SECOND), False),
        ("a4", "new", None, minute, False),
    ]


# Whether an alert is still on its way


async def test_an_alert_is_on_its_way_until_one_of_its_messages_has_arrived(store: Store) -> None:
    people = ("telegram:1", "telegram:2")
    both = tuple(notice(f"a{n}", address=address) for n, address in enumerate(people, 1))
    assert not await store.on_its_way([])
    assert not await store.on_its_way(["a1", "a2"])
    await store.apply(Outcome(notices=both))
    assert await store.on_its_way(["a1", "a2"])
    first, second = await store.claim(NOW, limit=9, lease=LEASE)
    assert await store.on_its_way(["a1", "a2"]), "what is being sent has not arrived"
    await store.retry_later(second.seq, NOW + HOUR, ambiguous=True)
    assert await store.on_its_way(["a2"])
    await store.sent([Sent(seq=first.seq, message_id="17")])
    assert not await store.on_its_way(["a1", "a2"]), "somebody has it"
    assert await store.on_its_way(["a2"])


async def test_what_was_no_longer_true_or_can_never_arrive_is_not_on_its_way(store: Store) -> None:
    people = ("telegram:1", "telegram:2", "telegram:3")
    await store.apply(
        Outcome(notices=tuple(notice(f"a{n}", address=address) for n, address in enumerate(people, 1)))
    )
    untrue, dead, _ = await store.claim(NOW, limit=9, lease=LEASE)
    await store.sent([Sent(seq=untrue.seq)])
    await store.undeliverable(dead.seq, "blocked")
    assert not await store.on_its_way(["a1", "a2"])
    assert await store.on_its_way(["a1", "a2", "a3"]), "nobody has got it yet, and one message is to leave"
