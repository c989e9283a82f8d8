"""Photos, recordings and files as answers; a signature may be typed."""

from conversations import files
from conversations.dates import say_moment
from conversations.masks import clean
from conversations.widgets.asked import Answer, Asked, Result, Widget, no_rows, no_tap
from xlsform import Problem

ATTACHED = ("image", "audio", "video", "file")
_LONGEST_NAME = 60


def _lines(a: Asked) -> list[str]:
    lines = [a.words("form.have_file")] if a.prompt.value else []
    return [*lines, a.words("form.how.signature" if _is_signature(a) else f"form.how.{a.prompt.kind}")]


def _is_signature(a: Asked) -> bool:
    return a.prompt.kind == "image" and "signature" in a.prompt.appearance.split()


def _read(a: Asked, text: str) -> Result:
    """Words are no file; but who signs may type the name, which is kept with the moment."""
    name = clean(text, _LONGEST_NAME)
    if not _is_signature(a) or not name:
        return Problem(kind="type", message=a.words(f"form.need.{a.prompt.kind}"), ref=a.prompt.ref)
    at = say_moment(a.turn.now, a.turn.language, a.turn.desk.policy)
    return Answer(files.keep(a, f"{name}\n{at}\n".encode(), name="signature.txt", mime="text/plain"))


SENT = Widget(lines=_lines, rows=no_rows, tapped=no_tap, read=_read)
