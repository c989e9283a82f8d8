"""Small repairs that let forms from the Community Health Toolkit compile, and the language traps of
workbooks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from xlsform.findings import Finding, finding

Sheets = dict[str, Any]
_TRANSLATED = ("label", "hint", "constraint_message", "required_message", "guidance_hint")


def normalise(sheets: Sheets) -> list[str]:
    """Rewrite, in place, what pyxform does not know; what was done is returned as warnings."""
    done: dict[str, None] = {}
    renamed = False
    for number, row in enumerate(sheets.get("survey") or [], 2):
        for key in [k for k in row if isinstance(k, str) and k.lower().startswith("instance::")]:
            del row[key]
            done.setdefault(f"survey: the column {key} is not used")
        kind = str(row.get("type", "")).strip()
        if kind.startswith("db:") or kind in ("tel", "db-object"):
            row["type"] = "text"
            done.setdefault(f"survey row {number}: the type {kind} is read as text")
        if kind.replace("_", " ").startswith(("begin group", "begin repeat")) and row.get("name") == "meta":
            row["name"], renamed = "meta_group", True
        for key, value in row.items():
            if not isinstance(value, str) and value is not None:
                row[key] = str(value)
    if renamed:
        done.setdefault("survey: the group meta is renamed to meta_group, as meta is reserved")
    header = (sheets.get("survey_header") or [None])[0]
    if isinstance(header, dict):
        for key in [k for k in header if isinstance(k, str) and k.lower().startswith("instance::")]:
            del header[key]
    return list(done)


def bare_columns(sheets: Sheets) -> list[Finding]:
    """A plain column beside translated ones: an error where texts would be lost without a word, else a
    warning.

    pyxform drops a plain label wherever the default language has one of its own.
    """
    settings = (sheets.get("settings") or [{}])[0]
    default = str(settings.get("default_language", "")).strip()
    found: list[Finding] = []
    for sheet in ("survey", "choices"):
        rows = sheets.get(sheet) or []
        columns = {str(key) for row in rows for key in row}
        for column in _TRANSLATED:
            languages = sorted(c.partition("::")[2].strip() for c in columns if c.startswith(f"{column}::"))
            if column not in columns or not languages:
                continue
            lost = default if default in languages else ""
            row = next((n for n, r in enumerate(rows, 2) if r.get(column) and r.get(f"{column}::{lost}")), 0)
            example = f"{column}::{default or languages[0]}"
            one = finding("error" if row else "warning", "bare-column", column=column, example=example)
            found.append(replace(one, sheet=sheet, row=row or 1, column=column))
    return found
