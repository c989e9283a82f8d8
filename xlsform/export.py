"""Submissions as analysts know them: flat tables in Kobo's shape, nested values in ODK Central's."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlsform.markup import parse
from xlsform.model import Form, Question
from xlsform.nodes import Node
from xlsform.workbook import Book, Grid
from xlsform.xpath.values import text_number

SYSTEM = (
    "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by",
    "__version__", "_tags",
)  # fmt: skip
"""What Kobo puts behind the answers; its marks of review (`_notes`, `_tags` …) stay empty here."""

_INSTANCE = re.compile(r"\s*instance\('([^']+)'\)")
_PLACE = ("latitude", "longitude", "altitude", "precision")
_NUMBERS = frozenset({"int", "integer", "long", "decimal", "double", "float"})
_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One submission: its OpenRosa XML, when (ISO) and by whom it was sent, and the form's version."""

    id: str
    xml: str
    at: str
    by: str = ""
    version: str = ""


@dataclass(kw_only=True)
class _Table:
    """A table on its way: rows by column, the columns in order."""

    name: str
    path: str
    columns: dict[str, None] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)


def tables(form: Form, sent: Sequence[Sent], *, name: str) -> Book:
    """The main table under `name`, and one for every repeat, with the headings that Kobo gives them.

    A multiple choice has a column of its own and one for each choice (1 or 0); a place has its latitude,
    longitude, altitude and precision beside it. Answers to questions that the form no longer has follow
    behind. Rows of repeats point to their parent by `_parent_table_name` and `_parent_index`.
    """
    return _Flat(form, name).book(sent)


class _Flat:
    def __init__(self, form: Form, name: str) -> None:
        self.form = form
        self.root = f"/{form.skeleton.elements()[0].name}"
        self.notes = {one.ref for one in form.fields if one.kind == "note"}
        self.tables = {self.root: _Table(name=name, path=self.root)}
        for path in [one.ref for one in form.fields if one.kind == "repeat"]:
            self.tables[path] = _Table(name=self._table_name(path), path=path)
        for one in form.fields:
            if one.kind not in ("group", "repeat", "note") and not _in_meta(one.ref):
                self._columns(self._owner(one.ref), one.ref)

    def _table_name(self, path: str) -> str:
        """Kobo names a repeat's table after the repeat; a second of the same name gets its path."""
        short = path.rpartition("/")[2]
        taken = {table.name for table in self.tables.values()}
        return short if short not in taken else path[len(self.root) + 1 :].replace("/", "_")

    def _owner(self, path: str) -> _Table:
        inner = max((p for p in self.tables if path.startswith(f"{p}/") or path == p), key=len)
        return self.tables[inner]

    def _columns(self, table: _Table, path: str) -> None:
        head = path[len(self.root) + 1 :]
        table.columns.setdefault(head)
        question = self.form.questions.get(path)
        if question is not None and question.kind == "select_multiple":
            for value in _offered(self.form, question):
                table.columns.setdefault(f"{head}/{value}")
        if question is not None and question.kind == "geopoint":
            for part in _PLACE:
                table.columns.setdefault(_beside(head, part))

    def book(self, sent: Sequence[Sent]) -> Book:
        for one in sent:
            root = parse(one.xml).elements()[0]
            main = self.tables[self.root]
            row = {"_index": str(len(main.rows) + 1)}
            system = _system(one, root)
            main.rows.append(row)
            self._fill(root, self.root, row, main, system)
            row.update(system)
        return {table.name: _grid(table, main=path == self.root) for path, table in self.tables.items()}

    def _fill(
        self, node: Node, path: str, row: dict[str, str], table: _Table, system: dict[str, str]
    ) -> None:
        for child in node.elements():
            below = f"{path}/{child.local}"
            if child.local == "meta" or below in self.notes:
                continue
            if below not in self.tables and len(node.named(child.name)) > 1:  # a repeat of an older version
                self.tables[below] = _Table(name=self._table_name(below), path=below)
            if below in self.tables:
                self._repeat(child, below, row, table, system)
            elif child.elements():
                self._fill(child, below, row, table, system)
            else:
                self._value(below, child.text(), row, table)

    def _repeat(
        self, node: Node, path: str, row: dict[str, str], table: _Table, system: dict[str, str]
    ) -> None:
        own = self.tables[path]
        mine = {
            "_index": str(len(own.rows) + 1),
            "_parent_table_name": table.name,
            "_parent_index": row["_index"],
            **{f"_submission_{key}": value for key, value in system.items()},
        }
        own.rows.append(mine)
        self._fill(node, path, mine, own, system)

    def _value(self, path: str, text: str, row: dict[str, str], table: _Table) -> None:
        head = path[len(self.root) + 1 :]
        table.columns.setdefault(head)
        row[head] = text
        question = self.form.questions.get(path)
        if question is None or not text:
            return
        if question.kind == "select_multiple":
            chosen = text.split()
            for value in dict.fromkeys((*_offered(self.form, question), *chosen)):
                table.columns.setdefault(f"{head}/{value}")
                row[f"{head}/{value}"] = "1" if value in chosen else "0"
        elif question.kind == "geopoint":
            for part, number in zip(_PLACE, text.split(), strict=False):
                row[_beside(head, part)] = number


