"""The process that publishes forms: JSON work on stdin, JSON answers on stdout, within hard limits."""

import base64
import contextlib
import io
import resource
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import orjson

from bot.guard import PACKAGE, Refused, inspect_bytes

if TYPE_CHECKING:
    from xlsform.findings import Finding

MEMORY = 1024 * 1024 * 1024
SECONDS = 100


def main() -> None:
    """Publish every form of the work list; a bad one gives ``fault`` or ``refused`` and stops no other."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    work = orjson.loads(sys.stdin.buffer.read())
    with contextlib.redirect_stdout(io.StringIO()):  # the publisher is talkative
        answers = [_published(item) for item in work]
    sys.stdout.buffer.write(orjson.dumps(answers))


def _published(item: dict[str, Any]) -> dict[str, Any]:
    content = base64.b64decode(item["content"])
    try:
        if content.startswith(PACKAGE):
            inspect_bytes(content)
    except Refused as error:
        return {"refused": error.key, "values": error.values}
    from xlsform import FormError  # only now: what is refused is refused at once

    try:
        return _compiled(item, content)
    except FormError as error:
        return {"fault": " ".join(str(error).split())}
    except MemoryError:
        return {"refused": "workbook.refused.too_heavy", "values": {}}


def _compiled(item: dict[str, Any], content: bytes) -> dict[str, Any]:
    from xlsform import load
    from xlsform.publish import publish
    from xlsform.rehearsal import heavy

    media = {name: base64.b64decode(text) for name, text in item["media"].items()}
    if item["live"] is not None:
        return _checked(item, content, media)
    form = publish(content, kind=item["kind"], name=item["name"])
    found = heavy(load(form.xform, media={**form.media, **media}))
    if found:
        return {"fault": "; ".join(_located(one, form.rows).line("en") for one in found)}
    own = {name: base64.b64encode(content).decode() for name, content in form.media.items()}
    return {"xform": form.xform, "warnings": list(form.warnings), "media": own}


def _checked(item: dict[str, Any], content: bytes, media: Mapping[str, bytes]) -> dict[str, Any]:
    """Everything there is to say about the form to its author."""
    from xlsform.author import check

    verdict = check(content, kind=item["kind"], name=item["name"], media=media, live=item["live"])
    return {"findings": [asdict(finding) for finding in verdict.findings]}


def _located(finding: "Finding", rows: Mapping[str, int]) -> "Finding":
    """The finding with the row of the survey in which its field stands, where that is known."""
    path, _, role = finding.place.partition(" ")
    row = rows.get(path.rpartition("/")[2].partition("[")[0], 0)
    return replace(finding, sheet="survey", row=row, column=role) if row else finding


if __name__ == "__main__":
    main()
