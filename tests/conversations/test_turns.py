"""Whoever goes away or for good leaves no matter and no referral behind, and nobody on leave is told."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from casework.absence import stirred
from casework.access import CLOCK
from casework.matters import Around, Report, begin_matter, take_step
from casework.outcome import Outcome
from casework.record import replace
from casework.records import Leave, Matter, Person, Referral
from tests.conversations.county import CHILD, OTHER, County, policy

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    made = County(tmp_path / "county.db", "zh_Hans")
    await made.open()
    await made.settle(("wang", "liu", "li", "zhao", "sun", "chen", "wu"), (CHILD, OTHER))
    await made.until(made.now)
    yield made
    await made.close()


async def person(county: County, id: str) -> Person:
    found = await county.store.person(id)
    assert found is not None
    return found


async def around(county: County) -> Around:
    return Around(
        child=CHILD, circle=await county.store.circle(CHILD, county.now), policy=policy(), now=county.now,
        new_id=county.desk.new_id,
    )  # fmt: skip


async def begun(county: County, *, papers: bool = False) -> None:
    """The child has no household registration: the worker gathers papers, or the officer has them."""
    here = await around(county)
    await county.store.apply(begin_matter("hukou", "start", Report(), by="wang", around=here))
    if papers:
        (m,) = await county.store.find(CLOCK, Matter)
        await county.store.apply(take_step(m, "gathered", Report(to="papers"), by="wang", around=here))
    await county.deliver()


async def away(county: County, id: str, *, deputy: str | None, days: int = 3) -> None:
    """A leave that begins today."""
    today = county.desk.today(county.now)
    leave = Leave(start=today, end=today + timedelta(days=days - 1), deputy=deputy, alone=deputy is None)
    await county.store.apply(
        Outcome(records=(stirred(replace(await person(county, id), leave=leave), county.now),))
    )
    county.heard.clear()
    await county.until(county.now + timedelta(minutes=1))


def told(county: County, who: str, words: str) -> int:
    return sum(words in heard.text for heard in county.heard if heard.person == who)


async def test_a_workers_matters_are_her_deputys_turn_during_the_leave_and_hers_after_it(
    county: County,
) -> None:
    await begun(county)
    await away(county, "wang", deputy="liu", days=12)
    assert told(county, "liu", "轮到您替着办的事 1 件") == 1
    await county.tap("liu", "看要办的事")
    assert any("上户口" in button.label for row in county.heard[-1].buttons for button in row)
    county.heard.clear()
    await county.until(county.now + 9 * DAY)
    assert told(county, "liu", "有 1 件事该办了") == 1
    await county.until(county.now + 3 * DAY)
    first = next(heard for heard in county.heard if heard.person == "wang")
    assert first.text.startswith("欢迎回来")
    assert told(county, "wang", "轮到您办的事 1 件") == 1
    county.heard.clear()
    await county.until(county.now + 8 * DAY)
    assert (told(county, "wang", "件事该办了") > 0, told(county, "liu", "件事该办了")) == (True, 0)


async def test_an_officers_matters_reach_the_deputy_and_nothing_reaches_who_is_away(county: County) -> None:
    await begun(county, papers=True)
    await away(county, "li", deputy="zhao", days=7)
    assert told(county, "zhao", "轮到您替着办的事 1 件") == 1
    await county.until(county.now + 6 * DAY)
    assert told(county, "zhao", "有 1 件事该办了") >= 1
    assert [heard for heard in county.heard if heard.person == "li"] == []
    await county.until(county.now + DAY)
    assert told(county, "li", "轮到您办的事 1 件") == 1


async def test_without_a_deputy_the_next_in_line_has_the_turn_and_hears_it_in_one_message(
    county: County,
) -> None:
    await begun(county)
    await away(county, "wang", deputy=None)
    assert told(county, "li", "轮到您接着办") == 0, "first the posts are looked at"
    await county.until(county.now + HOUR)
    assert told(county, "li", "王主任 现在不在岗，1 件事轮到您接着办") == 1
    assert told(county, "zhao", "轮到您接着办") == 0


async def test_who_follows_somebody_who_has_left_hears_of_the_matters_and_the_officer_does_not(
    county: County,
) -> None:
    await begun(county)
    liu = await person(county, "liu")
    both = replace(liu, posts=(*liu.posts, *(await person(county, "wang")).posts))
    gone = stirred(replace(await person(county, "wang"), status="left"), county.now)
    await county.store.apply(Outcome(records=(both, gone)))
    county.heard.clear()
    await county.until(county.now + HOUR)
    assert told(county, "liu", "轮到您办的事现在一共 1 件") == 1
    assert told(county, "li", "轮到您接着办") == 0


async def referred(county: County) -> None:
    """The officer refers the child to the police."""
    await county.say("li", "事项 1")
    await county.tap("li", "已通报公安")
    await county.tap("li", "跳过")


async def test_a_contacts_referrals_are_the_deputys_and_come_back(county: County) -> None:
    await begun(county, papers=True)
    await referred(county)
    wu = await person(county, "wu")
    await county.store.apply(Outcome(records=(replace(wu, department="police"),)))
    await away(county, "chen", deputy="wu")
    assert told(county, "wu", "轮到您替着办的事 1 件") == 1
    await county.until(county.now + 2 * DAY)
    assert told(county, "wu", "件转来的事等您") >= 1
    assert [heard for heard in county.heard if heard.person == "chen"] == []
    await county.until(county.now + DAY)
    assert told(county, "chen", "轮到您办的事 1 件") == 1


async def test_a_contact_away_without_a_deputy_is_followed_by_another_at_once(county: County) -> None:
    await begun(county, papers=True)
    await referred(county)
    wu = await person(county, "wu")
    await county.store.apply(Outcome(records=(replace(wu, department="police"),)))
    await away(county, "chen", deputy=None)
    (r,) = await county.store.find(CLOCK, Referral)
    assert r.person == "wu"
    assert told(county, "wu", "转介 1") == 1


async def test_what_a_department_answers_goes_to_who_stands_in_for_the_sender(county: County) -> None:
    await begun(county, papers=True)
    await referred(county)
    await away(county, "li", deputy="zhao")
    await county.say("chen", "收到 1")
    await county.tap("chen", "答复")
    await county.tap("chen", "已登记")
    await county.tap("chen", "跳过")
    news = next(h for h in county.heard if h.person == "zhao" and "已登记" in h.text)
    assert any(button.label == "办结" for row in news.buttons for button in row)
    assert [heard for heard in county.heard if heard.person == "li"] == []
    (r,) = await county.store.find(CLOCK, Referral)
    assert (r.status, r.due is not None and r.due > date(2026, 11, 23)) == ("answered", True)


@pytest.mark.parametrize("move", [HOUR, -HOUR, DAY, -DAY])
async def test_over_a_29th_of_february_and_a_moved_clock_a_leave_hands_over_and_back_once(
    county: County, move: timedelta
) -> None:
    county.now = datetime(2028, 2, 27, 1, tzinfo=UTC)
    await begun(county)
    leave = Leave(start=date(2028, 2, 28), end=date(2028, 2, 29), deputy="liu")
    away = stirred(replace(await person(county, "wang"), leave=leave), county.now)
    await county.store.apply(Outcome(records=(away,)))
    await county.until(datetime(2028, 2, 28, 2, tzinfo=UTC))
    county.now += move
    await county.until(datetime(2028, 3, 2, 2, tzinfo=UTC))
    assert told(county, "liu", "2月28日 周一 到 2月29日 周二，由您替 王主任 代班") == 1
    assert told(county, "liu", "代班结束") == 1
    assert told(county, "wang", "欢迎回来") == 1
    assert (await person(county, "wang")).leave is None
