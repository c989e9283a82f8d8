"""What is gathered for one person leaves as one: in order, complete, marked together, holding up nobody."""

from datetime import timedelta

import pytest

from casework.outcome import Notice, Outcome, Priority
from storage import outbox
from storage.store import Sent, Store
from tests.storage.world import LEASE, NOW, bare, notice

SECOND = timedelta(seconds=1)


def gathered(key: str, who: str = "1", **more: object) -> Notice:
    return notice(key, priority=Priority.GATHERED, address=f"telegram:{who}", **more)


async def groups(store: Store, at: timedelta = timedelta(0), **more: object) -> list[list[str]]:
    rows = await store.claim(NOW + at, **{"limit": 9, "lease": LEASE, **more})  # type: ignore[arg-type]
    return [[each.key for each in row.whole] for row in rows]


async def test_all_that_is_due_for_one_person_comes_as_one_and_for_another_as_another(
    store: Store, url: str
) -> None:
    later = gathered("a4", not_before=NOW + SECOND)
    some = (gathered("a1"), gathered("b1", "2"), gathered("a2"), later, gathered("a3"))
    await store.apply(Outcome(notices=some))
    assert await groups(store) == [["a1", "a2", "a3"], ["b1"]]
    assert await groups(store) == []
    assert await bare(url, "SELECT key, state, tries FROM outbox ORDER BY seq") == [
        ("a1", "sending", 1),
        ("b1", "sending", 1),
        ("a2", "sending", 1),
        ("a4", "new", 0),
        ("a3", "sending", 1),
    ]
    assert await groups(store, SECOND) == []  # one of its lane is on its way


async def test_alerts_leave_before_it_and_replies_after_it_one_by_one(store: Store) -> None:
    order = (Priority.REPLY, Priority.GATHERED, Priority.ALERT, Priority.GATHERED, Priority.ALERT)
    await store.apply(Outcome(notices=tuple(notice(f"{p.name}{i}", priority=p) for i, p in enumerate(order))))
    left = []
    while rows := await store.claim(NOW, limit=9, lease=LEASE):
        left += [[each.key for each in row.whole] for row in rows]
        await store.sent([Sent(seq=each.seq, message_id="1") for row in rows for each in row.whole])
    assert left == [["ALERT2"], ["ALERT4"], ["GATHERED1", "GATHERED3"], ["REPLY0"]]


async def test_what_is_not_complete_stays_and_only_alerts_and_replies_overtake_it(store: Store) -> None:
    rest = (notice("reminder", address="telegram:3"), notice("reply", priority=Priority.REPLY))
    alert = notice("alert", priority=Priority.ALERT, address="telegram:4")
    await store.apply(Outcome(notices=(gathered("a1"), gathered("b1", "2"), *rest, alert)))
    assert await groups(store, complete=lambda: False) == [["alert"], ["reply"]]
    assert await groups(store, complete=lambda: False) == []
    assert await groups(store) == [["b1"], ["reminder"]]  # the reply is on its way


async def test_where_nothing_is_gathered_nobody_asks_whether_it_is_complete(store: Store) -> None:
    await store.apply(Outcome(notices=(notice("reminder"), notice("alert", priority=Priority.ALERT))))
    later = gathered("later", "2", not_before=NOW + SECOND)
    await store.apply(Outcome(notices=(later, notice("other", address="telegram:2"))))

    def complete() -> bool:
        raise AssertionError("asked")

    assert await groups(store, complete=complete) == [["alert"], ["other"]]


async def test_no_more_messages_are_taken_than_are_asked_for_however_many_each_tells_of(store: Store) -> None:
    await store.apply(Outcome(notices=tuple(gathered(f"{who}{n}", who) for n in range(3) for who in "123")))
    assert await groups(store, limit=2) == [["10", "11", "12"], ["20", "21", "22"]]
    await store.apply(Outcome(notices=(notice("alert", priority=Priority.ALERT, address="telegram:4"),)))
    assert await groups(store, limit=1) == [["alert"]]
    assert await groups(store, busy=("telegram:3",)) == []
    assert await groups(store) == [["30", "31", "32"]]


async def test_a_message_never_tells_of_more_than_can_be_dealt_with_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "_MOST", 2)
    await store.apply(Outcome(notices=tuple(gathered(f"a{n}") for n in range(3))))
    rows = await store.claim(NOW, limit=9, lease=LEASE)
    assert [each.key for each in rows[0].whole] == ["a0", "a1"]
    await store.sent([Sent(seq=each.seq, message_id="7") for each in rows[0].whole])
    assert await groups(store) == [["a2"]]


async def test_what_did_not_get_through_comes_again_with_what_joined_it_and_says_so_once(
    store: Store,
) -> None:
    await store.apply(Outcome(notices=(gathered("a1"), gathered("a2"))))
    ((row,), soon) = await store.claim(NOW, limit=9, lease=LEASE), NOW + 3 * SECOND
    assert not row.ambiguous
    for each in row.whole:
        await store.retry_later(each.seq, soon, ambiguous=each.key == "a2")
    await store.apply(Outcome(notices=(gathered("a3"), notice("reply", priority=Priority.REPLY))))
    assert await groups(store, 2 * SECOND) == []  # all wait behind what is to be tried again
    (again,) = await store.claim(soon, limit=9, lease=LEASE)
    assert [each.key for each in again.whole] == ["a1", "a2", "a3"]
    assert (again.ambiguous, again.tries) == (True, 1)


async def test_after_a_crash_all_of_it_counts_as_perhaps_sent(store: Store) -> None:
    await store.apply(Outcome(notices=(gathered("a1"), gathered("a2"))))
    await groups(store)
    assert await store.take_over(NOW, SECOND) == 2
    (row,) = await store.claim(NOW, limit=9, lease=LEASE)
    assert ([each.key for each in row.whole], row.ambiguous) == (["a1", "a2"], True)


async def test_one_that_was_altered_is_left_out_and_the_others_leave(store: Store, url: str) -> None:
    await store.apply(Outcome(notices=tuple(gathered(f"a{n}") for n in range(3))))
    await bare(url, "UPDATE outbox SET key = 'other' WHERE seq = 1")
    assert await groups(store) == [["a1", "a2"]]
    assert await bare(url, "SELECT state, reason FROM outbox WHERE seq = 1") == [("dead", "altered")]
