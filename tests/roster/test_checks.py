"""What the roster's checks say of each fault: sheet, row, column, what is wrong, what would be right."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from bot.roster.checks import Checked, checked
from bot.roster.faults import MOST_SHOWN, fault_lines
from bot.roster.process import read_workbook
from casework.policy import load_policy
from casework.register import changes
from casework.roster import Kept
from tests.roster.books import (
    AREA_HEADER,
    AREAS,
    CHILDREN,
    PEOPLE,
    PERSON_HEADER,
    TODAY,
    id_number_of,
    with_cell,
    write_book,
)  # fmt: skip

POLICY = load_policy()


def check(path: Path, kept: Kept | None = None) -> Checked:
    lines = list(read_workbook(path, "zh_Hans"))
    return checked(lines, kept or Kept(), policy=POLICY, today=TODAY)


def faults(path: Path, language: str = "zh_Hans") -> tuple[str, ...]:
    return fault_lines(path.name, check(path).findings.faults, language)


def spoiled(tmp_path: Path, sheet: str, row: int, column: int, value: Any) -> Path:
    rows: dict[str, Sequence[Sequence[Any]]] = {"areas": AREAS, "people": PEOPLE, "children": CHILDREN}
    return write_book(tmp_path / "r.xlsx", **{sheet: with_cell(rows[sheet], row, column, value)})  # type: ignore[arg-type]


def test_a_good_roster_has_no_fault(tmp_path: Path) -> None:
    found = check(write_book(tmp_path / "r.xlsx"))
    assert found.findings.faults == []
    assert found.roster.children is not None
    second = found.roster.children[1]
    assert (second.birth_date, second.risk, second.sex) == (date(2013, 3, 14), 1, "male")
    assert second.categories == ("left_behind", "difficulty")
    assert second.next_visit == date(2026, 12, 1)


def test_english_and_chinese_headers_say_the_same(tmp_path: Path) -> None:
    chinese = check(write_book(tmp_path / "zh.xlsx"))
    english = check(write_book(tmp_path / "en.xlsx", english=True))
    assert chinese.roster == english.roster


SINGLE_FAULTS = [
    # sheet, row, column (from 0), value, then what the line must hold
    ("areas", 2, 3, "T9", "第4行 D列", "没有代码为“T9”的区划"),
    ("areas", 2, 3, "C1", "第4行 D列", "上级应为乡镇"),
    ("areas", 2, 3, None, "第4行 D列", "应填所属乡镇的代码"),
    ("areas", 0, 3, "T1", "第2行 D列", "县没有上级"),
    ("areas", 3, 0, "V1", "第5行 A列", "与第4行重复"),
    ("areas", 1, 2, "市州", "第3行 C列", "village (村)"),
    ("areas", 1, 1, None, "第3行 B列", "不能为空"),
    ("areas", 1, 1, "清溪\n镇", "第3行 B列", "换行"),
    ("areas", 1, 1, "=1+1", "第3行 B列", "公式"),
    ("people", 0, 2, "村长", "第2行 C列", "village_worker (儿童主任)"),
    ("people", 0, 3, "V9", "第2行 D列", "没有代码为“V9”的区划"),
    ("people", 0, 3, "T1", "第2行 D列", "应为村一级"),
    ("people", 2, 3, "V1", "第4行 D列", "应为乡镇一级"),
    ("people", 0, 6, "W9", "第2行 G列", "没有代码为“W9”的人员"),
    ("people", 0, 6, "W1", "第2行 G列", "代理人不能是本人"),
    ("people", 0, 4, "电话不详", "第2行 E列", "不是电话号码"),
    ("people", 0, 4, "1" * 18, "第2行 E列", "最多17位"),
    ("people", 0, 5, "法语", "第2行 F列", "zh_Hans (中文)"),
    ("children", 0, 1, None, "第2行 B列", "不能为空"),
    ("children", 0, 0, "3 0/1", "第2行 A列", "代码写法不对"),
    ("children", 1, 0, "3001", "第3行 A列", "与第2行重复"),
    ("children", 0, 2, "不详", "第2行 C列", "male (男)"),
    ("children", 0, 3, "2016-02-30", "第2行 D列", "没有“2016-02-30”这一天"),
    ("children", 0, 3, "去年", "第2行 D列", "2018-05-01"),
    ("children", 0, 3, date(2027, 1, 1), "第2行 D列", "在今天之后"),
    ("children", 0, 3, date(2008, 11, 24), "第2行 D列", "已满 18 周岁"),
    ("children", 0, 3, None, "第2行 D列", "没有身份证号时这里不能为空"),
    ("children", 0, 4, "12345", "第2行 E列", "应为18位"),
    ("children", 0, 4, 331082201605010021, "第2行 E列", "设为文本格式"),
    ("children", 0, 5, "V9", "第2行 F列", "没有代码为“V9”的区划"),
    ("children", 0, 5, "T1", "第2行 F列", "不是村"),
    ("children", 0, 6, "W9", "第2行 G列", "没有代码为“W9”的儿童主任"),
    ("children", 0, 6, "O1", "第2行 G列", "不是儿童主任"),
    ("children", 0, 9, "1" * 18, "第2行 J列", "最多17位"),
    ("children", 0, 10, 5, "第2行 K列", "不认识“5”"),
    ("children", 0, 10, None, "第2行 K列", "不能为空"),
    ("children", 0, 13, date(2028, 1, 1), "第2行 N列", "一年以内"),
    ("children", 0, 1, "张\u2028雨", "第2行 B列", "控制字符"),
    ("children", 0, 1, "#REF!", "第2行 B列", "#REF!"),
    ("children", 0, 12, "学" * 200, "第2行 M列", "太长"),
]


@pytest.mark.parametrize(("sheet", "row", "column", "value", "place", "what"), SINGLE_FAULTS)
def test_one_wrong_cell_is_named_with_its_place_and_what_would_be_right(
    tmp_path: Path, sheet: str, row: int, column: int, value: Any, place: str, what: str
) -> None:
    lines = faults(spoiled(tmp_path, sheet, row, column, value))
    assert any(place in line and what in line and line.startswith("r.xlsx ") for line in lines), lines


def test_the_same_fault_is_said_in_english_to_who_reads_english(tmp_path: Path) -> None:
    (line,) = faults(spoiled(tmp_path, "children", 0, 10, 7), "en")
    assert line.startswith("r.xlsx sheet “儿童” row 2 column K (风险等级): “7” is unknown; one of: 1 (")


def test_an_id_number_is_checked_against_itself_the_birth_date_and_the_sex(tmp_path: Path) -> None:
    born = date(2016, 5, 1)
    right = id_number_of(born, male=False)
    assert faults(spoiled(tmp_path, "children", 0, 4, right)) == ()
    slipped = right[:-1] + ("0" if right[-1] != "0" else "1")
    assert "校验码不对" in faults(spoiled(tmp_path, "children", 0, 4, slipped))[0]
    boy = faults(spoiled(tmp_path, "children", 0, 4, id_number_of(born, male=True)))
    assert len(boy) == 1
    assert "C列" in boy[0]
    assert "身份证号上是男" in boy[0]
    other_day = faults(spoiled(tmp_path, "children", 0, 4, id_number_of(date(2016, 5, 2), male=False)))
    assert len(other_day) == 1
    assert "身份证号上是 2016-05-02" in other_day[0]


@pytest.mark.parametrize("place", ["339999", "999999", "000000"])
def test_an_id_number_of_a_place_that_never_was_is_named_with_its_cell(tmp_path: Path, place: str) -> None:
    number = id_number_of(date(2016, 5, 1), male=False, place=place)
    (line,) = faults(spoiled(tmp_path, "children", 0, 4, number))
    assert "第2行 E列" in line
    assert "身份证号" in line


def test_what_an_id_number_says_need_not_be_written_again(tmp_path: Path) -> None:
    number = id_number_of(date(2016, 5, 1), male=False)
    rows = with_cell(with_cell(with_cell(CHILDREN, 0, 2, None), 0, 3, None), 0, 4, number.lower())
    found = check(write_book(tmp_path / "r.xlsx", children=rows))
    assert found.findings.faults == []
    assert found.roster.children is not None
    first = found.roster.children[0]
    assert (first.sex, first.birth_date, first.id_number) == ("female", date(2016, 5, 1), number)


def test_one_id_number_belongs_to_one_child(tmp_path: Path) -> None:
    number = id_number_of(date(2016, 5, 1), male=False)
    rows = with_cell(with_cell(CHILDREN, 0, 4, number), 2, 4, number)
    rows = with_cell(rows, 2, 3, date(2016, 5, 1))
    (line,) = faults(write_book(tmp_path / "r.xlsx", children=rows))
    assert "第4行 E列" in line
    assert "已用于儿童“3001”" in line


def test_no_fault_line_repeats_an_id_number(tmp_path: Path) -> None:
    number = "331082201605010099"
    for line in faults(spoiled(tmp_path, "children", 0, 4, number)):
        assert number not in line


def test_all_faults_are_told_at_once_but_no_more_than_two_hundred(tmp_path: Path) -> None:
    rows = [with_cell(CHILDREN, 0, 10, 9)[0][:] for _ in range(300)]
    for number, row in enumerate(rows):
        row[0] = f"X{number}"
    lines = faults(write_book(tmp_path / "r.xlsx", children=rows))
    assert len(lines) == MOST_SHOWN + 1
    assert "100" in lines[-1]


def test_a_code_typed_as_a_number_finds_its_leading_zeros_again(tmp_path: Path) -> None:
    areas = with_cell(with_cell(AREAS, 2, 0, "0071"), 3, 0, "0072")
    people = with_cell(with_cell(PEOPLE, 0, 3, 71), 1, 3, "72")
    children = [[*row[:5], 71 if row[5] == "V1" else 72, *row[6:]] for row in CHILDREN]
    found = check(write_book(tmp_path / "r.xlsx", areas=areas, people=people, children=children))
    assert found.findings.faults == []
    assert {warning.key for warning in found.findings.warnings} == {"roster.leading_zeros"}
    assert found.roster.children is not None
    assert [child.village for child in found.roster.children] == ["0071", "0071", "0072"]


def test_codes_that_differ_only_in_leading_zeros_are_the_same_code(tmp_path: Path) -> None:
    rows = with_cell(with_cell(CHILDREN, 0, 0, "007"), 1, 0, 7)
    (line,) = faults(write_book(tmp_path / "r.xlsx", children=rows))
    assert "第3行 A列" in line
    assert "“007”与第2行重复" in line


def test_full_width_and_invisible_characters_and_stray_spaces_are_put_right(tmp_path: Path) -> None:
    rows = with_cell(CHILDREN, 0, 0, " ３００１ ")
    rows = with_cell(with_cell(rows, 0, 1, "张　小\u200b雨\u202e"), 0, 3, "２０１６年５月１日")
    found = check(write_book(tmp_path / "r.xlsx", children=rows))
    assert found.findings.faults == []
    assert [warning.key for warning in found.findings.warnings] == ["roster.hidden"]
    assert found.roster.children is not None
    first = found.roster.children[0]
    assert (first.code, first.name, first.birth_date) == ("3001", "张小雨", date(2016, 5, 1))


def test_rare_surnames_outside_of_the_common_characters_are_kept(tmp_path: Path) -> None:
    for name in ("\U000200a3小雨", "\ue863明", "㛃文", "\U00031350文"):
        found = check(spoiled(tmp_path, "children", 0, 1, name))
        assert found.findings.faults == []
        assert found.roster.children is not None
        assert found.roster.children[0].name == name


def test_several_rows_of_one_person_are_several_roles(tmp_path: Path) -> None:
    rows = [
        *PEOPLE,
        ("W1", "王秀英", "儿童主任", "V2", None, None, None),
        ("O1", "李建国", "auditor", "C1", None, None, None),
    ]
    found = check(write_book(tmp_path / "r.xlsx", people=rows))
    assert found.findings.faults == []
    assert found.roster.people is not None
    posts = {person.code: [(p.role, p.area) for p in person.posts] for person in found.roster.people}
    assert posts["W1"] == [("village_worker", "V1"), ("village_worker", "V2")]
    assert posts["O1"] == [("township_officer", "T1"), ("auditor", "C1")]


def test_roles_and_areas_may_stand_in_one_cell(tmp_path: Path) -> None:
    rows = with_cell(with_cell(PEOPLE, 2, 2, "儿童督导员；auditor"), 2, 3, "T1；C1")
    rows = with_cell(rows, 0, 3, "V1、V2")
    found = check(write_book(tmp_path / "r.xlsx", people=rows))
    assert found.findings.faults == []
    assert found.roster.people is not None
    posts = {person.code: [(p.role, p.area) for p in person.posts] for person in found.roster.people}
    assert posts["O1"] == [("township_officer", "T1"), ("auditor", "C1")]
    assert posts["W1"] == [("village_worker", "V1"), ("village_worker", "V2")]


def test_rows_of_one_person_must_not_contradict_each_other(tmp_path: Path) -> None:
    rows = [
        *PEOPLE,
        ("W1", "王秀兰", "儿童主任", "V2", None, None, None),
        ("W2", "陈立新", "儿童主任", "V2", None, None, None),
    ]
    lines = faults(write_book(tmp_path / "r.xlsx", people=rows))
    assert len(lines) == 2
    assert "第6行 B列" in lines[0]
    assert "与第2行" in lines[0]
    assert "第7行 A列" in lines[1]


def test_a_missing_column_and_a_missing_sheet_are_named(tmp_path: Path) -> None:
    children = [row[:10] for row in CHILDREN]
    path = write_book(tmp_path / "r.xlsx", children=None)
    book = load_workbook(path)
    sheet = book.create_sheet("儿童")
    sheet.append(("编号", "姓名", "性别", "出生日期", "备注", "所在村"))
    for row in children:
        sheet.append((*row[:4], "x", row[5]))
    book.save(path)
    found = check(path)
    assert [fault.key for fault in found.findings.faults] == ["roster.no_column"]
    assert "“风险等级”" in faults(path)[0]
    assert "roster.other_column" in {warning.key for warning in found.findings.warnings}


def test_a_roster_of_children_alone_leans_on_what_is_kept(tmp_path: Path) -> None:
    whole = check(write_book(tmp_path / "r.xlsx"))
    made = changes(
        whole.roster, Kept(), policy=POLICY, now=datetime(2026, 11, 24, tzinfo=UTC), new_id=lambda: "x"
    )
    kept = Kept(
        areas={r.id: r for r in made.outcome.records if r.kind == "area"},  # type: ignore[misc]
        people={r.id: r for r in made.outcome.records if r.kind == "person"},  # type: ignore[misc]
    )
    alone = check(write_book(tmp_path / "c.xlsx", areas=None, people=None), kept)
    assert alone.findings.faults == []
    assert alone.roster.areas is None


CONTACTS = (
    ("P1", "陈警官", "部门联系人", "T1", None, None, None, "公安", None),
    ("S1", "何老师", "部门联系人", "V1", None, None, None, "school", "清溪小学"),
    ("X1", "吴主席", "部门联系人", "C1", None, None, None, None, None),
)


def contacts_book(tmp_path: Path, *rows: Sequence[Any]) -> Path:
    people = [(*PERSON_HEADER, "部门", "学校"), *((*row, None, None) for row in PEOPLE), *rows]
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, lines in (("区划", [AREA_HEADER, *AREAS]), ("人员", people)):
        page = book.create_sheet(title)
        for line in lines:
            page.append(list(line))
    book.save(tmp_path / "contacts.xlsx")
    return tmp_path / "contacts.xlsx"


def test_a_contact_has_a_department_and_a_schools_contact_its_school(tmp_path: Path) -> None:
    found = check(contacts_book(tmp_path, *CONTACTS))
    assert found.findings.faults == []
    assert [warning.key for warning in found.findings.warnings] == ["roster.no_department"]
    assert found.roster.people is not None
    stands = {p.code: (p.department, p.school) for p in found.roster.people if p.code in ("P1", "S1", "W1")}
    assert stands == {"W1": ("", ""), "P1": ("police", ""), "S1": ("school", "清溪小学")}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("P1", "陈警官", "部门联系人", "V1", None, None, None, "公安", None), "“公安”不能设在“V1”"),
        (("P1", "陈警官", "部门联系人", "V1", None, None, None, None, None), "“部门联系人”不能设在“V1”"),
        (("P1", "陈警官", "部门联系人", "T1", None, None, None, "城管", None), "police (公安)"),
        (("W9", "王九", "儿童督导员", "T1", None, None, None, "公安", None), "只有“部门联系人”才写部门"),
    ],
)
def test_a_department_that_cannot_be_is_named_with_its_place(
    tmp_path: Path, row: Sequence[Any], said: str
) -> None:
    (line,) = faults(contacts_book(tmp_path, row))
    assert said in line
    assert "第6行" in line


def test_a_sheet_without_the_columns_leaves_departments_as_they_are(tmp_path: Path) -> None:
    found = check(write_book(tmp_path / "r.xlsx"))
    assert found.roster.people is not None
    assert {(p.department, p.school) for p in found.roster.people} == {(None, None)}
