"""Checks the catalogues: every key in both languages, the same placeholders, all used in code, none missing.

    python -m tests.words

One line for each fault, with file and line; exit status 1 if there is any.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
LOCALES = ROOT / "locales"
LANGUAGES = ("zh_Hans", "en")
CODE = ("bot", "casework", "conversations", "playground", "storage")
_SAID = re.compile(
    r"""(?:\.say|\.words|\.pop|\bsay|\bbutton)\(\s*(?:[\w.]+,\s*)?"([a-z_]+(?:\.[a-zA-Z0-9_]+)+)\"""",
    re.VERBOSE,
)
_ANY = r"[a-zA-Z0-9_.]+"


@dataclass(frozen=True)
class Sentence:
    """One entry of a catalogue, with its place."""

    text: str
    place: str


def catalogue(language: str, domain: str) -> dict[str, Sentence]:
    """key -> sentence."""
    path = LOCALES / language / "LC_MESSAGES" / f"{domain}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        found = read_po(file, locale=language)
    name = path.relative_to(ROOT)
    return {str(m.id): Sentence(str(m.string), f"{name}:{m.lineno or 0}") for m in found if m.id}


def placeholders(text: str) -> set[str]:
    """The names in braces. ValueError where the braces are at fault."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@cache
def sources() -> dict[Path, str]:
    """The code that says sentences."""
    files = [p for folder in CODE for p in (ROOT / folder).rglob("*") if p.suffix in (".py", ".js", ".html")]
    return {p: p.read_text(encoding="utf-8") for p in files}


def is_used(key: str) -> bool:
    """Whether code names the key, as it stands or by a pattern such as f"help.{name}"."""
    if any(f'"{key}"' in text or f"'{key}'" in text for text in sources().values()):
        return True
    return any(pattern.fullmatch(key) for pattern in patterns())


@cache
def patterns() -> tuple[re.Pattern[str], ...]:
    """The keys that are put together while running: from f-strings, and from templates in the page."""
    found: set[str] = set()
    for path, text in sources().items():
        templates = re.findall(r"`([a-z_]+\.[^`]*)`", text) if path.suffix == ".js" else []
        found.update(re.sub(r"\$\{", "{", t) for t in templates)
        found.update(re.findall(r'f"([a-z_]+\.[^"\s]*\{[^"\s]*)"', text))
    parts = (re.split(r"\{[^{}]*\}", pattern) for pattern in found)
    return tuple(re.compile(_ANY.join(re.escape(p) for p in cut)) for cut in parts if cut[0])


def faults() -> Iterator[str]:
    """All faults of all catalogues."""
    domains = {p.stem for language in LANGUAGES for p in (LOCALES / language / "LC_MESSAGES").glob("*.po")}
    known: set[str] = set()
    for domain in sorted(domains):
        first, second = (catalogue(language, domain) for language in LANGUAGES)
        known |= set(first) | set(second)
        yield from _one_sided(first, second, LANGUAGES[1])
        yield from _one_sided(second, first, LANGUAGES[0])
        for key in sorted(set(first) & set(second)):
            yield from _differing(key, first[key], second[key])
        for key, sentence in first.items():
            if not is_used(key):
                yield f"{sentence.place}: {key}: is used nowhere"
    yield from _missing(known)


def _one_sided(here: dict[str, Sentence], there: dict[str, Sentence], language: str) -> Iterator[str]:
    for key, sentence in here.items():
        if key not in there:
            yield f"{sentence.place}: {key}: is missing in {language}"
        if not sentence.text.strip():
            yield f"{sentence.place}: {key}: is empty"


def _differing(key: str, one: Sentence, other: Sentence) -> Iterator[str]:
    try:
        first, second = placeholders(one.text), placeholders(other.text)
    except ValueError as error:
        yield f"{one.place}: {key}: {error}"
        return
    if first != second:
        yield f"{other.place}: {key}: has {sorted(second)} where {LANGUAGES[0]} has {sorted(first)}"


def _missing(known: set[str]) -> Iterator[str]:
    """Keys that code says and no catalogue has."""
    for path, text in sources().items():
        if path.suffix != ".py":
            continue
        for match in _SAID.finditer(text):
            if match[1] not in known:
                line = text.count("\n", 0, match.start()) + 1
                yield f"{path.relative_to(ROOT)}:{line}: {match[1]}: is in no catalogue"


def main() -> int:
    """Prints every fault."""
    found = list(faults())
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
