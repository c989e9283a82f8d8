"""Everything there is to say about a workbook before anybody is asked: `check` for its author."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from xlsform.dialects import Sheets, bare_columns
from xlsform.errors import FormError
from xlsform.findings import Finding, finding
from xlsform.lint import lint
from xlsform.loader import load
from xlsform.model import Form
from xlsform.places import Places
from xlsform.publish import Published, publish_sheets
from xlsform.refusals import explained
from xlsform.rehearsal import heavy
from xlsform.widgets import widgets
from xlsform.workbook import Book, form_sheets, read_workbook

_PLACE = re.compile(r"(\w+) row (\d+)(?:, column (.+))?")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found, in the order of the sheets, errors first; `published` is None if it did not compile."""

    findings: tuple[Finding, ...]
    published: Published | None

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(found for found in self.findings if found.severity == "error")


def check(
    source: bytes,
    *,
    kind: str,
    name: str,
    media: Mapping[str, bytes] | None = None,
    live: Iterable[str] = (),
) -> Verdict:
    """Read, compile and lint a workbook. Never raises FormError: whatever is wrong is a finding.

    `media` are the files that go with it; `live` the names of tables that will be given when it runs.
    """
    try:
        book = read_workbook(source, kind, name)
        sheets = form_sheets(book, name)
    except FormError as error:
        return Verdict(findings=(_of_error(error, {}),), published=None)
    found = [*_unheaded(book), *bare_columns(sheets), *widgets(sheets["survey"])]
    published = None
    if not any(f.code == "bare-column" and f.severity == "error" for f in found):
        published, more = _compiled(sheets, name, media or {}, frozenset(live))
        found.extend(more)
    return Verdict(findings=_sorted(found), published=published)


def _compiled(
    sheets: Sheets, name: str, media: Mapping[str, bytes], live: frozenset[str]
) -> tuple[Published | None, list[Finding]]:
    try:
        published = publish_sheets(sheets, name=name)
        form = load(published.xform, media={**published.media, **media}, lenient=True)
    except FormError as error:
        return None, [_of_error(error, sheets)]
    places = Places(sheets, form.skeleton.elements()[0].name)
    said = [explained(text, "warning", sheets) for text in published.warnings]
    linted = [places.located(found) for found in (*lint(form), *heavy(form))]
    return published, [*said, *linted, *_lacking(form, {**published.media, **media}, live)]


def _lacking(form: Form, media: Mapping[str, bytes], live: frozenset[str]) -> Iterator[Finding]:
    """The files that the form reads and nobody gave."""
    for name, source in form.external.items():
        file = source.rpartition("/")[2]
        if name not in live and file not in media and not source.startswith("jr://instance"):
            yield finding("warning", "no-file", name=file)


def _of_error(error: FormError, sheets: Mapping[str, Any]) -> Finding:
    found = explained(error.message, "error", sheets)
    place = _PLACE.fullmatch(error.place)
    if place and not found.row:
        return replace(found, sheet=place[1], row=int(place[2]), column=place[3] or found.column)
    if not found.sheet and error.place in ("survey", "choices", "settings", "entities", "external_choices"):
        return replace(found, sheet=error.place)
    return found if found.sheet else replace(found, place=error.place)


def _unheaded(book: Book) -> Iterator[Finding]:
    for title, grid in book.items():
        if title.strip().lower() not in ("survey", "choices"):
            continue
        width = max(len(row) for row in grid)
        heads = [*grid[0], *[""] * (width - len(grid[0]))]
        for number, head in enumerate(heads):
            filled = next((n for n, r in enumerate(grid[1:], 2) if number < len(r) and r[number]), 0)
            if not head and filled:
                yield replace(
                    finding("warning", "unheaded"), sheet=title, row=filled, column=_letters(number)
                )


def _letters(number: int) -> str:
    """The letters of a column by its place from 0: A, B, …, Z, AA."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _sorted(found: list[Finding]) -> tuple[Finding, ...]:
    order = {"survey": 1, "choices": 2, "settings": 3}
    unique: dict[tuple[str, ...], Finding] = {}
    for one in found:
        key = (one.severity, one.message, one.sheet, str(one.row), one.column or one.place)
        unique.setdefault(key, one)
    return tuple(
        sorted(unique.values(), key=lambda f: (f.severity, order.get(f.sheet, 4 if f.sheet else 0), f.row))
    )
