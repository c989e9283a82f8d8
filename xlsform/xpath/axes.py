"""The thirteen axes: from a node to its relatives, nearest first on the reverse axes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from xlsform.nodes import Node


def _leaf_text(node: Node) -> list[Node]:
    """The text node of a leaf element, made when it is asked for."""
    if node.kind != "element" or node.children or not node.value:
        return []
    text = Node("text", "", node.value)
    text.parent = node
    text.relevant = node.relevant
    return [text]


def _children(node: Node) -> Iterable[Node]:
    return node.children or _leaf_text(node)


def _below(node: Node) -> Iterator[Node]:
    stack = list(reversed(list(_children(node))))
    while stack:
        found = stack.pop()
        yield found
        stack.extend(reversed(list(_children(found))))


def _above(node: Node) -> Iterator[Node]:
    up = node.parent
    while up is not None:
        yield up
        up = up.parent


def _siblings(node: Node, *, after: bool) -> list[Node]:
    if node.parent is None or node.kind == "attribute":
        return []
    family = node.parent.children
    place = next((i for i, n in enumerate(family) if n is node), 0)
    return family[place + 1 :] if after else family[:place][::-1]


def _following(node: Node) -> Iterator[Node]:
    if node.kind == "attribute" and node.parent is not None:
        yield from _below(node.parent)
        node = node.parent
    for base in (node, *_above(node)):
        for sibling in _siblings(base, after=True):
            yield sibling
            yield from _below(sibling)


def _preceding(node: Node) -> Iterator[Node]:
    if node.kind == "attribute" and node.parent is not None:
        node = node.parent
    for base in (node, *_above(node)):
        for sibling in _siblings(base, after=False):
            yield from reversed(list(_below(sibling)))
            yield sibling


def _attributes(node: Node) -> Iterable[Node]:
    return [a for a in node.attributes if a.namespace != "http://www.w3.org/2000/xmlns/"]


def _parents(node: Node) -> Iterable[Node]:
    return [node.parent] if node.parent is not None else []


def _namespaces(node: Node) -> Iterable[Node]:
    found: dict[str, Node] = {}
    for base in (node, *_above(node)):
        for attribute in base.attributes:
            if attribute.namespace == "http://www.w3.org/2000/xmlns/":
                prefix = attribute.name.partition(":")[2]
                found.setdefault(prefix, attribute)
    return found.values()


AXES: dict[str, Callable[[Node], Iterable[Node]]] = {
    "child": _children,
    "descendant": _below,
    "parent": _parents,
    "ancestor": _above,
    "following-sibling": lambda node: _siblings(node, after=True),
    "preceding-sibling": lambda node: _siblings(node, after=False),
    "following": _following,
    "preceding": _preceding,
    "attribute": _attributes,
    "namespace": _namespaces,
    "self": lambda node: [node],
    "descendant-or-self": lambda node: (node, *_below(node)),
    "ancestor-or-self": lambda node: (node, *_above(node)),
}
