"""The power fails: what was written is recorded by strace, the files are rebuilt as a cut would leave them.

    python -m tests.storage.power --seconds 20 --cuts 2000

A process writes through the store and says what was acknowledged. From the record of its writes and syncs
the files are rebuilt for every sync, just before it: with nothing of what was not synced, and with any part
of it (whole sectors, in any order). In each every acknowledged row must be there, and no outcome by half.
"""

import argparse
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.storage.world import KEY
from tests.storage.writer import number_of

SECTOR = 512
_OURS = (".db", ".db-wal", ".db-journal")
_CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink"
_LINE = re.compile(r"(\d+) +(\w+)\((.*)\) = (-?\d+)")
_HALF = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>")
_REST = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)")
_FILE = re.compile(r"(\d+)<((?:\\x[0-9a-f]{2})+)(?:<[^>]*>)?>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def is_there() -> bool:
    """Whether this machine can record what a process writes."""
    return shutil.which("strace") is not None


@dataclass
class Kept:
    """One file: what the disk surely holds, and what was written since its last sync, in order."""

    sure: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, bytes | None]] = field(default_factory=list)  # at, bytes; None: cut there

    def synced(self) -> None:
        """Everything written up to now is on the disk."""
        for at, content in self.since:
            _write(self.sure, at, content)
        self.since.clear()

    def after_a_cut(self, dice: random.Random | None) -> bytes:
        """Its content after a cut: without what was not synced, or with any part of it."""
        found = bytearray(self.sure)
        for at, content in self.since if dice is not None else ():
            for start in range(0, len(content or b"x"), SECTOR):
                if dice is not None and dice.random() < 0.5:
                    _write(found, at + start, content and content[start : start + SECTOR])
        return bytes(found)


def _write(into: bytearray, at: int, content: bytes | None) -> None:
    if content is None:
        del into[at:]
        return
    if len(into) < at:
        into.extend(bytes(at - len(into)))
    into[at : at + len(content)] = content


LARGEST = 4 * 1024**3  # bytes of a record: should whoever records be killed, the disk is not filled up


def record(folder: Path, seconds: float) -> Path:
    """Let the writer write for a while into ``folder``; the record of what it did."""
    trace = folder / "trace"
    command = ["strace", "-f", "-y", "-xx", "-s", "10000000", "-e", f"trace={_CALLS}", "-o", str(trace)]
    writer = [sys.executable, "-m", "tests.storage.writer", f"sqlite:///{folder}/store.db", KEY, "0"]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            ["prlimit", f"--cpu={seconds + 60:.0f}", f"--fsize={LARGEST}", *command, *writer],
            stdout=said, start_new_session=True,
        )  # fmt: skip
        while not trace.exists() or b"ok" not in (folder / "said").read_bytes():  # it works
            time.sleep(0.1)
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return trace


def calls(trace: Path) -> Iterator[tuple[str, str]]:
    """The calls that succeeded, in the order in which they ended: name and arguments."""
    begun: dict[str, str] = {}
    for line in trace.open():
        half, rest = _HALF.match(line), _REST.match(line)
        if half:
            begun[half[1]] = half[3]
            continue
        if rest:
            line = f"{rest[1]} {rest[2]}({begun.pop(rest[1], '')}{rest[3]}"
        whole = _LINE.match(line)
        if whole and int(whole[4]) >= 0:
            yield whole[2], whole[3]


