"""The process that publishes forms: JSON work on stdin, JSON answers on stdout, within hard limits."""

import base64
import contextlib
import io
import resource
import sys
from typing import Any

import orjson

MEMORY = 1024 * 1024 * 1024
SECONDS = 100


def main() -> None:
    """Publish every form of the work list; a bad one gives ``fault`` and stops no other."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    work = orjson.loads(sys.stdin.buffer.read())
    with contextlib.redirect_stdout(io.StringIO()):  # the publisher is talkative
        answers = [_published(item) for item in work]
    sys.stdout.buffer.write(orjson.dumps(answers))


def _published(item: dict[str, Any]) -> dict[str, Any]:
    from xlsform import FormError
    from xlsform.publish import publish

    try:
        form = publish(base64.b64decode(item["content"]), kind=item["kind"], name=item["name"])
    except FormError as error:
        return {"fault": " ".join(str(error).split())}
    media = {name: base64.b64encode(content).decode() for name, content in form.media.items()}
    return {"xform": form.xform, "warnings": list(form.warnings), "media": media}


if __name__ == "__main__":
    main()
