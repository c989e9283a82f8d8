"""One lane for each person: order within it, turns between them, and what a failure costs whom."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from bot.supervise import Beat
from bot.telegram import lanes as module
from bot.telegram.flood import Flood
from bot.telegram.lanes import Lanes
from bot.telegram.translate import NOWHERE, Unreadable
from casework.policy_access import FloodRules
from storage.errors import Unavailable
from storage.inbox import InboxRow
from tests.bot.hasty import Hasty, until

RULES = FloodRules(source="of the tests", burst=5, most_waiting=100, again_minutes=10, attack_minutes=3)


def row(seq: int, who: str = "a") -> InboxRow:
    return InboxRow(seq=seq, address=who, raw=b"", joined=True)


def strangers(*seqs: int) -> list[InboxRow]:
    return [InboxRow(seq=seq, address=f"s{seq}", raw=b"") for seq in seqs]


class Table:
    """The inbox: what is open, and what was said of its failures."""

    def __init__(self, *rows: InboxRow) -> None:
        self.open = list(rows)
        self.reads: list[tuple[int, int]] = []
        self.failures: list[tuple[int, str, int]] = []
        self.tries: dict[int, int] = {}
        self.locked = 0
        self.unsure = 0  # how often it can't be said whether one row is still open

    async def waiting(self, *, after: int = 0, limit: int = 500) -> list[InboxRow]:
        self.reads.append((after, limit))
        if limit == 1 and self.unsure:
            self.unsure -= 1
            raise Unavailable("locked")
        if limit > 1 and self.locked:
            self.locked -= 1
            raise Unavailable("locked")
        return [row for row in self.open if row.seq > after][:limit]

    async def failed(self, seq: int, error: str, *, park_after: int = 99) -> bool:
        self.failures.append((seq, error, park_after))
        self.tries[seq] = self.tries.get(seq, 0) + 1
        if self.tries[seq] < park_after:
            return False
        self.done(seq)
        return True

    def done(self, seq: int) -> None:
        self.open = [row for row in self.open if row.seq != seq]


class Handler:
    """Completes rows; raises what is left in ``errors`` for one; stops where ``gate`` is shut."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.handled: list[int] = []
        self.began: list[int] = []
        self.errors: dict[int, list[Exception]] = {}
        self.gates: dict[int, asyncio.Event] = {}
        self.silent: set[int] = set()  # dealt with, and not answered
        self.parked: list[int] = []
        self.parked_fails = 0
        self.floods: list[tuple[str, str]] = []

    async def __call__(self, row: InboxRow) -> int:
        self.began.append(row.seq)
        await self.gates.get(row.seq, _OPEN).wait()
        if self.errors.get(row.seq):
            raise self.errors[row.seq].pop(0)
        self.table.done(row.seq)
        self.handled.append(row.seq)
        return 0 if row.seq in self.silent else 1

    async def told(self, address: str, what: str) -> None:
        self.floods.append((address, what))

    async def park(self, row: InboxRow) -> None:
        self.parked.append(row.seq)
        if self.parked_fails:
            self.parked_fails -= 1
            raise OSError("x")


_OPEN = asyncio.Event()
_OPEN.set()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Hasty:
    kept = Hasty()
    monkeypatch.setattr(module, "asyncio", kept)
    return kept


class Running:
    """Lanes over a table, with their loop."""

    def __init__(
        self, *rows: InboxRow, parallel: int = module.PARALLEL, per_second: float = 1e6, rest: float = 0.0
    ) -> None:
        self.table = Table(*rows)
        self.handler = Handler(self.table)
        self.flood = Flood(RULES, per_second, self.handler.told)
        self.lanes = Lanes(
            self.table, self.handler, self.handler.park, self.flood, parallel=parallel, rest=rest
        )  # type: ignore[arg-type]
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self.lanes.run(Beat()))

    async def settle(self) -> None:
        """Until all was read and nothing waits any more."""
        if self.task is None:
            self.start()
        await until(lambda: self.lanes._up_to_date and not self.lanes.waiting)

    def come(self, *rows: InboxRow) -> None:
        """New rows are committed and made known."""
        self.table.open += rows
        self.lanes.take(rows)

    async def end(self) -> None:
        assert self.task is not None
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.lanes.stop(0.1)


Make = Callable[..., Running]