def _in_meta(path: str) -> bool:
    return re.search(r"/(?:\w+:)?meta(?:/|$)", path) is not None


def _beside(head: str, part: str) -> str:
    """`group/_place_latitude` for the latitude of `group/place`."""
    above, slash, name = head.rpartition("/")
    return f"{above}{slash}_{name}_{part}"


def _offered(form: Form, question: Question) -> tuple[str, ...]:
    """The values of a question's list, whatever its filter lets through."""
    if question.itemset is None:
        return tuple(item.value for item in question.items)
    found = _INSTANCE.match(question.itemset.nodes.source)
    table = form.instances.get(found[1]) if found else None
    names = question.itemset.value.source
    rows = table.elements() if table is not None else []
    return tuple(cell.text() for row in rows for cell in row.named(names)[:1])


def _system(one: Sent, root: Node) -> dict[str, str]:
    meta = root.child("meta")
    instance = meta.child("instanceID") if meta is not None else None
    uuid = instance.text().removeprefix("uuid:") if instance is not None else ""
    known = {
        "_id": one.id, "_uuid": uuid, "_submission_time": one.at, "_submitted_by": one.by,
        "__version__": one.version,
    }  # fmt: skip
    return {key: known.get(key, "") for key in SYSTEM}


def _grid(table: _Table, *, main: bool) -> Grid:
    tail = (*SYSTEM, "_index") if main else (
        "_index", "_parent_table_name", "_parent_index", *(f"_submission_{key}" for key in SYSTEM),
    )  # fmt: skip
    heads = [*table.columns, *tail]
    return [heads, *([row.get(head, "") for head in heads] for row in table.rows)]


def guarded(cell: str) -> str:
    """The cell for a CSV that a spreadsheet opens: what could be a formula gets an apostrophe in front."""
    risky = cell.startswith(_RISKY) and math.isnan(text_number(cell.removeprefix("+")))
    return f"'{cell}" if risky else cell


def nested(form: Form, sent: Sequence[Sent]) -> Iterator[dict[str, Any]]:
    """Each submission as Central gives it: groups as objects, repeats as lists, numbers as numbers, no answer
    as None; `__id` and `__system` say whose it is.
    """
    types = {one.ref: one.type for one in form.fields}
    for one in sent:
        root = parse(one.xml).elements()[0]
        system = {"submissionDate": one.at, "submitterName": one.by, "formVersion": one.version}
        yield {"__id": one.id, "__system": system, **_object(form, types, root, f"/{root.name}")}


def _object(form: Form, types: dict[str, str], node: Node, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in node.elements():
        below = f"{path}/{child.name}"
        if below in form.repeats:
            found.setdefault(child.local, []).append(_object(form, types, child, below))
        elif child.elements():
            found[child.local] = _object(form, types, child, below)
        else:
            found[child.local] = _typed(child.text(), types.get(below, "string"))
    return found


def _typed(text: str, kind: str) -> str | float | None:
    if not text:
        return None
    number = text_number(text) if kind in _NUMBERS else None
    if number is None or not math.isfinite(number):
        return text
    return int(number) if number.is_integer() else number
