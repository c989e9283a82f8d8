"""Every order of what people, messages and the clock do to one alert, to a depth: does it ever die quietly?

    python -m tests.casework.model [--depth 8] [--exact] [--ladder now] [--processes 2]

Breadth first over the rules themselves (`model_moves`), for each ladder, begun by day and by night. The
people (who is away, who has blocked the bot, whose work went to a deputy) are kept as they are. Alerts count
as alike if they differ in no more than how long something still takes (it is kept which of their moments are
over, and in which order the others come), how often the present rung was told again, when somebody got or
saw it, and what is written in the story; the first that is reached stands for all that are like it. Where a
move leads is asked of the rules once for each alert and whatever of the people it reads (`Move.reads`). What
must hold in each state: `fault_of` and `silent`.
"""

import argparse
import gc
import resource
import sys
import time
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, TypeVar

from casework.ladder import OPEN
from casework.record import replace
from tests.casework.model_faults import FLAGS, Key, all_of, begun, fault_of, key_of, silent, told_again
from tests.casework.model_moves import LOOK, LOOK_EARLY, looks, moves
from tests.casework.model_state import Move, State, ring_of

Around = tuple[frozenset[str], frozenset[str], frozenset[str]]  # away, blocked, moved
T = TypeVar("T")
Moves = Callable[[State], Iterator[Move]]


class Numbers(Generic[T]):
    """Numbers for values, counted from 0, of no more than so many ``bits``."""

    def __init__(self, bits: int) -> None:
        self._most = 1 << bits
        self.of: list[T] = []
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        """The value's number; the next one where it is new."""
        number = self._numbers.get(value)
        if number is None:
            number = self._numbers[value] = len(self.of)
            assert number < self._most
            self.of.append(value)
        return number


class Faulty(Exception):
    """The rules did what they must never do."""


@dataclass
class Found:
    """What a search saw. ``path``: the shortest to a state in which ``fault`` holds; both empty: none.

    ``alerts``: of the states, how many differ in the alert itself; ``asked``: how often the rules were.
    """

    ladder: str
    depth: int = 0
    states: int = 0
    alerts: int = 0
    transitions: int = 0
    asked: int = 0
    seconds: float = 0.0
    memory: float = 0.0  # MiB at most, of the process
    silence: timedelta = timedelta(0)  # the longest from any state to the next telling
    fault: str = ""
    path: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        seen = (
            f"{self.ladder:6} depth {self.depth}  {self.states:>9,} states of {self.alerts:>7,} alerts  "
            f"{self.transitions:>11,} moves, {self.asked:>9,} asked of the rules  "
            f"{self.seconds:6.1f} s of processor, {self.memory:5.0f} MiB  longest silence {self.silence}"
        )
        if not self.fault:
            return f"{seen}  0 counter-examples"
        steps = "".join(f"\n  {n}. {step}" for n, step in enumerate(self.path))
        return f"{seen}\nCOUNTER-EXAMPLE, {len(self.path) - 1} moves: {self.fault}{steps}"


ALERTS, AROUNDS, NAMES, READS = 32, 10, 8, 12  # how many bits these numbers have
NO_CHANGE: Around = (frozenset(), frozenset(), frozenset())


