"""The node tree: form instances, secondary instances and any XML the expressions look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

Kind = Literal["document", "element", "text", "attribute", "comment", "instruction"]


class Node:
    """One node of a tree, mutable and compared by identity.

    An element without children holds its text in `value`; an element with children has text nodes among
    them only if the tree was read with `mixed=True`. `name` is the qualified name as written. `own` and
    `relevant` are the form's relevance, of the node alone and together with its ancestors'.
    """

    __slots__ = (
        "_by_name", "_rows", "_size", "attributes", "children", "field", "kind", "name", "namespace", "own",
        "parent", "relevant", "value",
    )  # fmt: skip

    def __init__(self, kind: Kind, name: str = "", value: str = "", namespace: str = "") -> None:
        self.kind: Kind = kind
        self.name = name
        self.value = value
        self.namespace = namespace
        self.parent: Node | None = None
        self.children: list[Node] = []
        self.attributes: list[Node] = []
        self.own = True
        self.relevant = True
        self.field: int = -1
        self._by_name: dict[str, list[Node]] | None = None
        self._size: int | None = None
        self._rows: dict[str, dict[str, Node]] | None = None

    @property
    def local(self) -> str:
        return self.name.rpartition(":")[2]

    def append(self, child: Node) -> Node:
        child.parent = self
        self.children.append(child)
        self._changed()
        return child

    def insert(self, index: int, child: Node) -> Node:
        child.parent = self
        self.children.insert(index, child)
        self._changed()
        return child

    def remove(self, child: Node) -> None:
        self.children.remove(child)
        child.parent = None
        self._changed()

    def _changed(self) -> None:
        self._by_name = None
        self._rows = None
        node: Node | None = self
        while node is not None and node._size is not None:
            node._size = None
            node = node.parent

    def size(self) -> int:
        """How many nodes there are from here down, itself included, attributes not."""
        if self._size is None:
            self._size = 1 + sum(child.size() for child in self.children)
        return self._size

    def set_attribute(self, name: str, value: str, namespace: str = "") -> Node:
        for attribute in self.attributes:
            if attribute.name == name:
                attribute.value = value
                return attribute
        attribute = Node("attribute", name, value, namespace)
        attribute.parent = self
        self.attributes.append(attribute)
        return attribute

    def attribute(self, name: str, default: str = "") -> str:
        """The value of the attribute with this qualified or local name."""
        for attribute in self.attributes:
            if attribute.name == name or attribute.local == name:
                return attribute.value
        return default

    def named(self, name: str) -> list[Node]:
        """The child elements of this qualified name, in document order; the list is shared: do not change
        it.
        """
        if self._by_name is None:
            index: dict[str, list[Node]] = {}
            for child in self.children:
                if child.kind == "element":
                    index.setdefault(child.name, []).append(child)
            self._by_name = index
        return self._by_name.get(name, _NOTHING)

    def knows_row(self, key: str) -> bool:
        """Whether `row` has been asked for this key before, so that it costs nothing more."""
        return self._rows is not None and key in self._rows

    def row(self, key: str, value: str) -> Node | None:
        """The first child whose child `key` has this text. Kept for the next time, except in a form's own
        instance (`field` is set): the cells of other tables do not change.
        """
        known = self._rows if self._rows is not None else {}
        if key not in known:
            known[key] = {}
            for row in self.elements():
                cell = next((c for c in row.children if c.name == key), None)
                if cell is not None:
                    known[key].setdefault(cell.text(), row)
        if self.field < 0:
            self._rows = known
        return known[key].get(value)

    def child(self, local: str) -> Node | None:
        """The first child element whose local name is this."""
        return next((c for c in self.children if c.kind == "element" and c.local == local), None)

    def elements(self) -> list[Node]:
        return [child for child in self.children if child.kind == "element"]

    def walk(self) -> Iterator[Node]:
        """This node and everything below it except attributes, in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def text(self) -> str:
        """The string value: the text of the node, or all text below it joined."""
        if not self.children:
            return self.value if self.kind != "document" else ""
        return "".join(n.value for n in self.walk() if not n.children and n.kind in ("element", "text"))

    def root(self) -> Node:
        node = self
        while node.parent is not None:
            node = node.parent
        return node

    def copy(self) -> Node:
        """A deep copy without a parent."""
        twin = Node(self.kind, self.name, self.value, self.namespace)
        twin.field = self.field
        if self.attributes:
            twin.attributes = [attribute.copy() for attribute in self.attributes]
            for attribute in twin.attributes:
                attribute.parent = twin
        if self.children:
            twin.children = [child.copy() for child in self.children]
            for child in twin.children:
                child.parent = twin
        return twin


_NOTHING: list[Node] = []


def in_document_order(nodes: list[Node]) -> list[Node]:
    """The distinct nodes in document order; nodes of several documents keep the order in which they came."""
    unique = list({id(node): node for node in nodes}.values())
    if len(unique) < 2:
        return unique
    documents: dict[int, int] = {}
    places: dict[int, dict[int, int]] = {}

    def key(node: Node) -> tuple[int, ...]:
        way: list[int] = []
        while node.parent is not None:
            way.append(_place(node, node.parent, places))
            node = node.parent
        way.append(documents.setdefault(id(node), len(documents)))
        return tuple(reversed(way))

    return sorted(unique, key=key)


def _place(node: Node, parent: Node, places: dict[int, dict[int, int]]) -> int:
    """A number by which siblings sort, attributes before children; `places` keeps those of each parent."""
    if node.kind == "attribute":
        return next((i for i, a in enumerate(parent.attributes) if a is node), 0) - 1 - len(parent.attributes)
    if id(parent) not in places:
        places[id(parent)] = {id(child): i for i, child in enumerate(parent.children)}
    return places[id(parent)].get(id(node), 0)  # 0: the text of a leaf, made when it was asked for
