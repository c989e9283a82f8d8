"""The audit trail's head, kept outside the database as well.

Who may write the database can take the last events away and put back the head that stood there before them.
Within the database nothing tells that from the truth; a head that was kept elsewhere does. The running bot
keeps one in the data folder every minute, and every backup holds one.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection

from storage.errors import StorageError
from storage.events import head_of, holds, is_head
from storage.sealed_file import put_in_place
from storage.vault import Vault


def place_in(folder: Path, vault: Vault) -> Path:
    """Where the head of this county's database is kept in ``folder``."""
    return folder / f"xiangban-{vault.tag}.head"


def keep_head(conn: Connection, vault: Vault, folder: Path) -> bool:
    """Keep the present head in ``folder``; False, and nothing is changed, if the chain lost the one kept."""
    path, head = place_in(folder, vault), head_of(conn)
    if head is None or any(not holds(conn, kept) for kept in _read(path, vault)):
        return False
    _write(path, head)
    return True


def begin_anew(conn: Connection, vault: Vault, folder: Path) -> None:
    """Keep the present head whatever was kept before: the database was restored from a backup."""
    _write(place_in(folder, vault), head_of(conn) or b"")


def anchors(vault: Vault, folder: Path) -> Mapping[int, bytes]:
    """The heads kept in ``folder``, for `events.verify`. Raises `StorageError` where the file was altered."""
    return {int.from_bytes(head[:8], "big"): head[8:40] for head in _read(place_in(folder, vault), vault)}


def _read(path: Path, vault: Vault) -> list[bytes]:
    try:
        head = path.read_bytes()
    except FileNotFoundError:
        return []
    if not is_head(vault.audit, head):
        raise StorageError(f"{path} was altered")
    return [head]


def _write(path: Path, head: bytes) -> None:
    unfinished = path.with_name(path.name + ".part")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(head)
        file.flush()
        os.fsync(file.fileno())
    put_in_place(unfinished, path)
