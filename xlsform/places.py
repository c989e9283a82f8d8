"""From paths of a compiled form back to the sheets it was written in: which row, which column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from xlsform.findings import Finding
from xlsform.refs import without_numbers

_COLUMNS: dict[str, tuple[str, ...]] = {
    "relevant": ("relevant", "relevance", "bind::relevant"),
    "calculate": ("calculation", "calculate", "bind::calculate"),
    "constraint": ("constraint", "bind::constraint"),
    "required": ("required", "bind::required"),
    "readonly": ("read_only", "readonly", "bind::readonly"),
    "choice_filter": ("choice_filter",),
    "choices": ("type", "choice_filter"),
    "repeat": ("repeat_count", "jr:count"),
    "setvalue": ("default", "calculation", "trigger"),
    "output": ("label", "hint"),
    "label": ("label",),
    "type": ("type",),
    "appearance": ("appearance", "body::appearance"),
    "hint": ("hint",),
}
_BEGIN = re.compile(r"begin[ _](group|repeat)|begin[ _]looped[ _]group")
_END = re.compile(r"end[ _](group|repeat)|end[ _]looped[ _]group")
_CHOICE_KEY = re.compile(r"(.+)-(\d+)")


class Places:
    """Knows the rows of a form's sheets by path and by choice."""

    def __init__(self, sheets: Mapping[str, Any], root: str) -> None:
        """`root` is the name of the instance's first element."""
        self.headings: dict[str, tuple[str, ...]] = {
            sheet: tuple((sheets.get(f"{sheet}_header") or [{}])[0]) for sheet in ("survey", "choices")
        }
        self._rows = _paths(sheets.get("survey") or (), root)
        self._choices = _choice_rows(sheets.get("choices") or ())

    def located(self, finding: Finding) -> Finding:
        """The finding with sheet, row and column as far as its place tells them."""
        if finding.sheet or not finding.place:
            return finding
        place = finding.place.removeprefix("itext ")
        path, _, role = place.partition(" ")
        path, mark, _ = path.partition(":") if path.startswith("/") else (path, "", "")
        choice = _CHOICE_KEY.fullmatch(path)
        if choice and (choice[1], int(choice[2])) in self._choices:
            row = self._choices[choice[1], int(choice[2])]
            column = finding.column or self._column("choices", "label")
            return replace(finding, sheet="choices", row=row, column=column)
        row = self._rows.get(without_numbers(path), 0)
        if not row:
            return finding
        first = role.split()[0] if role else ("label" if mark or finding.code == "no-label" else "")
        column = finding.column or self._column("survey", first)
        return replace(finding, sheet="survey", row=row, column=column)

    def _column(self, sheet: str, role: str) -> str:
        """The heading as the author wrote it; the first of several languages."""
        for wanted in _COLUMNS.get(role, ()):
            for heading in self.headings[sheet]:
                if heading.lower() == wanted or heading.lower().startswith(f"{wanted}::"):
                    return heading
        return _COLUMNS[role][0] if role in _COLUMNS else ""


def _paths(survey: Sequence[Mapping[str, Any]], root: str) -> dict[str, int]:
    """The row of every path, as groups nest in the survey sheet."""
    found: dict[str, int] = {}
    above: list[str] = [root]
    for number, row in enumerate(survey, 2):
        kind, name = str(row.get("type", "")).strip().lower(), str(row.get("name", "")).strip()
        if _END.match(kind):
            if len(above) > 1:
                above.pop()
            continue
        if name:
            found.setdefault("/" + "/".join((*above, name)), number)
        if _BEGIN.match(kind):
            above.append(name)
    return found


def _choice_rows(choices: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], int]:
    """The row of the nth choice of every list."""
    found: dict[tuple[str, int], int] = {}
    counts: dict[str, int] = {}
    for number, row in enumerate(choices, 2):
        name = str(row.get("list_name") or row.get("list name") or "").strip()
        if name:
            found[name, counts.get(name, 0)] = number
            counts[name] = counts.get(name, 0) + 1
    return found
