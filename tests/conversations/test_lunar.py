"""Days of the farmers' calendar, as people write them."""

from datetime import date

import pytest

from conversations.lunar import read_lunar_day

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
