"""Local days, working days and quiet hours."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.calendar import add_working_days, at_hour, is_working_day, local_day, outside_quiet
from casework.policy import Policy, packaged_tables
from tests.casework.world import POLICY, at, in_quiet_hours

MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ROLES = st.sampled_from(["village_worker", "township_officer", "county_officer", "guardian"])


def test_the_county_is_a_day_ahead_of_utc_in_its_morning() -> None:
    assert local_day(datetime(2026, 11, 22, 16, tzinfo=UTC), POLICY) == date(2026, 11, 23)
    assert local_day(datetime(2026, 11, 22, 15, 59, tzinfo=UTC), POLICY) == date(2026, 11, 22)


def test_an_hour_of_a_local_day_is_a_moment() -> None:
    assert at_hour(date(2026, 11, 23), 8, POLICY) == datetime(2026, 11, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 11, 22), False),
        (date(2026, 10, 1), False),  # National Day, a Thursday
        (date(2026, 10, 10), True),  # a Saturday worked in exchange
        (date(2026, 2, 14), True),
        (date(2026, 2, 23), False),
        (date(2028, 2, 29), True),  # a Tuesday in a year without a list
    ],
)
def test_holidays_are_free_and_the_weekend_days_given_for_them_are_worked(day: date, working: bool) -> None:
    assert is_working_day(day, POLICY) is working


def test_five_working_days_before_national_day_end_after_it() -> None:
    assert add_working_days(date(2026, 9, 29), 1, POLICY) == date(2026, 9, 30)
    assert add_working_days(date(2026, 9, 29), 2, POLICY) == date(2026, 10, 8)
    assert add_working_days(date(2026, 9, 29), 4, POLICY) == date(2026, 10, 10)
    assert add_working_days(date(2026, 9, 29), 5, POLICY) == date(2026, 10, 12)


@given(day=st.dates(date(2024, 1, 1), date(2030, 1, 1)), n=st.integers(1, 60))
def test_the_nth_working_day_is_one_and_has_n_behind_it(day: date, n: int) -> None:
    end = add_working_days(day, n, POLICY)
    between = [day + timedelta(days=i) for i in range(1, (end - day).days + 1)]
    assert is_working_day(end, POLICY)
    assert sum(is_working_day(d, POLICY) for d in between) == n


def test_late_in_the_evening_and_early_in_the_morning_wait_for_seven_oclock() -> None:
    assert outside_quiet(at("2026-11-23 21:00"), "village_worker", POLICY) == at("2026-11-24 07:00")
    assert outside_quiet(at("2026-11-23 23:59"), "village_worker", POLICY) == at("2026-11-24 07:00")
    assert outside_quiet(at("2026-11-24 00:00"), "village_worker", POLICY) == at("2026-11-24 07:00")
    assert outside_quiet(at("2026-11-24 06:59"), "village_worker", POLICY) == at("2026-11-24 07:00")
    assert outside_quiet(at("2026-11-24 07:00"), "village_worker", POLICY) == at("2026-11-24 07:00")
    assert outside_quiet(at("2026-11-23 20:59"), "village_worker", POLICY) == at("2026-11-23 20:59")


def test_a_carer_may_sleep_an_hour_longer_than_a_worker() -> None:
    assert outside_quiet(at("2026-11-24 07:30"), "guardian", POLICY) == at("2026-11-24 08:00")
    assert outside_quiet(at("2026-11-24 07:30"), "village_worker", POLICY) == at("2026-11-24 07:30")


@given(moment=MOMENTS, role=ROLES)
def test_the_next_allowed_moment_is_allowed_and_less_than_a_night_away(moment: datetime, role: str) -> None:
    allowed = outside_quiet(moment, role, POLICY)
    assert not in_quiet_hours(allowed, role)
    assert timedelta(0) <= allowed - moment <= timedelta(hours=11)


@pytest.mark.parametrize("role", [*POLICY.roles])
def test_every_role_may_have_hours_of_its_own_and_the_others_keep_the_counties(role: str) -> None:
    tables = packaged_tables()
    tables["quiet_hours"] = {
        "default": {"source": "本县规定", "start": "21:00", "end": "07:00"},
        role: {"source": "本县规定", "start": "19:30", "end": "09:00"},
    }
    own = Policy.model_validate(tables)
    for other in POLICY.roles:
        evening, morning = ("19:30", "09:00") if other == role else ("21:00", "07:00")
        assert outside_quiet(at(f"2026-11-23 {evening}"), other, own) == at(f"2026-11-24 {morning}")
        free = at(f"2026-11-23 {evening}") - timedelta(minutes=1)
        assert outside_quiet(free, other, own) == free


def test_quiet_hours_within_one_day_and_none_at_all() -> None:
    tables = POLICY.model_dump(exclude_none=True)
    tables["quiet_hours"] = {
        "default": {"start": "12:00", "end": "14:30", "source": "午休，本县规定"},
        "county_officer": {"start": "00:00", "end": "00:00", "source": "值班，本县规定"},
    }
    noon = Policy.model_validate(tables)
    assert outside_quiet(at("2026-11-24 13:00"), "village_worker", noon) == at("2026-11-24 14:30")
    assert outside_quiet(at("2026-11-24 23:00"), "village_worker", noon) == at("2026-11-24 23:00")
    assert outside_quiet(at("2026-11-24 03:00"), "county_officer", noon) == at("2026-11-24 03:00")
