"""Who stands around a child, and who stands in for whom."""

from datetime import date, timedelta

from casework.access import CLOCK
from casework.records import Child, Leave, Post
from storage.store import Store
from tests.storage.world import NOW, child, keep, person

TODAY = Leave(start=date(2026, 11, 20), end=date(2026, 11, 24), deputy="w2")


async def test_the_circle_names_everybody_around_a_child(store: Store) -> None:
    await keep(
        store,
        child(),
        person("w1"),
        person("t1", "township_officer", "t1", deputy="t2"),
        person("t2", "township_officer", "t9"),
        person("k1", "county_officer", "k1"),
        person("g1", "guardian", "v1", cares_for=("c1",)),
        person("g2", "guardian", "v1", cares_for=("c2",)),
    )
    circle = await store.circle(child(), NOW)
    assert circle.worker is not None
    assert circle.worker.id == "w1"
    assert [p.id for p in circle.officers] == ["t1"]
    assert [p.id for p in circle.deputies] == ["t2"]
    assert [p.id for p in circle.county] == ["k1"]
    assert [p.id for p in circle.guardians] == ["g1"]
    assert circle.vacant == ()


async def test_who_is_on_leave_today_is_replaced_by_the_deputy(store: Store) -> None:
    await keep(store, child(), person("w1", leave=TODAY), person("w2", area="v2"))
    circle = await store.circle(child(), NOW)
    assert circle.worker is not None
    assert circle.worker.id == "w2"
    after = await store.circle(child(), NOW + timedelta(days=1))
    assert after.worker is not None
    assert after.worker.id == "w1"


async def test_leave_ends_with_the_countys_day_not_with_utc(store: Store) -> None:
    await keep(store, child(), person("w1", leave=TODAY), person("w2", area="v2"))
    before_midnight_utc = NOW.replace(hour=16, minute=1)  # 00:01 of the 25th in the county
    circle = await store.circle(child(), before_midnight_utc)
    assert circle.worker is not None
    assert circle.worker.id == "w1"


async def test_roles_that_nobody_reachable_holds_are_named_vacant(store: Store) -> None:
    await keep(
        store,
        child(),
        person("w1", status="suspended"),
        person("t1", "township_officer", "t1", status="unreachable"),
        person("k1", "county_officer", "k1", status="invited"),
    )
    circle = await store.circle(child(), NOW)
    assert circle.vacant == ("village_worker", "township_officer", "county_officer")


async def test_a_worker_who_was_invited_and_has_not_joined_is_awaited(store: Store) -> None:
    await keep(store, child(), person("w1", status="invited"))
    circle = await store.circle(child(), NOW)
    assert (circle.worker, circle.awaited) == (None, ("village_worker",))
    await keep(store, person("w1", status="suspended", version=1))
    assert (await store.circle(child(), NOW)).awaited == ()


async def test_a_deputy_sees_the_children_of_who_is_on_leave_and_only_as_long(store: Store) -> None:
    await keep(store, child(), person("w1", leave=TODAY), person("w2", area="v2"), person("w3"))
    during = await store.reader("w2", NOW)
    assert await store.get(during, Child, "c1") is not None
    after = await store.reader("w2", NOW + timedelta(days=1))
    assert await store.get(after, Child, "c1") is None
    assert await store.get(await store.reader("w3", NOW), Child, "c1") is None
    assert await store.get(await store.reader("nobody", NOW), Child, "c1") is None


async def test_a_changed_record_of_a_person_changes_who_is_found(store: Store) -> None:
    await keep(store, person("w1"), person("w2"))
    assert [p.id for p in await store.staff(role="village_worker", area="v1")] == ["w1", "w2"]
    moved = (Post(role="township_officer", area="t1"), Post(role="village_worker", area="v3"))
    await keep(store, person("w1", posts=moved, version=1))
    assert [p.id for p in await store.staff(role="village_worker", area="v1")] == ["w2"]
    assert [p.id for p in await store.staff(role="township_officer")] == ["w1"]
    assert [p.id for p in await store.staff()] == ["w1", "w2"]
    assert (await store.reader("w1", NOW)).townships == {"t1"}


async def test_children_are_found_by_area_and_worker(store: Store) -> None:
    await keep(store, child("a"), child("b", village="v2"), child("c", worker="w2", status="closed"))
    found = await store.find(CLOCK, Child, area="t1")
    assert [c.id for c in found] == ["a", "c"]
    assert [c.id for c in await store.find(CLOCK, Child, person="w1", status=("active",))] == ["a", "b"]
    assert [c.id for c in await store.find(CLOCK, Child, limit=2)] == ["a", "b"]
