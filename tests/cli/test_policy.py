"""`xiangban policy`: a file checked, and tried on a real roster, of which nothing changes."""

import asyncio
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matplotlib import font_manager
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import select

from bot.charts import NoChineseFont, chinese_font
from storage.database import Database
from storage.tables import METADATA
from tests.cli.test_commands import xiangban
from tests.roster.books import write_book
from tests.storage import postgres

NEW = "[visits.risks.1]\nsource = '县民政局2026年第7号'\nevery_days = 3\n"


@pytest.fixture(params=["sqlite", *(["postgresql"] if postgres.is_there() else [])])
def county(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder with a roster that has been brought in and a new policy file, and the database's address."""
    write_book(tmp_path / "r.xlsx")
    (tmp_path / "new.toml").write_text(NEW, encoding="utf-8")
    if request.param == "sqlite":
        yield _brought_in(tmp_path, f"sqlite:///{tmp_path}/county.db")
        return
    with postgres.cluster() as server:
        yield _brought_in(tmp_path, server.database())


def _brought_in(folder: Path, url: str) -> tuple[Path, str]:
    assert xiangban(folder, "roster", "import", "r.xlsx", XIANGBAN_DATABASE_URL=url).returncode == 0
    return folder, url


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""

    async def read() -> dict[str, list[tuple[Any, ...]]]:
        database = Database(url)
        try:
            return await database.read(
                lambda conn: {
                    t.name: sorted(map(tuple, conn.execute(select(t))), key=repr)
                    for t in METADATA.sorted_tables
                }
            )
        finally:
            await database.close()

    return asyncio.run(read())


def test_a_policy_is_tried_on_the_roster_and_no_row_changes(county: tuple[Path, str]) -> None:
    folder, url = county
    before = rows(url)
    done = xiangban(
        folder, "policy", "compare", "new.toml", "--all-joined", "--table", "t.csv", "--language", "en",
        XIANGBAN_DATABASE_URL=url,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert rows(url) == before
    assert len(before["records"]) > 5

    assert "1 rules differ:\n  visits.risks.1.every_days: 7 → 3\n" in done.stdout
    assert "县民政局2026年第7号" in done.stdout
    table = list(csv.DictReader(io.StringIO((folder / "t.csv").read_text(encoding="utf-8-sig"))))
    changed = {(r["who"], r["case"], r["what"]) for r in table if float(r["change"])}
    assert ("W1 child welfare director", "all done", "visits and calls due") in changed
    assert {who for who, _, _ in changed} == {
        "child welfare director (2 people)", "清溪镇（T1）", "W1 child welfare director"
    }  # fmt: skip
    assert {case for _, case, _ in changed} == {"all done"}  # where nobody goes, nothing is planned anew
    assert "张小雨" not in done.stdout + (folder / "t.csv").read_text(encoding="utf-8-sig")
    assert "王秀英" not in done.stdout


@pytest.fixture
def brought_in(tmp_path: Path) -> Path:
    """The same on SQLite, in the data folder."""
    write_book(tmp_path / "r.xlsx")
    (tmp_path / "new.toml").write_text(NEW, encoding="utf-8")
    assert xiangban(tmp_path, "roster", "import", "r.xlsx").returncode == 0
    return tmp_path


def test_nobody_gets_anything_before_he_has_joined(brought_in: Path) -> None:
    done = xiangban(brought_in, "policy", "compare", "new.toml")
    assert "4 人中 0 人已加入" in done.stdout
    assert "消息合计" not in done.stdout


def test_it_comes_as_a_workbook_and_never_over_a_file(brought_in: Path) -> None:
    words = "policy", "compare", "new.toml", "--all-joined", "--table", "t.xlsx"
    done = xiangban(brought_in, *words)
    assert (done.returncode, done.stderr) == (0, "")
    book = load_workbook(brought_in / "t.xlsx")
    assert book.sheetnames == ["按职务", "按乡镇", "按人", "不同的规则", "说明"]
    assert [cell.value for cell in book["不同的规则"][2]][:3] == ["visits.risks.1.every_days", "7", "3"]
    people = list(book["按人"].iter_rows(values_only=True))
    assert people[0][:4] == ("谁", "代码", "情形", "到期的走访、电话·现行")
    assert ("W1 儿童主任", "W1", "都按时做") in [row[:3] for row in people]
    again = xiangban(brought_in, *words)
    assert again.returncode == 1
    assert "t.xlsx" in again.stderr


def _languages() -> list[str]:
    """Chinese where this machine has letters for it; where not, the test below it holds."""
    try:
        chinese_font()
    except NoChineseFont:
        return ["en"]
    return ["en", "zh_Hans"]


@pytest.mark.parametrize("language", _languages())
def test_it_comes_as_a_picture(brought_in: Path, language: str) -> None:
    words = "policy", "compare", "new.toml", "--all-joined", "--language", language
    done = xiangban(brought_in, *words, "--picture", "p.png")
    assert (done.returncode, done.stderr) == (0, "")
    with Image.open(brought_in / "p.png") as picture:
        assert picture.width > 1000
        assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 20
    assert xiangban(brought_in, *words, "--picture", "p.jpg").returncode == 2


def test_without_a_font_for_chinese_the_picture_is_refused_at_once(
    brought_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    done = xiangban(brought_in, "policy", "compare", "new.toml", "--picture", "p.png")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "fonts-noto-cjk" in done.stderr
    assert not (brought_in / "p.png").exists()


def test_check_says_every_fault_with_its_line_and_what_would_be_right(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text(
        "[visits]\nremind_our = 9\n\n[visits.risks.1]\nsource = '本县规定'\nevery_days = 0\n",
        encoding="utf-8",
    )
    done = xiangban(tmp_path, "policy", "check", "bad.toml")
    assert (done.returncode, done.stdout) == (1, "")
    found = done.stderr.splitlines()
    assert [line.split(": ")[:2] for line in found] == [
        ["bad.toml:1", "visits.source"],
        ["bad.toml:2", "visits.remind_our"],
        ["bad.toml:6", "visits.risks.1.every_days"],
    ]
    assert "remind_hour" in found[1]
    assert "不能小于 1 / must be at least 1（0）" in found[2]
    assert xiangban(tmp_path, "policy", "compare", "bad.toml").stderr.splitlines() == found
    (tmp_path / "good.toml").write_text(NEW, encoding="utf-8")
    assert xiangban(tmp_path, "policy", "check", "good.toml").stdout == (
        "good.toml：没有问题；与随软件附带的规则有 1 处不同\n"
    )


def test_where_there_is_no_database_yet_none_is_made(tmp_path: Path) -> None:
    (tmp_path / "new.toml").write_text(NEW, encoding="utf-8")
    done = xiangban(tmp_path, "policy", "compare", "new.toml")
    assert done.returncode == 1
    assert "roster import" in done.stderr
    assert not list((tmp_path / "var").glob("*.db"))
