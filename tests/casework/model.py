"""Every order of what people, messages and the clock do to one alert, to a depth: does it ever die quietly?

    python -m tests.casework.model [--few] [--depth 8] [--ladder now] [--processes 2]

Breadth first over the rules themselves (`model_moves`), for each ladder, begun by day and by night. The
first path that reaches a state stands for all that reach the like. Alike are states that differ only in how
long something still takes (of each moment is kept whether it is over, and which comes first; of the hour
whether it is quiet), in how somebody came to be gone as long as the same people act, in how often the
present rung was told again, in what is written in the story. What must hold in each is in `fault_in`.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from casework.calendar import is_quiet
from casework.escalations import open_escalation
from casework.ladder import OPEN, in_circle, on_rung
from casework.records import Escalation
from tests.casework.model_moves import Move, State, Step, circle_of, few_moves, kept, look, moves, restart
from tests.casework.world import CHILD, DAY, MINUTE, POLICY, at

FLAGS = {"now": "danger", "today": "dropout", "days": "parents_silent", "help": "help_wanted"}
BEGINS = {"opened by day": at("2026-11-23 09:00"), "opened by night": at("2026-11-23 23:00")}
LOOKS, LONGEST = 12, 45 * DAY  # so often, and so long, the clock may look before somebody is told
NIGHT = POLICY.quiet("township_officer")

Key = tuple[object, ...]
Moves = Callable[[State], Iterator[tuple[str, Move]]]


@dataclass
class Found:
    """What a search saw. ``path``: the shortest to a state in which ``fault`` holds; both empty: none."""

    ladder: str
    depth: int = 0
    states: int = 0
    transitions: int = 0
    seconds: float = 0.0
    silence: timedelta = timedelta(0)  # the longest from any state to the next telling
    fault: str = ""
    path: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        seen = (
            f"{self.ladder:6} depth {self.depth}  {self.states:>9,} states  {self.transitions:>11,} moves  "
            f"{self.seconds:6.1f} s  longest silence {self.silence}"
        )
        if not self.fault:
            return f"{seen}  0 counter-examples"
        steps = "".join(f"\n  {n}. {step}" for n, step in enumerate(self.path))
        return f"{seen}\nCOUNTER-EXAMPLE, {len(self.path) - 1} moves: {self.fault}{steps}"


def _when(moment: datetime | None, now: datetime) -> int:
    return -1 if moment is None else int(moment > now)


def _around(s: State) -> Key:
    """Who acts for whom; of somebody who is on no rung only whether it waits for him."""
    circle, ladder = s.circle, [who for step in s.e.ladder for who in step["to"]]
    worker = circle.worker is not None and ("village_worker" in ladder or s.e.person == "wang")
    posts = (circle.officers, circle.deputies, circle.county)
    return (worker, *(tuple(p.id for p in post) for post in posts), bool(s.moved))


def key_of(s: State) -> Key:
    """What of a state decides what can follow."""
    e, now = s.e, s.now
    if e.status not in OPEN:
        return (e.status,)
    looks = (e.climb_at, e.lapse_at, e.chase_at, e.rests_until)
    first = min((t for t in looks if t is not None), default=None)
    told = frozenset((t.person, bool(t.undelivered)) for t in e.told)
    waits = e.counted_from is not None and now - e.counted_from >= MINUTE
    quiet = e.ladder[0]["quiet"] and is_quiet(now.astimezone(POLICY.zone).time(), NIGHT)
    return (
        e.status, e.rung, e.person, e.given_by, e.proposed_by, min(e.chases, len(e.ladder)),
        e.rests < e.clock["rests"], told, first is None or looks.index(first),
        e.outcome_by is not None and now >= e.outcome_by, e.counted_from is not None, waits, quiet,
        *(_when(t, now) for t in (e.wake_at, *looks)), *_around(s),
    )  # fmt: skip


def begun(ladder: str) -> Iterator[tuple[str, State]]:
    """The alert as it is just opened."""
    for name, now in BEGINS.items():
        outcome = open_escalation(
            FLAGS[ladder], child=CHILD, circle=circle_of(frozenset(), frozenset()), facts={}, source="s1",
            by="wang", policy=POLICY, now=now, new_id=lambda: "e1",
        )  # fmt: skip
        (e,) = (r for r in outcome.records if isinstance(r, Escalation))
        yield name, kept(State(e=e, now=now), outcome).to


def fault_in(s: State) -> tuple[str, timedelta]:
    """What is wrong with a state, "" = nothing; and how long it takes until somebody is told."""
    e = s.e
    if e.status not in OPEN:
        return ("an ended one waits for the clock" if e.wake_at is not None else ""), timedelta(0)
    if e.wake_at is None:
        return "it is open and the clock never looks at it again", timedelta(0)
    if restart(s).to != s:
        return "it is another one after a restart", timedelta(0)
    if e.rests_until is not None and (e.status != "acknowledged" or e.wake_at != e.rests_until):
        return "its rest has no end", timedelta(0)
    fault, silence = _silent(s, on_its_way=False)
    if not fault and e.status == "open" and e.counted_from is not None:
        fault, silence = _silent(s, on_its_way=True)
    return fault, silence


def _silent(s: State, *, on_its_way: bool) -> tuple[str, timedelta]:
    """Whether the clock alone, look by look, tells nobody of it although somebody could be told."""
    roles = in_circle(s.circle)
    heard = any(on_rung(s.e, rung, s.circle) for rung in range(len(s.e.ladder)))
    then = s
    for _ in range(LOOKS):
        before, step = then, look(then, on_its_way=on_its_way and then is s)
        fault = told_again(before, step)
        if fault:
            return f"{fault}, once the clock looks", timedelta(0)
        then = step.to
        if then.e.wake_at is None or then.e.wake_at <= then.now:
            return "the clock looks at it and sets no later moment", timedelta(0)
        if then.now - s.now > LONGEST:
            break
        if any(n.to in roles for n in step.notices):
            return "", then.now - s.now
    return ("somebody can be reached, and nobody is ever told" if heard else ""), timedelta(0)


def told_again(before: State, step: Step) -> str:
    """A message with the key of an earlier one would never be sent."""
    keys = [n.key for n in step.notices]
    again = [key for key in keys if key in before.keys or keys.count(key) > 1]
    return f"two messages with the key {again[0]}" if again else ""


@dataclass
class Search:
    """A breadth-first search over one ladder: who came from where, and the states at its edge."""

    ladder: str
    moves: Moves = moves
    seen: dict[Key, tuple[Key | None, str]] = field(default_factory=dict)
    edge: list[tuple[Key, State]] = field(default_factory=list)

    def run(self, depth: int) -> Found:
        """To the depth, or to the first fault."""
        found, start = Found(ladder=self.ladder), time.perf_counter()
        for name, state in begun(self.ladder):
            self._reach(found, None, name, state)
        while found.depth < depth and not found.fault and self.edge:
            self._deeper(found)
        found.states, found.seconds = len(self.seen), time.perf_counter() - start
        return found

    def _deeper(self, found: Found) -> None:
        edge, self.edge = self.edge, []
        for key, state in edge:
            for name, move in self.moves(state):
                found.transitions += 1
                self._try(found, key, name, state, move)
                if found.fault:
                    return
        found.depth += 1

    def _try(self, found: Found, key: Key, name: str, state: State, move: Move) -> None:
        try:
            step = move(state)
            fault = told_again(state, step)
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
        if fault:
            found.fault, found.path = fault, [*self._path(key), name]
        else:
            self._reach(found, key, name, step.to)

    def _reach(self, found: Found, origin: Key | None, name: str, state: State) -> None:
        key = key_of(state)
        if key in self.seen:
            return
        self.seen[key] = (origin, name)
        try:
            fault, silence = fault_in(state)
        except Exception as error:
            fault, silence = f"{type(error).__name__}: {error}, once the clock looks", timedelta(0)
        found.silence = max(found.silence, silence)
        if fault:
            found.fault, found.path = fault, self._path(key)
        self.edge.append((key, state))

    def _path(self, key: Key | None) -> list[str]:
        names: list[str] = []
        while key is not None:
            key, name = self.seen[key]
            names.append(name)
        return names[::-1]


def search(ladder: str, depth: int, few: bool = False) -> Found:
    """One ladder, searched to a depth; ``few``: with `few_moves` only."""
    return Search(ladder, few_moves if few else moves).run(depth)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--depth", type=int, default=8)
    parser.add_argument("--ladder", choices=FLAGS, action="append")
    parser.add_argument("--few", action="store_true", help="the officer, the county and the clock only")
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    with ProcessPoolExecutor(args.processes) as pool:
        futures = [pool.submit(search, ladder, args.depth, args.few) for ladder in args.ladder or FLAGS]
        results = []
        for future in futures:
            results.append(future.result())
            print(results[-1], flush=True)
    return 1 if any(r.fault for r in results) else 0


if __name__ == "__main__":
    sys.exit(main())
