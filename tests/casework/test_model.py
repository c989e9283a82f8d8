"""The model check in its short form, and that it finds what is planted. The long form: `make model`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from casework.deeds import resolve
from casework.ladder import OPEN, on_rung
from tests.casework.model import FLAGS, Search, begun, search, told_again
from tests.casework.model_moves import Move, State, Step, few_moves, kept, look, moves
from tests.casework.world import LI, POLICY


def planted(spoilt: str, **fault: object) -> Search:
    """A search in which whatever the move does leaves the alert with a fault."""

    def spoil(s: State, move: Move) -> Step:
        step = move(s)
        return Step(replace(step.to, e=replace(step.to.e, **fault)), step.notices)

    def faulty(s: State) -> Iterator[tuple[str, Move]]:
        for name, move in moves(s):
            yield name, (lambda s, move=move: spoil(s, move)) if spoilt in name else move

    return Search("today", faulty)


@pytest.mark.parametrize("ladder", FLAGS)
def test_no_order_of_what_happens_leaves_an_alert_that_is_never_told(ladder: str) -> None:
    found = search(ladder, 4, few=True)
    assert not found.fault, str(found)
    assert found.depth == 4
    assert found.states > 1000


@pytest.mark.parametrize("ladder", FLAGS)
def test_where_nobody_answers_all_on_the_ladder_who_can_be_reached_hear_in_the_end(ladder: str) -> None:
    shallow = Search(ladder, few_moves)
    assert not shallow.run(2).fault
    open_ones = [s for _, s in shallow.edge if s.e.status in OPEN]
    assert len(open_ones) > 50
    for s in open_ones:
        wanted = {w.person for rung in range(len(s.e.ladder)) for w in on_rung(s.e, rung, s.circle)}
        looks = 0
        while wanted:
            step, looks = look(s), looks + 1
            s, wanted = step.to, wanted - {n.to for n in step.notices}
            assert looks < 40, (s.e.story, wanted)


def test_a_moment_lost_on_a_hand_over_is_found_by_its_shortest_path() -> None:
    found = planted("hands it to", wake_at=None).run(3)
    assert found.fault == "it is open and the clock never looks at it again"
    assert found.path == ["opened by day", "li hands it to sun"]
    assert str(found).endswith("\n  0. opened by day\n  1. li hands it to sun")


def test_a_rest_without_an_end_is_found_two_moves_deep() -> None:
    found = planted("lets it rest", rests_until=begun_at() + timedelta(days=400)).run(3)
    assert found.fault == "its rest has no end"
    assert found.path == ["opened by day", "li takes it on", "li lets it rest for a day"]


def test_a_moment_so_late_that_nobody_lives_to_see_it_is_found() -> None:
    late = begun_at() + timedelta(days=400)
    found = planted("gives it back", wake_at=late, climb_at=late).run(3)
    assert found.fault == "somebody can be reached, and nobody is ever told"
    assert found.path == ["opened by day", "li takes it on", "li gives it back"]


def test_a_number_of_a_telling_that_is_used_again_is_found() -> None:
    found = planted("li blocks", tellings=0).run(3)
    assert found.fault.startswith("two messages with the key escalation:e1:")
    assert "li blocks" in found.path


def test_an_error_of_the_rules_is_a_counter_example() -> None:
    def wordless(s: State) -> Iterator[tuple[str, Move]]:
        yield from moves(s)
        if s.e.status == "acknowledged":
            yield (
                "li ends it without a word",
                lambda s: kept(
                    s, resolve(s.e, by=LI, outcome=" ", circle=s.circle, policy=POLICY, now=s.now)
                ),
            )

    found = Search("today", wordless).run(2)
    assert found.fault == "ValueError: an escalation is resolved with its outcome in words"
    assert found.path == ["opened by day", "li takes it on", "li ends it without a word"]


def test_every_first_message_has_a_key_of_its_own() -> None:
    _, state = next(begun("now"))
    assert len(state.keys) == 3
    assert not told_again(state, Step(state))


def begun_at() -> datetime:
    _, state = next(begun("today"))
    return state.now
