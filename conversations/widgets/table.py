"""Which widget a question gets."""

from collections.abc import Mapping

from conversations.said import Button
from conversations.widgets.asked import Answer, Asked, Result, Widget, how, no_rows, no_tap, read_typed
from conversations.widgets.choices import CHOICES
from conversations.widgets.days import DAY, MOMENT, TIME
from conversations.widgets.numbers import NUMBER, RANGE
from conversations.widgets.places import PLACE
from conversations.widgets.ranking import RANKING
from conversations.widgets.sent import SENT


def _acknowledge_rows(a: Asked) -> list[list[Button]]:
    return [[a.press(a.words("form.ok"), "k")]]


def _acknowledge_tapped(_a: Asked, kind: str, _rest: str) -> Result:
    return Answer("OK") if kind == "k" else None


def _note_rows(a: Asked) -> list[list[Button]]:
    return [[a.press(a.words("form.next"), "n")]]


TEXT = Widget(lines=how, rows=no_rows, tapped=no_tap, read=read_typed)
_WIDGETS: Mapping[str, Widget] = {
    "select_one": CHOICES,
    "select_multiple": CHOICES,
    "rank": RANKING,
    "integer": NUMBER,
    "decimal": NUMBER,
    "range": RANGE,
    "date": DAY,
    "dateTime": MOMENT,
    "time": TIME,
    "acknowledge": Widget(lines=how, rows=_acknowledge_rows, tapped=_acknowledge_tapped, read=read_typed),
    "note": Widget(lines=how, rows=_note_rows, tapped=no_tap, read=read_typed),
    "geopoint": PLACE,
    "geotrace": PLACE,
    "geoshape": PLACE,
    "image": SENT,
    "audio": SENT,
    "video": SENT,
    "file": SENT,
}


def widget_of(kind: str) -> Widget:
    """The widget of a kind of question; whatever is not listed is answered by words."""
    return _WIDGETS.get(kind, TEXT)
