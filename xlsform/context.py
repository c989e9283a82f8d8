"""What a session is told from outside: the time, the reader's language, presets and live tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

Rows = Callable[[], Sequence[Mapping[str, str]]]


@dataclass(frozen=True, kw_only=True)
class Context:
    """`now` is aware, and today() is its date in its own offset.

    `language` is a code ("zh_Hans") or a language name of the form. `preset` gives answers by question name
    or absolute path before the start; such questions are not asked. `instances` are live secondary
    instances by id, each called at most once per session object. `properties` are further metadata by name
    (`phonenumber`, …). `last_saved` is the XML of the previous submission. `max_instances` bounds
    every repeat, counted ones included. JavaRosa asks the first instance of a counted repeat even when its
    count is 0 (authors guard it by a relevance); `keep_first_instance` does as it does. `ask_label_rows`: the
    rows of a table that only show its choices (appearance "label") are asked, as JavaRosa does. `shown` is
    how an answer looks inside a label, where what people wrote must not pass for the author's own words.
    """

    now: datetime
    language: str | None = None
    username: str = ""
    device: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    preset: Mapping[str, str] = field(default_factory=dict)
    instances: Mapping[str, Rows] = field(default_factory=dict)
    last_saved: str | None = None
    max_instances: int = 100
    keep_first_instance: bool = False
    shown: Callable[[str], str] = str
    ask_label_rows: bool = False


def choose_language(languages: tuple[str, ...], default: str, wanted: str | None) -> str:
    """The form's language for a wish: by name, by the code in brackets, by the main part of the code, else
    default.
    """
    if not languages or not wanted:
        return default
    wish = _norm(wanted)
    for keys in (lambda name: [name], _codes, lambda name: [c.split("-")[0] for c in _codes(name)]):
        for goal in dict.fromkeys((wish, wish.split("-")[0])):
            for name in languages:
                if goal in [_norm(key) for key in keys(name)]:
                    return name
    return default


def _norm(code: str) -> str:
    return code.strip().lower().replace("_", "-")


def _codes(name: str) -> list[str]:
    _, bracket, tail = name.rpartition("(")
    return [_norm(tail.rstrip(") "))] if bracket else [_norm(name)]
