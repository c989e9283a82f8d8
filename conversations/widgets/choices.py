"""One or several of a list: a button each, further pages, and for long lists a search."""

import zlib
from collections.abc import Sequence

from conversations.masks import clean
from conversations.rich import plain
from conversations.said import Button
from conversations.widgets.asked import Answer, Asked, Redraw, Result, Widget, how, read_typed
from conversations.widgets.layout import laid_out
from conversations.widgets.search import matches
from xlsform import Choice, Problem

WHOLE = 12  # so many choices are shown at once
PAGE = 8  # of more so many on a page
MANY = 30  # beyond, a search is quicker than leafing
_SEARCHED = {"minimal", "autocomplete", "search"}
LONGEST_LABEL = 60


def label_of(choice: Choice) -> str:
    """What stands on a choice's button."""
    return clean(plain(choice.label), LONGEST_LABEL) or choice.value


def mark_of(value: str) -> str:
    """A few letters that tell a button's choice from another at the same place of a changed list."""
    return f"{zlib.crc32(value.encode()):08x}"[:4]


def pressed(a: Asked, rest: str) -> Choice | None:
    """The choice of a tapped button, None where the list has changed since it was shown."""
    number, _, mark = rest.partition("-")
    choices = a.prompt.choices
    at = int(number) if number.isdecimal() else len(choices)
    return choices[at] if at < len(choices) and mark_of(choices[at].value) == mark else None


def ticked(a: Asked) -> tuple[str, ...]:
    """What is ticked of several choices; before the first tap what the answer was."""
    return tuple(a.pad.get("picked", a.prompt.value.split()))


def _labels(a: Asked) -> list[str]:
    return [choice.label for choice in a.prompt.choices]


def _searched(a: Asked) -> bool:
    count = len(a.prompt.choices)
    return count > MANY or (count > WHOLE and bool(_SEARCHED & set(a.prompt.appearance.split())))


def _shown(a: Asked) -> list[int]:
    """The places of the choices to leaf through: all, or those that fit what was searched for."""
    wanted = a.pad.get("search", "")
    return matches(_labels(a), wanted) if wanted else list(range(len(a.prompt.choices)))


def _page(a: Asked, shown: Sequence[int]) -> tuple[int, int]:
    pages = 1 if len(shown) <= WHOLE else -(-len(shown) // PAGE)
    return int(a.pad.get("page", 0)) % pages, pages


def _part(shown: Sequence[int], page: int, pages: int) -> Sequence[int]:
    return shown if pages == 1 else shown[page * PAGE : (page + 1) * PAGE]


def _lines(a: Asked) -> list[str]:
    lines: list[str] = []
    shown = _shown(a)
    page, pages = _page(a, shown)
    if a.pad.get("search"):
        lines.append(a.words("form.found", text=a.pad["search"], count=len(shown)))
    elif _searched(a):
        lines.append(a.words("form.search", count=len(shown)))
    else:
        part = _part(shown, page, pages)
        lines.append("\n".join(f"{n + 1}. {label_of(a.prompt.choices[n])}" for n in part))
    if a.prompt.kind == "select_multiple":
        picked = [label_of(c) for c in a.prompt.choices if c.value in ticked(a)]
        if pages > 1 and picked:
            lines.append(a.words("form.picked", labels=a.words("list.comma").join(picked)))
        lines.extend(how(a))
    return lines


def _rows(a: Asked) -> list[list[Button]]:
    several = a.prompt.kind == "select_multiple"
    on = ticked(a) if several else ()
    shown = _shown(a)
    page, pages = _page(a, shown)
    rows = laid_out([_button(a, n, on) for n in _part(shown, page, pages)], a.prompt.appearance)
    if pages > 1:
        rows.append([a.press(a.words("list.more"), f"p{(page + 1) % pages}")])
    if a.pad.get("search"):
        rows.append([a.press(a.words("form.all"), "q")])
    if several:
        rows.append([a.press(a.words("form.done"), "d")])
    return rows


def _button(a: Asked, n: int, on: Sequence[str]) -> Button:
    """A button says what it was shown for: tapped twice, or on an old copy, it does the same."""
    choice = a.prompt.choices[n]
    is_on = choice.value in on
    label = label_of(choice)
    return a.press(f"✓ {label}" if is_on else label, f"{'u' if is_on else 'c'}{n}-{mark_of(choice.value)}")


def _tapped(a: Asked, kind: str, rest: str) -> Result:
    if kind == "p":
        return Redraw({"page": int(rest or 0)})
    if kind == "q":
        return Redraw({"search": "", "page": 0})
    if kind == "d":
        return Answer(ticked(a)) if a.prompt.kind == "select_multiple" else None
    choice = pressed(a, rest) if kind in ("c", "u") else None
    if choice is None:
        return None
    if a.prompt.kind == "select_one":
        return Answer(choice.value)
    others = tuple(value for value in ticked(a) if value != choice.value)
    return Redraw({"picked": [*others, choice.value] if kind == "c" else list(others)})


def _read(a: Asked, text: str) -> Result:
    found = read_typed(a, text)
    if not _searched(a):
        return found
    if isinstance(found, Answer):
        one = a.prompt.kind == "select_multiple" and len(found.value) == 1
        return (
            Redraw({"picked": [*dict.fromkeys((*ticked(a), *found.value))], "search": ""}) if one else found
        )
    wanted = clean(text, LONGEST_LABEL)
    if matches(_labels(a), wanted):
        return Redraw({"search": wanted, "page": 0})
    return Problem(kind="choice", message=a.words("form.not_found", text=wanted), ref=a.prompt.ref)


CHOICES = Widget(lines=_lines, rows=_rows, tapped=_tapped, read=_read)
