"""Between what an expression gives or a person answers and what is stored, by the type of the node."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from xlsform.xpath import Env, Value
from xlsform.xpath.moments import Moment, iso, parse_moment, parse_time
from xlsform.xpath.values import number_text, text_number

_WHOLE = {"int", "integer", "long"}
_DECIMAL = {"decimal", "double", "float"}
INTEGER_LIMIT = 10**18


def stored(value: Value, kind: str, env: Env) -> str:
    """The text that a calculated value becomes in a node of type `kind`; NaN and nothing become ""."""
    if isinstance(value, list):
        value = value[0].text() if value else ""
    if isinstance(value, float):
        return _number(value, kind, env)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Moment):
        return _moment(value, kind, env)
    return typed(value, kind)


def _moment(value: Moment, kind: str, env: Env) -> str:
    if kind == "date":
        return value.when.date().isoformat()
    if kind == "dateTime":
        return iso(value.when)
    if kind == "time":
        return iso(value.when).partition("T")[2]
    if kind in _WHOLE or kind in _DECIMAL:
        return _number(env.clock.days(value), kind, env)
    return value.text()


def typed(text: str, kind: str) -> str:
    """A text as a node of this type holds it: numbers and places rewritten, impossible dates left out.

    A text that is no number stays as it is in a numeric node, so that nothing an author wrote is lost.
    """
    plain = text.strip()
    if not plain or kind == "string":
        return text
    if kind in _WHOLE:
        number = text_number(plain)
        return plain if not math.isfinite(number) else (_whole(plain) or str(math.trunc(number)))
    if kind == "dateTime":
        return plain if parse_moment(plain, UTC) is not None else ""
    if kind in ("date", "time"):
        return canonical(plain, kind) or ""
    return canonical(plain, kind) or text


def _number(value: float, kind: str, env: Env) -> str:
    if not math.isfinite(value):
        return "" if math.isnan(value) else number_text(value)
    if kind in _WHOLE:
        return str(math.trunc(value))
    if kind in ("date", "dateTime"):
        found = env.clock.moment(value, whole=kind == "date")
        if found is not None:
            return found.when.date().isoformat() if kind == "date" else iso(found.when)
    return number_text(value)


def canonical(text: str, kind: str) -> str | None:
    """An answer in the form in which it is stored; None if it is not of the type. `kind` is a bind type."""
    text = text if kind == "string" else text.strip()
    if kind in _WHOLE:
        return _whole(text)
    if kind in _DECIMAL:
        number = text_number(text)
        return None if not math.isfinite(number) else number_text(number)
    if kind == "date":
        moment = parse_moment(text, UTC)
        return moment.when.date().isoformat() if moment is not None else None
    if kind == "dateTime":
        return text if parse_moment(text, UTC) is not None else None
    if kind == "time":
        return text if parse_time(text) is not None else None
    if kind == "geopoint":
        return _point(text)
    if kind in ("geotrace", "geoshape"):
        places = [_point(part) for part in text.strip("; ").split(";")]
        return None if None in places or len(places) < 2 else ";".join(str(p) for p in places)
    return text


def _whole(text: str) -> str | None:
    number = text_number(text)
    if not math.isfinite(number) or number != math.trunc(number) or abs(number) >= INTEGER_LIMIT:
        return None
    digits = text.partition(".")[0]
    return str(int(digits)) if digits.lstrip("-").isdigit() else str(int(number))


def _point(text: str) -> str | None:
    """Latitude and longitude, with altitude and accuracy where they are given."""
    numbers = [text_number(part) for part in text.replace(",", " ").split()]
    if not 2 <= len(numbers) <= 4 or any(not math.isfinite(n) for n in numbers):
        return None
    return " ".join(repr(n) for n in numbers)


def stamp(when: datetime) -> str:
    return iso(when)
