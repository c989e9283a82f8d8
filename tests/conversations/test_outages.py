"""After outages of ours, of minutes and of days: whoever is concerned is told, nobody is late by them."""

from datetime import UTC, datetime, timedelta

import pytest

from casework.access import CLOCK
from casework.records import CheckIn, Escalation, Visit
from conversations.outages import returned
from conversations.wake import wake
from tests.conversations.county import ZONE, County

OUTAGES = (timedelta(minutes=3), timedelta(hours=25), timedelta(hours=72))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


async def outage(county: County, start: datetime, gap: timedelta) -> datetime:
    """The clock goes on and nobody looks at it; then the bot is back, and ticks for a minute."""
    await county.until(start)
    for phone in county.phones.values():
        phone.shown.clear()
    back = county.now = start + gap
    await returned(county.desk, start, back)
    for _ in range(60):
        while await wake(county.desk, county.now):
            pass
        await county.deliver()
        county.now += timedelta(seconds=1)
    return back


async def join(county: County) -> None:
    """The family joins; its first prompt comes the next day at six."""
    await county.say("wang", "孩子 3001")
    await county.tap("wang", "邀请家长")
    await county.say("granny", "ABCDEFGHJK")


def heard(county: County, person: str) -> str:
    return "\n".join(shown.message.text for shown in county.phones[person].shown)


@pytest.mark.parametrize("gap", OUTAGES, ids=str)
async def test_whoever_may_have_tapped_in_vain_is_told_once_and_what_is_lost(
    county: County, gap: timedelta
) -> None:
    back = await outage(county, at(23, 10), gap)
    await returned(county.desk, at(23, 10), back)  # it died before it had noted that it is back
    await county.deliver()
    for person in ("wang", "liu", "li", "zhao", "sun"):
        assert heard(county, person).count("不在线") == 1, person
    lost = "请再发一次" if gap > timedelta(days=1) else "打的字都还在"
    assert lost in heard(county, "wang")
    assert county.phones["stranger"].shown == []


@pytest.mark.parametrize("gap", OUTAGES, ids=str)
async def test_a_family_before_whom_a_prompt_stands_is_told_and_has_its_time(
    county: County, gap: timedelta
) -> None:
    await join(county)
    start = at(25, 17)  # the prompt came the day before at six, and waits until the 26th
    back = await outage(county, start, gap)
    await county.until(max(county.now, at(back.astimezone(ZONE).day, 8, 30)))
    assert "不在线" in heard(county, "granny")
    (checkin,) = await county.store.find(CLOCK, CheckIn, status=("asked",))
    assert checkin.wake_at == back + timedelta(hours=48)


@pytest.mark.parametrize("gap", OUTAGES, ids=str)
async def test_open_alerts_are_told_again_within_a_minute_and_do_not_climb_for_our_absence(
    county: County, gap: timedelta
) -> None:
    await county.until(at(24, 9))
    for text in ("/report 3001", "4", "昨天", "不想读了", "1", "提交"):
        await county.say("wang", text)
    back = await outage(county, at(24, 9, 5), gap)
    (e,) = await county.store.find(CLOCK, Escalation)
    assert "预警 1：" in heard(county, "li")
    assert "预警 1：" not in heard(county, "sun")
    assert (e.status, e.rung) == ("open", 0)
    assert e.climb_at is not None
    assert e.climb_at >= back


@pytest.mark.parametrize("gap", OUTAGES, ids=str)
async def test_no_visit_is_missed_because_we_were_away(county: County, gap: timedelta) -> None:
    """Its reason was asked for on the 26th, and it would go up on the 29th, while we are away."""
    back = await outage(county, at(29, 8) - gap / 2, gap)
    (visit,) = await county.store.find(CLOCK, Visit)
    assert visit.status == "overdue"
    assert visit.wake_at == back + timedelta(days=3)
    assert await county.store.find(CLOCK, Escalation) == []
    await county.until(visit.wake_at + timedelta(minutes=1))
    (visit,) = await county.store.find(CLOCK, Visit)
    assert visit.status == "missed"  # nor is it forgotten


async def test_what_fell_due_in_a_long_outage_is_unknown_and_asked_after_once_kindly(county: County) -> None:
    back = await outage(county, at(23, 20), timedelta(hours=62))  # until the 26th at ten
    (visit,) = await county.store.find(CLOCK, Visit)
    assert (visit.status, visit.unknown, visit.away_days) == ("planned", True, 2)
    assert heard(county, "wang").count("还不知道去了没有") == 1
    await county.say("wang", "/stats")
    assert "过了日子没走访：0/1" in heard(county, "wang")
    assert "不清楚去没去（机器人停过）：1 个" in heard(county, "wang")
    await county.until(back + timedelta(days=3))
    (visit,) = await county.store.find(CLOCK, Visit)
    assert (visit.status, visit.unknown) == ("overdue", False)
    assert await county.store.find(CLOCK, Escalation) == []
    await county.until(back + timedelta(days=7))
    (e,) = await county.store.find(CLOCK, Escalation)
    assert e.facts["days_late"] == "6"  # of the eight two are ours


async def test_after_a_day_without_us_at_most_a_visit_is_asked_for_as_always(county: County) -> None:
    await outage(county, at(24, 7), timedelta(hours=24))
    (visit,) = await county.store.find(CLOCK, Visit)
    assert (visit.status, visit.unknown) == ("planned", False)


async def test_a_visit_that_was_made_meanwhile_is_filled_in_by_one_tap(county: County) -> None:
    await outage(county, at(23, 20), timedelta(hours=62))
    await county.tap("wang", "去过了，现在补填")
    assert "第 1 题" in heard(county, "wang")
    await county.tap("wang", "没去成，选原因")
    await county.tap("wang", "家里没人")
    assert {v.status for v in await county.store.find(CLOCK, Visit)} == {"excused", "planned"}
