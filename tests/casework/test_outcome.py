"""Outcomes joined into one."""

from dataclasses import replace

from casework.outcome import Outcome, ground_of
from tests.casework.world import CHILD, WANG


def test_a_record_changed_twice_is_the_later_one_at_the_version_first_read() -> None:
    first = replace(CHILD, version=3, school="一小")
    later = replace(CHILD, version=9, school="二小")
    joined = Outcome(records=(first, WANG)) + Outcome(records=(later,))
    assert joined.records == (WANG, replace(later, version=3))


def test_an_outcome_with_nothing_in_it_is_false() -> None:
    assert not Outcome()
    assert not Outcome() + Outcome()
    assert Outcome(records=(CHILD,))


def test_people_act_by_assignment_and_our_own_doings_by_themselves() -> None:
    assert [ground_of(actor) for actor in ("wang", "clock", "import", "operator")] == [
        "assignment",
        "clock",
        "import",
        "operator",
    ]
