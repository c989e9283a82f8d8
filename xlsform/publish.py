"""Workbooks to XForms through pyxform, when a form is published; the only module that imports it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from xlsform.dialects import Sheets, bare_columns, normalise
from xlsform.errors import FormError
from xlsform.workbook import form_sheets, read_workbook

MAX_BYTES = 10_000_000
_ROW = re.compile(r"\[row\s*:\s*(\d+)\]\s*")
_SHEET = re.compile(r"'(survey|choices|settings|entities|external_choices|osm)'(?: sheet)?", re.IGNORECASE)


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


def publish(source: bytes, *, kind: str, name: str) -> Published:
    """Compile a workbook. `name` is the form's id where its settings give none.

    Raises FormError, with sheet and row where they are known, for whatever pyxform refuses or stumbles over.
    Never runs Java.
    """
    if len(source) > MAX_BYTES:
        raise FormError("the workbook is larger than 10 MB", name)
    sheets = form_sheets(read_workbook(source, kind, name), name)
    return publish_sheets(sheets, name=name)


def publish_sheets(sheets: Sheets, *, name: str) -> Published:
    """Compile sheets that are at hand as rows: `{"survey": [{"type": …, "name": …}, …], …}`."""
    sheets = {key: _copied(value) for key, value in sheets.items()}
    warnings = normalise(sheets)
    for bare in bare_columns(sheets):
        if bare.severity == "error":
            raise FormError(bare.message, f"{bare.sheet} row {bare.row}, column {bare.column}")
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
