"""Places: sent by Telegram's location button or typed, kept no finer than the policy allows."""

from collections.abc import Sequence

from conversations.said import Attachment, Button
from conversations.widgets.asked import Answer, Asked, Result, Widget, how, no_tap, read_typed
from xlsform import Problem


def _rows(a: Asked) -> list[list[Button]]:
    return [[Button(label=a.words("form.my_place"), sends="place")]] if a.prompt.kind == "geopoint" else []


def _read(a: Asked, text: str) -> Result:
    found = read_typed(a, text)
    if isinstance(found, Answer) and isinstance(found.value, str):
        return Answer(rounded(found.value, a.turn.desk.policy.privacy.place_decimals))
    message = a.words("form.place_unclear")
    return Problem(kind="type", message=message, ref=a.prompt.ref) if isinstance(found, Problem) else found


def taken(a: Asked, sent: Attachment) -> Result:
    """A place that was sent, as an answer; None where it is no place."""
    if sent.kind != "location" or a.prompt.kind != "geopoint" or sent.latitude is None:
        return None
    return Answer(rounded(f"{sent.latitude} {sent.longitude} 0 0", a.turn.desk.policy.privacy.place_decimals))


def rounded(places: str, decimals: int) -> str:
    """Latitude and longitude of each place to so many decimals; nothing is kept of height and accuracy."""
    found = [
        _rounded(place.replace(",", " ").split(), decimals) for place in places.split(";") if place.strip()
    ]
    return "; ".join(found)


def _rounded(numbers: Sequence[str], decimals: int) -> str:
    try:
        return " ".join(f"{float(number):.{decimals}f}" for number in numbers[:2]) + " 0 0"
    except ValueError:
        return " ".join(numbers)  # no place at all: the engine says so


PLACE = Widget(lines=how, rows=_rows, tapped=no_tap, read=_read)
