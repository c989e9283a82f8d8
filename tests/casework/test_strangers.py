"""Strangers' limits as rules: for one account, for all of them, and what the officers are told."""

from dataclasses import replace
from datetime import timedelta

from casework.records import Talk
from casework.strangers import (
    GUESSING,
    OVER,
    STRANGER,
    answered,
    attacked,
    closed_until,
    forgotten,
    is_answered,
    too_many_tries,
    wrong_code,
)
from tests.casework.world import MONDAY, POLICY, SUN, at

MINUTE = timedelta(minutes=1)


def test_after_five_wrong_codes_within_an_hour_a_stranger_waits_an_hour() -> None:
    talk = Talk(id="telegram:9")
    for minute in range(5):
        assert not too_many_tries(talk, MONDAY + timedelta(minutes=minute), POLICY)
        talk = wrong_code(talk, MONDAY + timedelta(minutes=minute), POLICY)
    assert too_many_tries(talk, MONDAY + timedelta(minutes=5), POLICY)
    assert too_many_tries(talk, MONDAY + timedelta(minutes=63), POLICY)
    assert not too_many_tries(talk, MONDAY + timedelta(minutes=64), POLICY)


def test_slow_mistakes_are_forgiven_and_not_remembered_for_ever() -> None:
    talk = Talk(id="telegram:9")
    for hour in range(50):
        now = MONDAY + timedelta(hours=hour)
        talk = wrong_code(talk, now, POLICY)
        assert not too_many_tries(talk, now, POLICY)
    assert len(talk.tries) == POLICY.invites.tries_per_hour


def test_a_hundred_wrong_codes_from_anybody_close_the_door_for_fifteen_minutes() -> None:
    talks = [wrong_code(Talk(id=f"s{n}"), MONDAY + n * timedelta(seconds=30), POLICY) for n in range(100)]
    last = talks[-1].tries[-1]
    assert closed_until(talks[:-1], last, POLICY) is None
    assert closed_until(talks, last, POLICY) == last + 15 * MINUTE
    assert closed_until(talks, last + 15 * MINUTE, POLICY) is None


def test_wrong_codes_of_more_than_an_hour_ago_count_no_more() -> None:
    talks = [wrong_code(Talk(id=f"s{n}"), MONDAY + n * MINUTE, POLICY) for n in range(100)]
    assert closed_until(talks, MONDAY + 99 * MINUTE, POLICY) is None


def test_a_stranger_is_answered_once_in_ten_minutes_and_forgotten_after_an_hour() -> None:
    talk = answered(Talk(id="s"), MONDAY)
    assert talk.status == STRANGER
    assert is_answered(talk, MONDAY + 9 * MINUTE, POLICY)
    assert not is_answered(talk, MONDAY + 10 * MINUTE, POLICY)
    assert talk.wake_at == MONDAY + 60 * MINUTE
    (gone,) = forgotten(talk).records
    assert (gone.status, gone.wake_at) == (OVER, None)


def test_who_gave_a_wrong_code_is_not_forgotten_before_the_pause_is_over_however_often_he_writes() -> None:
    long = POLICY.model_copy(update={"invites": POLICY.invites.model_copy(update={"pause_minutes": 600})})
    talk = wrong_code(Talk(id="s"), MONDAY, long)
    again = answered(talk, MONDAY + 20 * MINUTE)
    assert again.status == GUESSING
    assert again.wake_at == MONDAY + 600 * MINUTE


def test_a_colleagues_slip_is_counted_in_the_own_talk_and_never_forgotten_with_the_strangers() -> None:
    slip = wrong_code(Talk(id="wang", person="wang"), MONDAY, POLICY)
    assert (slip.status, slip.wake_at, len(slip.tries)) == ("active", None, 1)


def test_the_county_is_told_once_an_hour_for_each_kind_of_attack_and_without_a_sound_at_night() -> None:
    first = attacked("all", [SUN], now=MONDAY, policy=POLICY)
    again = attacked("all", [SUN], now=MONDAY + 59 * MINUTE, policy=POLICY)
    other = attacked("one", [SUN], now=MONDAY, policy=POLICY)
    later = attacked("all", [SUN], now=MONDAY + 60 * MINUTE, policy=POLICY)
    keys = [outcome.notices[0].key for outcome in (first, again, other, later)]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert [e.name for e in first.events] == ["joining_attacked"]
    night = attacked("all", [replace(SUN)], now=at("2026-11-23 23:00"), policy=POLICY)
    assert (first.notices[0].silent, night.notices[0].silent) == (False, True)
