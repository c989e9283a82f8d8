"""The sentences of the command line and the roster, in the reader's language."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from conversations.masks import one_line

LANGUAGES = ("zh_Hans", "en")
LOCALES = Path(__file__).resolve().parents[2] / "locales"


def language_of(wanted: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """The language asked for, else English where the terminal's is English, else Chinese."""
    if wanted:
        return "en" if wanted.lower().startswith("en") else "zh_Hans"
    terminal = next((environment[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(k)), "")
    return "en" if terminal.lower().startswith("en") else "zh_Hans"


def say(language: str, key: str, **values: object) -> str:
    """The sentence called ``key``, filled. KeyError where there is none."""
    filled = {name: one_line(value) if isinstance(value, str) else value for name, value in values.items()}
    return _catalogue(language)[key].format(**filled)


@cache
def _catalogue(language: str) -> dict[str, str]:
    with (LOCALES / language / "LC_MESSAGES" / "tools.po").open("rb") as file:
        found = read_po(file, locale=None)
    return {str(message.id): str(message.string) for message in found if message.id}
