"""Starts the process that reads a workbook, and passes its lines on; a refusal becomes a fault in words."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bot.apart import without_secrets
from bot.roster.faults import refusal


@dataclass(frozen=True, kw_only=True)
class Watcher:
    """Who is shown how far it is: ``phase(name, rows)`` begins a phase, ``tick()`` is one row of it.

    Phases are ``reading``, ``checking``, ``comparing`` and ``writing``; 0 rows = it is not known how many.
    """

    phase: Callable[[str, int], None] = lambda name, rows: None
    tick: Callable[[], None] = lambda: None


def read_workbook(path: Path, language: str, watch: Watcher | None = None) -> Iterator[Any]:
    """The lines of the reading process (bot/roster/reading.py). RosterError where the file is refused."""
    command = [sys.executable, "-m", "bot.roster.reading", str(path.absolute())]
    with subprocess.Popen(  # noqa: S603  # our own module, and the file's path as its argument
        command,
        env=without_secrets(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield from _lines(process, path, language, watch or Watcher())
        finally:
            process.kill()


def _lines(process: subprocess.Popen[bytes], path: Path, language: str, watch: Watcher) -> Iterator[Any]:
    assert process.stdout is not None
    for raw in process.stdout:
        line = orjson.loads(raw)
        if isinstance(line, list):
            watch.tick()
            yield line
        elif "rows" in line:
            watch.phase("reading", line["rows"])
        elif "refused" in line:
            raise refusal(path.name, line["refused"], language, line["values"])
        elif "end" in line:
            return
        else:
            yield line
    raise refusal(path.name, "workbook.refused.too_heavy", language, {})  # a limit ended it
