"""Looks at a workbook's container before anything opens it, and refuses what would harm or is no table."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MEGABYTE = 1024 * 1024
# Measured: a roster of 100,000 children is 7 MB packed and 72 MB unpacked; its parts shrink 10-fold.
LARGEST_FILE = 24 * MEGABYTE
LARGEST_UNPACKED = 160 * MEGABYTE
HIGHEST_RATIO = 100  # of one part; small parts of repeated text may reach it honestly
RATIO_FROM = 4 * MEGABYTE
MOST_PARTS = 500
MOST_ROWS = 150_000  # in one sheet
MOST_COLUMNS = 60
LONGEST_CELL = 32_767  # Excel's own limit
_CHUNK = 256 * 1024
PACKAGE = b"PK"
_OLE = b"\xd0\xcf\x11\xe0"  # the container of .xls, and of .xlsx with a password
_ACTIVE = re.compile(
    r"vbaproject|macrosheets|/activex|/externallinks/|/embeddings/|/querytables|/customui|xl/connections\.xml",
    re.IGNORECASE,
)
_READ = re.compile(r"^(\[content_types\]\.xml|_rels/.*|xl/.*\.(xml|rels))$", re.IGNORECASE)
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s+ref="(?:[A-Z]+\d+:)?([A-Z]{1,3})(\d{1,7})"')
_FAR_CELL = re.compile(rb'<(?:\w+:)?c r="[A-Z]{1,3}(\d{6,7})"[^>/]*>')
_PREFIX = re.compile(rb"<(\w+):worksheet")


class Refused(Exception):
    """The file is not read at all; ``key`` names the sentence that says why, ``values`` fill it."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True, kw_only=True)
class Size:
    """What a workbook that may be opened holds; ``rows`` over all sheets, roughly, for the progress bar."""

    rows: int


def inspect(path: Path) -> Size:
    """Refuse bombs, macros, links, entities and other kinds of files; each part is read once, in pieces."""
    try:
        with path.open("rb") as file:
            return _looked_into(file)
    except OSError as error:
        raise Refused("workbook.refused.unreadable", reason=error.strerror or "") from None


def inspect_bytes(content: bytes) -> Size:
    """As `inspect`, of a workbook that is in memory."""
    return _looked_into(io.BytesIO(content))


def _looked_into(file: IO[bytes]) -> Size:
    head = file.read(8)
    size = file.seek(0, io.SEEK_END)
    if head.startswith(_OLE):
        raise Refused("workbook.refused.old_or_locked")
    if not head.startswith(PACKAGE):
        raise Refused("workbook.refused.no_workbook")
    if size > LARGEST_FILE:
        raise Refused("workbook.refused.too_large", megabytes=str(LARGEST_FILE // MEGABYTE))
    try:
        with zipfile.ZipFile(file) as package:
            return _inspected(package)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, RuntimeError, ValueError) as error:
        raise Refused("workbook.refused.damaged", reason=type(error).__name__) from None
    except NotImplementedError:
        raise Refused("workbook.refused.damaged", reason="compression") from None


def _inspected(package: zipfile.ZipFile) -> Size:
    parts = package.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MOST_PARTS or len(set(names)) != len(names):
        raise Refused("workbook.refused.bomb")
    if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise Refused("workbook.refused.bomb")
    for part in parts:
        if part.file_size > RATIO_FROM and part.file_size > HIGHEST_RATIO * max(part.compress_size, 1):
            raise Refused("workbook.refused.bomb")
        if _ACTIVE.search(part.filename):
            raise Refused("workbook.refused.active", part=part.filename.rsplit("/", 1)[-1])
    if "[Content_Types].xml" not in names:
        raise Refused("workbook.refused.no_workbook")
    return Size(rows=sum(_part(package, part) for part in parts if _READ.match(part.filename)))


def _part(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many rows a part has. It is read through for entities, other encodings and too many rows."""
    sheet = part.filename.lower().startswith("xl/worksheets/") and part.filename.lower().endswith(".xml")
    row = b"<row"
    rows = 0
    tail = b""
    with package.open(part) as stream:
        for number, chunk in enumerate(_chunks(stream)):
            text = tail + chunk
            if number == 0:
                _first(text, part.filename)
                prefix = _PREFIX.search(text)
                row = b"<" + prefix.group(1) + b":row" if prefix else row
            if len(chunk) == _CHUNK and b"<" not in chunk:
                raise Refused("workbook.refused.bomb")  # one text longer than any cell can hold
            if b"<!" in text and (b"<!DOCTYPE" in text or b"<!ENTITY" in text):
                raise Refused("workbook.refused.entities")
            rows += text.count(row) - tail.count(row) if sheet else 0
            if rows > MOST_ROWS + 1 or (sheet and _far_down(text)):
                raise Refused("workbook.refused.rows", rows=str(MOST_ROWS))
            tail = text[-16:]
    return rows


def _far_down(text: bytes) -> bool:
    """Whether a cell with something in it lies below the last row allowed, however few rows there are."""
    return any(int(found.group(1)) > MOST_ROWS + 1 for found in _FAR_CELL.finditer(text))


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.read(_CHUNK), b"")


def _first(text: bytes, name: str) -> None:
    if b"\x00" in text[:200] or re.search(rb'encoding=["\'](?!utf-8)', text[:200], re.IGNORECASE):
        raise Refused("workbook.refused.encoding")
    if name.lower() == "[content_types].xml" and b"macroEnabled" in text:
        raise Refused("workbook.refused.active", part="macros")
    dimension = _DIMENSION.search(text[:4096])
    if dimension and int(dimension.group(2)) > MOST_ROWS + 1:
        raise Refused("workbook.refused.rows", rows=str(MOST_ROWS))
