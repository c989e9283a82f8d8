"""Counts what passed, group by group."""

from __future__ import annotations

from collections import defaultdict


class Tally:
    """Cases by group, and facts (parts of cases) by kind; `rate` is over whole cases."""

    def __init__(self) -> None:
        self.groups: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.facts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self.failures: list[str] = []
        self.left_out = 0

    def case(self, group: str, passed: bool, note: str = "") -> None:
        self.groups[group][0] += passed
        self.groups[group][1] += 1
        if not passed:
            self.failures.append(f"{group}: {note}")

    def fact(self, kind: str, passed: bool) -> bool:
        self.facts[kind][0] += passed
        self.facts[kind][1] += 1
        return passed

    @property
    def rate(self) -> float:
        passed, total = (sum(group[i] for group in self.groups.values()) for i in (0, 1))
        return passed / total if total else 0.0

    def report(self, *, failures: bool) -> None:
        if failures:
            for failure in self.failures:
                print(f"FAIL {failure}")
        for kind, (passed, total) in sorted(self.facts.items()):
            print(f"  fact {kind:<24} {passed:>6} / {total:<6} {passed / total:8.3%}")
        suites: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for group, (passed, total) in sorted(self.groups.items()):
            print(f"{group:<60} {passed:>5} / {total:<5} {passed / total:8.2%}")
            for suite in self._sums(group):
                suites[suite][0] += passed
                suites[suite][1] += total
        for suite, (passed, total) in sorted(suites.items()):
            print(f"{suite:<60} {passed:>5} / {total:<5} {passed / total:8.2%}")
        if self.left_out:
            print(f"left out: {self.left_out}")

    @staticmethod
    def _sums(group: str) -> list[str]:
        parts = group.split(" ")[0].split("/")
        return ["ALL", *(f"= {'/'.join(parts[:n])}" for n in (1, 2) if n < len(parts))]
