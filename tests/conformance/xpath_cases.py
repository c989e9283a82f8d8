"""Expressions with their recorded values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.conformance.tally import Tally
from xlsform import markup
from xlsform.errors import ExpressionError, FormError
from xlsform.nodes import Node
from xlsform.xpath import Env, Value, compile_expression, to_boolean, to_text
from xlsform.xpath.moments import Clock

ZONE = ZoneInfo("America/Phoenix")
NOW = datetime(2026, 11, 23, 9, 21, 30, tzinfo=ZONE)
_NAMESPACES = {
    "xhtml": "http://www.w3.org/1999/xhtml",
    "jr": "http://openrosa.org/javarosa",
    "xf": "http://www.w3.org/2002/xforms",
}
_JAVASCRIPT = ("orxe", "webforms-xpath")
"""Suites of engines that count days in UTC; see "Decisions the suites force" in the notes on the engine."""
_ODK = ("openrosa-xpath", "xforms")


class Document:
    """The host of a case's expressions: its instances and translations, read from the document itself."""

    def __init__(self, root: Node, language: str | None) -> None:
        self.root = root
        self.language = language

    def _all(self, local: str) -> list[Node]:
        return [n for n in self.root.walk() if n.kind == "element" and n.local == local]

    def instance(self, name: str) -> Node | None:
        found = next((n for n in self._all("instance") if n.attribute("id") == name), None)
        return found.elements()[0] if found is not None and found.elements() else None

    def choice_label(self, value: str, path: str, context: Node) -> str:
        return ""

    def type_of(self, node: Node) -> str:
        return ""

    def property(self, _name: str) -> str:
        return ""

    def translated(self, key: str) -> str:
        languages = self._all("translation")
        chosen = [n for n in languages if n.attribute("lang") == self.language] or languages[:1]
        for translation in chosen:
            for text in translation.elements():
                if text.attribute("id") == key:
                    value = text.child("value")
                    return value.text() if value is not None else ""
        return ""


def score(lines: Iterable[dict[str, Any]], tally: Tally) -> None:
    documents: dict[str, Node | None] = {}
    for case in lines:
        if case.get("volatile"):
            tally.left_out += 1
            continue
        group = f"{case['suite']}/{_part(case['file'])}"
        passed, got = _run(case, documents)
        note = f"{case['file']} {case['expr'][:150]!r} at {case['ctx']} wanted {case['expect']} got {got}"
        tally.case(group, passed, note)


def _part(file: str) -> str:
    head = file.split("/")[0] if "/" in file else "other"
    name = file.rpartition("/")[2].split(".")[0]
    return f"{'odk' if head in _ODK else head}/{name}"


def _run(case: dict[str, Any], documents: dict[str, Node | None]) -> tuple[bool, object]:
    expect = case["expect"]
    try:
        document = _document(case["xml"] or "<root/>", documents)
        env = _env(case, document)
        if env is None:
            return False, "context not found"
        value = compile_expression(case["expr"]).evaluate(env)
    except (ExpressionError, FormError) as error:
        return expect["t"] == "error", str(error)
    if expect["t"] == "error":
        return False, value
    return _same(expect, value, env, case.get("want"))


def _document(xml: str, documents: dict[str, Node | None]) -> Node:
    if xml not in documents:
        documents[xml] = markup.parse(xml.strip(), mixed=True, doctype=True)
    found = documents[xml]
    assert found is not None
    return found


def _env(case: dict[str, Any], document: Node) -> Env | None:
    node = _at(document, case["ctx"])
    if node is None:
        return None
    root = document
    if case.get("xforms"):
        first = next((n for n in document.walk() if n.local == "instance" and n.elements()), None)
        root = first if first is not None else document
    return Env(
        node=node,
        root=root,
        now=NOW,
        clock=Clock(ZONE, utc=case["suite"] in _JAVASCRIPT),
        forms=case["suite"] not in _JAVASCRIPT,
        host=Document(document, case.get("lang")),
        namespaces=_spaces(document),
    )


def _spaces(document: Node) -> dict[str, str]:
    found = dict(_NAMESPACES)
    for node in document.walk():
        for attribute in node.attributes:
            if attribute.name.startswith("xmlns:"):
                found[attribute.name[6:]] = attribute.value
    return found


def _at(document: Node, path: str) -> Node | None:
    node = document
    rest = path.strip("/")
    while rest:
        if rest[0] in "@#":
            return _leaf(node, rest)
        part, _, rest = rest.partition("/")
        elements = node.elements()
        if not part.isdigit() or int(part) > len(elements):
            return None
        node = elements[int(part) - 1]
    return node


def _leaf(node: Node, mark: str) -> Node | None:
    if mark[0] == "@":
        return next((a for a in node.attributes if a.name == mark[1:] or a.local == mark[1:]), None)
    kind, _, text = mark[1:].partition("=")
    kinds = {"pi": "instruction", "text": "text", "comment": "comment"}
    return next((c for c in node.children if c.kind == kinds.get(kind) and c.value == text), None)


def _address(node: Node) -> str:
    """The node as the recordings write it."""
    if node.kind == "document":
        return "/"
    parent = node.parent
    above = "" if parent is None or parent.kind == "document" else _address(parent)
    if node.kind == "attribute":
        space = f"{{{node.namespace}}}" if node.namespace else ""
        return f"{above}/@{space}{node.local}"
    if node.kind != "element":
        label = {"instruction": "pi"}.get(node.kind, node.kind)
        return f"{above}/#{label}={node.value}"
    place = parent.elements().index(node) + 1 if parent is not None else 1
    return f"{above}/{place}"


def _same(expect: dict[str, Any], value: Value, env: Env, want: str | None) -> tuple[bool, object]:
    kind, wanted = expect["t"], expect.get("v")
    if kind == "iter0":
        return value == [], value
    if kind == "string":
        return to_text(value) == wanted, to_text(value)
    if kind == "boolean":
        return to_boolean(value) == wanted, value
    if kind == "number":
        return _close(env.number(value), wanted, expect.get("tol")), env.number(value)
    if isinstance(value, str) and len(wanted or []) == 1:  # a text, where the other engine gives its node
        node = _at(env.node.root(), str((wanted or [""])[0]))
        return node is not None and node.text() == value, value
    if not isinstance(value, list):
        return False, value
    found = [_address(node) for node in value]
    if kind == "node":
        return (found[0] if found else None) == wanted, found
    return sorted(found) == sorted(wanted or []), found


def _close(got: float, wanted: object, tolerance: float | None) -> bool:
    number = float(str(wanted).replace("Infinity", "inf"))
    if math.isnan(number) or math.isinf(number):
        return (math.isnan(got) and math.isnan(number)) or got == number
    return abs(got - number) <= (tolerance or 1e-9 * max(1.0, abs(number)))
