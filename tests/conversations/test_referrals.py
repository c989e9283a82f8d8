"""Referrals through the door: where nothing arrives, where the matter ends otherwise, what leaves a trace."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from casework.access import CLOCK
from casework.records import Escalation, Referral
from casework.referrals import OPEN
from tests.conversations.county import CHILD, OTHER, County


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    made = County(tmp_path / "county.db", "zh_Hans")
    await made.open()
    yield made
    await made.close()


async def referred(county: County, *, blocked: bool = False) -> None:
    """A child without papers is referred to the police by the township's officer."""
    await county.settle(("wang", "li", "sun", "chen"), (CHILD, OTHER))
    county.phones["chen"].blocked = blocked
    for tap in ("➕ 办一件事", "孩子没有户口", "跳过", "父母在外", "跳过", "提交"):
        if tap == "➕ 办一件事":
            await county.say("li", "孩子 3001")
        await county.tap("li", tap)
    await county.say("li", "事项 1")
    await county.tap("li", "已通报公安")
    await county.tap("li", "跳过")


async def only(county: County) -> Referral:
    (r,) = await county.store.find(CLOCK, Referral)
    return r


async def test_what_does_not_reach_the_contact_waits_for_another_and_the_county_hears(
    county: County,
) -> None:
    await referred(county, blocked=True)
    await county.until(county.now)
    r = await only(county)
    assert (r.status, r.person) == ("sent", None)
    assert any("公安没有能收到消息的联系人" in heard.text for heard in county.heard if heard.person == "sun")


async def test_when_the_matter_ends_otherwise_the_contact_hears_that_it_is_not_needed(
    county: County,
) -> None:
    await referred(county)
    assert (await only(county)).status == "sent"
    await county.say("li", "事项 1")
    await county.tap("li", "原来就有户口")
    await county.tap("li", "跳过")
    r = await only(county)
    assert (r.status, r.story[-1].answer) == ("closed", "matter_closed")
    assert "不用再办了" in [heard for heard in county.heard if heard.person == "chen"][-1].text
    await county.tap("chen", "收到")
    assert county.heard[-1].text == "转介 1 已经办结了。"


async def test_the_workers_side_takes_back_what_is_not_needed(county: County) -> None:
    await referred(county)
    await county.say("li", "事项 1")
    await county.tap("li", "🔗")
    await county.tap("li", "不用办了，撤回")
    assert (await only(county)).status == "closed"
    assert await county.store.find(CLOCK, Referral, status=OPEN) == []
    assert await county.store.find(CLOCK, Escalation) == []


async def test_names_stand_in_no_message_to_the_contact_and_looking_is_an_event(county: County) -> None:
    await referred(county)
    before = (await county.store.verify_audit()).checked
    await county.tap("chen", "查看内容")
    seen = [heard for heard in county.heard if heard.person == "chen"]
    assert [heard.kind for heard in seen if CHILD.name in heard.text] == ["popup"]
    assert (await county.store.verify_audit()).checked == before + 1
