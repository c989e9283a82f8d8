"""Days of the farmers' calendar, as people write them and as they are said beside the solar day."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.records import Person, Post, Role
from conversations.dates import day_for
from conversations.lunar import read_lunar_day, say_lunar_day
from tests.conversations.county import ZONE, County, policy

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("农历八月十五", date(2026, 9, 25)),
        ("阴历2016年四月初九", date(2016, 5, 15)),
        ("腊月廿三", date(2027, 1, 30)),
        ("去年正月初三", date(2025, 1, 31)),
        ("2025年闰六月初一", date(2025, 7, 25)),
        ("农历5月20", date(2026, 7, 4)),
        ("八月初五", date(2026, 9, 15)),
        ("去年中秋节", date(2025, 10, 6)),
        ("春节", date(2027, 2, 6)),
        ("今年春节", date(2026, 2, 17)),
        ("今年除夕", date(2027, 2, 5)),
        ("国庆节", date(2026, 10, 1)),
    ],
)
def test_a_lunar_day_is_understood(text: str, day: date) -> None:
    assert read_lunar_day(text, TODAY) == day


@pytest.mark.parametrize(
    "text", ["5月1日", "昨天", "三月", "2026-5-1", "农历十三月初一", "二〇一六年闰六月初一", "春", "好"]
)
def test_other_words_are_left_to_the_calendar_in_use(text: str) -> None:
    assert read_lunar_day(text, TODAY) is None


@pytest.mark.parametrize(
    ("day", "zh", "en"),
    [
        (date(2027, 1, 15), "腊月初八", "lunar 12/8"),
        (date(2027, 1, 30), "腊月廿三", "lunar 12/23"),
        (date(2027, 2, 5), "除夕", "New Year's Eve"),
        (date(2027, 2, 6), "春节", "Spring Festival"),
        (date(2027, 2, 10), "正月初五", "lunar 1/5"),
        (date(2027, 2, 20), "元宵节", "Lantern Festival"),
        (date(2026, 9, 25), "中秋节", "Mid-Autumn"),
        (date(2025, 7, 25), "闰六月初一", "lunar 6/1"),
        (date(2026, 12, 8), "十月三十", "lunar 10/30"),
        (date(2026, 11, 28), "十月二十", "lunar 10/20"),
        (date(1899, 1, 1), "", ""),
        (date(2101, 1, 1), "", ""),
    ],
)
def test_a_lunar_day_is_said_in_one_short_word(day: date, zh: str, en: str) -> None:
    assert say_lunar_day(day, "zh_Hans") == zh
    assert say_lunar_day(day, "en") == en


@given(st.dates(date(1902, 1, 1), date(2098, 12, 1)))
def test_what_is_said_of_a_day_is_read_as_that_day(day: date) -> None:
    said = say_lunar_day(day, "zh_Hans")
    assert len(said) <= 5
    read = read_lunar_day(said, day) or read_lunar_day(f"农历{said}", day)
    assert read == day


NEAR = date(2027, 2, 5)  # within the period around Spring Festival
FAR = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("where", "to", "near", "far"),
    [
        (("periods", "guardians"), "guardian", "2月5日 周五（除夕）", "11月24日 周二（十月十六）"),
        (("periods", "guardians"), "village_worker", "2月5日 周五（除夕）", "11月24日 周二"),
        (("periods",), "guardian", "2月5日 周五（除夕）", "11月24日 周二"),
        (("guardians",), "village_worker", "2月5日 周五", "11月24日 周二"),
        ((), "guardian", "2月5日 周五", "11月24日 周二"),
    ],
)
def test_it_stands_beside_the_solar_day_where_the_county_says(
    where: tuple[str, ...], to: Role, near: str, far: str
) -> None:
    rules = policy().messages.model_copy(update={"lunar_dates": where})
    county = policy().model_copy(update={"messages": rules})
    person = Person(id="p", name="某人", posts=(Post(role=to, area="v1"),), language="zh_Hans")
    assert day_for(NEAR, person, county) == near
    assert day_for(FAR, person, county) == far
    assert day_for(NEAR, replace(person, language="en"), county).startswith("Fri 5 Feb")


async def test_a_family_near_spring_festival_reads_both_days(county: County) -> None:
    county.now = datetime(2027, 1, 25, 9, tzinfo=ZONE).astimezone(UTC)
    await county.say("wang", "孩子 3001")
    await county.tap("wang", "邀请家长")
    await county.say("granny", "ABCDEFGHJK")
    await county.say("granny", "先不问")
    await county.say("granny", "2月5日")
    told = "\n".join(shown.message.text for shown in county.phones["granny"].shown)
    assert "到 2月5日 周五（除夕） 都不问您" in told
