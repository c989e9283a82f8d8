"""全国系统 in the chat: the workbook in the system's order, the tick, what appears again, who leaves."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Child
from conversations.media import media_of
from tests.conversations.county import CHILD, OTHER, County, policy

FIRST, LAST, TABLE = "1儿童基本信息", "6退出信息", "7排查汇总表"


async def book_of(county: County, person: str = "li") -> Workbook:
    """The newest workbook on the officer's phone."""
    media = next(s.message.media for s in reversed(county.phones[person].shown) if s.message.media)
    content = await media_of(county.desk, media)
    assert content is not None
    return load_workbook(io.BytesIO(content))


async def exported(county: County, person: str = "li") -> Workbook:
    await county.say(person, "/stats")
    await county.tap(person, "全国系统")
    return await book_of(county, person)


def codes(book: Workbook, page: str = FIRST) -> list[object]:
    return [row[0] for row in book[page].iter_rows(min_row=4, values_only=True) if row[0]]


async def change(county: County, **fields: Any) -> None:
    child = await county.store.get(CLOCK, Child, CHILD.id)
    assert child is not None
    await county.store.apply(Outcome(records=(replace(child, **fields),)))


async def test_only_what_changed_is_typed_again(county: County) -> None:
    book = await exported(county)
    assert book.sheetnames == [
        "1儿童基本信息", "2父母信息", "3委托照料人信息", "4机构信息", "5帮扶建议", "6退出信息", "7排查汇总表",
    ]  # fmt: skip
    first = codes(book)
    assert CHILD.id in first
    assert codes(book, LAST) == []
    heads = [cell.value for cell in book[FIRST][3]]
    assert heads[:4] == ["档案号", "姓名", "性别", "出生日期"]
    assert book[FIRST].cell(4, 1 + heads.index("户籍性质")).value == "未采集"
    assert [cell.value for cell in book["2父母信息"][3]][:3] == ["档案号", "姓名", "父亲姓名"]
    await county.tap("li", "已录入")
    assert f"{len(first)} 个孩子已录入" in county.heard[-1].text
    assert codes(await exported(county)) == []
    await change(county, school="榆树小学")
    assert codes(await exported(county)) == [CHILD.id]


async def test_a_closed_file_leaves_the_register_once(county: County) -> None:
    await exported(county)
    await county.tap("li", "已录入")
    await change(county, status="closed", closed_on=date(2026, 11, 20), closed_reason="turned_16")
    book = await exported(county)
    assert codes(book) == []
    (row,) = book[LAST].iter_rows(min_row=4, values_only=True)
    assert row == (CHILD.id, CHILD.name, "2026-11-20", "年满16周岁")
    assert "其中 1 个要退出，在第 6 页。" in county.heard[-1].text
    await county.tap("li", "已录入")
    assert codes(await exported(county), LAST) == []


async def test_a_sheet_holds_so_many_and_the_next_one_the_rest(county: County) -> None:
    rules = policy()
    few = rules.national.model_copy(update={"most": 1})
    county.desk.policy = rules.model_copy(update={"national": few})
    await county.store.apply(Outcome(records=(OTHER,)))
    first = codes(await exported(county))
    assert len(first) == 1
    assert "这份表里先给 1 个，还剩 1 个" in county.heard[-1].text
    await county.tap("li", "已录入")
    second = codes(await exported(county))
    assert {*first, *second} == {CHILD.id, OTHER.id}


async def test_the_sums_are_said_and_missing_numbers_and_who_is_left_out_too(county: County) -> None:
    await county.store.apply(Outcome(records=(replace(OTHER, categories=("difficulty",)),)))
    await exported(county)
    text = county.heard[-1].text
    assert "各项合计都等于总数 1" in text
    assert "表里没有身份证号" in text
    assert "在册的孩子里有 1 个不是农村留守儿童，不在表里。" in text


async def test_the_summary_has_a_row_for_each_area_and_heads_over_heads(county: County) -> None:
    await change(county, properties={"relief": "dibao medical", "hukou_nature": "rural"})
    await county.store.apply(Outcome(records=(replace(OTHER, village="v2", birth_date=date(2022, 1, 1)),)))
    page = (await exported(county))[TABLE]
    assert page["A1"].value == "农村留守儿童基本情况排查汇总表"
    assert [page.cell(3, 4).value, page.cell(4, 4).value, page.cell(5, 4).value] == ["年龄", "0–5岁", "小计"]
    rows = {row[0]: row for row in page.iter_rows(min_row=6, max_row=9, values_only=True)}
    assert list(rows) == ["榆树村", "杨树村", "柳河镇合计", "占总量%"]
    assert rows["柳河镇合计"][1:8] == (2, 100, 1, 1, 0, 0, 1)
    assert (rows["杨树村"][1:4], rows["占总量%"][3]) == ((1, 50, 1), 50)
    assert page.page_setup.paperSize == 8  # A3
    notes = [str(row[0]) for row in page.iter_rows(min_row=10, values_only=True)]
    assert "各项相加不等于数量" in notes[0]


async def test_the_county_counts_by_township(county: County) -> None:
    page = (await exported(county, "sun"))[TABLE]
    rows = [row[0] for row in page.iter_rows(min_row=6, values_only=True)]
    assert rows[:3] == ["柳河镇", "青山县合计", "占总量%"]


async def test_a_worker_has_no_such_button(county: County) -> None:
    await county.say("wang", "/stats")
    assert not any(b.label == "全国系统" for row in county.heard[-1].buttons for b in row)
