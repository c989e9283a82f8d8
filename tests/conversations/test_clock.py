"""What the clock brings about: due records, failing ones, people who can't be reached, outages."""

from dataclasses import replace
from datetime import timedelta

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Escalation, Link, Visit
from casework.visits import plan_visit
from conversations.wake import wake
from tests.conversations.county import OTHER, SISTER, County


async def test_a_reminder_that_is_no_longer_true_is_not_sent(county: County) -> None:
    await county.until(county.now + timedelta(hours=21))  # 6 o'clock
    visit = (await county.store.find(CLOCK, Visit))[0]
    county.now = county.now + timedelta(hours=2)
    await wake(county.desk, county.now)
    visit = await county.store.get(CLOCK, Visit, visit.id) or visit
    await county.store.apply(Outcome(records=(replace(visit, status="done", wake_at=None),)))
    await county.deliver()
    assert county.phones["wang"].shown == []


async def test_a_record_that_can_not_be_dealt_with_waits_an_hour_and_stops_no_other(
    county: County,
) -> None:
    today = county.desk.today(county.now)
    broken = Visit(id="broken", child="3002", person="wang", due=today, planned_on=today, wake_at=county.now)
    odd = replace(OTHER, risk=9)  # no policy knows such a level
    await county.store.apply(Outcome(records=(odd, broken)))
    good = (await county.store.find(CLOCK, Visit, child="3001"))[0]
    await county.store.apply(Outcome(records=(replace(good, wake_at=county.now, due=today),)))
    assert await wake(county.desk, county.now) == 2
    later = await county.store.get(CLOCK, Visit, "broken")
    assert later is not None
    assert later.wake_at == county.now + timedelta(hours=1)
    after = await county.store.get(CLOCK, Visit, good.id)
    assert after is not None
    assert after.wake_at is not None
    assert after.wake_at > county.now


async def test_an_alert_goes_to_the_next_person_at_once_when_the_officer_can_not_be_reached(
    county: County,
) -> None:
    await county.block("li")
    await county.say("wang", "/report 3001")
    for label in ("不去上学了", "今天"):
        await county.tap("wang", label)
    await county.say("wang", "好几天没见去上学")
    for label in ("还没有做什么", "选好了", "提交"):
        await county.tap("wang", label)
    assert "可能不上学了" in county.phones["zhao"].shown[-1].message.text
    li = await county.store.person("li")
    assert li is not None
    assert li.status == "unreachable"
    e = (await county.store.find(CLOCK, Escalation))[0]
    assert [t.person for t in e.told if t.undelivered] == ["li"]


async def test_a_family_that_can_not_be_reached_becomes_a_telephone_task(county: County) -> None:
    await county.say("wang", "孩子 3001")
    await county.tap("wang", "邀请家长")
    await county.say("granny", "ABCDEFGHJK")
    await county.block("granny")
    await county.until(county.now + timedelta(hours=47))
    tasks = [v for v in await county.store.find(CLOCK, Visit, child="3001") if v.purpose == "phone"]
    assert len(tasks) == 1
    assert "打个电话" in county.phones["wang"].shown[-1].message.text


async def test_the_link_of_a_person_who_joins_from_another_phone_moves(county: County) -> None:
    await county.invite("liu", "ZXCV234567")
    await county.say("stranger", "/start ZXCV234567")
    links = await county.store.find(CLOCK, Link, person="liu")
    assert "test:stranger" in {link.address for link in links}


async def test_visits_that_are_not_due_yet_are_no_part_of_the_mornings_message(county: County) -> None:
    later = replace(OTHER, id="3009", child="3009")
    await county.store.apply(Outcome(records=(SISTER, later)))
    for child, days in ((SISTER, 1), (later, 20)):
        due = county.desk.today(county.now) + timedelta(days=days)
        await county.store.apply(
            plan_visit(child, policy=county.desk.policy, now=county.now, new_id=county.desk.new_id, due=due)
        )
    await county.until(county.now + timedelta(hours=24))
    text = county.phones["wang"].shown[-1].message.text
    assert "有 2 个孩子该去看看了" in text
    assert "看全部" not in text
