"""The body of a form: groups, repeats and questions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from xlsform.errors import FormError
from xlsform.model import Action, Bind, Group, Item, Itemset, Question, QuestionKind, Range, Words
from xlsform.nodes import Node
from xlsform.reading import Reader, attribute
from xlsform.refs import resolve
from xlsform.xpath import compile_expression

_INPUTS: dict[str, QuestionKind] = {
    "int": "integer", "integer": "integer", "long": "integer", "decimal": "decimal", "double": "decimal",
    "float": "decimal", "date": "date", "time": "time", "dateTime": "dateTime", "barcode": "barcode",
    "geopoint": "geopoint", "geotrace": "geotrace", "geoshape": "geoshape",
}  # fmt: skip
_ITEXT = re.compile(r"jr:itext\((.*)\)")
_CONTROLS = {"input", "secret", "select", "select1", "rank", "range", "trigger", "upload"}


class BodyReader:
    """Reads the body (from the mixed tree) and collects its questions, repeats and actions by path."""

    def __init__(self, reader: Reader, binds: Mapping[str, Bind], body: Node, *, external: bool) -> None:
        """`external`: the choices of select_one_external are at hand; else such answers are typed."""
        self.external = external
        self.reader = reader
        self.binds = binds
        self.body = body
        self.questions: dict[str, Question] = {}
        self.repeats: dict[str, Group] = {}
        self.actions: list[Action] = []

    def read(self) -> tuple[Question | Group, ...]:
        return self.children(self.body, "")

    def children(self, node: Node, base: str) -> tuple[Question | Group, ...]:
        found: list[Question | Group] = []
        for child in node.elements():
            if child.local == "group":
                found.append(self.group(child, base))
            elif child.local == "repeat":
                found.append(self.repeat(child, base, Words()))
            elif child.local in _CONTROLS:
                found.append(self.question(child, base))
            elif child.local == "setvalue":
                self.actions.append(self.reader.action(child, base))
        return tuple(found)

    def path(self, node: Node, base: str) -> str:
        """The absolute path of a control, from its ref, nodeset or bind."""
        ref = (attribute(node, "ref") or attribute(node, "nodeset")).strip()
        if not ref and attribute(node, "bind"):
            ref = self.reader.ids.get(attribute(node, "bind"), "")
        return resolve(ref, base) if ref else ""

    def group(self, node: Node, base: str) -> Group:
        ref = self.path(node, base)
        label = self.reader.label(node.child("label"), ref)
        repeat = node.child("repeat")
        if repeat is not None and len([c for c in node.elements() if c.local not in ("label", "hint")]) == 1:
            nodeset = self.path(repeat, base)
            if not ref or nodeset == ref:
                return self.repeat(repeat, base, label)
        return Group(
            ref=ref,
            label=label,
            appearance=attribute(node, "appearance"),
            children=self.children(node, ref or base),
        )

    def repeat(self, node: Node, base: str, label: Words) -> Group:
        ref = self.path(node, base)
        if not ref:
            raise FormError("a repeat has no nodeset", base or "body")
        fixed = attribute(node, "jr:noAddRemove") in ("true()", "true")
        own = node.child("label")
        group = Group(
            ref=ref,
            label=self.reader.label(own, ref) if own is not None else label,
            appearance=attribute(node, "appearance"),
            children=self.children(node, ref),
            repeat=True,
            count=self.reader.expression(attribute(node, "jr:count"), ref, "repeat count"),
            fixed=fixed,
        )
        self.repeats[ref] = group
        return group

    def question(self, node: Node, base: str) -> Question:
        ref = self.path(node, base)
        if not ref:
            raise FormError(f"a {node.local} has no ref", base or "body")
        for child in node.elements():
            if child.local == "setvalue":
                self.actions.append(self.reader.action(child, ref))
        question = Question(
            ref=ref,
            kind=self.kind(node, ref),
            label=self.reader.label(node.child("label"), ref),
            hint=self.reader.label(node.child("hint"), ref),
            appearance=attribute(node, "appearance"),
            items=tuple(self.item(i, ref) for i in node.elements() if i.local == "item"),
            itemset=self.itemset(node.child("itemset"), ref) or self.query(node, ref),
            range_=_range(node) if node.local == "range" else None,
            mediatype=attribute(node, "mediatype"),
        )
        self.questions[ref] = question
        return question

    def kind(self, node: Node, ref: str) -> QuestionKind:
        if self.external and attribute(node, "query"):
            return "select_one"
        if node.local in ("input", "secret"):
            bind = self.binds.get(ref)
            return _INPUTS.get(bind.type if bind is not None else "string", "text")
        if node.local == "upload":
            major = attribute(node, "mediatype").partition("/")[0]
            return cast(QuestionKind, major) if major in ("image", "audio", "video") else "file"
        kinds: dict[str, QuestionKind] = {
            "select": "select_multiple", "select1": "select_one", "rank": "rank", "range": "range",
            "trigger": "acknowledge",
        }  # fmt: skip
        return kinds[node.local]

    def item(self, node: Node, ref: str) -> Item:
        value = node.child("value")
        return Item(
            value=value.text().strip() if value is not None else "",
            label=self.reader.label(node.child("label"), ref),
        )

    def query(self, node: Node, ref: str) -> Itemset | None:
        """The choices of a select_one_external, which compiles to an input with a query."""
        nodes = self.reader.expression(attribute(node, "query"), ref, "choices")
        if nodes is None or not self.external:
            return None
        return Itemset(nodes=nodes, value=compile_expression("name"), label=compile_expression("label"))

    def itemset(self, node: Node | None, ref: str) -> Itemset | None:
        if node is None:
            return None
        value, label = node.child("value"), node.child("label")
        nodes = self.reader.expression(attribute(node, "nodeset"), ref, "choices")
        source = attribute(value, "ref") if value is not None else ""
        compiled = self.reader.expression(source, ref, "choice value")
        if nodes is None or compiled is None:
            raise FormError("a choice list lacks its nodes or its values", ref)
        shown = attribute(label, "ref").strip() if label is not None else ""
        key = _ITEXT.fullmatch(shown)
        words = self.reader.expression(key[1] if key else shown, ref, "choice label")
        return Itemset(nodes=nodes, value=compiled, label=words, translated=key is not None)


def _range(node: Node) -> Range:
    return Range(
        start=attribute(node, "start") or "0",
        end=attribute(node, "end") or "10",
        step=attribute(node, "step") or "1",
    )