class Search:
    """A breadth-first search over one ladder: who came from where, and the states at its edge.

    A state is a number: the alert's, then that of the people. Alerts with one ``key`` count as alike.
    ``by_reads`` False asks the rules about every move of every state anew: the check of `Move.reads`.
    """

    def __init__(
        self,
        ladder: str,
        moves: Moves = moves,
        *,
        key: Callable[[State], Key] = key_of,
        by_reads: bool = True,
    ) -> None:
        self.ladder, self._moves, self._key, self._by_reads = ladder, moves, key, by_reads
        self.seen: dict[int, int] = {}  # from which state it was reached first, and by which move
        self.edge: list[int] = []
        self.alerts, self.around = Numbers[Key](ALERTS), Numbers[Around](AROUNDS)
        self._first: list[State] = []  # for each alert the first of its kind, as if everybody were there
        self._names, self._reads = Numbers[str](NAMES), Numbers[Hashable](READS)
        self._changes = Numbers[Around](AROUNDS)
        self._changes.number(NO_CHANGE)
        self._steps: dict[int, tuple[int, int]] = {}  # to which alert, by which change of the people
        self._sound: set[object] = set()  # the alerts, and with each the circles, that were looked at
        self.found = Found(ladder=ladder)

    def run(self, depth: int, shown: Callable[[Found], None] = lambda found: None) -> Found:
        """To the depth, or to the first fault; ``shown`` is called after each move deeper."""
        found, start = self.found, time.process_time()
        for name, state in begun(self.ladder):
            self._reach(-1, name, self._node(self._number(state), around_of(state)))
        while found.depth < depth and not found.fault and self.edge:
            self._deeper()
            found.states, found.alerts = len(self.seen), len(self._first)
            found.seconds = time.process_time() - start
            found.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            shown(found)
        return found

    def state(self, node: int) -> State:
        """What a number stands for."""
        away, blocked, moved = self.around.of[node & (1 << AROUNDS) - 1]
        return replace(self._first[node >> AROUNDS], away=away, blocked=blocked, moved=moved)

    def named(self) -> Iterator[tuple[Key, Around]]:
        """All states that were reached, each as what tells it from others."""
        for node in self.seen:
            yield self.alerts.of[node >> AROUNDS], self.around.of[node & (1 << AROUNDS) - 1]

    def _deeper(self) -> None:
        edge, self.edge, found = self.edge, [], self.found
        for node in edge:
            state = self.state(node)
            for move in self._moves(state):
                found.transitions += 1
                try:
                    to = self._follow(node, state, move)
                except Faulty as fault:
                    found.fault, found.path = str(fault), [*self._path(node), move.name]
                    return
                if to not in self.seen:
                    self._reach(node, move.name, to)
                    if found.fault:
                        return
        found.depth += 1

    def _follow(self, node: int, state: State, move: Move) -> int:
        """Where a move leads."""
        if move.parts:
            for part in move.parts:
                node = self._follow(node, self.state(node), part)
            return node
        alert = node >> AROUNDS
        reads = self._reads.number(move.reads(state)) if self._by_reads else node & (1 << AROUNDS) - 1
        key = (alert << NAMES | self._names.number(move.name)) << READS | reads
        step = self._steps.get(key)
        if step is None:
            step = self._steps[key] = self._asked(alert, state, move)
        to, change = step
        if not change:
            return to << AROUNDS | node & (1 << AROUNDS) - 1
        return self._node(to, _changed(state, self._changes.of[change]))

    def _asked(self, alert: int, state: State, move: Move) -> tuple[int, int]:
        """The rules' own answer: the number of the alert, and how the people change."""
        self.found.asked += 1
        try:
            step = move.act(state)
            fault = told_again(state, step)
            if not fault and move in (LOOK, LOOK_EARLY) and state.e.status in OPEN:
                fault, silence = silent(state, step)
                self.found.silence = max(self.found.silence, silence)
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
        if fault:
            raise Faulty(fault)
        to = step.to
        same = to.e is state.e and to.now == state.now
        change = to.away ^ state.away, to.blocked ^ state.blocked, to.moved ^ state.moved
        return alert if same else self._number(to), self._changes.number(change)

    def _number(self, s: State) -> int:
        number = self.alerts.number(self._key(s))
        if number == len(self._first):
            self._first.append(replace(s, away=frozenset(), blocked=frozenset(), moved=frozenset()))
        return number

    def _node(self, alert: int, around: Around) -> int:
        return alert << AROUNDS | self.around.number(around)

    def _reach(self, origin: int, name: str, node: int) -> None:
        self.seen[node] = origin << NAMES | self._names.number(name)
        self.edge.append(node)
        fault = self._fault_in(node)
        if fault:
            self.found.fault, self.found.path = fault, self._path(node)

    def _fault_in(self, node: int) -> str:
        """What is wrong with an alert, looked for once, and with it and these people once the clock looks."""
        alert, (away, blocked, _) = node >> AROUNDS, self.around.of[node & (1 << AROUNDS) - 1]
        acting = alert, ring_of(away, blocked)
        if acting in self._sound:
            return ""
        self._sound.add(acting)
        state = self.state(node)
        if alert not in self._sound:
            self._sound.add(alert)
            fault = fault_of(state)
            if fault:
                return fault
        try:
            for move in looks(state):
                self._follow(node, state, move)
        except Faulty as then:
            return str(then)
        return ""

    def _path(self, node: int) -> list[str]:
        names: list[str] = []
        while node >= 0:
            came = self.seen[node]
            names.append(self._names.of[came & (1 << NAMES) - 1])
            node = came >> NAMES
        return names[::-1]


def around_of(s: State) -> Around:
    """Who is away, who has blocked the bot, whose work was moved."""
    return s.away, s.blocked, s.moved


def _changed(s: State, change: Around) -> Around:
    away, blocked, moved = change
    return s.away ^ away, s.blocked ^ blocked, s.moved ^ moved


def search(ladder: str, depth: int, exact: bool) -> Found:
    """One ladder, searched to a depth; each step there is said on stderr."""
    gc.disable()  # what the search keeps, it keeps to the end
    found = Search(ladder, key=all_of if exact else key_of)
    return found.run(depth, lambda found: print(found, file=sys.stderr, flush=True))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--depth", type=int, default=8)
    parser.add_argument("--ladder", choices=FLAGS, action="append")
    parser.add_argument("--exact", action="store_true", help="take no two alerts for alike")
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    with ProcessPoolExecutor(args.processes, max_tasks_per_child=1) as pool:
        futures = [pool.submit(search, ladder, args.depth, args.exact) for ladder in args.ladder or FLAGS]
        results = []
        for future in futures:
            results.append(future.result())
            print(results[-1], flush=True)
    return 1 if any(r.fault for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
