"""全国系统 in the chat: the workbook in the system's order, the tick, and what appears again."""

import io
from dataclasses import replace

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from casework.access import CLOCK
from casework.outcome import Outcome
from casework.records import Child
from conversations.media import media_of
from tests.conversations.county import CHILD, County


async def book_of(county: County) -> Workbook:
    """The newest workbook on the officer's phone."""
    media = next(s.message.media for s in reversed(county.phones["li"].shown) if s.message.media)
    content = await media_of(county.desk, media)
    assert content is not None
    return load_workbook(io.BytesIO(content))


async def exported(county: County) -> Workbook:
    await county.say("li", "/stats")
    await county.tap("li", "全国系统")
    return await book_of(county)


def codes(book: Workbook) -> list[object]:
    return [row[0] for row in book["1儿童基本信息"].iter_rows(min_row=4, values_only=True) if row[0]]


async def test_only_what_changed_is_typed_again(county: County) -> None:
    book = await exported(county)
    assert book.sheetnames == [
        "1儿童基本信息", "2父母信息", "3委托照料人信息", "4机构信息", "5帮扶建议", "6退出信息", "7排查汇总表",
    ]  # fmt: skip
    first = codes(book)
    assert CHILD.id in first
    assert book["1儿童基本信息"]["F3"].value == "户籍性质"
    assert book["1儿童基本信息"]["F4"].value == "未采集"
    await county.tap("li", "已录入")
    assert f"{len(first)} 个孩子已录入" in county.heard[-1].text
    assert codes(await exported(county)) == []
    child = await county.store.get(CLOCK, Child, CHILD.id)
    assert child is not None
    await county.store.apply(Outcome(records=(replace(child, school="榆树小学"),)))
    assert codes(await exported(county)) == [CHILD.id]


async def test_the_sums_are_said_and_missing_numbers_too(county: County) -> None:
    await exported(county)
    assert "各项合计都等于总数" in county.heard[-1].text
    assert "表里没有身份证号" in county.heard[-1].text


async def test_a_worker_has_no_such_button(county: County) -> None:
    await county.say("wang", "/stats")
    assert not any(b.label == "全国系统" for row in county.heard[-1].buttons for b in row)
