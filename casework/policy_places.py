"""On which line of a policy file a key stands, and which name was probably meant by one that is not known."""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any


def places_of(text: str) -> dict[str, int]:
    """The line, from 1, on which each key of a valid TOML text begins; keys are dotted, lists count from 0.

    The parser itself tells: the text is read line by line, and what a line adds stands on it.
    """
    found: dict[str, int] = {}
    lines, begun = text.splitlines(keepends=True), 1
    for end in range(1, len(lines) + 1):
        try:
            read = tomllib.loads("".join(lines[:end]))
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value that takes several lines
        for key in _keys(read):
            found.setdefault(key, begun)
        begun = end + 1
    return found


def _keys(value: Any, at: str = "") -> Iterator[str]:
    inner: Iterator[tuple[str, Any]] = iter(())
    if isinstance(value, dict):
        inner = iter(value.items())
    elif isinstance(value, list):
        inner = ((str(index), entry) for index, entry in enumerate(value))
    for name, entry in inner:
        key = f"{at}.{name}" if at else name
        yield key
        yield from _keys(entry, key)


def line_of(key: str, places: Mapping[str, int]) -> int | None:
    """The line of a key, or of the nearest table around it; None where the file has nothing of it."""
    while key:
        if key in places:
            return places[key]
        key = key.rpartition(".")[0]
    return None


def meant(key: str, tables: Mapping[str, Any]) -> str | None:
    """The name in ``tables``, at the same place, that is most like the last part of ``key``."""
    *path, name = key.split(".")
    there: Any = tables
    for part in path:
        there = there.get(part) if isinstance(there, dict) else None
    names = [other for other in there if other != name] if isinstance(there, dict) else []
    return next(iter(difflib.get_close_matches(name, names, n=1)), None)
