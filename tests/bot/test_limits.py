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


def test_when_the_bots_own_bucket_is_empty_the_next_change_is_its_next_message(watch: Watch) -> None:
    pace = Pace(Limits(per_second=4.0, burst=2.0), tick=watch)
    pace.spend("a")
    pace.spend("b")
    assert pace.room() == 0
    assert pace.next_change() == pytest.approx(0.25)
    watch.at += 0.1
    assert pace.next_change() == pytest.approx(0.15)
    watch.at += 0.15
    assert pace.room() == 1


def test_where_nothing_holds_anything_back_the_next_change_is_a_minute_away(pace: Pace) -> None:
    assert pace.next_change() == 60.0
    pace.spend("a")
    assert pace.next_change() == 60.0


def test_a_slow_chat_may_go_on_after_its_own_rate(watch: Watch) -> None:
    pace = Pace(Limits(chat_per_second=0.5, chat_burst=1.0), tick=watch)
    pace.spend("a")
    assert pace.next_change() == pytest.approx(2.0)
    watch.at += 1.0
    assert pace.next_change() == pytest.approx(1.0)


def test_whether_a_chat_may_be_written_to_is_the_same_as_not_to_wait(pace: Pace, watch: Watch) -> None:
    assert pace.may("a")
    for _ in range(2):
        pace.spend("a")
    assert pace.may("a"), "one of three is left"
    pace.spend("a")
    assert not pace.may("a")
    watch.at += 1.0
    assert pace.may("a"), "exactly one second makes exactly one message"
    assert pace.waiting() == set()
    pace.refused("a", 2.0)
    assert not pace.may("a")
    watch.at += 2.0
    assert pace.may("a"), "the second that the server named, and not one more"
    assert pace.waiting() == set()


def test_a_bucket_is_never_fuller_than_its_burst_however_long_nobody_was_written_to(
    pace: Pace, watch: Watch
) -> None:
    pace.spend("a")
    watch.at += 3600
    assert pace.room() == 5
    for _ in range(3):
        assert pace.may("a")
        pace.spend("a")
    assert not pace.may("a")
    assert pace.room() == 2


def test_a_message_of_several_parts_takes_their_number_out_of_the_bots_bucket_as_well(pace: Pace) -> None:
    pace.spend("a", 4)
    assert pace.room() == 1
    pace.spend("b")
    assert pace.room() == 0


def test_a_chat_whose_bucket_is_not_full_yet_is_remembered_when_who_must_wait_is_asked(
    pace: Pace, watch: Watch
) -> None:
    for _ in range(3):
        pace.spend("a")
    watch.at += 1.5
    assert pace.waiting() == set()
    pace.spend("a")
    assert pace.waiting() == {"a"}


def test_a_hold_for_everybody_is_kept_to_the_moment_and_a_shorter_one_does_not_shorten_it(
    pace: Pace, watch: Watch
) -> None:
    pace.hold_all(10.0)
    pace.hold_all(1.0)
    watch.at += 4.0
    assert (pace.room(), pace.next_change()) == (0, pytest.approx(6.0))
    watch.at += 6.0
    assert pace.room() == 5
    assert pace.next_change() == 60.0


def test_a_hold_for_everybody_begins_the_count_of_refused_chats_anew(pace: Pace, watch: Watch) -> None:
    for chat in "abcd":
        pace.refused(chat, 1.0)
    pace.hold_all(1.0)
    watch.at += 1.0
    pace.refused("e", 1.0)
    assert pace.room() > 0


def test_the_same_chat_refused_again_and_again_is_one_chat(pace: Pace) -> None:
    for _ in range(9):
        pace.refused("a", 1.0)
    assert pace.room() > 0


def test_the_limits_are_those_that_telegram_names() -> None:
    limits = Limits()
    assert (limits.per_second, limits.burst, limits.chat_per_second, limits.chat_burst) == (25, 5, 1, 3)
    assert (limits.in_flight, limits.suspicious) == (8, 5)
    assert Pace().room() == 5


def test_on_a_clock_that_has_just_begun_nothing_is_held_but_what_is_held(watch: Watch) -> None:
    watch.at = 0.0
    pace = Pace(Limits(), tick=watch)
    assert pace.room() == 5
    assert pace.may("a")
    pace.refused("a", 0.5)
    watch.at = 0.5
    assert pace.may("a")


def test_a_chat_that_has_all_its_messages_again_is_forgotten(pace: Pace, watch: Watch) -> None:
    pace.spend("a")
    pace.spend("b", 2)
    watch.at += 1.0
    assert pace.waiting() == set()
    assert list(pace._chats) == ["b"]


def test_nothing_changes_for_a_minute_where_nobody_has_to_wait(pace: Pace, watch: Watch) -> None:
    assert pace.next_change() == 60.0
    pace.refused("a", 2.0)
    watch.at += 2.0
    assert pace.next_change() == 60.0, "the hold is over at this moment"
    pace.spend("b")
    assert pace.next_change() == 60.0, "a chat with two messages left"
    pace.spend("b")
    assert pace.next_change() == 60.0, "a chat with one message left"


@pytest.mark.parametrize("left", [1.0, 1.5])
def test_with_a_message_left_for_all_it_is_the_chats_that_are_waited_for(
    pace: Pace, watch: Watch, left: float
) -> None:
    for n in range(4):
        pace.spend(f"c{n}")
    watch.at += (left - 1.0) / 25
    assert pace.room() == 1
    assert pace.next_change() == 60.0
