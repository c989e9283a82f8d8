"""Sheets: numbers stay numbers, texts stay texts, and they print on A4."""

import io
from datetime import date

from openpyxl import load_workbook

from bot.documents.press import open_press
from conversations.press import Column, Sheet

HEADS = (("序号", 6), ("姓名", 10), ("离校日期", 12), ("次数", 8), ("备注", 60))
LEDGER = Sheet(
    name="控辍保学台账",
    title="柳河镇控辍保学台账",
    as_of="截至2026年11月26日",
    columns=tuple(Column(head=head, width=width) for head, width in HEADS),
    rows=(
        (1, "=cmd|' /C calc'!A0", date(2026, 9, 14), 3, "007"),
        (2, "张\u202e小\x07花", None, 2.5, "奶奶说\n年底再来"),
        (3, "+86", date(2026, 9, 1), 0, "长" * 40_000),
    ),
    notes=("说明：人数以当日在册为准。",),
)

TABLE = Sheet(
    name="汇总表",
    title="排查汇总表",
    as_of="截至2026年11月26日",
    columns=(
        Column(head="区域"),
        Column(head="男", over=("年龄", "0–5岁")),
        Column(head="女", over=("年龄", "0–5岁")),
        Column(head="未采集", over=("年龄",)),
        Column(head="小学", over=("教育",)),
    ),
    rows=(("柳河镇", 1, 2, 0, 3),),
)


async def test_a_sheet_holds_what_it_was_given_and_no_formula() -> None:
    content = await open_press().sheet([LEDGER, LEDGER.__class__(**{**LEDGER.__dict__, "name": "又" * 40})])
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["控辍保学台账", "又" * 31]
    page = book["控辍保学台账"]
    rows = list(page.iter_rows(min_row=3, max_row=6, values_only=True))
    assert rows[0] == ("序号", "姓名", "离校日期", "次数", "备注")
    assert rows[1][1:2] + rows[1][3:] == ("=cmd|' /C calc'!A0", 3, "007")
    assert rows[1][2].date() == date(2026, 9, 14)  # type: ignore[union-attr]
    assert rows[2] == (2, "张小花", None, 2.5, "奶奶说\n年底再来")
    assert len(str(rows[3][4])) == 32_767
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"n", "s", "d"}
    assert page["A7"].value == "说明：人数以当日在册为准。"


async def test_heads_over_heads_are_one_where_they_are_equal() -> None:
    (page,) = load_workbook(io.BytesIO(await open_press().sheet([TABLE]))).worksheets
    merged = {str(cells) for cells in page.merged_cells.ranges}
    assert merged == {"A1:E1", "A2:E2", "A3:A5", "B3:D3", "B4:C4", "D4:D5", "E4:E5"}
    heads = [[page.cell(row, place).value for place in range(1, 6)] for row in (3, 4, 5)]
    assert [head[0] for head in heads] == ["区域", None, None]
    assert heads[0][1] == "年龄"
    assert heads[1][1] == "0–5岁"
    assert heads[2][1:3] == ["男", "女"]
    assert (heads[1][3], heads[0][4], heads[1][4]) == ("未采集", "教育", "小学")
    assert [cell.value for cell in page[6]] == ["柳河镇", 1, 2, 0, 3]
    assert page.freeze_panes == "A6"
    assert page.print_title_rows == "$1:$5"


async def test_it_prints_on_a4_with_its_head_on_every_page() -> None:
    page = load_workbook(io.BytesIO(await open_press().sheet([LEDGER]))).active
    assert page is not None
    assert page.print_title_rows == "$1:$3"
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert page.row_dimensions[5].height == 2 * 17
