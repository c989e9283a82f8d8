"""A child that moves is at every moment in the hands of exactly one circle, with all that is open."""

import asyncio
import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from casework.access import CLOCK
from casework.escalations import open_escalation
from casework.ladder import OPEN, in_circle
from casework.records import Child, Escalation, Request, Visit
from casework.requests import WAITING
from casework.visits import TO_DO
from conversations.wake import wake
from conversations.widgets.choices import mark_of
from tests.conversations.county import CHILD, County, policy

EVERYBODY = ("wang", "liu", "li", "zhao", "sun", "qian", "tang")
TOWNSHIPS = {"t1": {"wang", "liu", "li", "zhao"}, "t2": {"qian", "tang"}}
DEEDS = (
    "ask wang", "ask li", "ask qian", "ask tang", "accept qian", "accept li", "accept sun", "refuse qian",
    "refuse li", "withdraw wang", "withdraw tang", "village li v1", "village li v2", "village wang v2",
    "outside li", "alert", "acknowledge li", "acknowledge qian", "acknowledge wang", "day", "close li",
    "close qian", "reopen wang", "reopen tang",
)  # fmt: skip


async def _tap(county: County, who: str, *parts: str) -> None:
    token = county.desk.token(who, parts[0], *parts[1:])
    await county.bring(who, county.said(who, kind="tap", token=token, message="m1"))


async def _request(county: County) -> str:
    found = await county.store.find(CLOCK, Request, status=WAITING)
    return found[0].id if found else "none"


async def _deed(county: County, deed: str) -> None:
    what, *rest = deed.split()
    child = await county.store.get(CLOCK, Child, "3001")
    assert child is not None
    away = "t2" if child.township == "t1" else "t1"
    if what == "ask":
        await _tap(county, rest[0], "mtn", "3001", away)
    elif what == "accept":
        await _tap(county, rest[0], "qyv", await _request(county), "v3" if away == "t2" else "v1")
    elif what == "refuse":
        await _tap(county, rest[0], "qn", await _request(county))
        await county.say(rest[0], "没有搬来")
    elif what == "withdraw":
        await _tap(county, rest[0], "qw", await _request(county))
    elif what == "village":
        await _tap(county, rest[0], "mty", "3001", rest[1])
    elif what == "outside":
        await _tap(county, rest[0], "mtt", "3001", "-")
        await county.say(rest[0], "浙江省义乌市")
    elif what == "acknowledge":
        for e in await county.store.find(CLOCK, Escalation, status=("open",)):
            await _tap(county, rest[0], "ack", e.id)
    elif what == "day":
        await county.until(county.now + timedelta(days=1))
    elif what == "close":
        await _tap(
            county, rest[0], "fcy", "3001", mark_of("parents_back"), f"{county.desk.today(county.now):%y%m%d}"
        )
    elif what == "reopen":
        await _tap(county, rest[0], "foy", "3001", mark_of("mistake"))
    else:
        await _alert(county, child)


async def _alert(county: County, child: Child) -> None:
    circle = await county.store.circle(child, county.now)
    await county.store.apply(
        open_escalation(
            "mood", child=child, circle=circle, facts={}, source="a report", by=None, policy=policy(),
            now=county.now, new_id=county.desk.new_id, urgency="today",
        )
    )  # fmt: skip


async def _holds(county: County) -> None:
    """What must be so after every deed, once the clock has ticked."""
    await wake(county.desk, county.now)
    await county.deliver()
    child = await county.store.get(CLOCK, Child, "3001")
    assert child is not None
    seeing = set()
    for who in EVERYBODY:
        reader = await county.store.reader(who, county.now)
        if await county.store.get(reader, Child, "3001") is not None:
            seeing.add(who)
    here, officers = TOWNSHIPS[child.township], {"t1": {"li", "zhao"}, "t2": {"qian"}}[child.township]
    assert child.worker in here
    assert seeing == {child.worker, *officers, "sun"}
    visits = await county.store.find(CLOCK, Visit, child="3001", status=TO_DO)
    assert len(visits) == (child.status == "active")
    assert all(visit.person == child.worker for visit in visits)
    around = in_circle(await county.store.circle(child, county.now))
    for e in await county.store.find(CLOCK, Escalation, child="3001", status=OPEN):
        assert e.person in around if e.person else any(t.person in around for t in e.told)
        assert all(t.person in around for t in e.told)
    waiting = await county.store.find(CLOCK, Request, child="3001", status=WAITING)
    assert len(waiting) <= (child.status == "active")
    for r in waiting:
        assert r.area != child.township
        assert r.wake_at is not None
        for who in EVERYBODY:
            reader = await county.store.reader(who, county.now)
            seen = await county.store.get(reader, Request, r.id) is not None
            assert seen is (
                who in seeing
                or (r.area == "t2" and who == "qian")
                or (r.area == "t1" and who in ("li", "zhao"))
            )


async def _walk(deeds: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        county = County(Path(folder) / "county.db", "zh_Hans")
        await county.open()
        try:
            await county.settle(EVERYBODY, (CHILD,))
            for deed in deeds:
                await _deed(county, deed)
                await _holds(county)
        finally:
            await county.close()


@settings(max_examples=25, deadline=None, database=None)
@given(st.lists(st.sampled_from(DEEDS), min_size=3, max_size=8))
@example(["alert", "acknowledge li", "ask wang", "accept qian", "ask tang", "accept li"])
@example(["alert", "ask li", "day", "day", "day", "day", "accept sun", "acknowledge qian"])
@example(["village li v2", "ask li", "refuse qian", "close li", "reopen wang"])
@example(["outside li", "accept li", "ask wang", "withdraw wang"])
def test_at_every_moment_exactly_one_circle_has_the_child_and_all_that_is_open(deeds: list[str]) -> None:
    asyncio.run(_walk(deeds))


async def test_the_receiver_learns_no_name_before_it_has_taken_the_child_over() -> None:
    with tempfile.TemporaryDirectory() as folder:
        county = County(Path(folder) / "county.db", "zh_Hans")
        await county.open()
        try:
            await county.settle(EVERYBODY, (CHILD,))
            await _deed(county, "ask wang")
            heard = "".join(h.text for h in county.heard if h.person == "qian")
            assert "3001" in heard
            assert CHILD.name[0] + "*" not in heard
            assert not any(
                b
                for h in county.heard
                if h.person == "qian"
                for row in h.buttons
                for b in row
                if "看看" in b.label
            )
        finally:
            await county.close()


async def test_a_child_out_of_the_county_stays_until_an_office_there_has_agreed() -> None:
    with tempfile.TemporaryDirectory() as folder:
        county = County(Path(folder) / "county.db", "zh_Hans")
        await county.open()
        try:
            await county.settle(EVERYBODY, (CHILD,))
            await _tap(county, "wang", "mtt", "3001", "-")
            await county.say("wang", "浙江省义乌市佛堂镇，跟爸爸住")
            child = await county.store.get(CLOCK, Child, "3001")
            assert child is not None
            assert child.status == "active"
            await _tap(county, "li", "qy", await _request(county))
            await county.say("li", "佛堂镇儿童督导员陈某，今天电话里答应")
            child = await county.store.get(CLOCK, Child, "3001")
            assert child is not None
            assert (child.status, child.closed_reason, child.closed_on) == (
                "closed",
                "moved_away",
                date(2026, 11, 23),
            )
            assert "佛堂镇" in child.closed_words
        finally:
            await county.close()
