"""Play fresh random walks against JavaRosa, which pyxform's wheel brings along, and compare every fact.

`python -m tests.conformance.differential FORMS.tar.gz [--seed N] [--walks N] [--at-least R]`; needs Java
11 or later. Without --seed each run takes another one and prints it, so that a failure can be played again.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from tests.conformance import walk_cases
from tests.conformance.tally import Tally

_WALK = Path(__file__).with_name("Walk.java")


def javarosa() -> Path:
    """The archive that holds JavaRosa."""
    spec = find_spec("pyxform")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "validators/odk_validate/bin/ODK_Validate.jar"


def walks(archive: Path, seed: int, each: int) -> list[str]:
    """Lines as walk_cases reads them, `each` walks over every form of the archive."""
    java = shutil.which("java")
    if java is None:
        raise SystemExit("there is no Java here")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as tar:
            for member in tar.getmembers():
                file = tar.extractfile(member)
                if file is not None and member.name.endswith(".xml"):
                    Path(folder, Path(member.name).name).write_bytes(file.read())
        virtual_machine = [java, "-Duser.timezone=UTC", "-cp", str(javarosa())]
        command = [*virtual_machine, str(_WALK), folder, str(seed), str(each)]
        done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode().splitlines()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("forms", type=Path)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--walks", type=int, default=5, help="walks over each form")
    parser.add_argument("--at-least", type=float, default=0.97)
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}")
    tally = Tally()
    lines = walks(options.forms, options.seed, options.walks)
    walk_cases.score((json.loads(line) for line in lines), tally, options.forms, now=datetime.now(UTC))
    tally.report(failures=True)
    return 0 if tally.rate >= options.at_least else 1


if __name__ == "__main__":
    sys.exit(main())
