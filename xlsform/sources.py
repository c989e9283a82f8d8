"""Secondary instances: inside the form, or from CSV, XML and GeoJSON files that came with it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping

from xlsform import markup
from xlsform.errors import FormError
from xlsform.nodes import Node

MAX_ROWS = 200_000
_UNSAFE = re.compile(r"[^\w.\-]")


def read_instances(model: Node, media: Mapping[str, bytes]) -> tuple[dict[str, Node], dict[str, str]]:
    """The secondary instances by id, and the sources (`jr://...`) of those that lie outside the form.

    One whose file is not among the media is empty.
    """
    found: dict[str, Node] = {}
    outside: dict[str, str] = {}
    for node in [n for n in model.elements() if n.local == "instance"][1:]:
        name, source = node.attribute("id"), node.attribute("src")
        if not name:
            continue
        if source:
            outside[name] = source
            found[name] = _read_file(source, media)
        elif node.elements():
            found[name] = markup.folded(node.elements()[0])
        else:
            found[name] = Node("element", "root")
        if found[name].parent is None:
            Node("document").append(found[name])
    for name, rows in _external_choices(media).items():
        found.setdefault(name, table(rows))
    return found, outside


def _external_choices(media: Mapping[str, bytes]) -> dict[str, list[Mapping[str, str]]]:
    """The lists of `itemsets.csv`, which pyxform writes for select_one_external."""
    lists: dict[str, list[Mapping[str, str]]] = {}
    data = media.get("itemsets.csv")
    for row in _csv_rows(data.decode("utf-8-sig")) if data is not None else []:
        lists.setdefault(row.get("list_name", ""), []).append(row)
    return lists


def _read_file(source: str, media: Mapping[str, bytes]) -> Node:
    name = source.rpartition("/")[2]
    data = media.get(name)
    if data is None:
        return Node("element", "root")
    try:
        if name.endswith(".geojson"):
            return table(_geojson_rows(json.loads(data)))
        if name.endswith(".xml"):
            return markup.parse(data).elements()[0]
        return table(_csv_rows(data.decode("utf-8-sig")))
    except (ValueError, KeyError, TypeError, RecursionError, csv.Error) as error:
        raise FormError(f"the file can't be read: {error}", name) from error


def _csv_rows(text: str) -> Iterable[Mapping[str, str]]:
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    for number, row in enumerate(rows):
        if number >= MAX_ROWS:
            raise ValueError(f"more than {MAX_ROWS} rows")
        yield {
            str(key): value or "" for key, value in row.items() if key is not None and isinstance(value, str)
        }


def _geojson_rows(document: dict[str, object]) -> Iterable[Mapping[str, str]]:
    if document.get("type") != "FeatureCollection" or not isinstance(document.get("features"), list):
        raise ValueError("it is not a GeoJSON FeatureCollection")
    features = document["features"]
    for feature in features if isinstance(features, list) else []:
        geometry = feature.get("geometry") or {}
        row = {key: _plain(value) for key, value in (feature.get("properties") or {}).items()}
        if "id" in feature:
            row.setdefault("id", _plain(feature["id"]))
        row["geometry"] = _geometry(geometry)
        yield row


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _geometry(geometry: Mapping[str, object]) -> str:
    """ODK writes latitude first, GeoJSON longitude."""
    kind, spots = geometry.get("type"), geometry.get("coordinates")
    if kind == "Point":
        line = [spots]
    elif kind == "LineString":
        line = spots if isinstance(spots, list) else []
    else:
        line = spots[0] if kind == "Polygon" and isinstance(spots, list) else []
    return "; ".join(f"{s[1]} {s[0]} 0 0" for s in line if isinstance(s, list) and len(s) > 1)


def table(rows: Iterable[Mapping[str, str]]) -> Node:
    """Rows as `<root><item><column>…</column></item>…</root>`, the shape of an instance made from a table."""
    root = Node("element", "root")
    Node("document").append(root)
    for row in rows:
        item = root.append(Node("element", "item"))
        for key, value in row.items():
            item.append(Node("element", _UNSAFE.sub("_", key.strip()) or "_", value))
    return root
