"""Damages a good roster: its cells, lines, columns, sheets, its parts as XML, its bytes."""

import random
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from tests.roster.books import (
    AREA_HEADER,
    AREAS,
    CHILD_HEADER,
    CHILDREN,
    PEOPLE,
    PERSON_HEADER,
    id_number_of,
    repacked,
)

# Right in itself; of a county that never was, in a province that is.
PROVINCE = id_number_of(date(2016, 5, 1), male=False, place="339999")
ODD: tuple[Any, ...] = (
    None, "", " ", 0, -1, 1.5, 2**31, 2**63, 2**70, -(2**70), 1e308, 1e15, 0.1 + 0.2,
    True, False, "x", "=1+1", "=cmd|'/c calc'!A1", "=", "+1", "@x", "#REF!", "#N/A",
    "<b>", "&amp;", "{0}", "{file}", "%s", "\u202e张", "\u200b", "\ufeff", "_x0000_",
    "_x000D_", "a\nb", "a\tb", "龘" * 200, "🧒" * 130, "٣", "１２", "㊙", "①", "½", "1e5",
    "-0", "C1", "V1", "W1", "3001", "03001", "3001.0", 3001, 3001.0, "V1;V2", "；；",
    "、", "县", "村", "儿童主任", PROVINCE, int(PROVINCE),
    id_number_of(date(2016, 5, 1), male=False), "0" * 18, "١" * 18, "13900000001",
    13900000001, "+86 139", "转", "1转2转3", "--", "0571-8888", "2016-13-45",
    "2016年2月30日", "昨天", "20160501", 42491, 60, 2958465, 99999999, "0000-00-00",
    "9999-12-31", "١٢٣٤-٥-٦", date(1900, 1, 1), date(9999, 12, 31), date(2016, 2, 29),
    datetime(2016, 5, 1, 23, 59, 59), clock(1, 2), timedelta(days=3), timedelta(days=-1),  # noqa: DTZ001
)  # fmt: skip
XML_ODD = (
    b"", b"<", b">", b"&", b"]]>", b"\x00", b"\xff", b"&#0;", b"&#x1F9D2;", b"<c/>",
    b"</row>", b"-1", b"1e309", b"NaN", b"99999999999999999999", b'r="A0"', b'r="XFE1"',
    b't="s"', b't="d"', b't="e"', b's="999"', b"<f>1</f>", b"<v/>", b'<row r="7">',
    b"<v>99999</v>", "龘".encode(), b'xml:space="x"', b"true", b"A" * 40_000,
)  # fmt: skip
Rows = dict[str, list[list[Any]]]


def good() -> Rows:
    """The small county, with an ID number and a title for each sheet."""
    children = [list(row) for row in CHILDREN]
    children[0][4] = id_number_of(date(2016, 5, 1), male=False)
    return {
        "区划": [list(AREA_HEADER), *map(list, AREAS)],
        "人员": [list(PERSON_HEADER), *map(list, PEOPLE)],
        "儿童": [list(CHILD_HEADER), *children],
    }


def _cells(dice: random.Random, rows: Rows) -> None:
    for _ in range(dice.choice((1, 1, 2, 5))):
        sheet = dice.choice(list(rows.values()))
        row = dice.choice([row for row in sheet[dice.random() < 0.9 and len(sheet) > 1 :] if row] or [["x"]])
        row[dice.randrange(len(row))] = dice.choice(ODD)


def _columns(dice: random.Random, rows: Rows) -> None:
    sheet = dice.choice(list(rows.values()))
    one, other = dice.sample(range(len(sheet[0])), 2)
    what = dice.randrange(4)
    for row in sheet[what == 0 :]:  # 0: only the headers stay where they were
        if len(row) <= max(one, other):
            continue
        if what < 2:
            row[one], row[other] = row[other], row[one]
        elif what == 2:
            del row[one]
        else:
            row.insert(one, row[other])


