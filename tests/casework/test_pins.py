"""The PIN as rules: when it is asked for, which digits will do, when it locks, who hears of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casework.outcome import Outcome
from casework.pins import is_good, need, set_anew, taken_away, typed_right, typed_wrong
from casework.records import Pin
from tests.casework.world import LI, MONDAY, POLICY, SUN

MINUTE = timedelta(minutes=1)
SET = Pin(id="wang", person="wang", status="set", digest="d")
REQUIRED = POLICY.model_copy(
    update={"pin": POLICY.pin.model_copy(update={"required": ("township_officer",)})}
)


def one(outcome: Outcome) -> Pin:
    (pin,) = (r for r in outcome.records if isinstance(r, Pin))
    return pin


def test_nobody_is_asked_for_a_pin_that_he_has_not_set_unless_the_county_requires_one() -> None:
    for pin in (None, Pin(id="wang", person="wang", fresh="half"), replace(SET, status="void")):
        assert need(pin, {"township_officer"}, MONDAY, POLICY) == ""
        assert need(pin, {"township_officer"}, MONDAY, REQUIRED) == "set"
        assert need(pin, {"village_worker"}, MONDAY, REQUIRED) == ""


def test_a_pin_is_typed_once_in_a_quarter_of_an_hour() -> None:
    assert need(SET, (), MONDAY, POLICY) == "type"
    opened = one(typed_right(SET, MONDAY, POLICY))
    assert need(opened, (), MONDAY + 14 * MINUTE, POLICY) == ""
    assert need(opened, (), MONDAY + 15 * MINUTE, POLICY) == "type"


def test_five_wrong_ones_in_a_row_lock_it_for_an_hour_and_the_officers_are_told() -> None:
    pin = SET
    for _ in range(4):
        outcome = typed_wrong(pin, [LI, SUN], MONDAY, POLICY)
        assert outcome.notices == ()
        pin = one(outcome)
    locking = typed_wrong(pin, [LI, SUN], MONDAY, POLICY)
    pin = one(locking)
    assert [n.to for n in locking.notices] == ["li", "sun"]
    assert [e.name for e in locking.events] == ["pin_wrong", "pin_locked"]
    assert need(pin, (), MONDAY + 59 * MINUTE, POLICY) == "locked"
    assert need(pin, (), MONDAY + 60 * MINUTE, POLICY) == "type"


def test_after_a_lock_each_further_wrong_one_locks_again_until_it_is_right_once() -> None:
    pin = replace(SET, wrong=5, locked_until=MONDAY)
    again = one(typed_wrong(pin, [], MONDAY, POLICY))
    assert need(again, (), MONDAY + 59 * MINUTE, POLICY) == "locked"
    right = one(typed_right(pin, MONDAY, POLICY))
    assert (right.wrong, right.locked_until) == (0, None)


def test_a_wrong_one_after_the_right_one_ends_no_open_time_before_the_lock() -> None:
    opened = one(typed_right(SET, MONDAY, POLICY))
    assert need(one(typed_wrong(opened, [], MONDAY, POLICY)), (), MONDAY, POLICY) == ""
    locked = one(typed_wrong(replace(opened, wrong=4), [], MONDAY, POLICY))
    assert need(locked, (), MONDAY, POLICY) == "locked"


@pytest.mark.parametrize(
    "typed", ["12345", "111111", "123456", "654321", "12a456", "", "1234567890123", "١٢٣٥٦٧"]
)
def test_short_plain_or_strange_digits_will_not_do(typed: str) -> None:
    assert not is_good(typed, POLICY)


def test_a_pin_that_was_taken_away_leaves_nothing_of_the_old_one() -> None:
    pin = one(set_anew(replace(SET, fresh="new", version=3), MONDAY, POLICY))
    assert (pin.status, pin.digest, pin.fresh) == ("set", "new", "")
    gone = one(taken_away(pin, "li", MONDAY))
    assert gone == Pin(id="wang", person="wang", version=3, status="void")
