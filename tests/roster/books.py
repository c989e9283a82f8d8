"""Makes workbooks for the tests: a small county that is right, and ways to spoil it."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from stdnum.cn import ric

TODAY = date(2026, 11, 24)
AREA_HEADER = ("代码", "名称", "级别", "上级代码")
PERSON_HEADER = ("代码", "姓名", "职务", "所在区划", "电话", "语言", "代理人")
CHILD_HEADER = (
    "编号", "姓名", "性别", "出生日期", "身份证号", "所在村", "儿童主任", "照护人", "与儿童关系",
    "照护人电话", "风险等级", "类别", "学校", "下次走访",
)  # fmt: skip
ENGLISH = {
    "areas": ("code", "name", "level", "parent"),
    "people": ("code", "name", "role", "area", "phone", "language", "deputy"),
    "children": (
        "code", "name", "sex", "birth_date", "id_number", "village", "worker", "guardian",
        "guardian_relation", "guardian_phone", "risk", "categories", "school", "next_visit",
    ),
}  # fmt: skip

AREAS = (
    ("C1", "安和县", "县", None),
    ("T1", "清溪镇", "乡镇", "C1"),
    ("V1", "新华村", "村", "T1"),
    ("V2", "柳湾村", "村", "T1"),
)
PEOPLE = (
    ("W1", "王秀英", "儿童主任", "V1", "13900000001", "中文", "W2"),
    ("W2", "陈立新", "village_worker", "V2", "0571-88886666", None, None),
    ("O1", "李建国", "儿童督导员", "T1", "13900000011", "English", None),
    ("K1", "周正", "county_officer", "C1", None, None, None),
)
CHILDREN = (
    (
        "3001",
        "张小雨",
        "女",
        date(2016, 5, 1),
        None,
        "V1",
        "W1",
        "刘桂芳",
        "奶奶",
        "13900001001",
        2,
        "农村留守儿童",
        "清溪小学",
        None,
    ),
    (
        "3002",
        "赵晨",
        "男",
        "2013年3月14日",
        None,
        "V1",
        "W1",
        "赵德福",
        "爷爷",
        None,
        "1",
        "留守；困境儿童",
        None,
        date(2026, 12, 1),
    ),
    (
        "3003",
        "孙悦",
        "F",
        "2019/7/8",
        None,
        "V2",
        "W2",
        "吴桂兰",
        "外婆",
        "13900001003",
        "绿",
        None,
        "柳湾小学",
        None,
    ),
)


def id_number_of(born: date, *, male: bool, place: str = "331082") -> str:
    """A resident ID number that is right in all its parts and belongs to nobody."""
    base = f"{place}{born:%Y%m%d}00{1 if male else 2}"
    return base + str(ric.calc_check_digit(base + "0"))


def write_book(
    path: Path,
    *,
    areas: Sequence[Sequence[Any]] | None = AREAS,
    people: Sequence[Sequence[Any]] | None = PEOPLE,
    children: Sequence[Sequence[Any]] | None = CHILDREN,
    english: bool = False,
    person_header: Sequence[str] = PERSON_HEADER,
) -> Path:
    """The county as a workbook; None leaves a sheet out."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, title, header, rows in (
        ("areas", "区划", AREA_HEADER, areas),
        ("people", "人员", person_header, people),
        ("children", "儿童", CHILD_HEADER, children),
    ):
        if rows is None:
            continue
        sheet = book.create_sheet(name if english else title)
        sheet.append(ENGLISH[name] if english else header)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def with_cell(rows: Sequence[Sequence[Any]], row: int, column: int, value: Any) -> list[list[Any]]:
    """The rows with one cell changed; both count from 0."""
    changed = [list(line) for line in rows]
    changed[row][column] = value
    return changed


def repacked(path: Path, changes: dict[str, bytes | None], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """The workbook with parts of its container replaced, added, or (None) removed."""
    with zipfile.ZipFile(path) as old:
        parts: dict[str, bytes | None] = {name: old.read(name) for name in old.namelist()}
    parts |= changes
    new = io.BytesIO()
    with zipfile.ZipFile(new, "w", method) as package:
        for name, content in parts.items():
            if content is not None:
                package.writestr(name, content)
    path.write_bytes(new.getvalue())
    return path


def part(path: Path, name: str) -> bytes:
    """One part of the container."""
    with zipfile.ZipFile(path) as package:
        return package.read(name)
