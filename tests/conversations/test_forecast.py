"""What is foretold for a county in which nobody answers is what the bot then does there."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from bot.comparing.running import books_of
from casework.checkins import plan_checkin
from casework.forecast import forecast
from casework.matters import Around, Report, begin_matter
from casework.outcome import Outcome
from casework.records import Leave
from tests.conversations.conftest import STAFF
from tests.conversations.county import CHILD, OTHER, SISTER, County, policy

DAYS = 30


async def test_what_is_foretold_for_a_month_without_answers_is_what_everybody_then_gets(
    tmp_path: Path,
) -> None:
    """A red child, a family that is asked, an open alert, a matter under way, a worker who goes on leave."""
    county = County(tmp_path / "county.db", "zh_Hans")
    await county.open()
    await county.settle((*STAFF, "granny"), (CHILD, OTHER, replace(SISTER, risk=1)))
    for text in ("/report 3001", "4", "昨天", "不想读了", "1", "提交"):
        await county.say("wang", text)
    wang = await county.store.person("wang")
    assert wang is not None
    away = Leave(start=date(2026, 11, 28), end=date(2026, 12, 5))
    asked = plan_checkin(CHILD, "granny", policy=policy(), now=county.now, new_id=county.desk.new_id)
    around = Around(
        child=OTHER, circle=await county.store.circle(OTHER, county.now), policy=policy(), now=county.now,
        new_id=county.desk.new_id,
    )  # fmt: skip
    begun = begin_matter("hukou", "start", Report(), by="wang", around=around)
    await county.store.apply(asked + begun + Outcome(records=(replace(wang, leave=away),)))

    await county.deliver()
    books = await books_of(county.store, all_joined=False)
    foretold = forecast(books, policy=policy(), now=county.now, days=DAYS, course="silent").by_day
    last = county.desk.today(county.now) + timedelta(days=DAYS - 1)
    came = await _heard_until(county, last)

    assert came == {(who, day): n for who, days in foretold.items() for day, n in days.items()}
    assert {who for who, _ in came} == {*STAFF, "granny"}
    assert sum(came.values()) > 100
    await county.close()


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
