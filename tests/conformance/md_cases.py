"""XLSForms in Markdown or as sheets: those that pyxform takes must load and begin, the others must be
refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tests.conformance.tally import Tally
from xlsform import Context, FormError, Session, load
from xlsform.publish import publish, publish_sheets

NOW = datetime(2026, 11, 23, 9, 21, 30, tzinfo=UTC)


def score(lines: Iterable[dict[str, Any]], tally: Tally) -> None:
    for case in lines:
        if not case.get("md") and not case.get("ss"):
            tally.left_out += 1
            continue
        passed, note = _run(case)
        tally.case("md/errors" if case["errored"] else "md/forms", passed, f"{case['test']}: {note}")


def _run(case: dict[str, Any]) -> tuple[bool, str]:
    try:
        if case.get("md"):
            published = publish(case["md"].encode(), kind="md", name="data")
        else:
            published = publish_sheets(case["ss"], name="data")
    except FormError as error:
        return bool(case["errored"]), str(error)
    if case["errored"]:
        return False, "it was accepted"
    try:
        form = load(published.xform, media=published.media or None)
        session = Session.start(form, Context(now=NOW))
        prompt = session.prompt()
    except FormError as error:
        return False, f"does not load: {error}"
    return not session.faults, f"{prompt!r:.80} {session.faults!r:.200}"
