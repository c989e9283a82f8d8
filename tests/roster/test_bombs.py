"""Crafted workbooks at the real commands: refused in one line, within a second of processor and 200 MB."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.roster.bombs import BOMBS

XIANGBAN = Path(sys.executable).with_name("xiangban")
SECOND = 1.0  # of processor, the interpreter's start and all imports included
LITTLE = 200 * 1024  # kilobytes at the peak
# In a small process between: what is measured begins with the memory of whoever starts it.
MEASURED = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, done.stderr, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


def measured(folder: Path, *words: str) -> tuple[int, str, float, int]:
    """Status, standard error, seconds of processor and peak of memory in kilobytes of a command."""
    environment = {**os.environ, "XIANGBAN_DATA_DIR": str(folder), "XIANGBAN_SECRET_KEYS": "k" * 44}
    done = subprocess.run(
        [sys.executable, "-S", "-c", MEASURED, XIANGBAN, "--language", "en", *words],
        env=environment, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    status, error, processor, peak = json.loads(done.stdout)
    return status, error, processor, peak


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_by_both_commands_before_it_costs_anything(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bomb.xlsx"
    BOMBS[kind](path)
    for words in (("roster", "import"), ("forms", "check")):
        status, error, processor, peak = measured(tmp_path / "kept", *words, str(path))
        print(f"{kind}, {' '.join(words)}: {processor:.2f} s, {peak // 1024} MB: {error.strip()}")
        assert status == 1
        assert len(error.splitlines()) == 1, error
        assert error.startswith("bomb.xlsx: ")
        assert processor < SECOND
        assert peak < LITTLE
    assert not (tmp_path / "kept").exists()
