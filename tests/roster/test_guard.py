"""Hostile and broken workbooks are refused before they can do harm, within 200 MB and without a traceback."""

import resource
import struct
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from bot.guard import LARGEST_FILE, inspect
from bot.roster.faults import RosterError
from bot.roster.process import read_workbook
from tests.roster.bombs import OPEN, SHEET, SHUT
from tests.roster.books import repacked, write_book

LITTLE = 200 * 1024 * 1024  # bytes of address space that a refusal must do with


def book(tmp_path: Path) -> Path:
    return write_book(tmp_path / "r.xlsx")


def refusal(path: Path) -> str:
    """The key of the refusal, found within 200 MB and five seconds."""

    def narrow() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (LITTLE, LITTLE))
        resource.setrlimit(resource.RLIMIT_CPU, (5, 5))

    code = (
        "import sys, orjson; from pathlib import Path\n"
        "from bot.guard import Refused, inspect\n"
        "try: inspect(Path(sys.argv[1])); print('taken')\n"
        "except Refused as error: print(error.key)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], preexec_fn=narrow, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_good_workbook_is_taken_and_its_rows_are_counted(tmp_path: Path) -> None:
    assert inspect(book(tmp_path)).rows == 4 + 1 + 4 + 1 + 3 + 1


def test_a_text_longer_than_any_cell_is_refused_though_it_shrinks_little(tmp_path: Path) -> None:
    import random

    noise = random.Random(7).randbytes(3_000_000).hex().encode()
    path = repacked(
        book(tmp_path), {SHEET: OPEN + b'<row r="1"><c r="A1"><v>' + noise + b"</v></c></row>" + SHUT}
    )
    assert refusal(path) == "workbook.refused.bomb"


def test_a_million_rows_are_refused(tmp_path: Path) -> None:
    path = repacked(book(tmp_path), {SHEET: OPEN + b"<row><c/></row>" * 1_000_000 + SHUT})
    assert refusal(path) in ("workbook.refused.rows", "workbook.refused.bomb")
    prefixed = (
        (OPEN + b"<row><c/></row>" * 200_000 + SHUT)
        .replace(b"<row>", b"<x:row>")
        .replace(b"<worksheet", b"<x:worksheet")
    )
    assert refusal(repacked(path, {SHEET: prefixed})) in ("workbook.refused.rows", "workbook.refused.bomb")


def test_signs_that_look_like_tags_and_comments_are_no_depth(tmp_path: Path) -> None:
    feigned = b"<!-- " + b"<a>" * 500 + b" -->" + b'<row r="1"><c><v>' + b"/>" * 500 + b"</v></c></row>"
    assert refusal(repacked(book(tmp_path), {SHEET: OPEN + feigned + SHUT})) == "taken"


def test_a_sheet_that_says_it_reaches_the_last_cell_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path)
    sheet = OPEN.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>') + SHUT
    assert refusal(repacked(path, {SHEET: sheet})) == "workbook.refused.rows"


def test_a_lonely_last_cell_is_refused_though_the_file_does_not_announce_it(tmp_path: Path) -> None:
    cell = b'<row r="1048576"><c r="A1048576"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>'
    path = repacked(book(tmp_path), {SHEET: OPEN + cell + SHUT})
    assert refusal(path) == "workbook.refused.rows"
    empty = cell.replace(b"><v>1</v></c>", b"/>")  # as programs write it that formatted a whole column
    assert refusal(repacked(path, {SHEET: OPEN + empty + SHUT})) == "taken"


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_are_refused_wherever_they_stand(tmp_path: Path, declaration: bytes) -> None:
    for name in (SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"):
        path = book(tmp_path)
        content = b'<?xml version="1.0"?>' + declaration + b"<x>&b;</x>"
        assert refusal(repacked(path, {name: content})) == "workbook.refused.entities"


def test_another_encoding_can_not_hide_them(tmp_path: Path) -> None:
    hidden = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode("utf-16")
    assert refusal(repacked(book(tmp_path), {SHEET: hidden})) == "workbook.refused.encoding"
    seven = b'<?xml version="1.0" encoding="UTF-7"?><x/>'
    assert refusal(repacked(book(tmp_path), {SHEET: seven})) == "workbook.refused.encoding"


@pytest.mark.parametrize(
    "name",
    [
        "xl/vbaProject.bin",
        "xl/externalLinks/externalLink1.xml",
        "xl/embeddings/oleObject1.bin",
        "xl/connections.xml",
    ],
)
def test_macros_links_and_embedded_things_are_refused(tmp_path: Path, name: str) -> None:
    assert refusal(repacked(book(tmp_path), {name: b"<x/>"})) == "workbook.refused.active"


def test_other_files_are_refused_by_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(2000))
    assert refusal(path) == "workbook.refused.old_or_locked"
    path.write_bytes("编号,姓名".encode())
    assert refusal(path) == "workbook.refused.no_workbook"
    path.write_bytes(b"")
    assert refusal(path) == "workbook.refused.no_workbook"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(LARGEST_FILE + 1)
    assert refusal(path) == "workbook.refused.too_large"
    assert refusal(tmp_path / "none.xlsx") == "workbook.refused.unreadable"


def test_a_cut_off_or_altered_file_is_refused(tmp_path: Path) -> None:
    whole = book(tmp_path).read_bytes()
    path = tmp_path / "cut.xlsx"
    path.write_bytes(whole[: len(whole) // 2])
    assert refusal(path) == "workbook.refused.damaged"
    at = whole.rindex(b"PK\x01\x02") + 16  # the checksum that the directory gives for the last part
    path.write_bytes(whole[:at] + struct.pack("<I", 0xFFFFFF) + whole[at + 4 :])
    assert refusal(path) == "workbook.refused.damaged"


def test_garbage_inside_a_sound_container_is_refused_in_words(tmp_path: Path) -> None:
    for name in (SHEET, "xl/workbook.xml", "xl/styles.xml"):
        path = repacked(book(tmp_path), {name: b"<nothing"})
        with pytest.raises(RosterError) as refused:
            list(read_workbook(path, "en"))
        assert refused.value.lines[0].startswith("r.xlsx: the file is damaged")


def test_the_reader_ends_when_it_wants_more_memory_than_it_may_have(tmp_path: Path) -> None:
    runs = b"".join(b"<r><t>%x</t></r>" % number for number in range(2_000_000))
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is>' + runs + b"</is></c></row>"
    path = repacked(book(tmp_path), {SHEET: OPEN + cell + SHUT})
    with pytest.raises(RosterError) as refused:
        list(read_workbook(path, "en"))
    assert "too much memory or time" in refused.value.lines[0]


def test_the_reading_process_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.apart import without_secrets

    monkeypatch.setenv("XIANGBAN_SECRET_KEYS", "k" * 40)
    assert not [key for key in without_secrets() if key.startswith("XIANGBAN_")]
    assert orjson.loads(orjson.dumps(without_secrets()))
