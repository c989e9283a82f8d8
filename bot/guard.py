"""Looks at a workbook's container before anything opens it, and refuses what would harm or is no table."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.parsers import expat

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
MOST_SHEETS = 200
DEEPEST = 100  # elements in one another; a sheet has 8, a theme 15
MOST_ELEMENTS = 300_000  # in a part that is neither sheet nor texts: Excel itself allows 65,490 cell formats
_CHUNK = 256 * 1024
_WINDOW = 16 * 1024  # within it, depth is not looked at: 5,000 elements at most
PACKAGE = b"PK"
_OLE = b"\xd0\xcf\x11\xe0"  # the container of .xls, and of .xlsx with a password
_ACTIVE = re.compile(
    r"vbaproject|macrosheets|/activex|/externallinks/|/embeddings/|/querytables|/customui|xl/connections\.xml",
    re.IGNORECASE,
)
# How XML begins. A part's name says nothing: a workbook may call its sheets as it likes.
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*\x00?<|\xff\xfe|\xfe\xff")
_LONG = re.compile(rb"<(?:\w+:)?(?:sheetData|sst)\b")
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s+ref="(?:[A-Z]+\d+:)?([A-Z]{1,3})(\d{1,7})"')
_FAR_CELL = re.compile(rb'<(?:\w+:)?c r="[A-Z]{1,3}(\d{6,7})"[^>/]*>')
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
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
    except NotImplementedError:
        raise Refused("workbook.refused.damaged", reason="compression") from None
    except _BROKEN as error:
        raise Refused("workbook.refused.damaged", reason=type(error).__name__) from None


def _inspected(package: zipfile.ZipFile) -> Size:
    parts = package.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MOST_PARTS or len(set(names)) != len(names):
        raise Refused("workbook.refused.bomb")
    if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise Refused("workbook.refused.bomb")
    for part in parts:
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotImplementedError  # no program writes it, and a dictionary may have gigabytes
        if part.file_size > RATIO_FROM and part.file_size > HIGHEST_RATIO * max(part.compress_size, 1):
            raise Refused("workbook.refused.bomb")
        if _ACTIVE.search(part.filename):
            raise Refused("workbook.refused.active", part=part.filename.rsplit("/", 1)[-1])
    if "[Content_Types].xml" not in names:
        raise Refused("workbook.refused.no_workbook")
    return Size(rows=sum(_part(package, part) for part in parts))


def _part(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many rows a part has. XML is read through for entities, encodings, depth and size."""
    reading = _Reading()
    with package.open(part) as stream:
        first = stream.read(_CHUNK)
        if not _XML.match(first):
            for _ in _chunks(stream):  # to the end: only there its checksum is looked at
                pass
            return 0
        _first(first, part.filename)
        reading.begin(first)
        for chunk in _chunks(stream):
            reading.take(chunk)
    if not reading.sure or reading.depth:
        with package.open(part) as stream:
            _parsed(stream)
    return reading.rows


class _Reading:
    """What is known of a part so far. ``sure``: its depth is known without parsing it.

    Tags are counted, not parsed, which is far quicker. Only comments, CDATA and processing instructions can
    feign a tag that opens; text can feign "/>", but then the depth is not 0 at the end.
    """

    def __init__(self) -> None:
        self.rows = self.depth = 0
        self.sure = True
        self._row = b"<row"
        self._elements = self._sheets = 0
        self._long = False
        self._tail = b""  # what follows the last tag read

    def begin(self, first: bytes) -> None:
        """The first piece of the part."""
        prefix = _PREFIX.search(first)
        self._row = b"<" + prefix.group(1) + b":row" if prefix else self._row
        self._long = bool(_LONG.search(first))
        self.take(first.replace(b"<?xml", b" ?xml", 1))  # the one instruction that is usual

    def take(self, chunk: bytes) -> None:
        """The next piece."""
        if len(chunk) == _CHUNK and (b"<" not in chunk or b">" not in chunk):
            raise Refused("workbook.refused.bomb")  # one text longer than any cell can hold
        text = self._tail + chunk
        end = text.rfind(b">") + 1
        self._tail = text[end:]
        if b"<!" in text and (b"<!DOCTYPE" in text or b"<!ENTITY" in text):
            raise Refused("workbook.refused.entities")
        self.rows += text.count(self._row, 0, end)
        self._sheets += text.count(b"sheetId", 0, end)
        if self.rows > MOST_ROWS + 1 or _far_down(text):
            raise Refused("workbook.refused.rows", rows=str(MOST_ROWS))
        start = 0
        while start < end:
            stop = text.rfind(b">", start, start + _WINDOW) + 1 or text.find(b">", start) + 1
            self._count(text, start, stop)
            start = stop
        if self._sheets > MOST_SHEETS or (self._elements > MOST_ELEMENTS and not self._long):
            raise Refused("workbook.refused.bomb")

    def _count(self, text: bytes, start: int, stop: int) -> None:
        closing = text.count(b"</", start, stop)
        feigned = text.count(b"<!", start, stop) + text.count(b"<?", start, stop)
        opening = text.count(b"<", start, stop) - closing - feigned
        self._elements += opening
        self.depth += opening - closing - text.count(b"/>", start, stop)
        if feigned or not 0 <= self.depth <= DEEPEST:
            self.sure = False


def _parsed(stream: IO[bytes]) -> None:
    """Refuse what is too deep. What is no XML passes: the reader says so in words."""
    depth = 0

    def opened(_: str, __: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise Refused("workbook.refused.bomb")

    def shut(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = opened, shut
    try:
        for chunk in _chunks(stream):
            parser.Parse(chunk)
    except expat.ExpatError:
        return


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
