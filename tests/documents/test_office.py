"""The documents as an office sees them: LibreOffice opens all of them, and the pages say what they must."""

import asyncio
import re
import subprocess
from pathlib import Path

import pytest

from bot.documents.kinds import kinds
from bot.documents.press import open_press
from tests.documents.samples import hostile
from tests.documents.test_sheets import LEDGER, TABLE


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The text of each page, by document; one start of LibreOffice for all."""
    folder = tmp_path_factory.mktemp("office")
    for name, content in asyncio.run(_printed()).items():
        (folder / name).write_bytes(content)
    files = sorted(str(path) for path in folder.iterdir())
    home = f"-env:UserInstallation=file://{folder}/profile"
    _ran("soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *files)
    return {pdf.stem: _pages(pdf) for pdf in folder.glob("*.pdf")}


async def _printed() -> dict[str, bytes]:
    press = open_press()
    files = {f"{name}.docx": await press.word(name, kind.samples()) for name, kind in kinds().items()}
    files["hostile.docx"] = await press.word("agreement", hostile())
    files["ledger.xlsx"] = await press.sheet([LEDGER])
    files["table.xlsx"] = await press.sheet([TABLE])
    return files


def _pages(pdf: Path) -> list[str]:
    """Without blanks, for a line ends where it likes."""
    text = _ran("pdftotext", "-layout", str(pdf), "-")
    return [re.sub(r"\s", "", page) for page in text.split("\f")[:-1]]


def _ran(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


def test_libreoffice_opens_every_document(pages: dict[str, list[str]]) -> None:
    assert pages.keys() == {*kinds(), "hostile", "ledger", "table"}


def test_an_agreement_is_three_pages_with_all_signatures_on_the_last(pages: dict[str, list[str]]) -> None:
    first, _, last = pages["agreement"]
    assert "委托照护协议（农村留守儿童委托监护责任确认书）编号：〔2026〕12号" in first
    assert "委托照护自2026年12月1日起，至2027年11月30日止" in first
    for party in (
        "委托人（签字、按手印）",
        "受委托照护人（签字、按手印）",
        "见证人：",
        "柳河镇榆树村村民委员会（盖章）",
    ):
        assert party in last
    assert [page[-3:] for page in pages["agreement"]] == ["—1—", "—2—", "—3—"]


def test_a_report_names_both_addressees_and_every_attempt(pages: dict[str, list[str]]) -> None:
    text = "".join(pages["dropout_report"])
    assert "关于张小花同学劝返复学工作情况的书面报告" in text
    assert "青山县教育局、柳河镇人民政府：" in text
    assert "自2026年9月14日起没有到校，经3次劝返仍未复学" in text
    assert text.count("没有返校") == 3
    assert "柳河镇社会事务办公室（盖章）2026年11月26日" in text


def test_a_letter_asks_for_an_answer_by_a_day(pages: dict[str, list[str]]) -> None:
    (page,) = pages["letter"]
    assert "请贵单位依法为该儿童办理户口登记，并于2026年12月10日前将办理情况告知我单位。" in page
    assert "柳河镇人民政府（盖章）2026年11月26日" in page


def test_a_work_summary_has_the_skeleton_of_officials_its_figures_and_its_annex(
    pages: dict[str, list[str]],
) -> None:
    text = "".join(pages["work_summary"])
    heads = (
        "一、工作开展情况",
        "二、推进情况",
        "三、完成情况",
        "四、存在的问题",
        "五、今后打算",
        "附：每个数怎么来的",
    )
    assert [text.index(head) for head in heads] == sorted(text.index(head) for head in heads)
    assert text.count("委托照护确认书已签97898099.8%2026年11月26日") == 3
    assert "青山县柳河镇（盖章）2026年11月26日" in text


def test_hostile_values_are_read_as_they_were_typed(pages: dict[str, list[str]]) -> None:
    text = "".join(pages["hostile"])
    for typed in ("{{7*7}}<w:br/>&lt;小", "{{reason", "第二段：</w:t></w:r>"):
        assert typed in text
    assert "49" not in text


def test_a_ledger_shows_its_day_and_its_texts(pages: dict[str, list[str]]) -> None:
    text = "".join(pages["ledger"])
    assert "柳河镇控辍保学台账" in text
    assert "截至2026年11月26日" in text
    assert "007" in text


def test_a_table_has_each_head_once(pages: dict[str, list[str]]) -> None:
    (page,) = pages["table"]
    assert [page.count(head) for head in ("区域", "年龄", "0–5岁", "教育")] == [1, 1, 1, 1]
    assert "柳河镇1203" in page
