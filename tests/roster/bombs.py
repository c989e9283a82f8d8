"""Makes the workbooks that are meant to harm whoever opens them; each as small and as quickly as possible."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.roster.books import part, repacked, write_book

SHEET = "xl/worksheets/sheet1.xml"
OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
SHUT = b"</sheetData></worksheet>"
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
MILLION = 1 << 20


def with_parts(path: Path, changes: dict[str, bytes | None]) -> None:
    repacked(write_book(path), changes)


def streamed(path: Path, name: str, pieces: Iterator[bytes]) -> None:
    """A workbook with one part that is too large to be held in memory."""
    write_book(path)
    kept = {other: part(path, other) for other in ("[Content_Types].xml", "xl/workbook.xml", SHEET)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for other, content in kept.items():
            if other != name:
                package.writestr(other, content)
        with package.open(name, "w") as stream:
            for piece in pieces:
                stream.write(piece)


def one_text() -> Iterator[bytes]:
    yield b"<sst><si><t>"
    yield from (b"A" * MILLION for _ in range(1024))
    yield b"</t></si></sst>"


def rows() -> Iterator[bytes]:
    row = b'<row r="1"><c r="A1"><v>1</v></c></row>'
    yield OPEN
    yield from (row * (MILLION // len(row)) for _ in range(345))
    yield SHUT


def wrapped(path: Path) -> None:
    """A workbook in a container that is not one."""
    inner = write_book(path).read_bytes()
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("r.xlsx", inner)


def packed_otherwise(path: Path) -> None:
    """As no spreadsheet program does it; such a packing may ask for gigabytes to be unpacked."""
    repacked(write_book(path), {}, method=zipfile.ZIP_LZMA)


def spoiled(path: Path) -> None:
    """A byte in the middle of the first sheet is another."""
    content = bytearray(write_book(path).read_bytes())
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheet = package.getinfo(SHEET)
    content[sheet.header_offset + 30 + len(SHEET) + sheet.compress_size // 2] ^= 0xFF
    path.write_bytes(content)


def deep(before: bytes = b"") -> dict[str, bytes | None]:
    return {SHEET: OPEN + before + b"<a>" * 100_000 + b"/>" * 7 + b"</a>" * 100_000 + SHUT}


def parts(changes: dict[str, bytes | None]) -> Callable[[Path], None]:
    return lambda path: with_parts(path, changes)


BOMBS: dict[str, Callable[[Path], None]] = {
    "a cell at XFD1048576": parts(
        {SHEET: OPEN + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + SHUT}
    ),
    "a shared string of a gigabyte": lambda path: streamed(path, "xl/sharedStrings.xml", one_text()),
    "345 MB of rows": lambda path: streamed(path, SHEET, rows()),
    "a million rows": parts({SHEET: OPEN + b"<row><c/></row>" * 1_000_000 + SHUT}),
    "a million laughs": parts({SHEET: b'<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]><x>&l9;</x>"}),
    "a long entity many times": parts(
        {SHEET: b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 100_000 + b'">]><x>' + b"&a;" * 100_000 + b"</x>"}
    ),
    "an entity from outside": parts(
        {"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'}
    ),
    "an entity in the file's properties": parts(
        {"docProps/core.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'}
    ),
    "an entity under a picture's name": parts({"xl/media/a.png": b'\n<!DOCTYPE x [<!ENTITY a "b">]><x/>'}),
    "10,000 sheets": parts({f"xl/worksheets/s{n}.xml": b"<x/>" for n in range(10_000)}),
    "10,000 times one sheet": parts(
        {
            "xl/workbook.xml": b"<workbook><sheets>"
            + b'<sheet sheetId="1"/>' * 10_000
            + b"</sheets></workbook>"
        }
    ),
    "100,000 elements in one another": parts(deep()),
    "the same behind a comment": parts(deep(b"<!-- <b> -->")),
    "600,000 styles": parts({"xl/styles.xml": b"<styleSheet>" + b"<xf/>" * 600_000 + b"</styleSheet>"}),
    "macros": parts({"xl/vbaProject.bin": b"x"}),
    "links to other files": parts({"xl/externalLinks/externalLink1.xml": b"<x/>"}),
    "a part that grows a thousandfold": parts({"xl/media/a.png": bytes(5 * MILLION)}),
    "an unusual packing": packed_otherwise,
    "a workbook in a container": wrapped,
    "a spoilt byte": spoiled,
}
