"""The file format of backups: a header, then sealed chunks; none can be read, cut or swapped unseen."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import BackupFault
from storage.keys import KeyRing

MAGIC = b"XIANGBAN BACKUP 2\n"
_NAME = "backup"
_LARGEST = 1 << 28
SYNC_AT = 1 << 20  # bytes: a commit of the bot's waits for what we leave to the disk in one go


class Writer:
    """Writes chunks beside ``path`` and puts the whole file in place at the end."""

    def __init__(self, path: Path, ring: KeyRing, facts: dict[str, str]) -> None:
        self._path = path
        self._unfinished = path.with_name(path.name + ".part")
        key = os.urandom(32)
        self._aead = AESGCM(key)
        header = {"by": ring.newest, "key": ring.wrap(key, _NAME).hex(), **facts}
        self._header = orjson.dumps(header)
        handle = os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file: BinaryIO = os.fdopen(handle, "wb")
        self._file.write(MAGIC + len(self._header).to_bytes(4, "big") + self._header)
        self._count = 0
        self._unsynced = 0

    def chunk(self, content: Any) -> None:
        """Add what JSON can hold."""
        self._put(orjson.dumps(content), last=False)

    def _put(self, plain: bytes, *, last: bool) -> None:
        nonce = self._count.to_bytes(12, "big")  # the key is this file's alone, so a counter never repeats
        sealed = self._aead.encrypt(nonce, plain, self._header + bytes((last,)))
        self._file.write(bytes((last,)) + len(sealed).to_bytes(4, "big") + sealed)
        self._count += 1
        self._unsynced += len(sealed)
        if self._unsynced >= SYNC_AT:
            self._sync()

    def _sync(self) -> None:
        self._file.flush()
        os.fdatasync(self._file.fileno())
        self._unsynced = 0

    def finish(self) -> None:
        """Close the chain of chunks; only now does the file stand at its place, and outlasts a power cut."""
        self._put(b"{}", last=True)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        put_in_place(self._unfinished, self._path)

    def give_up(self) -> None:
        """Leave nothing behind."""
        self._file.close()
        self._unfinished.unlink(missing_ok=True)


def put_in_place(written: Path, path: Path) -> None:
    """Give the finished file ``written`` its name; the folder's entry is on the disk when it returns."""
    written.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Reader:
    """Reads what `Writer` wrote. Raises `BackupFault`, `WrongKeys`, `Tampered`."""

    def __init__(self, path: Path, ring: KeyRing) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise BackupFault(f"cannot be read: {error.strerror}") from None
        if self._file.read(len(MAGIC)) != MAGIC:
            self._file.close()
            raise BackupFault("is not a backup of this program")
        self._header = self._exactly(int.from_bytes(self._exactly(4), "big"))
        try:
            self.facts: dict[str, str] = orjson.loads(self._header)
            key = bytes.fromhex(self.facts["key"])
        except (ValueError, KeyError):
            raise BackupFault("is damaged") from None
        self._aead = AESGCM(ring.unwrap(key, _NAME, self.facts["by"]))

    def _exactly(self, size: int) -> bytes:
        found = self._file.read(size) if size <= _LARGEST else b""
        if len(found) != size:
            raise BackupFault("is cut off or damaged")
        return found

    def chunks(self) -> Iterator[Any]:
        """All chunks in order; ends only at the true end."""
        count, last = 0, False
        with self._file:
            while not last:
                last = self._exactly(1) == b"\1"
                sealed = self._exactly(int.from_bytes(self._exactly(4), "big"))
                try:
                    plain = self._aead.decrypt(
                        count.to_bytes(12, "big"), sealed, self._header + bytes((last,))
                    )
                except InvalidTag:
                    raise BackupFault("is damaged or was altered") from None
                count += 1
                if not last:
                    yield orjson.loads(plain)
            if self._file.read(1):
                raise BackupFault("has something after its end")
