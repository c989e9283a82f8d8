"""Key periods shorten the interval between visits, in the solar and the farmers' calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.calendar import is_known_year
from casework.periods import interval_end, is_within, share_on
from casework.policy_calendar import Period
from tests.casework.world import POLICY

PERIODS = POLICY.periods


def period(start: str, end: str, *, lunar: bool = False, visits: float = 0.5) -> Period:
    return Period(
        start=start, end=end, lunar=lunar, visits=visits, zh_Hans="时段", en="period", source="本县规定"
    )


@pytest.mark.parametrize(
    ("day", "within"),
    [
        (date(2026, 6, 30), False),
        (date(2026, 7, 1), True),
        (date(2026, 8, 31), True),
        (date(2026, 9, 1), False),
    ],
)
def test_both_ends_belong_to_a_period(day: date, within: bool) -> None:
    assert is_within(day, PERIODS["summer"]) is within


@pytest.mark.parametrize(
    ("day", "within"),
    [
        (date(2026, 11, 14), False),
        (date(2026, 12, 31), True),
        (date(2027, 3, 15), True),
        (date(2027, 3, 16), False),
    ],
)
def test_a_period_may_reach_over_the_new_year(day: date, within: bool) -> None:
    assert is_within(day, PERIODS["winter"]) is within


@pytest.mark.parametrize(
    ("day", "within"),
    [
        (date(2027, 1, 22), False),  # the 15th of the twelfth month
        (date(2027, 1, 23), True),
        (date(2027, 2, 6), True),  # Spring Festival
        (date(2027, 2, 25), True),  # the 20th of the first month
        (date(2027, 2, 26), False),
    ],
)
def test_a_period_of_the_farmers_calendar_moves_with_it(day: date, within: bool) -> None:
    assert is_within(day, PERIODS["spring_festival"]) is within


def test_of_periods_that_overlap_the_closest_visits_count() -> None:
    assert share_on(date(2026, 7, 5), PERIODS.values()) == 0.5  # summer, flood season, change of school
    assert share_on(date(2026, 5, 20), PERIODS.values()) == 0.8
    assert share_on(date(2026, 4, 20), PERIODS.values()) == 1.0


def test_a_day_of_the_summer_counts_for_two() -> None:
    assert interval_end(date(2026, 7, 1), 30, POLICY) == date(2026, 7, 16)
    assert interval_end(date(2026, 3, 20), 30, POLICY) == date(2026, 4, 19)


def test_a_visit_planned_before_spring_festival_comes_earlier_for_it() -> None:
    assert interval_end(date(2026, 11, 23), 90, POLICY) == date(2027, 2, 6)


def test_a_county_may_lengthen_the_interval_as_well() -> None:
    harvest = POLICY.model_copy(update={"periods": {"harvest": period("09-20", "10-10", visits=2.0)}})
    assert interval_end(date(2026, 9, 20), 7, harvest) == date(2026, 10, 4)


def test_where_periods_lengthen_and_shorten_at_once_the_shorter_one_counts() -> None:
    both = {"harvest": period("09-01", "10-31", visits=2.0), "flood": period("09-15", "09-20", visits=0.5)}
    policy = POLICY.model_copy(update={"periods": both})
    assert share_on(date(2026, 9, 14), both.values()) == 2.0
    assert share_on(date(2026, 9, 15), both.values()) == 0.5
    # of 10 days: 5 to the 14th take 10 days at 2.0; the next 6, at 0.5, count for 12 and end on the 17th
    assert interval_end(date(2026, 9, 4), 10, policy) == date(2026, 9, 17)


def test_a_longer_interval_ends_where_its_period_does() -> None:
    winter = POLICY.model_copy(update={"periods": {"winter": period("12-01", "12-10", visits=4.0)}})
    # ten days of winter count for two and a half; the other four and a half are days like any other
    assert interval_end(date(2026, 11, 30), 7, winter) == date(2026, 12, 15)


def test_no_interval_is_longer_than_its_longest_period_makes_it() -> None:
    slow = POLICY.model_copy(update={"periods": {"always": period("01-01", "12-31", visits=4.0)}})
    assert interval_end(date(2026, 1, 1), 30, slow) == date(2026, 1, 1) + timedelta(days=120)


@given(start=st.dates(date(2024, 1, 1), date(2030, 1, 1)), days=st.integers(1, 120))
def test_an_interval_is_as_long_as_its_periods_say_and_never_without_end(start: date, days: int) -> None:
    end = interval_end(start, days, POLICY)
    counted = sum(
        1 / share_on(start + timedelta(days=n), PERIODS.values()) for n in range(1, (end - start).days + 1)
    )
    assert days <= counted < days + 2
    assert start < end <= start + timedelta(days=days)


def test_years_that_nobody_has_set_yet_are_known_to_be_unknown() -> None:
    assert is_known_year(2026, POLICY)
    assert not is_known_year(2099, POLICY)
