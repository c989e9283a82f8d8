"""The kinds of documents and the values that each can say, as `kinds.toml` lists them."""

import tomllib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from conversations.press import Picture, Unprintable, Values

DOT = b64decode(  # the smallest PNG
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Label(_Closed):
    """What something means, in both languages."""

    zh_Hans: str
    en: str

    def said(self, language: str) -> str:
        """In the reader's language."""
        return self.en if language == "en" else self.zh_Hans


class Value(Label):
    """One value; ``sample`` is what templates are tried with. ``long``: each of its lines is a paragraph.

    ``picture``: it is a `Picture` and needs no sample.
    """

    sample: str | int | date = ""
    long: bool = False
    picture: bool = False

    def tried(self) -> Any:
        """What a template is tried with."""
        return Picture(content=DOT, width=10) if self.picture else self.sample


class Rows(_Closed):
    """A list of rows, each with the same values."""

    about: Label
    values: Mapping[str, Value]


class Kind(_Closed):
    """One kind of document."""

    title: Label
    values: Mapping[str, Value]
    rows: Mapping[str, Rows] = Field(default_factory=dict)

    def samples(self) -> dict[str, Any]:
        """A value for everything, as a template is tried with; three rows in each list."""
        found: dict[str, Any] = {name: value.tried() for name, value in self.values.items()}
        for name, rows in self.rows.items():
            found[name] = [{each: value.tried() for each, value in rows.values.items()}] * 3
        return found

    def empty(self) -> dict[str, Any]:
        """Nothing for everything, and one such row in each list."""
        found: dict[str, Any] = dict.fromkeys(self.values, "")
        return found | {name: [dict.fromkeys(rows.values, "")] for name, rows in self.rows.items()}

    def bare(self) -> dict[str, Any]:
        """Nothing for everything, and no rows."""
        return dict.fromkeys(self.values, "") | {name: [] for name in self.rows}

    def faults(self, name: str, given: Values) -> Iterator[str]:
        """What ``given`` lacks or has too much, a line each."""
        for key in (self.values.keys() | self.rows.keys()) ^ given.keys():
            yield f"{name}: {key}: {'unknown' if key in given else 'missing'}"
        for key, rows in self.rows.items():
            found = given.get(key)
            for number, row in enumerate(found if isinstance(found, list | tuple) else (), 1):
                for column in rows.values.keys() ^ row.keys():
                    wrong = "unknown" if column in row else "missing"
                    yield f"{name}: {key} row {number}: {column}: {wrong}"


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds by name; each with the values that every document has."""
    raw = tomllib.loads(files("bot.documents").joinpath("kinds.toml").read_text(encoding="utf-8"))
    every = raw.pop("every")["values"]
    return {name: _kind(every, table) for name, table in raw.items()}


def _kind(every: Mapping[str, Any], table: Mapping[str, Any]) -> Kind:
    rows = {
        name: {"about": columns["about"], "values": {k: v for k, v in columns.items() if k != "about"}}
        for name, columns in table.get("rows", {}).items()
    }
    return Kind.model_validate({**table, "values": {**every, **table["values"]}, "rows": rows})


def kind_of(name: str) -> Kind:
    """The kind called ``name``. Unprintable where there is none."""
    found = kinds().get(name)
    if found is None:
        raise Unprintable([f"{name}: no such document; there are {', '.join(sorted(kinds()))}"])
    return found
