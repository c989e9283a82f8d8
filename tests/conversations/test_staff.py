"""A caseload that goes over loses nothing; officers alone see staff, and are quietly reminded."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Area, Child, Escalation, Post, Visit
from casework.visits import TO_DO
from conversations.posts import arm
from tests.conversations.county import CHILD, OTHER, SISTER, County
from tests.conversations.test_posts import alert, change, person, raised, told

STEPS = st.tuples(st.sampled_from(("all", "some", "undo", "raised", "days", "away")), st.integers(0, 2))


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[County]:
    county = County(tmp_path / "county.db", "zh_Hans")
    await county.open()
    yield county
    await county.close()


async def _hand_over(county: County, giver: str, codes: str = "") -> None:
    """As an officer taps it; nothing where there is no button for it."""
    name = (await person(county, giver)).name
    await county.say("li", "人员")
    await county.tap("li", name)
    if not await county.store.count(CLOCK, Child, person=giver, status=("active",)):
        return
    await county.tap("li", "转交孩子")
    shown = county.phones["li"].shown[-1].message
    if not shown.buttons:
        return
    await county.tap("li", shown.buttons[0][0].label)
    if codes:
        await county.say("li", codes)
    await county.tap("li", "确认转交")


async def _step(county: County, what: str, n: int) -> None:
    giver = ("wang", "liu")[n % 2]
    if what == "all":
        await _hand_over(county, giver)
    elif what == "some":
        theirs = await county.store.find(CLOCK, Child, person=giver, status=("active",))
        await _hand_over(county, giver, " ".join(child.id for child in theirs[:n]))
    elif what == "undo" and any(
        button.label == "撤回"
        for s in county.phones["li"].shown
        for row in s.message.buttons
        for button in row
    ):
        await county.tap("li", "撤回")
    elif what == "raised":
        await raised(county)
        await county.say("wang", f"收到 {(await alert(county)).number}")
    elif what == "days":
        await county.until(county.now + timedelta(hours=10 * n + 1))
    elif what == "away":
        status = "unreachable" if (await person(county, giver)).status == "joined" else "joined"
        await change(county, giver, status=status)


async def _check(county: County) -> None:
    """Every child has one routine visit, its worker's, and no alert waits for a former worker."""
    for child in await county.store.find(CLOCK, Child, status=("active",)):
        assert child.worker in ("wang", "liu")
        todo = await county.store.find(CLOCK, Visit, child=child.id, status=TO_DO)
        assert [v.person for v in todo if v.purpose in ("routine", "new_child")] == [child.worker]
        assert all(v.person == child.worker and v.wake_at is not None for v in todo)
        for e in await county.store.find(CLOCK, Escalation, child=child.id, status=("open", "acknowledged")):
            assert e.wake_at is not None
            assert e.person in (None, child.worker, "li", "zhao", "sun")


async def _played(steps: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        county = County(Path(folder) / "county.db", "zh_Hans")
        await county.open()
        try:
            await county.settle(("wang", "liu", "li", "zhao", "sun"), (CHILD, OTHER, SISTER))
            for step in steps:
                await _step(county, *step)
                await _check(county)
        finally:
            await county.close()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=1, max_size=5))
def test_whatever_is_handed_over_and_back_every_visit_is_its_childs_workers(
    steps: list[tuple[str, int]],
) -> None:
    asyncio.run(_played(steps))


async def test_an_alert_that_the_giver_held_goes_and_comes_back(bare: County) -> None:
    county = bare
    await county.settle(("wang", "liu", "li", "sun"), (CHILD, OTHER))
    raised_one = await raised(county)
    held = replace(
        raised_one, status="acknowledged", person="wang", acknowledged_at=county.now,
        wake_at=county.now + timedelta(days=1),
    )  # fmt: skip
    await county.store.apply(Outcome(records=(held,)))
    county.heard.clear()
    await _hand_over(county, "wang")
    assert (await alert(county)).person == "liu"
    assert (told(county, "liu", "2 个孩子"), told(county, "wang", "2 个孩子")) == (1, 1)
    assert sum(heard.person in ("wang", "liu") for heard in county.heard) == 2
    await county.tap("li", "撤回")
    assert (await alert(county)).person == "wang"
    child = await county.store.get(CLOCK, Child, CHILD.id)
    assert child is not None
    assert child.worker == "wang"
    await county.tap("li", "撤回")
    assert county.heard[-1].kind == "popup"


async def test_a_day_later_nothing_is_taken_back(bare: County) -> None:
    county = bare
    await county.settle(("wang", "liu", "li", "sun"))
    await _hand_over(county, "wang")
    county.now += timedelta(hours=25)
    await county.tap("li", "撤回")
    child = await county.store.get(CLOCK, Child, CHILD.id)
    assert child is not None
    assert child.worker == "liu"


async def test_an_officer_sees_the_staff_of_the_own_township_alone(bare: County) -> None:
    county = bare
    await county.settle(("wang", "liu", "li", "sun"))
    areas = (
        Area(id="t2", name="远山镇", level="township", parent="c1"),
        Area(id="v9", name="远山村", level="village", parent="t2"),
    )
    await county.store.apply(Outcome(records=areas))
    await change(county, "liu", posts=(Post(role="village_worker", area="v9"),))
    await county.say("li", "/staff")
    seen = county.phones["li"].shown[-1].message
    assert "1/2" in seen.text
    assert "刘主任" not in repr(seen)
    await county.say("sun", "/staff")
    everything = county.phones["sun"].shown[-1].message
    assert "刘主任" in repr(everything)
    token = next(b.token for row in everything.buttons for b in row if b.label.startswith("刘主任"))
    await county.bring("li", county.said("li", kind="tap", token=token, message="m1"))
    assert county.heard[-1].kind == "popup"
    await county.bring("li", county.said("li", kind="tap", token=county.desk.token("li", "sfp", "liu")))
    assert "13800000002" not in county.heard[-1].text


async def test_nobody_notes_a_query_of_his_own(bare: County) -> None:
    county = bare
    await county.settle(("wang", "li", "sun"))
    token = county.desk.token("li", "sfk", "li", "2026-11-01")
    await county.bring("li", county.said("li", kind="tap", token=token))
    assert (await person(county, "li")).checks == ()


async def test_what_has_run_out_is_told_to_the_officer_once_a_month(
    bare: County,
) -> None:
    county = bare
    await county.settle(("wang", "liu", "li", "sun"))
    await change(county, "wang", checks=(date(2025, 11, 20),))
    await arm(county.desk, county.now)
    await county.until(county.now + timedelta(days=5))
    assert told(county, "li", "背景查询 1 人：王主任") == 1
    assert told(county, "wang", "背景查询") == told(county, "sun", "背景查询") == 0
    await county.until(county.now + timedelta(days=6))
    assert told(county, "li", "背景查询 1 人：王主任") == 2