@dataclass
class Disk:
    """The files of one database as they are written, and what its writer said."""

    folder: Path
    files: dict[str, Kept] = field(default_factory=dict)
    said: bytearray = field(default_factory=bytearray)

    def _file(self, arguments: str) -> tuple[Kept, str] | None:
        """Which of the files a call is about, and its other arguments."""
        file = _FILE.match(arguments)
        path = Path(_plain(file[2]).decode()) if file else None
        if file is None or path is None or path.parent != self.folder or path.suffix not in _OURS:
            return None
        return self.files.setdefault(path.name, Kept()), arguments[file.end() :]

    def is_sync(self, name: str, arguments: str) -> bool:
        """Whether this call makes one of the files sure."""
        return name in ("fsync", "fdatasync") and self._file(arguments) is not None

    def does(self, name: str, arguments: str) -> None:
        """Take over one call."""
        text = _TEXT.search(arguments)
        content = _plain(text[1]) if text else b""
        if name == "unlink":
            self.files.pop(Path(content.decode()).name, None)
        elif name == "write" and arguments.startswith("1<"):
            self.said += content
        elif (found := self._file(arguments)) is not None:
            kept, rest = found
            numbers = [int(word) for word in rest.split(", ") if word.isdigit()]
            if name in ("fsync", "fdatasync"):
                kept.synced()
            elif name in ("pwrite64", "ftruncate"):
                kept.since.append((numbers[-1], content if name == "pwrite64" else None))

    @property
    def acknowledged(self) -> dict[str, set[str]]:
        """The ids that were said to be kept (in) and applied (ok)."""
        found: dict[str, set[str]] = {"in": set(), "ok": set()}
        for line in self.said.decode().split("\n")[:-1]:
            word, _, id = line.partition(" ")
            found.setdefault(word, set()).add(id)
        return found

    def lay_down(self, folder: Path, dice: random.Random | None) -> Path:
        """The files as a cut now would leave them, in ``folder``."""
        for path in folder.iterdir():
            path.unlink()
        for name, kept in self.files.items():
            (folder / name).write_bytes(kept.after_a_cut(dice))
        return folder / "store.db"


def _plain(hexed: str) -> bytes:
    return bytes.fromhex(hexed.replace("\\x", ""))


@dataclass
class Verdict:
    """Over all cuts: how many there were, how many rows had been acknowledged, and what was missing."""

    syncs: int = 0
    cuts: int = 0
    acknowledged: int = 0
    faults: list[str] = field(default_factory=list)


def judge(trace: Path, folder: Path, *, most: int, seed: int = 1) -> Verdict:
    """Cut at every sync, or at ``most`` of them evenly, twice each."""
    dice, verdict = random.Random(seed), Verdict()
    every = max(1, sum(1 for name, _ in calls(trace) if "sync" in name) // most)
    disk = Disk(trace.parent)
    for name, arguments in calls(trace):
        if disk.is_sync(name, arguments):
            verdict.syncs += 1
            if verdict.syncs % every == 0 and disk.acknowledged["in"]:
                for chance in (None, dice):
                    verdict.cuts += 1
                    fault = _fault(disk.lay_down(folder, chance), disk.acknowledged)
                    verdict.faults += [f"sync {verdict.syncs}: {fault}"] if fault else []
        disk.does(name, arguments)
    verdict.acknowledged = sum(map(len, disk.acknowledged.values()))
    return verdict


def _fault(path: Path, acknowledged: dict[str, set[str]]) -> str:
    """What is wrong with the database in ``path``; "" for nothing."""
    base = sqlite3.connect(path)
    try:
        if base.execute("PRAGMA quick_check").fetchone() != ("ok",):
            return "the file is damaged"
        talks = {row[0] for row in base.execute("SELECT id FROM records WHERE kind = 'talk'")}
        came = {row[0] for row in base.execute("SELECT update_id FROM inbox")}
        told = {row[0] for row in base.execute("SELECT key FROM outbox")}
        noted = {row[0] for row in base.execute("SELECT record FROM events")}
    except sqlite3.Error as error:
        return str(error)
    finally:
        base.close()
    if not {f"{id}{half}" for id in acknowledged["ok"] for half in "ab"} <= talks:
        return "an applied outcome is missing"
    if not {number_of(id) for id in acknowledged["in"]} <= came:
        return "a received update is missing"
    if not told == noted == {id[:-1] for id in talks} or len(talks) != 2 * len(told):
        return "an outcome is there by half"
    return ""


def main() -> int:
    """Record, cut, and print the verdict."""
    parser = argparse.ArgumentParser(prog="python -m tests.storage.power")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--cuts", type=int, default=2000, help="at most so many syncs are looked at")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xbpower") as name, tempfile.TemporaryDirectory() as image:
        verdict = judge(record(Path(name), options.seconds), Path(image), most=options.cuts)
    print(f"{verdict.syncs} syncs, {verdict.cuts} cuts, {verdict.acknowledged} rows acknowledged")
    print("\n".join(verdict.faults) or "nothing acknowledged was lost, nothing was there by half")
    return 1 if verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main())
