"""Whatever is deleted, altered or left lying by hand stands in the next picture; lawful deeds do not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.auditing import Memory, Picture, findings, waiting_since
from casework.outcome import Outcome, Priority
from casework.policy import load_policy
from casework.records import CheckIn, Child, Escalation, Visit
from casework.waking import put_off
from storage.store import Incoming, Store
from tests.storage.world import LEASE, NOW, bare, child, event, keep, link, notice, person, visit

RULES = load_policy().audit
SOON = NOW + timedelta(hours=1)


async def _filled(store: Store) -> None:
    """A child with all that is open: a visit, a prompt, two escalations, a message, an update."""
    await keep(store, child("c1"), child("c2"), person("w1"), visit(wake_at=SOON))
    await keep(store, CheckIn(id="p1", child="c1", person="g1", due=NOW.date(), wake_at=SOON))
    await keep(store, _escalation("e1"), _escalation("e2", status="acknowledged"))
    await link(store, "w1", "telegram:1")
    notices = (notice("n1", priority=Priority.ALERT), notice("n2", not_before=SOON))
    await store.apply(Outcome(events=(event(),), notices=notices))
    update = Incoming(source="t", update_id=1, lane_address="telegram:1", raw=b"{}", received_at=NOW)
    await store.receive([update])


def _escalation(id: str, **more: object) -> Escalation:
    fields = {"child": "c1", "flag": "dropout", "urgency": "today", "opened_at": NOW, "wake_at": SOON}
    return Escalation(id=id, **(fields | more))  # type: ignore[arg-type]


async def _found(store: Store) -> dict[str, tuple[str, ...]]:
    """What a first audit finds at first sight."""
    picture = await store.audited(NOW, RULES, Memory())
    return {f.kind: f.places for f in findings(picture, waiting_since({}, picture, 0), 0, RULES)}


async def test_nothing_is_found_where_nobody_interfered(store: Store) -> None:
    await _filled(store)
    assert await _found(store) == {}


BY_HAND = [
    ("DELETE FROM records WHERE id = 'e1'", {"removed": ("records escalation e1",)}),
    ("DELETE FROM records WHERE id = 'vis1'", {"removed": ("records visit vis1",)}),
    ("DELETE FROM records WHERE kind = 'person'", {"removed": ("records person w1",)}),
    ("DELETE FROM children WHERE id = 'c2'", {"removed": ("children c2",)}),
    ("DELETE FROM outbox WHERE key = 'n1'", {"removed": ("outbox 1",)}),
    ("DELETE FROM inbox", {"removed": ("inbox 1",)}),
    ("DELETE FROM posts", {"removed": ("posts w1 village_worker w1 v1",)}),
    (
        "UPDATE records SET wake_at = NULL WHERE id = 'e1'",
        {
            "altered": ("records escalation e1",), "asleep": ("escalation e1",),
            "unreadable": ("escalation e1",),
        },
    ),
    (
        "UPDATE records SET wake_at = NULL WHERE id = 'vis1'",
        {"altered": ("records visit vis1",), "asleep": ("visit vis1",)},
    ),
    (
        "UPDATE records SET wake_at = NULL, version = version + 1 WHERE id IN ('vis1', 'p1')",
        {"asleep": ("checkin p1", "visit vis1")},
    ),
    (
        "UPDATE records SET status = 'resolved' WHERE id = 'e2'",
        {"altered": ("records escalation e2",)},
    ),
    (
        "UPDATE records SET wake_at = wake_at + 1, version = version + 1 WHERE id = 'e2'",
        {"unreadable": ("escalation e2",)},
    ),
    (
        "UPDATE records SET body = '', version = version + 1 WHERE id = 'e2'",
        {"unreadable": ("escalation e2",)},
    ),
    ("UPDATE outbox SET state = 'sent' WHERE key = 'n1'", {"odd": ("outbox sent 1",)}),
    ("UPDATE outbox SET state = 'dead' WHERE key = 'n1'", {"odd": ("outbox dead 1",)}),
    ("UPDATE outbox SET state = 'later' WHERE key = 'n1'", {"odd": ("outbox later 1",)}),
    ("UPDATE outbox SET next_at = 4000000000000000 WHERE key = 'n1'", {"ahead": ("outbox 1",)}),
    ("UPDATE inbox SET state = 'done'", {"odd": ("inbox done 1",)}),
    ("UPDATE inbox SET state = 'parked'", {"odd": ("inbox parked 1",)}),
    ("INSERT INTO lawful VALUES ('x')", {"unguarded": ("lawful x",)}),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "expected"), BY_HAND)
async def test_what_is_done_by_hand_is_in_the_next_picture(
    store: Store, url: str, statement: str, expected: dict[str, tuple[str, ...]]
) -> None:
    await _filled(store)
    await bare(url, statement)
    assert await _found(store) == expected


async def test_a_trigger_taken_away_is_found(store: Store, url: str) -> None:
    await bare(url, "DROP TRIGGER inbox_gone" + ("" if url.startswith("sqlite") else " ON inbox"))
    assert await _found(store) == {"unguarded": ("inbox_gone",)}


async def test_an_open_escalation_that_goes_behind_the_tripwires_is_missed(
    store: Store, url: str, tmp_path: Path
) -> None:
    await _filled(store)
    before = (await store.audited(NOW, RULES, Memory())).memory
    await bare(
        url, "INSERT INTO lawful VALUES ('x')", "DELETE FROM records WHERE id = 'e1'", "DELETE FROM lawful"
    )
    assert await _found(store) == {}
    picture = await store.audited(NOW, RULES, before)
    assert picture.wrong["vanished"] == ("escalation e1",)
    again = await store.audited(NOW, RULES, picture.memory)
    assert again.wrong["vanished"] == ("escalation e1",), "it stays found"
    await store.erase("c1", now=NOW, home=tmp_path)
    gone = await store.audited(NOW, RULES, again.memory)
    assert gone.wrong["vanished"] == (), "the child was erased, and all that hangs on it with it"


async def test_a_message_held_back_by_hand_is_found_and_by_a_restore_it_is_not(
    store: Store, url: str
) -> None:
    await _filled(store)
    await bare(url, "UPDATE outbox SET state = 'held' WHERE key = 'n2'")
    first = await store.audited(NOW, RULES, Memory())
    assert first.wrong["odd"] == ()
    await bare(url, "UPDATE outbox SET state = 'held' WHERE key = 'n1'")
    assert (await store.audited(NOW, RULES, first.memory)).wrong["odd"] == ("held 2",)


def _after(first: Picture, second: Picture, minutes: float) -> dict[str, tuple[str, ...]]:
    since = waiting_since(waiting_since({}, first, 0), second, 60 * minutes)
    return {f.kind: f.places for f in findings(second, since, 60 * minutes, RULES)}


async def test_what_waits_too_long_is_found_however_far_the_clock_was_moved(store: Store) -> None:
    await _filled(store)
    later = NOW + timedelta(days=3)
    first = await store.audited(later, RULES, Memory())
    assert {kind: len(places) for kind, places in first.waiting.items()} == {
        "late": 4, "inbox": 1, "alerts": 1, "messages": 1,
    }  # fmt: skip
    assert _after(first, first, 2) == {}
    assert _after(first, first, 4) == {"inbox": ("inbox 1",)}
    assert {*_after(first, first, 6)} == {"inbox", "late"}
    assert {*_after(first, first, 16)} == {"inbox", "late", "alerts"}
    assert {*_after(first, first, 61)} == {"inbox", "late", "alerts", "messages"}


async def test_what_moves_on_is_not_found_however_much_there_is(store: Store) -> None:
    await _filled(store)
    first = await store.audited(NOW, RULES, Memory())
    (row,) = await store.waiting()
    await store.apply(Outcome(), done=row.seq)
    second = await store.audited(NOW, RULES, first.memory)
    assert _after(first, second, 14) == {}


async def test_a_lane_that_waits_for_a_retry_counts_by_its_head(store: Store) -> None:
    await store.apply(Outcome(notices=tuple(notice(f"n{n}", priority=Priority.ALERT) for n in range(3))))
    (head,) = await store.claim(NOW, limit=1, lease=LEASE)
    await store.retry_later(head.seq, NOW + timedelta(hours=2), ambiguous=False)
    picture = await store.audited(NOW, RULES, Memory())
    assert picture.waiting["alerts"] == (f"outbox {head.seq}",)
    (stuck,) = await store.claim(NOW + timedelta(hours=3), limit=1, lease=LEASE)
    on_its_way = await store.audited(NOW + timedelta(hours=3), RULES, Memory())
    assert f"outbox {stuck.seq}" not in on_its_way.waiting["alerts"]
    later = await store.audited(NOW + timedelta(hours=4), RULES, Memory())
    assert f"outbox {stuck.seq}" in later.waiting["alerts"], "its lease is over, and nobody took it back"


async def test_what_was_dealt_with_counts_no_more_and_the_tripwires_lie_again(store: Store, url: str) -> None:
    await _filled(store)
    where = "" if url.startswith("sqlite") else " ON inbox"
    drop = f"DROP TRIGGER inbox_gone{where}"
    await bare(url, "DELETE FROM inbox", drop, "INSERT INTO lawful VALUES ('x')")
    assert {*await _found(store)} == {"removed", "unguarded"}
    assert await store.settle(NOW) == 1
    assert await _found(store) == {}
    assert (await store.verify_audit()).intact
    await bare(url, "DELETE FROM outbox WHERE key = 'n1'")
    assert await _found(store) == {"removed": ("outbox 1",)}


async def test_a_row_that_was_altered_stops_neither_the_clock_nor_the_queues(store: Store, url: str) -> None:
    await _filled(store)
    other = Incoming(source="t", update_id=2, lane_address="telegram:2", raw=b"{}", received_at=NOW)
    await store.receive([other])
    more = notice("n3", address="telegram:2", priority=Priority.ALERT)
    await store.apply(Outcome(notices=(more,)))
    await bare(
        url, "UPDATE records SET wake_at = 1 WHERE id = 'e1'",
        "UPDATE inbox SET update_id = 9 WHERE seq = 1",
        "UPDATE outbox SET recipient = 'w9' WHERE key = 'n1'",
    )  # fmt: skip
    assert [r.id for r in await store.due(SOON, limit=1)] == ["vis1"]
    assert {r.id for r in await store.due(SOON)} == {"e2", "p1", "vis1"}
    assert [row.seq for row in await store.waiting()] == [2]
    assert [row.key for row in await store.claim(NOW, limit=5, lease=LEASE)] == ["n3"]
    found = await _found(store)
    assert found["odd"] == ("outbox dead 1",)
    assert found["unreadable"] == ("escalation e1",)


async def test_what_the_clock_could_not_decide_is_found_until_it_can(store: Store) -> None:
    await _filled(store)
    first = await store.audited(NOW, RULES, Memory())
    waits = await store.get(CLOCK, Visit, "vis1")
    assert waits is not None
    await store.apply(put_off(waits, NOW))
    born = await store.get(CLOCK, Child, "c2")
    assert born is not None
    await store.apply(put_off(born, NOW))
    both = (await store.audited(NOW, RULES, first.memory)).wrong["failing"]
    assert both == ("visit vis1", "child c2")
    born = await store.get(CLOCK, Child, "c2")
    assert born is not None
    await keep(store, replace(born, wake_at=None))
    picture = await store.audited(NOW, RULES, first.memory)
    assert picture.wrong["failing"] == ("visit vis1",)
    assert (await _found(store))["failing"] == ("visit vis1",), "after a restart as well"
    await keep(store, *(replace(e, wake_at=SOON) for e in await store.find(CLOCK, Escalation)))
    again = await store.audited(NOW, RULES, picture.memory)
    assert again.wrong["failing"] == ("visit vis1",), "it stays found, whatever else goes on"
    waits = await store.get(CLOCK, Visit, "vis1")
    assert waits is not None
    await store.apply(put_off(waits, NOW + timedelta(hours=1)))
    later = await store.audited(NOW + timedelta(hours=1), RULES, again.memory)
    assert later.wrong["failing"] == ("visit vis1",)
    waits = await store.get(CLOCK, Visit, "vis1")
    assert waits is not None
    await keep(store, replace(waits, wake_at=SOON + timedelta(days=1)))
    well = await store.audited(NOW + timedelta(hours=2), RULES, later.memory)
    assert well.wrong["failing"] == ()
    assert well.memory.failed == {}
