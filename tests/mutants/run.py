"""Changes the core in thousands of small ways, and counts how many of the changes the tests notice."""

import argparse
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.stats import status_by_exit_code

KEPT = Path("mutants")  # the mutated copy and what is known of each mutant; a later run goes on from there
MUTMUT = Path(sys.executable).with_name("mutmut")
NOTICED = ("killed", "timeout", "segfault", "caught by type check")  # a test failed, or never came to its end
LEAST, LEAST_OF_A_MODULE = 90.0, 80.0  # percent


@dataclass(frozen=True, kw_only=True)
class Count:
    """What became of the mutants of one module, or of all. ``unknown``: not tried yet."""

    killed: int = 0
    timeout: int = 0
    survived: int = 0
    unknown: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            killed=self.killed + other.killed,
            timeout=self.timeout + other.timeout,
            survived=self.survived + other.survived,
            unknown=self.unknown + other.unknown,
        )

    @property
    def all(self) -> int:
        return self.killed + self.timeout + self.survived + self.unknown

    @property
    def share(self) -> float:
        """Percent noticed; a mutant not tried counts as not noticed."""
        return 100.0 * (self.killed + self.timeout) / self.all if self.all else 100.0


def known(path: Path) -> dict[str, str]:
    """Mutant -> what became of it, for the module at ``path``; empty where it was never mutated."""
    found = SourceFileMutationData(path=path)
    found.load()
    return {name: status_by_exit_code[code] for name, code in found.exit_code_by_key.items()}


def count(path: Path) -> Count:
    states = Counter(known(path).values())
    timeout, unknown = states.pop("timeout", 0), states.pop("not checked", 0)
    killed = sum(states.pop(name, 0) for name in NOTICED)
    return Count(killed=killed, timeout=timeout, unknown=unknown, survived=states.total())


def survivors(paths: list[Path]) -> list[str]:
    return [
        name for path in paths for name, state in known(path).items() if state in ("survived", "no tests")
    ]


def refresh() -> None:
    """Bring the copy up to date where mutmut doesn't: data, deleted tests, modules not mutated before."""
    shutil.rmtree(KEPT / "tests", ignore_errors=True)
    for name in config().only_mutate:
        if not (KEPT / f"{name}.meta").exists():
            (KEPT / name).unlink(missing_ok=True)
    for path in config().source_paths:
        shutil.copytree(path, KEPT / path, ignore=shutil.ignore_patterns("*.py"), dirs_exist_ok=True)


def mutate(patterns: list[str], children: int) -> None:
    """Let mutmut try the mutants named, or else all those whose function changed since they were tried."""
    # In CI's way hypothesis takes the same examples every time: a mutant's fate must not be chance.
    command = [str(MUTMUT), "run", "--max-children", str(children), *patterns]
    done = subprocess.run(command, env={**os.environ, "CI": "true"}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def run(paths: list[Path], *, whole: bool, children: int) -> None:
    """All of a chosen module; or what is new in all of them, and what survived before, by today's tests."""
    if not whole:
        return mutate([f"{'.'.join(path.with_suffix('').parts)}.*" for path in paths], children)
    before = set(survivors(paths))
    mutate([], children)
    if again := [name for name in survivors(paths) if name in before]:
        mutate(again, children)
    return None


def table(paths: list[Path]) -> bool:
    """Print what became of them; whether it is enough."""
    counts = {str(path): count(path) for path in paths}
    whole = sum(counts.values(), Count())
    heads = ("mutants", "killed", "timeout", "survived", "not tried", "noticed")
    print(f"{'module':32}", *(f"{head:>9}" for head in heads))
    for name, c in [*sorted(counts.items()), ("all", whole)]:
        print(f"{name:32} {c.all:8} {c.killed:7} {c.timeout:8} {c.survived:9} {c.unknown:10} {c.share:7.1f}%")
    return whole.share >= LEAST and all(c.share >= LEAST_OF_A_MODULE for c in counts.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--module", type=Path, help="only this module, e.g. bot/clock.py, from the beginning")
    parser.add_argument("--fresh", action="store_true", help="forget what is known of earlier runs")
    parser.add_argument("--children", type=int, default=1, help="how many mutants are tried at a time")
    parser.add_argument("--list", action="store_true", help="try nothing; show the table and who survived")
    chosen = parser.parse_args()
    paths = [Path(path) for path in config().only_mutate]
    if chosen.module and chosen.module not in paths:
        parser.error(
            f"{chosen.module} is not among only_mutate in pyproject.toml: {', '.join(map(str, paths))}"
        )
    if chosen.fresh:
        shutil.rmtree(KEPT, ignore_errors=True)
    paths = [chosen.module] if chosen.module else paths
    if not chosen.list:
        refresh()
        run(paths, whole=not chosen.module, children=chosen.children)
    enough = table(paths)
    for name in survivors(paths):
        print(f"survived: {MUTMUT.parent.name}/mutmut show {name}" if chosen.list else f"survived: {name}")
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
