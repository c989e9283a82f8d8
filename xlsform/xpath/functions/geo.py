"""Functions on places: area, distance and whether a point lies within."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from xlsform.xpath.functions.registry import function
from xlsform.xpath.values import Value, text_number, to_text

if TYPE_CHECKING:
    from xlsform.xpath.compiler import Env

EARTH_RADIUS = 6_378_100.0
"""Metres; the figure of the ODK specification."""

Point = tuple[float, float]


def points(env: Env, value: Value) -> list[Point] | None:
    """Latitude and longitude of each point; None if anything in it is not a point."""
    if isinstance(value, list) and len(value) > 1:
        texts = [node.text() for node in value]
        env.spend(5 * len(texts))
    else:
        env.spend(len(to_text(value)) // 2)
        texts = to_text(value).strip().rstrip(";").split(";")
    found: list[Point] = []
    for text in texts:
        numbers = [text_number(part) for part in text.split()]
        if not 2 <= len(numbers) <= 4 or any(math.isnan(n) for n in numbers):
            return None
        if abs(numbers[0]) > 90 or abs(numbers[1]) > 180:
            return None
        found.append((numbers[0], numbers[1]))
    return found


@function("enclosed-area", 1, 1)  # its older name
@function("area", 1, 1)
def area(env: Env, a: list[Value]) -> Value:
    """Square metres inside the line of points, rounded to a hundredth."""
    if not isinstance(a[0], list) and to_text(a[0]).strip("; ").count(";") < 2:
        return 0.0
    corners = points(env, a[0])
    if corners is None:
        return math.nan
    if len(corners) < 3:
        return 0.0
    total = 0.0
    for (lat1, lon1), (lat2, lon2) in zip(corners, corners[1:] + corners[:1], strict=True):
        part = 2 + math.sin(math.radians(lat1)) + math.sin(math.radians(lat2))
        total += math.radians(lon2 - lon1) * part
    return round(abs(total * EARTH_RADIUS * EARTH_RADIUS / 2) * 100) / 100


@function("distance", 1, None)
def distance(env: Env, a: list[Value]) -> Value:
    """Metres along the points, rounded to a hundredth."""
    line: list[Point] = []
    for value in a:
        part = points(env, value)
        if part is None:
            return math.nan
        line.extend(part)
    return round(sum(_between(p, q) for p, q in pairwise(line)) * 100) / 100


def _between(p: Point, q: Point) -> float:
    """Great-circle distance by the law of cosines, as the specification's reference does."""
    lat1, lat2 = math.radians(p[0]), math.radians(q[0])
    turn = math.radians(p[1] - q[1])
    cosine = math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * math.cos(turn)
    return math.acos(max(-1.0, min(1.0, cosine))) * EARTH_RADIUS


@function("geofence", 2, 2)
def geofence(env: Env, a: list[Value]) -> Value:
    """Whether the point lies within the closed shape, by counting crossings."""
    point, shape = points(env, a[0]), points(env, a[1])
    if not point or not shape or len(shape) < 4 or shape[0] != shape[-1]:
        return False
    lat, lon = point[0]
    inside = False
    for (lat1, lon1), (lat2, lon2) in pairwise(shape):
        if (lon1 > lon) != (lon2 > lon) and lat < (lat2 - lat1) * (lon - lon1) / (lon2 - lon1) + lat1:
            inside = not inside
    return inside
