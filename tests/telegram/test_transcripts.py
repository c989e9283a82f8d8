"""The same transcripts through Telegram: each person hears the same, in the same order, over real HTTP."""

import re
from pathlib import Path

import pytest

from tests.telegram.county import TelegramCounty
from tests.transcripts.play import HERE, language_of, play

_HEARD = re.compile(r"(?:相伴|Xiangban) ([→✎⇒⌫]) (\S+?)(?:：|: )")


# An alert goes to several people side by side; whether it says already that one of them could not be reached
# depends on which message left first.
_RACE = re.compile(r"\n  · [^\n]*(?:联系不上，已通知下一位|could not be reached[^\n]*)")


def heard_by(text: str) -> dict[str, list[str]]:
    """What each person heard, in order: the bot's paragraphs of a transcript."""
    heard: dict[str, list[str]] = {}
    for paragraph in re.split(r"\n\n+", _RACE.sub("", text).strip()):
        match = _HEARD.match(paragraph)
        if match:
            heard.setdefault(match[2], []).append(paragraph)
    return heard


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
