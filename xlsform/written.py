"""How values stand in a submission: as JavaRosa, the engine inside ODK Collect, writes them.

Inside the engine the result of `true()` is the text "true" and that of `today()` a plain date, whatever the
node's type, so that expressions read them as people mean them. JavaRosa keeps a truth or a moment as such in
a node of type string and writes it as "1", "0" or a full dateTime; servers and analysts know those.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Literal

from xlsform.refs import resolve
from xlsform.xpath.moments import iso, parse_moment, parse_time
from xlsform.xpath.syntax import Call, Chain, Expr, Path

Nature = Literal["truth", "moment"]
"""What a calculation may put into a node of type string beside text and numbers."""

_TRUTHS = frozenset(
    {
        "true", "false", "not", "boolean", "boolean-from-string", "selected", "regex", "contains",
        "starts-with", "ends-with", "checklist", "weighted-checklist", "geofence", "lang",
    }
)  # fmt: skip
_MOMENTS = frozenset({"today", "now", "date", "date-time", "add-date"})
_COMPARING = frozenset({"and", "or", "=", "!=", "<", "<=", ">", ">="})


def natures(expr: Expr, context: str, types: Mapping[str, str]) -> frozenset[Nature]:
    """What the value of an expression may be, seen from the node at `context`; `types` by path."""
    if isinstance(expr, Chain):
        return frozenset({"truth"}) if expr.rest[0][0] in _COMPARING else frozenset()
    if isinstance(expr, Path):
        return _of_path(expr, context, types)
    if not isinstance(expr, Call):
        return frozenset()
    if expr.name in _TRUTHS:
        return frozenset({"truth"})
    if expr.name in _MOMENTS:
        return frozenset({"moment"})
    if expr.name == "if" and len(expr.arguments) == 3:
        return _of_any(expr.arguments[1:], context, types)
    if expr.name in ("coalesce", "once"):
        return _of_any(expr.arguments, context, types)
    return frozenset()


def _of_any(branches: tuple[Expr, ...], context: str, types: Mapping[str, str]) -> frozenset[Nature]:
    found: frozenset[Nature] = frozenset()
    return found.union(*(natures(branch, context, types) for branch in branches))


def _of_path(path: Path, context: str, types: Mapping[str, str]) -> frozenset[Nature]:
    """A path to a date or a dateTime gives a moment."""
    names = ["." if s.axis == "self" else ".." if s.axis == "parent" else s.name for s in path.steps]
    here = path.start is None or (isinstance(path.start, Call) and path.start.name == "current")
    if not here or any(s.axis not in ("self", "parent", "child") for s in path.steps):
        return frozenset()
    target = ("/" if path.absolute else "") + "/".join(names)
    kind = types.get(resolve(target, context), "")
    return frozenset({"moment"}) if kind in ("date", "dateTime") else frozenset()


def written(text: str, kind: str, may_be: frozenset[Nature], zone: tzinfo) -> str:
    """The text as a submission holds it, for a node of type `kind` whose calculation `may_be` of a nature."""
    if kind == "time":
        return _with_zone(text, zone)
    if kind.startswith("geo"):
        return ";".join(_four(place) for place in text.split(";"))
    if kind == "dateTime" or (kind == "string" and "moment" in may_be):
        moment = parse_moment(text, UTC) if text[:4].isdigit() else None
        return iso(moment.when) if moment is not None and moment.whole else text
    if "truth" in may_be and text in ("true", "false"):
        return "1" if text == "true" else "0"
    return text


def _with_zone(text: str, zone: tzinfo) -> str:
    """A time of day with its zone, as in `10:30:00.000+08:00`."""
    parsed = parse_time(text)
    if parsed is None:
        return text
    clock, own = parsed
    return iso(datetime.combine(date(2000, 1, 1), clock, own or zone)).partition("T")[2]


def _four(place: str) -> str:
    """A place with its altitude and accuracy, which are 0.0 where they are unknown."""
    numbers = place.split()
    return " ".join([*numbers, *["0.0"] * (4 - len(numbers))]) if len(numbers) in (2, 3) else place
