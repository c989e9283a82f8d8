"""Searches files for planted texts: as they are, in other encodings, and inside what is packed."""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import re2

_GZIP = re.compile(rb"\x1f\x8b\x08")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
MOST = 64 << 20  # bytes that one packed stream may hold


def disguises(text: str) -> Iterator[bytes]:
    """The texts in the shapes in which a leak might stand."""
    plain = text.encode()
    yield plain
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield plain[::-1]
    for offset in range(
        3
    ):  # base64 of a text in the middle of others, cut to what is the same wherever it stands
        coded = base64.b64encode(b"\0" * offset + plain)
        start, end = (offset * 8 + 5) // 6, len(coded) - (4 if (len(plain) + offset) % 3 else 0)
        yield coded[start:end]
        yield coded[start:end].replace(b"+", b"-").replace(b"/", b"_")
    if not text.isascii():
        yield quote(text).encode()
        yield text.encode("ascii", "backslashreplace")
        yield text.encode("gb18030")


class Hunt:
    """Knows the planted texts by name. ``found`` collects (where, name) of everything that was met."""

    def __init__(self, planted: Iterable[str]) -> None:
        self.planted = sorted(set(planted))
        self._names = {shape: text for text in self.planted for shape in disguises(text) if len(shape) >= 6}
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.never_nl = False
        options.max_mem = 512 << 20
        self._any: Any = re2.compile(b"|".join(re2.escape(shape) for shape in self._names), options)

    def search(self, data: bytes, where: str, *, deep: bool = True) -> list[tuple[str, str]]:
        """Where what was found in ``data``, also inside gzip, zlib and zip."""
        found = [(where, self._names[bytes(m.group())]) for m in self._any.finditer(data)]
        if deep:
            for inner, packed in _unpacked(data):
                found += self.search(packed, f"{where} › {inner}", deep=False)
        return found

    def search_files(self, folders: Iterable[Path]) -> list[tuple[str, str]]:
        """The same over all files below ``folders``; their names count as well."""
        found: list[tuple[str, str]] = []
        for folder in folders:
            for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
                found += self.search(str(path.name).encode(), f"the name of {path.name}")
                if path.is_file() and not path.is_symlink():
                    found += self.search(path.read_bytes(), path.name)
        return found


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    for pattern, window in ((_GZIP, 31), (_ZLIB, 15)):
        for match in pattern.finditer(data):
            try:
                yield (
                    f"packed at {match.start()}",
                    zlib.decompressobj(window).decompress(data[match.start() :], MOST),
                )
            except zlib.error:
                continue
    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                yield from ((name, package.read(name)) for name in package.namelist())
        except zipfile.BadZipFile:
            return
