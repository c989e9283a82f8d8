"""What an answer begins with, read in one go, is what each question would find by itself, as of now."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from casework.access import CLOCK
from casework.records import Draft, Leave, Link, Talk
from storage.arriving import arrivals
from storage.store import KeyRing, Store
from tests.storage.world import KEY, NOW, child, keep, link, person


def draft(id: str, *, of: str, status: str = "open") -> Draft:
    return Draft(
        id=id, person=of, form="visit", digest="d", state={}, status=status, started_at=NOW, changed_at=NOW
    )


async def test_a_stranger_and_a_cut_link_are_nobody(store: Store) -> None:
    await keep(store, person("w1"))
    assert await store.arriving("telegram:1", NOW) is None
    await link(store, "w1", "telegram:1")
    kept = await store.get(CLOCK, Link, store.link_id("telegram:1"))
    assert kept is not None
    await keep(store, replace(kept, status="closed"))
    assert await store.arriving("telegram:1", NOW) is None


async def test_who_arrives_brings_his_talk_his_own_open_drafts_and_those_he_stands_in_for(
    store: Store,
) -> None:
    today = NOW.date()
    away = person("w2", leave=Leave(start=today, end=today, deputy="w1"))
    await keep(store, person("w1"), away, person("w3"), Talk(id="w1", person="w1", draft="d1"))
    await keep(store, draft("d1", of="w1"), draft("d2", of="w1", status="submitted"), draft("d3", of="w3"))
    await link(store, "w1", "telegram:1")
    found = await store.arriving("telegram:1", NOW)
    assert found is not None
    assert found.person == await store.person_at("telegram:1")
    assert found.reader == await store.reader("w1", NOW)
    assert found.reader.workers == {"w1", "w2"}
    assert found.talk == await store.get(CLOCK, Talk, "w1")
    assert [one.id for one in found.drafts] == ["d1"]
    later = await store.arriving("telegram:1", NOW + timedelta(days=2))
    assert later is not None
    assert later.reader.workers == {"w1"}


async def test_who_is_suspended_while_talking_reads_nothing_at_the_next_word(store: Store) -> None:
    await keep(store, person("w1"))
    await link(store, "w1", "telegram:1")
    before = await store.arriving("telegram:1", NOW)
    assert before is not None
    assert before.reader.workers == {"w1"}
    await keep(store, replace(before.person, status="suspended"))
    after = await store.arriving("telegram:1", NOW)
    assert after is not None
    assert (after.person.status, after.reader.is_staff) == ("suspended", False)


async def test_many_who_arrive_at_once_each_get_their_own(store: Store) -> None:
    today = NOW.date()
    for n in range(1, 6):
        leave = Leave(start=today, end=today, deputy="w1") if n == 2 else None
        await keep(store, person(f"w{n}", leave=leave), draft(f"d{n}", of=f"w{n}"))
        await link(store, f"w{n}", f"telegram:{n}")
    found = await asyncio.gather(*(store.arriving(f"telegram:{n}", NOW) for n in (1, 2, 3, 4, 5, 1, 9)))
    assert [one and one.person.id for one in found] == ["w1", "w2", "w3", "w4", "w5", "w1", None]
    assert [one and [d.id for d in one.drafts] for one in found[:2]] == [["d1"], ["d2"]]
    assert [one and one.reader.workers for one in found[:3]] == [{"w1", "w2"}, {"w2"}, {"w3"}]


async def test_several_are_found_in_one_look_by_a_store_that_has_only_been_opened(
    store: Store, url: str
) -> None:
    await keep(store, person("w1"), person("w2"), child(), Talk(id="w2", person="w2"))
    await keep(store, replace(draft("d1", of="w1"), child="c1"), draft("d2", of="w2"))
    for n in (1, 2):
        await link(store, f"w{n}", f"telegram:{n}")
    asked = [(f"telegram:{n}", NOW.date()) for n in (1, 2, 3)]
    later = await Store.open(url, KeyRing([KEY]))
    found = await later._glance(lambda conn: arrivals(conn, later._vault, asked))
    await later.close()
    assert found == {ask: await store.arriving(ask[0], NOW) for ask in asked}
    assert [one and [d.id for d in one.drafts] for one in found.values()] == [["d1"], ["d2"], None]


async def test_who_gives_up_waiting_takes_nothing_from_the_others(store: Store) -> None:
    await keep(store, person("w1"))
    await link(store, "w1", "telegram:1")
    first, second = (asyncio.create_task(store.arriving("telegram:1", NOW)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    found = await second
    assert found is not None
    assert found.person.id == "w1"
