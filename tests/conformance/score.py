"""Score the engine on a file of recorded facts: `python -m tests.conformance.score
{xpath|scenarios|walks|md} FILE`.

Prints passed / total and the rate for each group, lists the failing cases with --failures, and exits 1
below --at-least.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.conformance import md_cases, scenario_cases, walk_cases, xpath_cases
from tests.conformance.tally import Tally


def cases(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a JSON-lines file, gzipped or not."""
    data = path.read_bytes()
    text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    for line in text.decode().splitlines():
        if line.strip():
            yield json.loads(line)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["xpath", "scenarios", "walks", "md"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--forms", type=Path, help="the archive with the walks' forms")
    parser.add_argument("--failures", action="store_true", help="list the failing cases")
    parser.add_argument("--at-least", type=float, default=0.0, help="the least rate of whole cases, 0 to 1")
    options = parser.parse_args(arguments)
    tally = Tally()
    lines = cases(options.file)
    if options.kind == "xpath":
        xpath_cases.score(lines, tally)
    elif options.kind == "scenarios":
        scenario_cases.score(lines, tally)
    elif options.kind == "walks":
        walk_cases.score(lines, tally, options.forms or options.file.parent / "xforms_dev.tar.gz")
    else:
        md_cases.score(lines, tally)
    tally.report(failures=options.failures)
    return 0 if tally.rate >= options.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
