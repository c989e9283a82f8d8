"""Location paths: axes, node tests and predicates."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xlsform.errors import ExpressionError
from xlsform.nodes import Node, in_document_order
from xlsform.xpath.axes import AXES
from xlsform.xpath.syntax import REVERSE, Expr, Path, Step, weight
from xlsform.xpath.values import Value

if TYPE_CHECKING:
    from xlsform.xpath.compiler import Env, Evaluate

StepRun = Callable[["Env", list[Node]], list[Node]]
Compile = Callable[[Expr], "Evaluate"]


def compile_path(path: Path, compiled: Compile, *, all_nodes: bool = False) -> Evaluate:
    """A closure that gives the nodes of the path; with `all_nodes` also those that are not relevant."""
    begin = _beginning(path, compiled)
    steps = [_step(step, compiled) for step in path.steps]
    names = [
        s.name if s.axis == "child" and s.test == "name" and not s.predicates else "" for s in path.steps
    ]
    skip_irrelevant = not all_nodes and bool(path.steps) and (path.start is None or bool(path.steps))

    def run(env: Env) -> Value:
        nodes = begin(env)
        if not isinstance(nodes, list):
            return nodes
        done = 0
        if path.absolute and env.forms:
            nodes, done = _within_repeat(env, nodes, names)
        for step in steps[done:]:
            nodes = step(env, nodes)
            if not nodes:
                break
        if nodes and nodes[0].children:
            env.spend(nodes[0].size())  # its text may be asked for, which is all that is below
        if skip_irrelevant and env.forms:
            return [node for node in nodes if node.relevant]
        return nodes

    return run


def _beginning(path: Path, compiled: Compile) -> Evaluate:
    if path.absolute:
        return lambda env: [env.root]
    if path.start is None:
        return lambda env: [env.node]
    start = compiled(path.start)
    if not path.predicates:
        return start if not path.steps else lambda env: _nodes(start(env))
    filters = [_predicate(p, compiled) for p in path.predicates]

    def filtered(env: Env) -> Value:
        nodes = _nodes(start(env))
        for keep in filters:
            nodes = keep(env, nodes)
        return nodes

    return filtered


def _nodes(value: Value) -> list[Node]:
    if not isinstance(value, list):
        raise ExpressionError("a path can't start from a single value")
    return value


def _within_repeat(env: Env, nodes: list[Node], names: list[str]) -> tuple[list[Node], int]:
    """Follow the path along the context's own ancestors as far as their names agree.

    As in JavaRosa, `/data/child/age` inside the second `child` means the age of that child. The last step
    is left out, so that the path of a repeat itself still means all its instances.
    """
    chain: list[Node] = []
    node: Node | None = env.current or env.node
    while node is not None:
        if node.kind == "element":
            chain.append(node)
        last, node = node, node.parent
    if last is not env.root and (not nodes or last is not nodes[0]):
        return nodes, 0
    chain.reverse()
    done = 0
    for own, name in zip(chain, names[:-1], strict=False):
        if own.name != name:
            break
        done += 1
    return ([chain[done - 1]], done) if done else (nodes, 0)


def _step(step: Step, compiled: Compile) -> StepRun:
    filters = [_predicate(p, compiled) for p in step.predicates]
    if step.axis == "child" and step.test == "name" and not step.name.endswith("*"):
        run = _child(step.name)
    elif step.axis == "parent" and step.test == "node":
        run = _parent
    elif step.axis == "self" and step.test == "node":
        run = _self
    else:
        return _general(step, filters)
    if not filters:
        return run

    def narrowed(env: Env, nodes: list[Node]) -> list[Node]:
        found: list[Node] = []
        for node in nodes:
            part = run(env, [node])
            for keep in filters:
                part = keep(env, part)
            found.extend(part)
        return found

    return narrowed


def _child(name: str) -> StepRun:
    prefixed = ":" in name

    def run(env: Env, nodes: list[Node]) -> list[Node]:
        if len(nodes) == 1 and not (prefixed and env.namespaces):
            found = nodes[0].named(name)
            env.spend(1 + len(found))
            return found
        result: list[Node] = []
        for node in nodes:
            if prefixed and env.namespaces:
                result.extend(c for c in node.children if c.kind == "element" and _named(env, c, name))
            else:
                result.extend(node.named(name))
        env.spend(len(nodes) + len(result))
        return result

    return run


def _parent(env: Env, nodes: list[Node]) -> list[Node]:
    env.spend(len(nodes))
    if len(nodes) == 1:
        parent = nodes[0].parent
        return [parent] if parent is not None else []
    return list({id(n.parent): n.parent for n in nodes if n.parent is not None}.values())


def _self(env: Env, nodes: list[Node]) -> list[Node]:
    return nodes


def _general(step: Step, filters: list[StepRun]) -> StepRun:
    axis, reverse = AXES[step.axis], step.axis in REVERSE
    sideways = step.axis in _SIDEWAYS
    principal = "attribute" if step.axis in ("attribute", "namespace") else "element"

    def accepts(env: Env, node: Node) -> bool:
        if step.test == "node":
            return True
        if step.test == "name":
            return node.kind == principal and _named(env, node, step.name)
        if step.test == "processing-instruction":
            return node.kind == "instruction" and step.name in ("", node.name)
        return node.kind == step.test

    def run(env: Env, nodes: list[Node]) -> list[Node]:
        found: list[Node] = []
        for node in nodes:
            part: list[Node] = []
            env.spend(_neighbours(node) if sideways else 1)
            for candidate in axis(node):
                env.spend(2)
                if accepts(env, candidate):
                    part.append(candidate)
            for keep in filters:
                part = keep(env, part)
            found.extend(reversed(part) if reverse else part)
        if len(nodes) < 2:
            return found
        env.spend(4 * len(found))
        return in_document_order(found)

    return run


_SIDEWAYS = frozenset({"following", "following-sibling", "preceding", "preceding-sibling"})


def _neighbours(node: Node) -> int:
    """The steps of finding a node's own place among its siblings, and among those of what is above it."""
    steps, up = 1, node.parent
    while up is not None:
        steps += len(up.children) // 8
        up = up.parent
    return steps


def _named(env: Env, node: Node, name: str) -> bool:
    if name == "*" or node.name == name:
        return True
    prefix, colon, local = name.rpartition(":")
    if not colon:
        return False
    space = env.namespaces.get(prefix)
    if space is None:
        return local == "*" and node.name.startswith(f"{prefix}:")
    return node.namespace == space and local in ("*", node.local)


def _predicate(expr: Expr, compiled: Compile) -> StepRun:
    test, cost = compiled(expr), 1 + weight(expr)

    def keep(env: Env, nodes: list[Node]) -> list[Node]:
        if not nodes:
            return nodes
        node, position, size, current = env.node, env.position, env.size, env.current
        kept: list[Node] = []
        env.spend(cost * len(nodes))
        if current is None:
            env.current = node
        env.size = len(nodes)
        try:
            for number, candidate in enumerate(nodes, 1):
                env.node, env.position = candidate, number
                value = test(env)
                if value == number if type(value) is float else env.truth(value):
                    kept.append(candidate)
        finally:
            env.node, env.position, env.size, env.current = node, position, size, current
        return kept

    return keep
