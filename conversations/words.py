"""In which words things are said: the catalogues, by language and key."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.pofile import read_po

from conversations.masks import one_line

LOCALES = Path(__file__).parent.parent / "locales"  # beside this package, in a checkout and when installed
LANGUAGES = ("zh_Hans", "en")  # the first one is complete and stands in for every other
NAMES: Mapping[str, str] = {"zh_Hans": "中文", "en": "English"}


@dataclass(frozen=True, kw_only=True)
class Words:
    """All sentences, ``catalogues[language][key]``; placeholders are written ``{name}``."""

    catalogues: Mapping[str, Mapping[str, str]]

    def say(self, language: str, key: str, **values: object) -> str:
        """The sentence ``key``, its placeholders filled. Raises `KeyError` for an unknown key."""
        text = self.catalogues.get(language, {}).get(key) or self.catalogues[LANGUAGES[0]][key]
        return text.format(**{name: _line(value) for name, value in values.items()}) if values else text

    def has(self, key: str) -> bool:
        """Whether there is such a sentence."""
        return key in self.catalogues[LANGUAGES[0]]


def _line(value: object) -> object:
    """What fills a sentence never breaks its line, nor hides or turns anything in it."""
    return one_line(value) if isinstance(value, str) and not value.isprintable() else value


def load_words(domain: str = "chat") -> Words:
    """The packaged catalogues of ``domain``."""
    return Words(catalogues={language: read_catalogue(language, domain) for language in LANGUAGES})


def read_catalogue(language: str, domain: str) -> dict[str, str]:
    """key -> sentence of one catalogue, without what is empty."""
    with (LOCALES / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in catalogue if m.id and m.string}


def known_language(code: str) -> str:
    """The language for a code as programs give it ("zh-hans", "en-GB"); Chinese where it is unknown."""
    return "en" if code.lower().startswith("en") else LANGUAGES[0]
