"""Outcomes: written whole or not at all, and only on top of what was read."""

import asyncio
from dataclasses import replace

import pytest

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Child, Draft, Escalation, Talk, Visit
from storage import statements
from storage.keys import KeyRing
from storage.store import Conflict, Incoming, Store, WrongKeys
from tests.storage.world import KEY, LEASE, NOW, OTHER_KEY, bare, child, event, keep, notice, visit


async def test_what_is_kept_is_read_again_as_it_was(store: Store) -> None:
    first = child(id_number="11010519491231002X", categories=("left_behind",), properties={"carer": "奶奶"})
    second = visit(wake_at=NOW, told=("due_today",))
    await keep(store, first, second)
    assert await store.get(CLOCK, Child, "c1") == replace(first, version=1)
    assert await store.get(CLOCK, Visit, "vis1") == replace(second, version=1)
    await keep(store, replace(second, version=1, status="done", wake_at=None))
    again = await store.get(CLOCK, Visit, "vis1")
    assert again is not None
    assert (again.status, again.version, again.wake_at) == ("done", 2, None)


async def test_few_and_many_are_found_in_order_and_only_those_to_be_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "_PAGE", 120)  # so that there are two, of many and of few
    await keep(store, child(), child("c2"), *(visit(f"v{n:03}", of=f"c{1 + n % 2}") for n in range(150)))

    def odd(v: Visit) -> bool:
        return int(v.id[1:]) % 2 == 1

    many = await store.find(CLOCK, Visit, keep=odd)
    assert [v.id for v in many] == [f"v{n:03}" for n in range(1, 150, 2)]
    assert many[0].version == 1
    assert len(await store.find(CLOCK, Visit)) == 150
    assert [v.id for v in await store.find(CLOCK, Visit, limit=4, keep=odd)] == ["v001", "v003"]
    newest = await store.find(CLOCK, Visit, limit=2, order="newest", keep=odd)
    assert [v.id for v in newest] == ["v149", "v147"]
    assert await store.find(CLOCK, Visit, child="c1", keep=odd) == []

    def failing(v: Visit) -> bool:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.find(CLOCK, Visit, keep=failing)
    assert len(await store.find(CLOCK, Visit, keep=odd)) == 75


async def test_what_is_kept_survives_closing_and_opening(store: Store, url: str) -> None:
    await keep(store, child())
    await store.close()
    again = await Store.open(url, KeyRing([KEY]))
    assert await again.get(CLOCK, Child, "c1") is not None
    await again.close()


async def test_without_the_right_key_the_store_does_not_open(store: Store, url: str) -> None:
    with pytest.raises(WrongKeys):
        await Store.open(url, KeyRing([OTHER_KEY]))


async def test_a_change_to_another_version_than_the_kept_one_is_refused_whole(store: Store) -> None:
    await keep(store, child(), visit())
    stale = Outcome(
        records=(visit("vis2"), visit("vis1", status="done")),  # vis1 as if it were new
        events=(event("visit_done"),),
        notices=(notice("n1"),),
    )
    with pytest.raises(Conflict):
        await store.apply(stale)
    assert await store.get(CLOCK, Visit, "vis2") is None
    assert await store.claim(NOW, limit=9, lease=LEASE) == []
    assert (await store.verify_audit()).checked == 0


async def test_of_many_changes_to_one_record_at_once_one_wins_and_spoils_no_other(store: Store) -> None:
    await keep(store, child(), visit())
    rivals = [Outcome(records=(visit(version=1, reason=f"r{i}"),)) for i in range(20)]
    others = [Outcome(records=(Talk(id=f"p{i}", person=f"p{i}"),)) for i in range(20)]
    results = await asyncio.gather(*map(store.apply, [*rivals, *others]), return_exceptions=True)
    assert [type(r) for r in results[:20]].count(type(None)) == 1
    assert all(isinstance(r, Conflict) for r in results[:20] if r is not None)
    assert results[20:] == [None] * 20
    kept = await store.get(CLOCK, Visit, "vis1")
    assert kept is not None
    assert kept.version == 2
    assert kept.reason == f"r{results.index(None)}"


async def test_an_outcome_that_the_database_refuses_fails_alone(store: Store, url: str) -> None:
    await bare(
        url,
        "CREATE UNIQUE INDEX poison ON records (person) WHERE kind = 'talk'",
    )
    good = [Outcome(records=(Talk(id=f"p{i}", person=f"p{i}"),)) for i in range(10)]
    bad = Outcome(records=(Talk(id="x", person="p3"), Talk(id="y", person="z")))
    results = await asyncio.gather(*map(store.apply, [*good, bad]), return_exceptions=True)
    assert results[:10] == [None] * 10
    assert isinstance(results[10], Exception)
    assert "p3" not in str(results[10])  # an error tells nothing of what was written
    assert await store.get(CLOCK, Talk, "y") is None


