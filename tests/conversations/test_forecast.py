"""What is foretold for a county in which nobody answers is what the bot then does there."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from bot.comparing.running import books_of
from casework.absence import stirred
from casework.access import CLOCK
from casework.checkins import plan_checkin
from casework.forecast import forecast
from casework.matters import Around, Report, begin_matter
from casework.outcome import Outcome
from casework.records import Leave, Person, Vacancy
from conversations.posts import arm
from tests.conversations.conftest import STAFF
from tests.conversations.county import CHILD, OTHER, SISTER, County, policy

DAYS = 30


async def test_what_is_foretold_for_a_month_without_answers_is_what_everybody_then_gets(
    tmp_path: Path,
) -> None:
    """A red child, a family that is asked, an open alert, a matter and a referral under way; a worker goes on
    leave with a deputy, an officer without one, nobody says a word, and the posts are looked at."""
    county = County(tmp_path / "county.db", "zh_Hans")
    await county.open()
    await county.settle((*STAFF, "granny", "chen"), (CHILD, OTHER, replace(SISTER, risk=1)))
    for who in STAFF:
        await county.say(who, "/help")
    for text in ("/report 3001", "4", "昨天", "不想读了", "1", "提交"):
        await county.say("wang", text)
    await _waits_for_the_police(county)
    asked = plan_checkin(CHILD, "granny", policy=policy(), now=county.now, new_id=county.desk.new_id)
    away = await _leave(county, "wang", Leave(start=date(2026, 11, 28), end=date(2026, 12, 5), deputy="liu"))
    alone = await _leave(county, "li", Leave(start=date(2026, 11, 25), end=date(2026, 11, 27), alone=True))
    await county.store.apply(asked + Outcome(records=(away, alone)))
    await arm(county.desk, county.now)

    await county.deliver()
    books = await books_of(county.store, all_joined=False)
    foretold = forecast(books, policy=policy(), now=county.now, days=DAYS, course="silent").by_day
    last = county.desk.today(county.now) + timedelta(days=DAYS - 1)
    came = await _heard_until(county, last)

    assert came == {(who, day): n for who, days in foretold.items() for day, n in days.items()}
    assert {who for who, _ in came} == {*STAFF, "granny", "chen"}
    assert sum(came.values()) > 100
    assert await county.store.find(CLOCK, Vacancy, status=("open",)), "nobody has said a word for weeks"
    await county.close()


async def _leave(county: County, who: str, leave: Leave) -> Person:
    person = await county.store.person(who)
    assert person is not None
    return stirred(replace(person, leave=leave), county.now)


async def _waits_for_the_police(county: County) -> None:
    """The officer has referred a child without papers."""
    here = Around(
        child=OTHER, circle=await county.store.circle(OTHER, county.now), policy=policy(), now=county.now,
        new_id=county.desk.new_id,
    )  # fmt: skip
    await county.store.apply(begin_matter("hukou", "start", Report(to="papers"), by="wang", around=here))
    await county.deliver()
    await county.say("li", "事项 2")
    await county.tap("li", "已通报公安")
    await county.tap("li", "跳过")


async def _heard_until(county: County, last: date) -> Counter[tuple[str, date]]:
    """How many messages everybody got on each day; nobody answers any."""
    came: Counter[tuple[str, date]] = Counter()
    while county.desk.today(county.now) <= last:
        county.heard.clear()
        day = county.desk.today(county.now)
        morning = county.now.astimezone(policy().zone).replace(hour=0, minute=0, second=0, microsecond=0)
        await county.until(morning + timedelta(days=1) - timedelta(seconds=1))
        came.update((heard.person, day) for heard in county.heard)
        county.now += timedelta(seconds=1)
    return came
