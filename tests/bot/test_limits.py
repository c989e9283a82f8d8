"""The pace of sending, on a clock that the test moves."""

import pytest

from bot.telegram.limits import Limits, Pace


class Watch:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def pace(watch: Watch) -> Pace:
    return Pace(Limits(), tick=watch)


def test_five_may_leave_at_once_and_then_twenty_five_a_second(pace: Pace, watch: Watch) -> None:
    sent = 0
    for step in range(1000):
        watch.at = 1000.0 + step / 100
        for _ in range(pace.room()):
            sent += 1
            pace.spend(f"telegram:{sent}")
    assert 5 + 25 * 9.9 <= sent <= 5 + 25 * 10


def test_a_chat_takes_three_at_once_and_then_one_a_second(pace: Pace, watch: Watch) -> None:
    for _ in range(3):
        assert "a" not in pace.waiting()
        pace.spend("a")
    assert "a" in pace.waiting()
    watch.at += 0.99
    assert "a" in pace.waiting()
    watch.at += 0.02
    assert "a" not in pace.waiting()


def test_a_chat_that_waits_delays_no_other(pace: Pace) -> None:
    for _ in range(3):
        pace.spend("a")
    assert pace.waiting() == {"a"}
    assert pace.room() == 2


def test_a_429_holds_its_chat_to_the_second_and_no_other(pace: Pace, watch: Watch) -> None:
    pace.refused("a", 7.0)
    watch.at += 6.999
    assert pace.waiting() == {"a"}
    assert pace.room() > 0
    watch.at += 0.002
    assert pace.waiting() == set()


def test_a_shorter_429_does_not_shorten_a_longer_one(pace: Pace, watch: Watch) -> None:
    pace.refused("a", 10.0)
    pace.refused("a", 1.0)
    watch.at += 5
    assert pace.waiting() == {"a"}


def test_when_chat_after_chat_is_refused_it_is_the_bot_that_is_meant(pace: Pace, watch: Watch) -> None:
    for chat in "abcde":
        pace.refused(chat, 4.0)
    assert pace.room() == 0
    assert pace.next_change() == pytest.approx(4.0)
    watch.at += 4.01
    assert pace.room() > 0


def test_a_success_in_between_shows_that_they_were_meant_themselves(pace: Pace) -> None:
    for chat in "abcd":
        pace.refused(chat, 4.0)
    pace.succeeded()
    pace.refused("e", 4.0)
    assert pace.room() > 0


def test_a_message_of_several_parts_counts_as_several(pace: Pace, watch: Watch) -> None:
    pace.spend("a")
    pace.spend("a", 4)
    watch.at += 2.9
    assert "a" in pace.waiting()
    watch.at += 0.2
    assert "a" not in pace.waiting()


def test_the_next_change_is_when_the_first_chat_may_go_on(pace: Pace, watch: Watch) -> None:
    for _ in range(3):
        pace.spend("a")
    watch.at += 0.4
    assert pace.next_change() == pytest.approx(0.6)
    pace.refused("b", 0.2)
    assert pace.next_change() == pytest.approx(0.2)