def _lines(dice: random.Random, rows: Rows) -> None:
    sheet = dice.choice(list(rows.values()))
    at = dice.randrange(len(sheet))
    what = dice.randrange(4)
    if what == 0:
        sheet.insert(dice.randrange(len(sheet)), list(sheet[at]))  # a code twice, or a second header
    elif what == 1:
        del sheet[at]
    elif what == 2:
        sheet[at:at] = [[] for _ in range(dice.choice((1, 40)))]
    else:
        dice.shuffle(sheet)


def _sheets(dice: random.Random, rows: Rows) -> None:
    one, other = dice.sample(list(rows), 2)
    what = dice.randrange(4)
    if what == 0:
        rows[one], rows[other] = rows[other], rows[one]
    elif what == 1:
        del rows[one]
    elif what == 2:
        rows[dice.choice(("areas", "children", "说明", "Sheet1", "孩子"))] = [list(r) for r in rows[one]]
    else:
        rows[one] = rows[one][: dice.randrange(2)]


def saved(dice: random.Random, rows: Rows, path: Path) -> None:
    """Written as a workbook; sometimes with merged cells, and with another number format."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, lines_ in rows.items():
        sheet = book.create_sheet(title)
        for line in lines_:
            sheet.append(line)
        if dice.random() < 0.1:
            low, left = dice.randrange(1, 5), dice.randrange(1, 5)
            sheet.merge_cells(start_row=low, start_column=left, end_row=low + 1, end_column=left + 2)
        if dice.random() < 0.2 and lines_:
            cell = sheet.cell(dice.randrange(1, 5), dice.randrange(1, 8))
            with suppress(AttributeError):  # a merged cell has none
                cell.number_format = dice.choice(("0000", "yyyy-mm-dd", "[h]:mm", "@", "0.00E+00", "General"))
    book.save(path)


def _xml(dice: random.Random, path: Path) -> None:
    """One part is edited as text: at a tag, at a value, or anywhere."""
    with zipfile.ZipFile(path) as package:
        name = dice.choice([n for n in package.namelist() if dice.random() < 0.4 or "sheet" in n])
        text = package.read(name)
    for _ in range(dice.choice((1, 1, 3))):
        places = [m.span() for m in re.finditer(rb'"[^"]*"|<[^>]*>|>[^<]+<', text)] or [(0, len(text))]
        start, end = dice.choice(places)
        what = dice.randrange(4)
        if what == 0:
            text = text[:start] + text[end:]
        elif what == 1:
            text = text[:start] + text[start:end] * 2 + text[end:]
        elif what == 2:
            text = text[: start + 1] + dice.choice(XML_ODD) + text[end - 1 :]
        else:
            other = dice.choice(places)
            text = text[:start] + text[slice(*other)] + text[end:]
    repacked(path, {name: None if dice.random() < 0.05 else text})


def _bytes(dice: random.Random, path: Path) -> None:
    content = bytearray(path.read_bytes())
    if dice.random() < 0.1:
        del content[dice.randrange(len(content)) :]
    for _ in range(dice.choice((1, 1, 2, 8)) if content else 0):
        content[dice.randrange(len(content))] = dice.randrange(256)
    path.write_bytes(content)


OF_ROWS: tuple[Callable[[random.Random, Rows], None], ...] = (
    _cells,
    _cells,
    _cells,
    _columns,
    _lines,
    _sheets,
)
OF_FILES: tuple[Callable[[random.Random, Path], None], ...] = (_xml, _xml, _bytes)


def mutated(dice: random.Random, path: Path) -> str:
    """Writes the good roster with some damage; what was done to it."""
    rows, done = good(), []
    for _ in range(dice.choice((0, 1, 1, 2))):
        damage = dice.choice(OF_ROWS)
        if len(rows) > 1 and all(sheet and all(len(r) > 2 for r in sheet[:1]) for sheet in rows.values()):
            damage(dice, rows)
            done.append(damage.__name__)
    saved(dice, rows, path)
    if not done or dice.random() < 0.3:
        spoil = dice.choice(OF_FILES)
        spoil(dice, path)
        done.append(spoil.__name__)
    return " ".join(done)
