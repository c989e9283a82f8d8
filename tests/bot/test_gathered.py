"""When what is gathered may leave: once the clock has brought all of it, and in any case soon."""

import pytest

from bot.telegram.gathered import LONGEST, SOON, Gathered


class Clockwork:
    """Whether the clock is at work, and seconds that the test counts."""

    def __init__(self) -> None:
        self.works = True
        self.seconds = 100.0


@pytest.fixture
def clockwork() -> Clockwork:
    return Clockwork()


@pytest.fixture
def gathered(clockwork: Clockwork) -> Gathered:
    return Gathered(lambda: clockwork.works, lambda: clockwork.seconds)


def test_it_leaves_at_once_while_the_clock_brings_nothing(gathered: Gathered, clockwork: Clockwork) -> None:
    clockwork.works = False
    assert gathered()
    assert gathered.patience == float("inf")


def test_while_the_clock_is_at_work_it_stays_and_leaves_as_soon_as_that_is_over(
    gathered: Gathered, clockwork: Clockwork
) -> None:
    assert not gathered()
    assert gathered.patience == SOON
    clockwork.seconds += 1
    assert not gathered()
    clockwork.works = False
    assert gathered()
    assert gathered.patience == float("inf")


def test_however_long_the_clock_works_it_leaves_after_fifteen_seconds(
    gathered: Gathered, clockwork: Clockwork
) -> None:
    assert LONGEST == 15.0
    assert not gathered()
    clockwork.seconds += 14.9
    assert not gathered()
    clockwork.seconds += 0.1
    assert gathered()
    assert gathered(), "and so does what comes after it"
    clockwork.works = False
    assert gathered()
    clockwork.works = True
    assert not gathered(), "a new piece of work"


def test_who_asks_long_after_a_long_piece_of_work_waits_for_the_new_one_that_is_under_way(
    gathered: Gathered, clockwork: Clockwork
) -> None:
    assert not gathered()
    clockwork.works = False
    gathered.look()  # what was gathered had left
    assert gathered.patience == float("inf")
    clockwork.seconds += 3600
    clockwork.works = True
    assert not gathered()
    assert gathered.patience == SOON
    gathered.look()
    assert gathered.patience == float("inf"), "nobody has had to wait since"
