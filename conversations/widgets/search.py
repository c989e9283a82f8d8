"""Finding what is called so by part of the name, by pinyin, or by its initials."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_LATIN = re.compile(r"[a-z0-9]+")


def matches(labels: Sequence[str], text: str) -> list[int]:
    """The places of the labels that fit ``text``; those that begin with it come first."""
    wanted = _fold(text)
    if not wanted:
        return []
    found = [(rank, n) for n, label in enumerate(labels) if (rank := _rank(label, wanted)) is not None]
    return [n for _, n in sorted(found)]


def _rank(label: str, wanted: str) -> int | None:
    """0 where the label begins so, 1 where it holds it; then the same by pinyin. None: it does not fit."""
    folded = _fold(label)
    if wanted in folded:
        return 0 if folded.startswith(wanted) else 1
    if not _LATIN.fullmatch(wanted):
        return None
    for sound in _sounds(label):
        if wanted in sound:
            return 2 if sound.startswith(wanted) else 3
    return None


@lru_cache(maxsize=20_000)
def _sounds(label: str) -> tuple[str, str]:
    """柳河镇 is lhz and liuhezhen."""
    from pypinyin import lazy_pinyin  # its dictionary is large, and most people never search

    syllables = lazy_pinyin(label)
    return _fold("".join(s[:1] for s in syllables)), _fold("".join(syllables))


def sound_of(name: str) -> str:
    """How a name sounds: 晓明 and 小明 alike. The same sign always sounds the same."""
    return "".join(_syllable(sign) for sign in _fold(name))


@lru_cache(maxsize=20_000)
def _syllable(sign: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(sign))


def _fold(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())