async def test_an_inbox_row_is_completed_once_with_what_it_causes(store: Store) -> None:
    await store.receive(
        [Incoming(source="t", update_id=1, lane_address="telegram:1", raw=b"{}", received_at=NOW)]
    )
    (row,) = await store.waiting()
    first = store.apply(Outcome(records=(Talk(id="a", person="a"),)), done=row.seq)
    second = store.apply(Outcome(records=(Talk(id="b", person="b"),)), done=row.seq)
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert results[0] is None
    assert isinstance(results[1], Conflict)
    assert await store.waiting() == []
    assert await store.get(CLOCK, Talk, "b") is None


async def test_escalations_are_numbered_without_a_gap_however_many_come_at_once(store: Store) -> None:
    await keep(store, child())
    made = [
        Escalation(id=f"e{i}", child="c1", flag="dropout", urgency="today", opened_at=NOW) for i in range(30)
    ]
    await asyncio.gather(*(keep(store, one) for one in made))
    found = await store.find(CLOCK, Escalation)
    assert sorted(one.number for one in found) == list(range(1, 31))
    seventh = await store.escalation_by_number(CLOCK, 7)
    assert seventh is not None
    assert seventh.number == 7


async def test_a_record_about_a_child_that_is_not_kept_is_refused(store: Store) -> None:
    with pytest.raises(Conflict):
        await keep(store, visit(of="nobody"))


async def test_whoever_listens_is_told_of_new_messages_after_they_are_committed(store: Store) -> None:
    heard: list[int] = []
    store.on_commit(lambda: heard.append(1))
    await store.apply(Outcome(records=(Talk(id="a"),)))
    assert heard == []
    await store.apply(Outcome(notices=(notice("n"),)))
    assert heard == [1]
    assert len(await store.claim(NOW, limit=5, lease=LEASE)) == 1


async def test_what_waits_is_due_in_the_order_of_its_moments(store: Store) -> None:
    from datetime import timedelta

    moments = {f"v{i}": NOW + timedelta(hours=h) for i, h in enumerate((5, -2, 0, -7))}
    await keep(
        store, child(wake_at=NOW - timedelta(hours=1)), *(visit(id, wake_at=at) for id, at in moments.items())
    )
    assert [r.id for r in await store.due(NOW)] == ["v3", "v1", "c1", "v2"]
    assert [r.id for r in await store.due(NOW, limit=2)] == ["v3", "v1"]
    assert await store.next_wake() == NOW - timedelta(hours=7)


async def test_a_draft_about_a_child_is_its_owners(store: Store) -> None:
    await keep(store, child())
    draft = Draft(id="d", person="w1", child="c1", form="visit", digest="x", started_at=NOW, changed_at=NOW)
    await keep(store, draft)
    assert await store.count(CLOCK, Draft, person="w1", status=("open",)) == 1
    assert await store.count(CLOCK, Draft, person="w2") == 0


async def test_of_two_files_at_once_that_want_one_id_number_for_themselves_one_is_kept(store: Store) -> None:
    number = "11010519491231002X"
    wanting = [
        Outcome(records=(child(code, id_number=number),), sole=frozenset({number})) for code in ("c1", "c2")
    ]
    results = await asyncio.gather(*map(store.apply, wanting), return_exceptions=True)
    assert [type(r) for r in results] == [type(None), Conflict]
    with pytest.raises(Conflict):
        await store.apply(Outcome(records=(child("c3", id_number=number),), sole=frozenset({number})))
    assert [c.id for c in await store.find_child(CLOCK, id_number=number)] == ["c1"]


async def test_a_file_may_be_written_again_with_the_number_that_is_its_own(store: Store) -> None:
    number = "11010519491231002X"
    await keep(store, child(id_number=number), child("c2"))
    again = replace(child(id_number=number, name="李大花"), version=1)
    await store.apply(Outcome(records=(again,), sole=frozenset({number})))
    freed = replace(again, version=2, id_number="")
    taken = replace(child("c2", id_number=number), version=1)
    await asyncio.gather(
        store.apply(Outcome(records=(freed,))),
        store.apply(Outcome(records=(taken,), sole=frozenset({number}))),
    )
    assert [c.id for c in await store.find_child(CLOCK, id_number=number)] == ["c2"]
