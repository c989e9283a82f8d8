"""The way through a form: which questions, notes and "add another?" stops come in which order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from xlsform.engine import Engine
from xlsform.model import Group, Question
from xlsform.nodes import Node
from xlsform.refs import without_numbers


class Stop(NamedTuple):
    """A place where the session may stand. For a repeat, `node` is the parent of its instances.

    `notes` are the notes that come before it: (question, node) pairs whose texts belong to this stop.
    """

    ref: str
    kind: Literal["question", "note", "repeat"]
    node: Node
    question: Question | None = None
    repeat: Group | None = None
    groups: tuple[tuple[Group, Node], ...] = ()
    notes: tuple[tuple[Question, Node], ...] = ()


def stops(engine: Engine, preset: frozenset[str]) -> list[Stop]:
    """All relevant stops in order; notes at the very end make a stop of their own."""
    found: list[Stop] = []
    notes: list[Stop] = []
    for stop in way(engine, preset):
        if stop.kind == "note":
            notes.append(stop)
            continue
        found.append(_with_notes(stop, notes))
        notes = []
    if notes:
        found.append(_with_notes(notes[-1], notes[:-1]))
    return found


def way(engine: Engine, preset: frozenset[str]) -> list[Stop]:
    """The relevant stops in order, every note as a stop of its own."""
    return list(_walk(engine, engine.form.body, engine.tree.root, (), preset))


def stop_at(engine: Engine, ref: str, preset: frozenset[str]) -> Stop | None:
    """The stop of this ref, without its notes; None if it is not there to be asked."""
    path = without_numbers(ref)
    way_there = _walk(engine, engine.form.body, engine.tree.root, (), preset, toward=path)
    return next((stop for stop in way_there if stop.ref == ref), None)


def _with_notes(stop: Stop, notes: list[Stop]) -> Stop:
    if not notes:
        return stop
    pairs = tuple((note.question, note.node) for note in notes if note.question is not None)
    return Stop(ref=stop.ref, kind=stop.kind, node=stop.node, question=stop.question, repeat=stop.repeat,
                groups=stop.groups, notes=pairs)  # fmt: skip


def _walk(
    engine: Engine,
    parts: tuple[Question | Group, ...],
    base: Node,
    groups: tuple[tuple[Group, Node], ...],
    preset: frozenset[str],
    toward: str = "",
) -> Iterator[Stop]:
    """The stops below `base`; with `toward` only those on the way to this path."""
    for part in parts:
        if toward and part.ref and part.ref != toward and not toward.startswith(f"{part.ref}/"):
            continue
        if isinstance(part, Question):
            node = _below(engine, base, part.ref)
            if node is None or not node.relevant or part.ref in preset:
                continue
            if "label" in part.appearance.split() and not engine.context.ask_label_rows:
                continue
            yield _question(engine, part, node, groups)
        elif part.repeat:
            yield from _repeat(engine, part, base, groups, preset, toward)
        elif not part.ref:
            yield from _walk(engine, part.children, base, (*groups, (part, base)), preset, toward)
        else:
            node = _below(engine, base, part.ref)
            if node is None:
                yield from _walk(engine, part.children, base, (*groups, (part, base)), preset, toward)
            elif node.relevant:
                yield from _walk(engine, part.children, node, (*groups, (part, node)), preset, toward)


def _question(engine: Engine, question: Question, node: Node, groups: tuple[tuple[Group, Node], ...]) -> Stop:
    bind = engine.form.binds.get(question.ref)
    fixed = bind is not None and engine.holds(bind.readonly, node, default=False)
    kind: Literal["question", "note"] = "note" if fixed else "question"
    return Stop(ref=engine.tree.ref_of(node), kind=kind, node=node, question=question, groups=groups)


def _repeat(
    engine: Engine,
    group: Group,
    base: Node,
    groups: tuple[tuple[Group, Node], ...],
    preset: frozenset[str],
    toward: str,
) -> Iterator[Stop]:
    head, _, name = group.ref.rpartition("/")
    parent = _below(engine, base, head)
    if parent is None or not parent.relevant:
        return
    family = list(parent.named(name))
    for instance in family:
        if instance.relevant:
            yield from _walk(engine, group.children, instance, (*groups, (group, instance)), preset, toward)
    if group.count is None and not group.fixed and (not family or any(n.relevant for n in family)):
        ref = f"{engine.tree.ref_of(parent)}/{name}"
        yield Stop(ref=ref, kind="repeat", node=parent, repeat=group, groups=groups)


def _below(engine: Engine, base: Node, path: str) -> Node | None:
    """The node of a path at or below a node that stands in the right repeat instances."""
    if not engine.form.enclosing.get(path):
        found = engine.tree.all(path)
        return found[0] if found else None
    own = engine.tree.path_of(base)
    if path == own:
        return base
    if not path.startswith(f"{own}/"):
        near = engine.tree.near(path, base)
        return near[0] if near else None
    node = base
    for name in path[len(own) + 1 :].split("/"):
        family = node.named(name)
        if not family:
            return None
        node = family[0]
    return node
