"""The values of expressions: casts, comparison and how a number is written."""

from __future__ import annotations

import math
import re

from xlsform.nodes import Node
from xlsform.xpath.moments import Clock, Moment, parse_moment

Value = str | float | bool | Moment | list[Node]

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_DATE_START = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
TOLERANCE = 1e-12
LONGEST_NUMBER = 1000
"""Characters; reading a number takes more than linear time."""


def to_text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, Moment):
        return value.text()
    return value[0].text() if value else ""


def number_text(number: float) -> str:
    """As JavaScript and JavaRosa write it: no `.0`, no exponent between 1e-6 and 1e21."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < 1e21:
        return str(int(number))
    text = repr(number)
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return text
    power = int(exponent)
    if -6 <= power < 0:
        return format(number, f".{-power + len(mantissa.replace('.', '').lstrip('-')) - 1}f")
    return f"{mantissa}e{power:+d}"


def text_number(text: str) -> float:
    """The number a text stands for, NaN if none; dates are not numbers here."""
    text = text.strip()
    if len(text) > LONGEST_NUMBER:
        return math.nan
    if text.isascii() and _NUMBER.fullmatch(text):
        return float(text)
    if text in ("Infinity", "-Infinity"):
        return float(text.replace("Infinity", "inf"))
    return math.nan


def to_number(value: Value, clock: Clock) -> float:
    """A number; an ISO date or dateTime, typed or as text, counts as days since 1970-01-01."""
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, float):
        return value
    if isinstance(value, Moment):
        return clock.number(value)
    text = to_text(value)
    number = text_number(text)
    if math.isnan(number) and _DATE_START.match(text.strip()):
        moment = parse_moment(text, clock.zone)
        return clock.number(moment) if moment is not None else number
    return number


def to_boolean(value: Value) -> bool:
    """XPath's truth: a non-empty text is true, "false" included."""
    if isinstance(value, float):
        return not (value == 0 or math.isnan(value))
    if isinstance(value, Moment):
        return True
    return bool(value)


def same_number(a: float, b: float) -> bool:
    """Equality with JavaRosa's tolerance, so that 0.1 + 0.2 = 0.3."""
    return a == b or abs(a - b) < TOLERANCE


def equal(a: Value, b: Value, clock: Clock, *, negated: bool = False) -> bool:
    """`a = b`, or `a != b` if `negated`; with node-sets: whether any pair of nodes makes it true."""
    if isinstance(a, list) and isinstance(b, list):
        return _sets_equal(a, b, negated=negated)
    if isinstance(b, list):
        a, b = b, a
    if isinstance(a, list):
        if isinstance(b, bool):
            return (bool(a) == b) != negated
        return any(_atoms_equal(node.text(), b, clock) != negated for node in a)
    return _atoms_equal(a, b, clock) != negated


def _sets_equal(a: list[Node], b: list[Node], *, negated: bool) -> bool:
    left, right = {n.text() for n in a}, {n.text() for n in b}
    if negated:
        return bool(left) and bool(right) and (len(left) > 1 or len(right) > 1 or left != right)
    return not left.isdisjoint(right)


def _atoms_equal(a: Value, b: Value, clock: Clock) -> bool:
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    if isinstance(a, bool) or isinstance(b, bool):
        return to_boolean(a) == to_boolean(b)
    if isinstance(a, Moment) or isinstance(b, Moment):
        left, right = to_number(a, clock), to_number(b, clock)
        if math.isnan(left) or math.isnan(right):
            return to_text(a) == to_text(b)
        return same_number(left, right)
    return same_number(to_number(a, clock), to_number(b, clock))


def ordered(a: Value, b: Value, operator: str, clock: Clock) -> bool:
    """`a operator b` for <, <=, > and >=; with node-sets: whether any pair of nodes makes it true."""
    lefts = _numbers(a, clock)
    rights = _numbers(b, clock)
    if not lefts or not rights:
        return False
    if operator == "<":
        return min(lefts) < max(rights)
    if operator == "<=":
        return min(lefts) <= max(rights)
    return max(lefts) > min(rights) if operator == ">" else max(lefts) >= min(rights)


def _numbers(value: Value, clock: Clock) -> list[float]:
    """The numbers to compare; what is no number compares as false."""
    found = [to_number(node.text(), clock) for node in value] if isinstance(value, list) else None
    return [n for n in (found if found is not None else [to_number(value, clock)]) if not math.isnan(n)]
