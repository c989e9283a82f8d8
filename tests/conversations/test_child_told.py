"""What the morning's message says of children themselves, after what is due."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from casework.child_records import Back
from tests.conversations.county import CHILD, SIXTEEN, START, County


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    """Nobody has joined and there are no children yet."""
    opened = County(tmp_path / "county.db", "zh_Hans")
    await opened.open()
    yield opened
    await opened.close()


async def _morning(county: County, days: int = 1) -> list[tuple[str, list[str]]]:
    await county.until(START + timedelta(days=days, hours=-1))
    said = [h for h in county.heard if h.person == "wang" and h.kind == "message"]
    return [(h.text, [b.label for row in h.buttons for b in row]) for h in said]


async def test_parents_who_came_home_are_asked_after_in_the_message_of_the_visits(
    county: County,
) -> None:
    home = Back(who="mother", since=date(2026, 10, 20), stay="unsure", check=date(2026, 11, 24))
    await county.settle(("wang", "li"), (replace(CHILD, back=home),))
    ((text, buttons),) = await _morning(county)
    assert "今天请去看看 张* · 3001" in text
    assert "张* · 3001：妈妈 10月20日 周二 起在家，那时还说不好走不走。现在呢？" in text
    assert buttons[-2:] == ["不再外出", "又走了"]


async def test_those_who_stayed_may_be_closed_once_the_visit_was_made(county: County) -> None:
    home = Back(who="both", since=date(2026, 10, 20), stay="stays", check=date(2026, 11, 24))
    await county.settle(("wang", "li"), (replace(CHILD, back=home),))
    ((text, _),) = await _morning(county)
    assert "要是还在家、不再外出，可以结案" in text
    await county.tap("wang", "结案：张* · 3001")
    assert "父母回来了，不再外出：从哪天算？" in county.heard[-1].text


async def test_a_closed_file_has_no_birthday_any_more(county: County) -> None:
    await county.settle(("wang", "li"), (replace(SIXTEEN, status="closed"),))
    assert not any("周岁" in text for text, _ in await _morning(county, days=3))
