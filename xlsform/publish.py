"""Workbooks to XForms through pyxform, when a form is published; the only module that imports it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import get_xlsform
from pyxform.xls2xform import convert

from xlsform.dialects import Sheets, check_languages, normalise
from xlsform.errors import FormError

WorkbookKind = Literal["xlsx", "xls", "csv", "md"]
MAX_BYTES = 10_000_000
_ROW = re.compile(r"\[row\s*:\s*(\d+)\]\s*")
_SHEET = re.compile(r"'(survey|choices|settings|entities|external_choices|osm)'(?: sheet)?", re.IGNORECASE)
_SHEETS = ("survey", "choices", "settings", "entities", "external_choices", "osm")


@dataclass(frozen=True, kw_only=True)
class Published:
    """A compiled form: the XForm to store, what pyxform and the dialect normaliser warn of, the XForm's
    sha256, the files that go with it (an `itemsets.csv` if the form has external choices), and the row of the
    survey sheet in which each name first stands, counted as spreadsheets do.
    """

    xform: str
    warnings: tuple[str, ...]
    digest: str
    media: Mapping[str, bytes] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)


def publish(source: bytes, *, kind: WorkbookKind, name: str) -> Published:
    """Compile a workbook. `name` is the form's id where its settings give none.

    Raises FormError, with sheet and row where they are known, for whatever pyxform refuses or stumbles over.
    Never runs Java.
    """
    if len(source) > MAX_BYTES:
        raise FormError("the workbook is larger than 10 MB", name)
    sheets = _read(source, kind, name)
    if kind == "md":
        _break_lines(sheets)
    return publish_sheets(sheets, name=name)


def publish_sheets(sheets: Sheets, *, name: str) -> Published:
    """Compile sheets that are at hand as rows: `{"survey": [{"type": …, "name": …}, …], …}`."""
    sheets = {key: _copied(value) for key, value in sheets.items()}
    warnings = normalise(sheets)
    warnings.extend(check_languages(sheets))
    if not sheets.get("fallback_form_name"):
        sheets["fallback_form_name"] = name
    rows: dict[str, int] = {}
    for number, row in enumerate(sheets.get("survey") or [], 2):
        rows.setdefault(str(row.get("name", "")).strip(), number)
    found: list[str] = []
    result = _guarded(lambda: convert(sheets, warnings=found, validate=False), name)
    xform = str(result.xform)
    return Published(
        xform=xform,
        warnings=(*warnings, *found),
        digest=hashlib.sha256(xform.encode()).hexdigest(),
        media={"itemsets.csv": str(result.itemsets).encode()} if result.itemsets else {},
        rows={key: number for key, number in rows.items() if key},
    )


def _copied(value: Any) -> Any:
    """Rows that may be changed without the caller's noticing."""
    return (
        [dict(row) if isinstance(row, dict) else row for row in value] if isinstance(value, list) else value
    )


def _read(source: bytes, kind: str, name: str) -> Sheets:
    if kind not in ("xlsx", "xls", "csv", "md"):
        raise FormError(f"a form can't be read from a .{kind} file", name)
    data = _guarded(lambda: get_xlsform(source, file_type=f".{kind}"), name)
    sheets: Sheets = asdict(data)
    if not sheets.get("survey"):
        raise FormError("the workbook has no sheet named survey, or nothing in it", name)
    return sheets


def _guarded(run: Any, name: str) -> Any:
    """Call into pyxform; its errors and its crashes become FormError."""
    try:
        return run()
    except PyXFormError as error:
        message = str(error)
        row = _ROW.search(message)
        sheet = _SHEET.search(message)
        where = sheet.group(1).lower() if sheet else "survey"
        place = f"{where} row {row.group(1)}" if row else (where if sheet else name)
        raise FormError(_ROW.sub("", message).strip(), place) from error
    except Exception as error:
        raise FormError(f"pyxform could not read this form: {type(error).__name__}: {error}", name) from error


def _break_lines(sheets: Sheets) -> None:
    """A cell of a Markdown table can't hold a line break, so `<br>` stands for one."""
    for sheet in _SHEETS:
        for row in sheets.get(sheet) or []:
            for key, value in row.items():
                if isinstance(value, str) and "<br" in value:
                    row[key] = re.sub(r"<br\s*/?>", "\n", value)
