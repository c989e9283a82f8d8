"""What the documents show holds: the example runs, the form of the guide is sound, its pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.xlsform.forms import begin, give
from xlsform import Problem, Submission
from xlsform.author import check
from xlsform.workbook import read_workbook
from xlsform.writing import write_workbook

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/forms.md").read_text(encoding="utf-8")


def test_the_example_of_the_library_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "xlsform/README.md").read_text(encoding="utf-8")
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert example is not None
    book = read_workbook((ROOT / "conversations/forms/visit.md").read_bytes(), "md")
    (tmp_path / "visit.xlsx").write_bytes(write_workbook(book, "xlsx"))
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(example[1], names)
    assert names["problem"] is None
    assert isinstance(names["done"], Problem)


def test_the_form_of_the_pictures_has_nothing_wrong_or_doubtful() -> None:
    verdict = check((ROOT / "tests/pictures/visit.md").read_bytes(), kind="md", name="visit")
    assert verdict.findings == ()


def test_every_picture_is_shown_and_every_picture_shown_is_there() -> None:
    shown = set(re.findall(r"\(pictures/(\w+\.png)\)", GUIDE))
    assert shown == {path.name for path in (ROOT / "docs/pictures").iterdir()}


@pytest.mark.parametrize(
    ("condition", "good", "bad"),
    [("regex(., '1[0-9]{10}')", "13800138000", "1380013800"), (". <= today()", "2026-11-23", "2026-11-24")],
)
def test_the_conditions_of_the_guide_do_what_it_says(condition: str, good: str, bad: str) -> None:
    assert f"`{condition}`" in GUIDE
    kind = "date" if "today" in condition else "text"
    assert begin(f"{kind} a ; constraint={condition}").answer(bad) is not None
    assert begin(f"{kind} a ; constraint={condition}").answer(good) is None


def test_the_age_of_the_guide_is_whole_years() -> None:
    found = re.search(r"`(int\(\(today\(\).*?)`", GUIDE)
    assert found is not None
    session = begin("date birth", f"calculate age ; calculation={found[1]}")
    done = give(session, "2018-11-24").finish()
    assert isinstance(done, Submission)
    assert done.calculated["age"] == "7"
