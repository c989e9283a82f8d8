"""The model check in its short form, and that it finds what is planted. The long form: `make model`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest

from casework.deeds import resolve
from casework.ladder import OPEN, on_rung
from casework.record import replace
from tests.casework.model import Search, around_of
from tests.casework.model_faults import FLAGS, all_of, begun, key_of, told_again
from tests.casework.model_moves import look, moves
from tests.casework.model_state import Move, State, Step, kept, nobody
from tests.casework.world import LI, POLICY


def planted(spoilt: str, **fault: object) -> Search:
    """A search in which whatever the move does leaves the alert with a fault."""

    def spoil(move: Move, s: State) -> Step:
        step = move.act(s)
        return Step(replace(step.to, e=replace(step.to.e, **fault)), step.notices)

    def faulty(s: State) -> Iterator[Move]:
        for move in moves(s):
            yield replace(move, act=partial(spoil, move)) if spoilt in move.name else move

    return Search("today", faulty)


@pytest.mark.parametrize("ladder", FLAGS)
def test_no_order_of_what_happens_leaves_an_alert_that_is_never_told(ladder: str) -> None:
    found = Search(ladder).run(3)
    assert not found.fault, str(found)
    assert found.depth == 3
    assert found.states > 1000


def test_asking_the_rules_once_for_what_a_move_reads_finds_what_asking_them_anew_each_time_finds() -> None:
    """Else a move would read more of the people than it says (`Move.reads`)."""
    once, anew = Search("today"), Search("today", by_reads=False)
    assert (once.run(3).fault, anew.run(3).fault) == ("", "")
    assert once.found.asked < anew.found.asked
    assert set(once.named()) == set(anew.named())


def test_what_two_moves_can_lead_to_with_no_two_states_taken_for_alike_is_found_within_three() -> None:
    deep = Search("today")
    deep.run(3)
    exact = Search("today", key=all_of)
    exact.run(2)
    reached = {(key_of(state), around_of(state)) for state in map(exact.state, exact.seen)}
    assert len(exact.seen) > 2 * len(reached) > 600
    assert reached <= set(deep.named())


@pytest.mark.parametrize("ladder", FLAGS)
def test_where_nobody_answers_all_on_the_ladder_who_can_be_reached_hear_in_the_end(ladder: str) -> None:
    shallow = Search(ladder)
    assert not shallow.run(2).fault
    open_ones = [s for s in map(shallow.state, shallow.edge) if s.e.status in OPEN]
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
    def wordless(s: State) -> Iterator[Move]:
        yield from moves(s)
        if s.e.status == "acknowledged":
            yield Move("li ends it without a word", _ended_without_a_word, nobody)

    found = Search("today", wordless).run(2)
    assert found.fault == "ValueError: an escalation is resolved with its outcome in words"
    assert found.path == ["opened by day", "li takes it on", "li ends it without a word"]


def test_every_first_message_has_a_key_of_its_own() -> None:
    _, state = next(begun("now"))
    assert state.keys.bit_count() == 3
    assert not told_again(state, Step(state))


def _ended_without_a_word(s: State) -> Step:
    return kept(s, resolve(s.e, by=LI, outcome=" ", circle=s.circle, policy=POLICY, now=s.now))


def begun_at() -> datetime:
    _, state = next(begun("today"))
    return state.now