@pytest.fixture
async def make() -> "Awaitable[Make]":  # type: ignore[misc]
    made: list[Running] = []

    def one(*rows: InboxRow, **options: Any) -> Running:
        made.append(Running(*rows, **options))
        return made[-1]

    yield one
    for running in made:
        if running.task is not None:
            await running.end()


def positions(handled: Sequence[int], *seqs: int) -> list[int]:
    return [handled.index(seq) for seq in seqs]


async def test_what_one_person_said_is_handled_in_order_and_one_at_a_time(make: Make) -> None:
    running = make(row(1), row(2), row(3))
    running.handler.gates[1] = asyncio.Event()
    running.start()
    await until(lambda: running.handler.began)
    await asyncio.sleep(0.01)
    assert (running.handler.began, running.lanes.waiting) == ([1], 3)
    running.handler.gates[1].set()
    await running.settle()
    assert running.handler.handled == [1, 2, 3]
    assert (running.lanes.handled, running.lanes.given_up) == (3, 0)


async def test_many_lanes_go_at_once_but_no_more_than_allowed(make: Make) -> None:
    running = make(*(row(n, f"p{n}") for n in range(1, 6)), parallel=2)
    gates = running.handler.gates = {n: asyncio.Event() for n in range(1, 6)}
    running.start()
    await until(lambda: len(running.handler.began) == 2)
    await asyncio.sleep(0.01)
    assert running.handler.began == [1, 2]
    gates[2].set()
    await until(lambda: running.handler.began == [1, 2, 3])
    for gate in gates.values():
        gate.set()
    await running.settle()
    assert sorted(running.handler.handled) == [1, 2, 3, 4, 5]


async def test_a_person_with_much_to_say_lets_the_others_have_their_turn(make: Make) -> None:
    running = make(row(1, "a"), row(2, "a"), row(3, "a"), row(4, "b"), parallel=1)
    await running.settle()
    assert running.handler.handled == [1, 4, 2, 3]


async def test_sixty_four_turns_may_go_on_at_once(make: Make) -> None:
    assert module.PARALLEL == 64
    running = make(*(row(n, f"p{n}") for n in range(1, 80)))
    running.handler.gates = {n: asyncio.Event() for n in range(1, 80)}
    running.start()
    await until(lambda: len(running.handler.began) == 64)
    await asyncio.sleep(0.01)
    assert len(running.handler.began) == 64


async def test_of_many_strangers_four_have_their_turn_at_once_and_who_has_joined_waits_for_none_of_them(
    make: Make,
) -> None:
    running = make(*strangers(*range(1, 101)), row(101), row(102, "b"))
    running.handler.gates = {n: asyncio.Event() for n in range(1, 101)}
    running.start()
    await until(lambda: running.handler.handled == [101, 102])
    await asyncio.sleep(0.01)
    assert sorted(running.handler.began) == [1, 2, 3, 4, 101, 102]
    running.handler.gates[2].set()
    await until(lambda: 5 in running.handler.began)
    for gate in running.handler.gates.values():
        gate.set()
    await running.settle()
    assert len(running.handler.handled) == 102


async def test_strangers_have_their_turn_even_if_those_who_have_joined_leave_none_free(make: Make) -> None:
    running = make(*(row(n, f"p{n}") for n in range(1, 4)), *strangers(4, 5), parallel=2)
    running.handler.gates = {n: asyncio.Event() for n in range(1, 4)}
    running.start()
    await until(lambda: running.handler.handled == [4, 5])
    assert running.handler.began == [1, 2, 4, 5]
    for gate in running.handler.gates.values():
        gate.set()
    await running.settle()


