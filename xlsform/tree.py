"""The instance of one session: finding nodes by path, and adding and removing repeat instances."""

from __future__ import annotations

import re

from xlsform.model import Form
from xlsform.nodes import Node
from xlsform.xpath.functions.nodesets import place_of

_PART = re.compile(r"([^\[\]]+)(?:\[(\d+)\])?")
MAX_TOTAL_INSTANCES = 2000
MAX_NODES = 10_000
"""Nodes of one session after which no instance is added: every answer looks at all of them."""


class Tree:
    """Paths here are of two kinds: a *path* names a field (`/data/child/age`), a *ref* a node
    (`/data/child[2]/age`).
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.document = form.skeleton.copy()
        self.instances = 0
        self._found: dict[str, list[Node]] = {}
        self._refs: dict[Node, str] = {}
        self._count(self.document)

    @property
    def root(self) -> Node:
        return self.document.children[0]

    def _count(self, top: Node) -> None:
        if self.form.repeats:
            self.instances += sum(1 for node in top.walk() if self.path_of(node) in self.form.repeats)

    def path_of(self, node: Node) -> str:
        if node.field >= 0:
            return self.form.fields[node.field].ref
        parent = node.parent
        name = f"@{node.name}" if node.kind == "attribute" else node.name
        return (
            f"{self.path_of(parent)}/{name}"
            if parent is not None and parent.kind != "document"
            else f"/{name}"
        )

    def ref_of(self, node: Node) -> str:
        path = self.path_of(node)
        if not self.form.enclosing.get(path):
            return path
        ref = self._refs.get(node)
        if ref is None:
            ref = self._refs[node] = self._ref_of(node)
        return ref

    def _ref_of(self, node: Node) -> str:
        parts: list[str] = []
        up: Node | None = node
        while up is not None and up.kind != "document":
            name = f"@{up.name}" if up.kind == "attribute" else up.name
            if up.field >= 0 and self.form.fields[up.field].kind == "repeat":
                name = f"{name}[{place_of(up)}]"
            parts.append(name)
            up = up.parent
        return "/" + "/".join(reversed(parts))

    def all(self, path: str) -> list[Node]:
        """The nodes of a field in document order; the list is shared: do not change it."""
        found = self._found.get(path)
        if found is None:
            found = self._find(path)
            self._found[path] = found
        return found

    def _find(self, path: str) -> list[Node]:
        head, _, name = path.rpartition("/")
        if not head:
            return self.document.named(name)
        above = self.all(head)
        if name.startswith("@"):
            return [a for node in above for a in node.attributes if a.name == name[1:]]
        if len(above) == 1:
            return above[0].named(name)
        return [child for node in above for child in node.named(name)]

    def at(self, ref: str) -> Node | None:
        """The node of a ref; a missing number means the first."""
        if "[" in ref:
            return self._seek(ref)
        found = self.all(ref)
        return found[0] if found else None

    def _seek(self, ref: str) -> Node | None:
        node: Node | None = self.document
        for part in ref.split("/")[1:]:
            if node is None:
                return None
            if part.startswith("@"):
                node = next((a for a in node.attributes if a.name == part[1:]), None)
                continue
            match = _PART.fullmatch(part)
            family = node.named(match[1]) if match else []
            index = int(match[2] or 1) - 1 if match else 0
            node = family[index] if 0 <= index < len(family) else None
        return node

    def near(self, path: str, context: Node) -> list[Node]:
        """The nodes of a field inside the innermost repeat instances that it shares with the context."""
        found = self.all(path)
        if len(found) < 2:
            return found
        above = {id(node) for node in ancestry(context)}
        shared = [[n for n in ancestry(node) if id(n) in above] for node in found]
        deepest = max(len(way) for way in shared)
        return [node for node, way in zip(found, shared, strict=True) if len(way) == deepest]

    def series(self, parent: Node, path: str) -> list[Node]:
        """The instances of a repeat under one parent."""
        return parent.named(path.rpartition("/")[2])

    def add(self, parent: Node, path: str) -> Node | None:
        """A new last instance from the template; None when the session has too many already."""
        if self.instances >= MAX_TOTAL_INSTANCES or self.document.size() > MAX_NODES:
            return None
        family = self.series(parent, path)
        instance = self.form.templates[path].copy()
        place = parent.children.index(family[-1]) + 1 if family else self._place(parent, path)
        parent.insert(place, instance)
        self._found.clear()
        self._refs.clear()
        self._count(instance)
        update_relevance(instance)
        return instance

    def _place(self, parent: Node, path: str) -> int:
        """Where the first instance belongs among its siblings."""
        head, _, name = path.rpartition("/")
        order = self.form.child_order.get(head, ())
        before = set(order[: order.index(name)]) if name in order else set()
        return max((i + 1 for i, child in enumerate(parent.children) if child.name in before), default=0)

    def remove(self, instance: Node) -> None:
        self.instances -= sum(1 for n in instance.walk() if self.path_of(n) in self.form.repeats)
        if instance.parent is not None:
            instance.parent.remove(instance)
        self._found.clear()
        self._refs.clear()


def ancestry(node: Node) -> list[Node]:
    """The node and what is above it."""
    found = [node]
    while found[-1].parent is not None:
        found.append(found[-1].parent)
    return found


def update_relevance(node: Node) -> None:
    """Work out `relevant` for the node and everything below from `own` and the parent's state."""
    stack = [node]
    while stack:
        current = stack.pop()
        above = current.parent.relevant if current.parent is not None else True
        current.relevant = current.own and above
        for attribute in current.attributes:
            attribute.relevant = current.relevant
        stack.extend(current.children)
