"""Putting choices in order: tapped one after another, the message growing, or typed."""

from conversations.said import Button
from conversations.widgets.asked import Answer, Asked, Redraw, Result, Widget, how, read_typed
from conversations.widgets.choices import label_of, mark_of, pressed
from conversations.widgets.layout import in_rows


def _order(a: Asked) -> list[str]:
    return list(a.pad.get("picked", a.prompt.value.split()))


def _lines(a: Asked) -> list[str]:
    labels = {c.value: label_of(c) for c in a.prompt.choices}
    order = _order(a)
    placed = [f"{place}. {labels.get(value, value)}" for place, value in enumerate(order, 1)]
    rest = [f"{n}. {label_of(c)}" for n, c in enumerate(a.prompt.choices, 1)] if not order else []
    return ["\n".join(placed or rest), *how(a)]


def _rows(a: Asked) -> list[list[Button]]:
    order = _order(a)
    rows = in_rows(
        [
            a.press(label_of(c), f"c{n}-{mark_of(c.value)}")
            for n, c in enumerate(a.prompt.choices)
            if c.value not in order
        ],
        1,
    )
    if len(order) == len(a.prompt.choices):
        rows.append([a.press(a.words("form.done"), "d")])
    if order:
        rows.append([a.press(a.words("form.order_anew"), "w")])
    return rows


def _tapped(a: Asked, kind: str, rest: str) -> Result:
    order = _order(a)
    if kind == "w":
        return Redraw({"picked": []})
    if kind == "d":
        return Answer(order) if len(order) == len(a.prompt.choices) else None
    choice = pressed(a, rest) if kind == "c" else None
    if choice is None:
        return None
    order = [*(value for value in order if value != choice.value), choice.value]
    left = [c.value for c in a.prompt.choices if c.value not in order]
    return Redraw({"picked": [*order, *left] if len(left) == 1 else order})


RANKING = Widget(lines=_lines, rows=_rows, tapped=_tapped, read=read_typed)
