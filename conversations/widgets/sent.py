"""Photos, recordings and files as answers; a signature may be typed."""

from conversations.widgets.asked import Asked, Result, Widget, no_rows, no_tap
from xlsform import Problem

ATTACHED = ("image", "audio", "video", "file")


def _lines(a: Asked) -> list[str]:
    lines = [a.words(f"form.how.{a.prompt.kind}")]
    if a.prompt.value:
        lines.insert(0, a.words("form.have_file"))
    return lines


def _read(a: Asked, _text: str) -> Result:
    return Problem(kind="type", message=a.words(f"form.need.{a.prompt.kind}"), ref=a.prompt.ref)


SENT = Widget(lines=_lines, rows=no_rows, tapped=no_tap, read=_read)
