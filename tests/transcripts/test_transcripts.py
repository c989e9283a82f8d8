"""Every transcript goes exactly as it is written down, in Chinese and in English."""

from pathlib import Path

import pytest

from tests.transcripts.play import HERE, replay

ALL = sorted(HERE.glob("*.md"))


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
async def test_the_transcript_goes_as_it_is_written(path: Path) -> None:
    assert await replay(path) == path.read_text(encoding="utf-8")


def test_every_transcript_exists_in_both_languages() -> None:
    names = {path.name.split(".")[0] for path in ALL}
    assert {f"{name}.{code}.md" for name in names for code in ("zh", "en")} == {path.name for path in ALL}


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_no_real_name_of_a_child_stands_in_a_message(path: Path) -> None:
    """Only a pop-up, which leaves nothing in the chat, may hold it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    holding = [line for line in lines if "张小花" in line]
    assert all(" ⇒ " in line for line in holding)