async def test_while_a_crowd_comes_in_one_stranger_has_his_turn_at_a_time_and_soon_several_again(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CROWDED", 0.2)
    running = make()
    await running.settle()
    running.handler.gates = {n: asyncio.Event() for n in range(1, 43)}
    running.come(*strangers(*range(1, 40)))  # no crowd yet
    await until(lambda: running.handler.began == [1, 2, 3, 4])
    running.come(*strangers(40, 41), *(row(n, f"p{n}") for n in range(42, 80)))
    await until(lambda: len(running.handler.handled) == 37)
    running.handler.gates[42].set()
    for n in (1, 2, 3):
        running.handler.gates[n].set()
    await until(lambda: running.handler.handled[-3:] == [1, 2, 3])
    await asyncio.sleep(0.01)
    assert running.handler.began[-1] != 5, "the fourth still has his turn"
    running.handler.gates[4].set()
    await until(lambda: running.handler.began[-1] == 5)
    await asyncio.sleep(0.2)
    running.handler.gates[5].set()
    await until(lambda: running.handler.began[-4:] == [6, 7, 8, 9])
    for gate in running.handler.gates.values():
        gate.set()
    await running.settle()


async def test_a_strangers_turn_goes_on_for_a_while_if_he_was_answered_and_only_then(
    make: Make, hasty: Hasty
) -> None:
    running = make(*strangers(1, 2), row(3), rest=0.25)
    running.handler.silent = {2}
    await running.settle()
    assert running.handler.handled == [3, 1, 2]
    assert (hasty.pauses, running.lanes.handled) == ([0.25], 3)


async def test_a_stranger_who_has_joined_meanwhile_is_heard_in_order_all_the_same(make: Make) -> None:
    running = make(*strangers(1))
    running.handler.gates[1] = asyncio.Event()
    running.start()
    await until(lambda: running.handler.began)
    running.come(row(2, "s1"), row(3, "s1"))
    await asyncio.sleep(0.01)
    assert running.handler.began == [1]
    running.handler.gates[1].set()
    await running.settle()
    assert running.handler.handled == [1, 2, 3]


async def test_what_comes_in_is_handled_without_reading_the_table_again(make: Make) -> None:
    running = make(row(1))
    await running.settle()
    reads = len(running.table.reads)
    running.come(row(2), row(3, "b"))
    await running.settle()
    assert running.handler.handled == [1, 2, 3]
    assert len(running.table.reads) == reads


async def test_what_comes_before_all_that_waits_was_read_is_read_in_order_and_handled_once(
    make: Make,
) -> None:
    running = make(row(1))
    running.come(row(2))
    await running.settle()
    running.come(row(3))
    await running.settle()
    assert running.handler.began == [1, 2, 3]


async def test_a_long_backlog_is_read_in_portions_from_where_the_last_one_ended(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 3)
    running = make(*(row(n, f"p{n % 4}") for n in range(1, 8)))
    await running.settle()
    assert running.table.reads == [(0, 3), (3, 3), (6, 3)]
    assert sorted(running.handler.handled) == list(range(1, 8))


async def test_no_more_is_held_in_memory_than_there_is_room_for_and_the_rest_follows(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    monkeypatch.setattr(module, "MOST_IN_MEMORY", 4)
    monkeypatch.setattr(module, "IDLE", 60.0)
    running = make(*(row(n) for n in range(1, 11)))
    running.handler.gates = {n: asyncio.Event() for n in range(1, 12)}
    running.start()
    await until(lambda: running.lanes.waiting == 4)
    await asyncio.sleep(0.01)
    assert running.table.reads == [(0, 2), (2, 2)]
    running.come(row(11))
    assert running.lanes.waiting == 4, "what came later waits in the table"
    running.handler.gates[1].set()
    await until(lambda: running.table.reads == [(0, 2), (2, 2), (4, 2)])
    for gate in running.handler.gates.values():
        gate.set()
    await until(lambda: running.handler.handled == list(range(1, 12)))


async def test_what_comes_while_memory_is_all_but_full_waits_in_the_table(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_IN_MEMORY", 4)
    running = make(row(1))
    running.handler.gates[1] = asyncio.Event()
    running.start()
    await until(lambda: running.handler.began)
    running.come(row(2), row(3))
    assert running.lanes.waiting == 3
    running.come(row(4))
    assert running.lanes.waiting == 3
    running.handler.gates[1].set()
    await until(lambda: running.handler.handled == [1, 2, 3, 4])


async def test_the_table_is_looked_at_again_even_if_nobody_says_that_something_came(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IDLE", 0.02)
    running = make(row(1))
    await running.settle()
    running.table.open.append(row(2))
    await until(lambda: running.handler.handled == [1, 2])
    assert running.handler.began == [1, 2]


async def test_while_the_table_cannot_be_read_it_is_tried_every_second(make: Make, hasty: Hasty) -> None:
    running = make(row(1))
    running.table.locked = 2
    await running.settle()
    await until(lambda: running.handler.handled == [1])
    assert hasty.pauses == [1.0, 1.0]


async def test_while_the_database_is_away_a_turn_is_tried_again_at_growing_gaps_and_counts_for_nothing(
    make: Make, hasty: Hasty
) -> None:
    running = make(row(1), row(2), row(3, "b"))
    running.handler.errors[1] = [Unavailable("locked")] * 8
    running.handler.errors[2] = [Unavailable("locked")]
    await running.settle()
    await until(lambda: 2 in running.handler.handled)
    assert hasty.pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0, 0.2]
    assert running.handler.handled == [3, 1, 2]
    assert (running.table.failures, running.lanes.handled) == ([], 3)


async def test_a_turn_that_fails_is_counted_with_its_place_and_tried_again_before_the_next(
    make: Make, hasty: Hasty
) -> None:
    running = make(row(1), row(2))
    running.handler.errors[1] = [KeyError("张小花"), KeyError("x")]
    await running.settle()
    assert running.handler.handled == [1, 2]
    assert hasty.pauses == [0.2, 0.4]
    seq, error, park_after = running.table.failures[0]
    assert (seq, park_after) == (1, 5)
    assert error.startswith("KeyError /")
    assert error.endswith(" __call__")
    assert "张小花" not in error
    assert running.handler.parked == []


async def test_after_five_failures_it_is_put_aside_the_person_is_told_and_the_next_is_handled(
    make: Make, hasty: Hasty
) -> None:
    running = make(row(1), row(2))
    running.handler.errors[1] = [KeyError("x")] * 5
    await running.settle()
    assert hasty.pauses == [0.2, 0.4, 0.8, 1.6]
    assert (running.handler.parked, running.handler.handled) == ([1], [2])
    assert (running.lanes.given_up, running.lanes.handled, running.lanes.waiting) == (1, 1, 0)


async def test_failures_in_a_row_end_with_a_success(make: Make, hasty: Hasty) -> None:
    running = make(row(1))
    running.handler.errors[1] = [KeyError("x"), KeyError("x")]
    await running.settle()
    running.come(row(1))  # the same number again, as after a restart of the table
    running.handler.errors[1] = [KeyError("x")]
    await running.settle()
    assert hasty.pauses == [0.2, 0.4, 0.2]


async def test_what_cannot_be_read_is_put_aside_at_once_and_nobody_is_told(make: Make, hasty: Hasty) -> None:
    running = make(row(1), row(2))
    running.handler.errors[1] = [Unreadable("text")]
    await running.settle()
    assert [(seq, park_after) for seq, _, park_after in running.table.failures] == [(1, 1)]
    assert (running.handler.parked, running.handler.handled, hasty.pauses) == ([], [2], [])
    assert running.lanes.given_up == 1


async def test_all_that_are_put_aside_are_counted_each_as_an_answer_to_its_chat(
    make: Make, hasty: Hasty, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = make(row(1), row(2, "b"))
    spent: list[tuple[str, int]] = []
    monkeypatch.setattr(running.flood, "spend", lambda *it: spent.append(it))
    running.handler.errors = {1: [Unreadable("text")], 2: [Unreadable("text")]}
    await running.settle()
    assert (running.lanes.given_up, spent) == (2, [("a", 1), ("b", 1)])


async def test_whether_a_row_that_failed_is_still_open_has_nothing_to_do_with_another(
    make: Make, hasty: Hasty
) -> None:
    running = make(row(1), row(2, "b"))
    running.handler.gates[1] = asyncio.Event()
    running.handler.errors[2] = [KeyError("x")]
    running.start()
    await until(lambda: running.handler.handled == [2])
    running.handler.gates[1].set()
    await running.settle()


async def test_a_turn_that_was_completed_before_it_failed_is_no_failure(make: Make, hasty: Hasty) -> None:
    running = make(row(1), row(2))
    running.handler.errors[1] = [KeyError("the answer was lost")]
    running.handler.gates[1] = asyncio.Event()
    running.start()
    await until(lambda: running.handler.began)
    running.table.done(1)
    running.handler.gates[1].set()
    await running.settle()
    assert (running.table.failures, hasty.pauses) == ([], [])
    assert (running.handler.handled, running.lanes.given_up) == ([2], 0)
    assert (0, 1) in running.table.reads, "it asks for this one row"


async def test_when_a_failure_cannot_even_be_written_down_it_is_tried_again(make: Make, hasty: Hasty) -> None:
    running = make(row(1))
    running.handler.errors[1] = [KeyError("x")]
    running.table.unsure = 1
    await running.settle()
    assert running.handler.handled == [1]
    assert (hasty.pauses, running.table.failures) == ([0.2], [])


async def test_a_put_aside_whose_news_fail_is_not_put_aside_twice(make: Make, hasty: Hasty) -> None:
    running = make(row(1), row(2))
    running.handler.errors[1] = [KeyError("x")] * 6
    running.handler.parked_fails = 1
    await running.settle()
    assert (running.handler.handled, running.lanes.given_up) == ([2], 1)
    assert running.handler.parked == [1]
    assert hasty.pauses == [0.2, 0.4, 0.8, 1.6, 0.2]


async def test_a_turn_without_end_is_broken_off_and_counts_as_a_failure(
    make: Make, hasty: Hasty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_TURN", 0.02)
    running = make(row(1))
    running.handler.gates[1] = asyncio.Event()
    running.start()
    await until(lambda: running.table.failures)
    assert running.table.failures[0][1].startswith("TimeoutError")
    running.handler.gates[1].set()
    await running.settle()
    assert running.handler.handled == [1]


async def test_the_longest_wait_here_is_shown(make: Make) -> None:
    running = make(row(1))
    assert running.lanes.oldest == 0.0
    running.handler.gates[1] = asyncio.Event()
    running.start()
    await until(lambda: running.handler.began)
    await asyncio.sleep(0.03)
    assert 0.03 <= running.lanes.oldest < 3.0
    running.handler.gates[1].set()
    await running.settle()


async def test_at_a_stop_turns_under_way_may_end_and_nothing_new_is_begun(make: Make) -> None:
    running = make(row(1), row(2), row(3, "b"), parallel=1)
    running.handler.gates[1] = asyncio.Event()
    running.start()
    await until(lambda: running.handler.began)
    asyncio.get_running_loop().call_later(0.02, running.handler.gates[1].set)
    await running.lanes.stop(5.0)
    assert running.handler.handled == [1]
    running.come(row(4, "c"))
    await asyncio.sleep(0.01)
    assert running.handler.began == [1]


async def test_a_stop_breaks_off_what_does_not_end_in_time(make: Make) -> None:
    running = make(row(1))
    running.handler.gates[1] = asyncio.Event()
    running.start()
    await until(lambda: running.handler.began)
    began = asyncio.get_running_loop().time()
    await running.lanes.stop(0.05)
    assert 0.04 < asyncio.get_running_loop().time() - began < 2.0
    assert running.handler.handled == []
    await running.lanes.stop(0.05)


async def test_beyond_a_burst_a_chat_is_heard_at_the_pace_of_its_answers_while_others_are_not_held_up(
    make: Make,
) -> None:
    running = make(*(row(n) for n in range(1, 21)), row(21, "b"), per_second=20.0)
    running.start()
    await until(lambda: 21 in running.handler.handled and len(running.handler.handled) >= 6)
    assert len(running.handler.handled) < 21, "the rest waits for its turn"
    assert running.lanes.oldest == 0.0, "a flood is not the bot's delay"
    await running.settle()
    assert [seq for seq in running.handler.handled if seq != 21] == list(range(1, 21)), "all, in order"
    assert (running.handler.floods, running.flood.slowed) == ([("a", "slow")], 1)


async def test_who_has_been_calm_again_has_a_whole_burst_again(make: Make) -> None:
    running = make(*(row(n) for n in range(1, 8)), per_second=100.0)
    await running.settle()
    assert running.flood.slowed == 1
    await asyncio.sleep(0.1)
    running.come(*(row(n) for n in range(8, 12)))
    await running.settle()
    assert running.flood.slowed == 1
    running.come(*(row(n) for n in range(12, 24)))
    await running.settle()
    assert running.flood.slowed == 2, "a second flood, of which he is told again"


async def test_of_one_chat_so_many_may_wait_wherever_they_wait_and_of_nobody_any_number(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_IN_MEMORY", 4)
    running = make(row(1))
    running.handler.gates[1] = asyncio.Event()
    running.start()
    await until(lambda: running.handler.began)
    running.come(row(2), row(3))
    running.come(row(4), row(5), row(6, "b"))  # no room in memory
    assert (running.lanes.room("a"), running.lanes.room("b"), running.lanes.room("c")) == (95, 99, 100)
    assert running.lanes.room(NOWHERE) > 0
    running.handler.gates[1].set()
    await until(lambda: len(running.handler.handled) == 6)
    await running.settle()
    assert (running.lanes.room("a"), running.lanes.room("b")) == (100, 100)
