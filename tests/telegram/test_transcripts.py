"""The same transcripts through Telegram: each person hears the same, in the same order, over real HTTP."""

import re
from itertools import groupby
from pathlib import Path

import pytest

from tests.telegram.county import TelegramCounty
from tests.transcripts.play import HERE, language_of, play

_HEARD = re.compile(r"(?:相伴|Xiangban) ([→✎⇒⌫]) (\S+?)(?:：|: )")


# An alert goes to several people side by side; whether it says already that one of them could not be reached
# depends on which message left first.
_RACE = re.compile(r"\n  · [^\n]*(?:联系不上，已通知下一位|could not be reached[^\n]*)")


def heard_by(text: str) -> dict[str, list[str]]:
    """What each person heard, in order: the bot's paragraphs of a transcript.

    What the clock brings in one moment about several children may come in any order: they are looked at side
    by side.
    """
    heard: dict[str, list[str]] = {}
    moment, by_clock = 0, False
    for paragraph in re.split(r"\n\n+", _RACE.sub("", text).strip()):
        match = _HEARD.match(paragraph)
        if match:
            heard.setdefault(match[2], []).append(f"{moment if by_clock else ''}\n{paragraph}")
        else:
            moment, by_clock = moment + 1, paragraph.startswith("#")
    return {who: _in_any_order(said) for who, said in heard.items()}


def _in_any_order(said: list[str]) -> list[str]:
    """Each run of paragraphs of one moment of the clock, sorted; all others as they came."""
    found: list[str] = []
    for moment, run in groupby(said, key=lambda one: one.partition("\n")[0]):
        together = list(run)
        plain = [one.partition("\n")[2] for one in together]
        found += sorted(plain) if moment else plain
    return found


@pytest.mark.parametrize("path", sorted(HERE.glob("*.md")), ids=lambda path: path.stem)
async def test_everybody_hears_the_same_through_telegram(path: Path, tmp_path: Path) -> None:
    written = path.read_text(encoding="utf-8")
    county = TelegramCounty(tmp_path / "xiangban.db", language_of(path))
    await county.open()
    try:
        real = await play(written, language_of(path), county)
    finally:
        await county.close()
    assert heard_by(real) == heard_by(written)
