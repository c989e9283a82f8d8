"""Our engine beside JavaRosa itself, on walks that nobody has seen before."""

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path

from tests.conformance import own, walk_cases
from tests.conformance.differential import walks
from tests.conformance.tally import Tally


def test_fresh_walks_go_as_javarosa_goes(tmp_path: Path) -> None:
    forms, seed = own.archive(tmp_path / "own.tar.gz"), secrets.randbelow(1_000_000)
    lines = walks(forms, seed, 1)
    tally = Tally()
    walk_cases.score((json.loads(line) for line in lines), tally, forms, now=datetime.now(UTC))
    assert len(lines) == len(own.forms())
    assert (tally.rate >= 0.97, tally.left_out) == (True, 0), (seed, tally.failures)
