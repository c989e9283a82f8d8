"""A made-up county for the playground: its roster workbook, with visits due around a given day.

Nobody in it exists: names, telephones and places are invented, and no resident ID number is given.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook

WORKER, OFFICER, GUARDED = "W01", "T01", "3001"  # whose phones the page shows, and the guardian's child

AREAS = (
    ("C1", "安和县", "county", ""),
    ("T1", "清溪镇", "township", "C1"),
    ("T2", "白石乡", "township", "C1"),
    ("V11", "新华村", "village", "T1"),
    ("V12", "柳湾村", "village", "T1"),
    ("V21", "石桥村", "village", "T2"),
)

PEOPLE = (
    (WORKER, "王秀英", "village_worker", "V11", "13900000001", "W02"),
    ("W02", "陈立新", "village_worker", "V12", "13900000002", WORKER),
    ("W03", "罗小梅", "village_worker", "V21", "13900000003", ""),
    (OFFICER, "李建国", "township_officer", "T1", "13900000011", "T02"),
    ("T02", "何敏", "township_officer", "T2", "13900000012", OFFICER),
    ("K01", "周正", "county_officer", "C1", "13900000021", ""),
)

# code, name, sex, age in years, village, worker, carer, relation, telephone, risk, categories, school,
# visit due in days
CHILDREN = (
    (
        GUARDED,
        "张小雨",
        "female",
        10,
        "V11",
        WORKER,
        "刘桂芳",
        "奶奶",
        "13900001001",
        2,
        "left_behind",
        "清溪镇中心小学",
        0,
    ),
    (
        "3002",
        "赵晨",
        "male",
        13,
        "V11",
        WORKER,
        "赵德福",
        "爷爷",
        "13900001002",
        1,
        "left_behind;difficulty",
        "清溪中学",
        0,
    ),
    (
        "3003",
        "孙悦",
        "female",
        7,
        "V11",
        WORKER,
        "吴桂兰",
        "外婆",
        "13900001003",
        3,
        "left_behind",
        "清溪镇中心小学",
        2,
    ),
    (
        "3004",
        "孙浩",
        "male",
        5,
        "V11",
        WORKER,
        "吴桂兰",
        "外婆",
        "13900001003",
        3,
        "left_behind",
        "新华村幼儿园",
        2,
    ),
    (
        "3005",
        "马腾",
        "male",
        15,
        "V11",
        WORKER,
        "马国强",
        "伯父",
        "13900001005",
        2,
        "difficulty",
        "清溪中学",
        9,
    ),
    ("3006", "林静", "female", 12, "V11", WORKER, "林大山", "爷爷", "", 4, "left_behind", "清溪中学", None),
    (
        "3011",
        "郑凯",
        "male",
        9,
        "V12",
        "W02",
        "郑爱莲",
        "奶奶",
        "13900001011",
        3,
        "left_behind",
        "柳湾小学",
        1,
    ),
    (
        "3021",
        "石磊",
        "male",
        11,
        "V21",
        "W03",
        "石永年",
        "爷爷",
        "13900001021",
        2,
        "left_behind",
        "石桥小学",
        0,
    ),
)


def write_county(path: Path, today: date, *, language: str = "zh_Hans") -> None:
    """Write the roster workbook to ``path``; ages and next visits are reckoned from ``today``."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _sheet(book, "areas", ("code", "name", "level", "parent"), AREAS)
    people = (
        (code, name, role, area, phone, language, deputy) for code, name, role, area, phone, deputy in PEOPLE
    )
    _sheet(book, "people", ("code", "name", "role", "area", "phone", "language", "deputy"), people)
    _sheet(book, "children", _CHILD_COLUMNS, (_child(row, today) for row in CHILDREN))
    book.save(path)


_CHILD_COLUMNS = (
    "code", "name", "sex", "birth_date", "id_number", "village", "worker", "guardian", "guardian_relation",
    "guardian_phone", "risk", "categories", "school", "next_visit",
)  # fmt: skip


def _child(row: tuple[object, ...], today: date) -> tuple[object, ...]:
    code, name, sex, age, *middle, due = row
    assert isinstance(age, int)
    assert due is None or isinstance(due, int)
    born = date(today.year - age, 3, 14)
    next_visit = None if due is None else today + timedelta(days=due)
    return (code, name, sex, born, "", *middle, next_visit)


def _sheet(book: Workbook, title: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    sheet = book.create_sheet(title)
    sheet.append(columns)
    for row in rows:
        sheet.append(row)
