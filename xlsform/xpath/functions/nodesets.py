"""Functions on nodes and sets of nodes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from xlsform.errors import ExpressionError
from xlsform.nodes import Node, in_document_order
from xlsform.xpath import paths
from xlsform.xpath.functions.registry import Evaluate, function, nodes, special
from xlsform.xpath.functions.shuffle import shuffled
from xlsform.xpath.syntax import Call, Expr, Path
from xlsform.xpath.values import Value, to_text

if TYPE_CHECKING:
    from xlsform.xpath.compiler import Env

XML_ID = ("id", "xml:id")


@function("last", 0, 0)
def last(env: Env, _a: list[Value]) -> Value:
    return float(env.size)


@function("count", 1, 1)
def count(_env: Env, a: list[Value]) -> Value:
    return float(len(nodes(a[0], "count")))


@function("count-non-empty", 1, 1)
def count_non_empty(_env: Env, a: list[Value]) -> Value:
    return float(sum(1 for node in nodes(a[0], "count-non-empty") if node.text()))


def _recompile(expr: Expr) -> Evaluate:
    """The path with nodes that are not relevant left in."""
    from xlsform.xpath.compiler import compiled  # which itself needs the table of functions

    return paths.compile_path(expr, compiled, all_nodes=True) if isinstance(expr, Path) else compiled(expr)


@special("position", 0, 1)
def position(call: Call, arguments: list[Evaluate]) -> Evaluate:
    """The place in the set being filtered; with a path, of that node among siblings of its name."""
    if not arguments:
        return lambda env: float(env.position)
    run_path = _recompile(call.arguments[0])

    def run(env: Env) -> Value:
        found = nodes(run_path(env), "position")
        if not found:
            return math.nan
        place = place_of(found[0])
        env.spend(place // 8)
        return float(place)

    return run


def place_of(node: Node) -> int:
    """1 for the first among siblings of the same name."""
    family = node.parent.named(node.name) if node.parent is not None else [node]
    return next((i for i, n in enumerate(family, 1) if n is node), 1)


@function("current", 0, 0)
def current(env: Env, _a: list[Value]) -> Value:
    return [env.current or env.node]


@function("instance", 1, 1)
def instance(env: Env, a: list[Value]) -> Value:
    name = to_text(a[0])
    found = env.host.instance(name) if env.host is not None else None
    if found is None:
        raise ExpressionError(f"there is no instance {name!r}")
    return [found.parent if found.parent is not None else found]


@function("pulldata", 4, 4)
def pulldata(env: Env, a: list[Value]) -> Value:
    """The value of one column in the first row of a table whose key column has the given value."""
    name, wanted, key, value = (to_text(v) for v in a)
    name = name.removesuffix(".csv")
    table = env.host.instance(name) if env.host is not None else None
    if table is None:
        raise ExpressionError(f"there is no table {name!r}")
    if not table.knows_row(key):
        env.spend(len(table.children))
    row = table.row(key, value)
    column = row.named(wanted) if row is not None else []
    return column[0].text() if column else ""


@special("indexed-repeat", 3, None)
def indexed_repeat(call: Call, arguments: list[Evaluate]) -> Evaluate:
    """A node inside given instances of the repeats around it."""
    if len(arguments) % 2 == 0:
        raise ExpressionError("indexed-repeat() needs a number after each repeat", call.offset)
    target = _unbound(call.arguments[0])
    repeats = [(_unbound(call.arguments[i]), arguments[i + 1]) for i in range(1, len(arguments), 2)]

    def run(env: Env) -> Value:
        found = nodes(target(env), "indexed-repeat")
        for repeat, index in repeats:
            wanted = env.number(index(env))
            instances = nodes(repeat(env), "indexed-repeat")
            env.spend(5 * len(instances) + len(found))
            members = {id(n) for n in instances if place_of(n) == wanted}
            found = [n for n in found if _inside(n, members)]
        return found[:1] or ""

    return run


def _inside(node: Node, members: set[int]) -> bool:
    up: Node | None = node
    while up is not None:
        if id(up) in members:
            return True
        up = up.parent
    return False


def _unbound(expr: Expr) -> Evaluate:
    """The path over all instances of every repeat, wherever the context stands."""
    if not isinstance(expr, Path) or expr.start is not None:
        return _recompile(expr)

    def run(env: Env) -> Value:
        names = _full_names(expr, env)
        if names is None:
            return _recompile(expr)(env)
        found = [env.root]
        for name in names:
            found = [child for node in found for child in node.named(name)]
            env.spend(len(found) + 1)
        return [n for n in found if n.relevant]

    return run


def _full_names(path: Path, env: Env) -> list[str] | None:
    """The names from the root to the nodes of a plain path; None if it is not plain."""
    names: list[str] = []
    if not path.absolute:
        up: Node | None = env.current or env.node
        while up is not None and up.kind == "element" and up is not env.root:
            names.insert(0, up.name)
            up = up.parent
    for step in path.steps:
        if step.axis == "child" and step.test == "name" and "*" not in step.name:
            names.append(step.name)
        elif step.axis == "parent" and names:
            names.pop()
        elif step.axis != "self":
            return None
    return names


@special("randomize", 1, 2)
def randomize(_call: Call, arguments: list[Evaluate]) -> Evaluate:
    def run(env: Env) -> Value:
        found = nodes(arguments[0](env), "randomize")
        env.spend(3 * len(found))
        return shuffled(found, env, arguments[1](env) if len(arguments) > 1 else None)

    return run


@function("id", 1, 1)
def by_id(env: Env, a: list[Value]) -> Value:
    texts = [n.text() for n in a[0]] if isinstance(a[0], list) else [to_text(a[0])]
    wanted = {word for text in texts for word in text.split()}
    found = []
    for node in env.node.root().walk():
        env.spend(1)
        if any(x.name in XML_ID and x.value in wanted for x in node.attributes):
            found.append(node)
    return in_document_order(found)


@function("lang", 1, 1)
def lang(env: Env, a: list[Value]) -> Value:
    wanted = to_text(a[0]).lower()
    node: Node | None = env.node
    while node is not None:
        for attribute in node.attributes:
            if attribute.name == "xml:lang":
                own = attribute.value.lower()
                return own == wanted or own.startswith(wanted + "-")
        node = node.parent
    return False


def _name_function(name: str, part: Callable[[Node], str]) -> None:
    def run(env: Env, a: list[Value]) -> Value:
        found = nodes(a[0], name) if a else [env.node]
        return part(found[0]) if found else ""

    function(name, 0, 1)(run)


_name_function("name", lambda node: node.name)
_name_function("local-name", lambda node: node.local)
_name_function("namespace-uri", lambda node: node.namespace)
