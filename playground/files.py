"""Files as Telegram keeps them: an id to send again, a path to download from, and limits on size."""

import hashlib
import mimetypes
import struct
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from playground.refusal import FILE_EMPTY, FILE_ID_INVALID, FILE_TOO_BIG, Refusal, bad

DOWNLOAD_LIMIT = 20 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
FOLDERS = {"photo": "photos", "voice": "voice", "document": "documents", "audio": "music", "video": "videos"}
PHONE_PHOTO_SIZE = (1280, 960)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """One file: its content and what the Bot API says of it."""

    file_id: str
    unique_id: str
    path: str
    name: str
    mime: str
    content: bytes

    def card(self) -> dict[str, Any]:
        """The File object, without the path."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
        }


class Files:
    """All files by id and by path. The same content under the same name keeps its id."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def keep(self, kind: str, content: bytes, *, name: str, mime: str = "") -> StoredFile:
        """Stores a file; kind is the message field that carries it (photo, voice, document, …)."""
        if not content:
            raise bad(FILE_EMPTY)
        digest = hashlib.sha256(f"{kind}\0{name}\0{mime}\0".encode() + content).hexdigest()
        file_id = f"{kind[:2].upper()}AD{digest[:40]}"
        if file_id in self._by_id:
            return self._by_id[file_id]
        suffix = PurePosixPath(name).suffix or mimetypes.guess_extension(mime) or ".bin"
        folder = FOLDERS.get(kind, "files")
        stored = StoredFile(
            file_id=file_id,
            unique_id=digest[40:55],
            path=f"{folder}/file_{len(self._by_id)}{suffix}",
            name=name,
            mime=mime or mimetypes.guess_type(name)[0] or "application/octet-stream",
            content=content,
        )
        self._by_id[file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def by_id(self, file_id: str) -> StoredFile:
        """The file, or the refusal of getFile."""
        stored = self._by_id.get(file_id)
        if stored is None:
            raise bad(FILE_ID_INVALID)
        return stored

    def downloadable(self, file_id: str) -> dict[str, Any]:
        """What getFile answers; a bot may download 20 MB."""
        stored = self.by_id(file_id)
        if len(stored.content) > DOWNLOAD_LIMIT:
            raise bad(FILE_TOO_BIG)
        return {**stored.card(), "file_path": stored.path}

    def by_path(self, path: str) -> StoredFile:
        """The file at a download path."""
        stored = self._by_path.get(path)
        if stored is None:
            raise Refusal(404, "Not Found")
        return stored


def image_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF or JPEG; None when it is none of them."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return int(width), int(height)
    return _jpeg_size(content) if content.startswith(b"\xff\xd8") else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return int(width), int(height)
        at += 2 + length
    return None


def photo_sizes(stored: StoredFile) -> list[dict[str, Any]]:
    """The PhotoSize list of a photo; one of unknown size counts as a phone's camera picture."""
    width, height = image_size(stored.content) or PHONE_PHOTO_SIZE
    return [{**stored.card(), "width": width, "height": height}]
