"""A session's state as a small versioned JSON value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xlsform.choices import choices_of, keep_offered
from xlsform.dependencies import VOLATILE
from xlsform.engine import Engine
from xlsform.errors import FormError
from xlsform.model import SELECTS
from xlsform.nodes import Node
from xlsform.refs import without_numbers
from xlsform.tree import update_relevance
from xlsform.values import canonical
from xlsform.xpath.syntax import calls_in

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What a state holds beside the instance; `stale` are paths to compute again because the day has
    changed.
    """

    at: str
    passed: set[str]
    preset: frozenset[str]
    language: str
    stale: tuple[str, ...]


def dump(engine: Engine, at: str, passed: set[str], preset: frozenset[str]) -> dict[str, Any]:
    """Values by ref (empty ones left out), the number of instances of each repeat, and what is not
    relevant.
    """
    values: dict[str, str] = {}
    counts: dict[str, int] = {}
    off: list[str] = []
    _gather(engine, engine.tree.root, f"/{engine.tree.root.name}", values, counts, off)
    return {
        "v": VERSION,
        "form": engine.form.digest,
        "language": engine.texts.language,
        "at": at,
        "passed": sorted(passed),
        "preset": sorted(preset),
        "values": values,
        "counts": counts,
        "off": off,
        "seed": engine.env.seed,
        "now": engine.context.now.isoformat(),
    }


def _gather(
    engine: Engine, node: Node, ref: str, values: dict[str, str], counts: dict[str, int], off: list[str]
) -> None:
    if not node.own:
        off.append(ref)
    for attribute in node.attributes:
        if attribute.field >= 0:
            values[f"{ref}/@{attribute.name}"] = attribute.value
    if not node.children:
        if node.value:
            values[ref] = node.value
        return
    repeats = engine.form.repeats
    path = engine.tree.path_of(node)
    for name in engine.form.child_order.get(path, ()):
        family = node.named(name)
        if f"{path}/{name}" in repeats:
            counts[f"{ref}/{name}"] = len(family)
            for number, child in enumerate(family, 1):
                _gather(engine, child, f"{ref}/{name}[{number}]", values, counts, off)
        elif family:
            _gather(engine, family[0], f"{ref}/{name}", values, counts, off)


def load_into(engine: Engine, stored: dict[str, Any]) -> Kept:
    """Put the stored instance into a fresh engine. Raises FormError."""
    try:
        if stored["v"] != VERSION:
            raise FormError(f"a state of version {stored['v']} can't be read")
        if stored["form"] != engine.form.digest:
            raise FormError("the state belongs to another version of the form")
        _fit_repeats(engine, stored["counts"])
        for node in engine.tree.root.walk():
            if not node.children:
                node.value = ""
        for ref, value in stored["values"].items():
            found = engine.tree.at(ref)
            if found is not None:
                found.value = str(value)
        for ref in stored["off"]:
            found = engine.tree.at(ref)
            if found is not None:
                found.own = False
        update_relevance(engine.tree.root)
        engine.env.seed = int(stored["seed"])
        return Kept(
            at=stored["at"],
            passed=set(stored["passed"]),
            preset=frozenset(stored["preset"]),
            language=stored["language"],
            stale=stale_paths(engine, datetime.fromisoformat(stored["now"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FormError(f"the state is damaged: {error!r}") from error


def _fit_repeats(engine: Engine, counts: dict[str, int]) -> None:
    """Give every repeat its number of instances; outer repeats come before inner ones."""
    for ref, count in counts.items():
        head, _, name = ref.rpartition("/")
        parent = engine.tree.at(head)
        if parent is None:
            continue
        path = f"{engine.tree.path_of(parent)}/{name}"
        while len(engine.tree.series(parent, path)) > count:
            engine.tree.remove(engine.tree.series(parent, path)[-1])
        while len(engine.tree.series(parent, path)) < count:
            if engine.tree.add(parent, path) is None:
                break


def stale_paths(engine: Engine, then: datetime) -> tuple[str, ...]:
    """Paths read by calculations of today() or now(), so that they are computed again on another day."""
    if then.date() == engine.context.now.date():
        return ()
    found: set[str] = set()
    for trigger in engine.form.triggers:
        if any(call.name in VOLATILE for call in calls_in(trigger.expression.syntax)):
            found.update(trigger.reads or ())
    return tuple(sorted(found))


def move_answers(engine: Engine, stored: dict[str, Any]) -> tuple[tuple[str, ...], set[str]]:
    """Copy the answers of a state of another version; the refs that found no place, and the passed ones
    that did.
    """
    try:
        counts, values, passed = dict(stored["counts"]), dict(stored["values"]), set(stored["passed"])
    except (KeyError, TypeError, ValueError) as error:
        raise FormError(f"the state is damaged: {error!r}") from error
    known = {r: n for r, n in counts.items() if without_numbers(r) in engine.form.repeats}
    _fit_repeats(engine, {r: min(int(n), engine.context.max_instances) for r, n in known.items()})
    lost: list[str] = []
    for ref, value in values.items():
        node = engine.tree.at(ref)
        question = engine.form.questions.get(without_numbers(ref))
        if question is None:
            if node is None and ref in passed:
                lost.append(ref)
            continue
        kind = engine.form.binds[question.ref].type if question.ref in engine.form.binds else "string"
        fitting = canonical(str(value), kind)
        if node is None or fitting is None or node.children:
            lost.append(ref)
        else:
            node.value = fitting
    engine.compute_all()
    _drop_unoffered(engine, values)
    gone = {ref for ref in values if ref in passed and (n := engine.tree.at(ref)) is not None and not n.value}
    lost.extend(sorted(gone - set(lost)))
    moved = {ref for ref in passed - set(lost) if engine.tree.at(ref) is not None or ref in counts}
    return tuple(lost), moved


def _drop_unoffered(engine: Engine, values: dict[str, str]) -> None:
    """Take back selections that the form no longer offers; what depends on them is computed again."""
    for ref in values:
        question, node = engine.form.questions.get(without_numbers(ref)), engine.tree.at(ref)
        if question is None or node is None or question.kind not in SELECTS or not node.value:
            continue
        kept = keep_offered(node.value, question.kind, choices_of(engine, question, node, labels=False))
        if kept != node.value:
            engine.set_value(node, kept)


def refs_by_node(engine: Engine, refs: Iterable[str]) -> list[tuple[str, Node, str]]:
    """(ref, node, rest) for each ref, so that it can be written anew after instances moved up.

    For the ref of a repeat's prompt the node is its parent and `rest` the repeat's name.
    """
    found: list[tuple[str, Node, str]] = []
    for ref in refs:
        head, _, name = ref.rpartition("/")
        node = engine.tree.at(ref)
        if without_numbers(ref) in engine.form.repeats and not name.endswith("]"):
            node = engine.tree.at(head)
            if node is not None:
                found.append((ref, node, f"/{name}"))
        elif node is not None:
            found.append((ref, node, ""))
    return found


def refs_after(engine: Engine, kept: list[tuple[str, Node, str]]) -> set[str]:
    """The refs as they read now; those whose nodes were removed are left out."""
    document = engine.tree.document
    return {engine.tree.ref_of(node) + rest for _, node, rest in kept if node.root() is document}
