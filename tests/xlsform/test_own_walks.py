"""What JavaRosa did with forms of our own, replayed: every fact, and the submission leaf by leaf."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path

from tests.conformance import own, walk_cases
from tests.conformance.tally import Tally


def test_our_own_forms_run_as_javarosa_runs_them(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in gzip.decompress(own.KEPT.read_bytes()).splitlines()]
    tally = Tally()
    walk_cases.score(lines, tally, own.archive(tmp_path / "own.tar.gz"), now=_recorded(lines))
    assert tally.failures == []
    assert (tally.rate, tally.left_out) == (1.0, 0)
    assert len(lines) == own.EACH * (len(own.CALCULATIONS) + 2)


def _recorded(lines: list[dict[str, dict[str, list[str]]]]) -> datetime:
    """The day of the recording: what JavaRosa gave for today()."""
    number = own.CALCULATIONS.index("today()")
    line = next(line for line in lines if line["form"] == f"own__calculation_{number:03}.xml")
    return datetime.fromisoformat(line["values"]["/data/c"][1])
