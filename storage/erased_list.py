"""The list of erased children's keys, beside every backup: what stands in it is dropped while restoring.

A backup holds the children's wrapped keys, for one file and SECRET_KEYS must be enough to restore it. So an
older backup knows nothing of those who were erased since. Therefore `backup` and `erase` keep this small list
in the data folder and in every folder that backups were written to. It names nobody: a line is a keyed digest
of a key that is no more. The last line is a keyed digest of all above; only the county's own database, or a
backup of it, can make or read one.
"""

import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage.errors import BackupFault
from storage.sealed_file import put_in_place
from storage.vault import Vault

_FIRST = "XIANGBAN ERASED 1"


@dataclass(frozen=True, kw_only=True)
class ErasedList:
    """The marks of all keys erased up to ``as_of`` (see `Vault.mark`)."""

    as_of: datetime
    marks: frozenset[str]

    def __or__(self, other: "ErasedList") -> "ErasedList":
        """What both know."""
        return ErasedList(as_of=max(self.as_of, other.as_of), marks=self.marks | other.marks)


def place_in(folder: Path, vault: Vault) -> Path:
    """Where the list of this county's database stands in ``folder``: another county's has another name."""
    return folder / f"xiangban-{vault.tag}.erased"


def write_list(folder: Path, vault: Vault, known: ErasedList) -> None:
    """Write the list into ``folder``, with what stood there already. Raises OSError, `BackupFault`."""
    path = place_in(folder, vault)
    if path.exists():
        known |= read_list(path, vault)
    lines = [_FIRST, known.as_of.isoformat(), *sorted(known.marks)]
    text = "\n".join([*lines, _digest(vault, lines)]) + "\n"
    unfinished = path.with_name(path.name + ".part")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    put_in_place(unfinished, path)


def read_list(path: Path, vault: Vault) -> ErasedList:
    """The list as it was written. Raises `BackupFault`, OSError."""
    *lines, digest = path.read_text(errors="replace").splitlines() or [""]
    if lines[:1] != [_FIRST] or not hmac.compare_digest(digest.encode(), _digest(vault, lines).encode()):
        raise BackupFault(f"the list of erased children {path} is damaged, or another county's")
    return ErasedList(as_of=datetime.fromisoformat(lines[1]), marks=frozenset(lines[2:]))


def lists_in(places: Iterable[Path], vault: Vault) -> list[ErasedList]:
    """The lists that stand in these folders, or are these files. Raises `BackupFault`, OSError."""
    paths = (place_in(place, vault) if place.is_dir() else place for place in places)
    return [read_list(path, vault) for path in dict.fromkeys(paths) if path.exists()]


def _digest(vault: Vault, lines: list[str]) -> str:
    return vault.mac("erased list", "\n".join(lines).encode()).hex()
