"""What a finished form amounts to: values, entities, attachments and the OpenRosa XML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from xlsform.engine import Engine
from xlsform.markup import write
from xlsform.nodes import Node
from xlsform.tree import ancestry
from xlsform.written import written

Nested = dict[str, "str | Nested | list[Nested]"]
_MEDIA = ("image", "audio", "video", "file")


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A record of a list to create or to update; `properties` by name, as `save_to` asks."""

    list: str
    id: str
    action: Literal["create", "update"]
    label: str
    properties: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Submission:
    """`values` are nested, without what is not relevant; `flat` has them by ref without the root.
    `calculated` are the relevant calculations by name (of several in a repeat the first that is not
    empty). `attachments` are the refs of media questions that were answered.
    """

    values: Nested
    flat: Mapping[str, str]
    calculated: Mapping[str, str]
    entities: tuple[Entity, ...]
    xml: str
    attachments: tuple[str, ...]


def submission(engine: Engine) -> Submission:
    """Read the instance as it stands."""
    root = engine.tree.root
    flat: dict[str, str] = {}
    calculated: dict[str, str] = {}
    attachments: list[str] = []
    prefix = len(f"/{root.name}/")
    for node in root.walk():
        if node.kind != "element" or not node.relevant or node.children or _in_entity(node):
            continue
        path = engine.tree.path_of(node)
        flat[engine.tree.ref_of(node)[prefix:]] = node.value
        bind = engine.form.binds.get(path)
        if bind is not None and bind.calculate is not None:
            calculated[node.name] = calculated.get(node.name) or node.value
        question = engine.form.questions.get(path)
        if question is not None and question.kind in _MEDIA and node.value:
            attachments.append(engine.tree.ref_of(node))
    return Submission(
        values=_nested(engine, root),
        flat=flat,
        calculated=calculated,
        entities=tuple(_entities(engine)),
        xml=_xml(engine),
        attachments=tuple(attachments),
    )


def _in_entity(node: Node) -> bool:
    return any(up.local == "entity" for up in ancestry(node) if up.kind == "element")


def _nested(engine: Engine, node: Node) -> Nested:
    found: Nested = {}
    path = engine.tree.path_of(node)
    for child in node.elements():
        if not child.relevant or child.local == "entity":
            continue
        content: str | Nested = _nested(engine, child) if child.children else child.value
        if f"{path}/{child.name}" in engine.form.repeats and isinstance(content, dict):
            family = found.setdefault(child.name, [])
            if isinstance(family, list):
                family.append(content)
        else:
            found[child.name] = content
    return found


def _entities(engine: Engine) -> list[Entity]:
    found: list[Entity] = []
    for node in engine.tree.root.walk():
        if node.local != "entity" or node.kind != "element" or not node.relevant:
            continue
        update, create = _true(node.attribute("update")), _true(node.attribute("create"))
        if not (create or update) or node.parent is None or node.parent.parent is None:
            continue
        label = node.child("label")
        found.append(
            Entity(
                list=node.attribute("dataset"),
                id=node.attribute("id"),
                action="update" if update and not create else "create",
                label=label.value if label is not None else "",
                properties=_properties(engine, node.parent.parent),
            )
        )
    return found


def _true(text: str) -> bool:
    return text in ("1", "true")


def _properties(engine: Engine, scope: Node) -> dict[str, str]:
    """The values to save below the entity's own group, without those of entities further in."""
    found: dict[str, str] = {}
    for node in scope.walk():
        bind = engine.form.binds.get(engine.tree.path_of(node)) if node.kind == "element" else None
        if bind is None or not bind.save_to or not node.relevant or node.children:
            continue
        owner = next((up for up in ancestry(node)[1:] if _has_entity(up)), None)
        if owner is scope:
            found[bind.save_to] = node.value
    return found


def _has_entity(node: Node) -> bool:
    meta = node.child("meta")
    return meta is not None and meta.child("entity") is not None


def value_written(engine: Engine, node: Node) -> str:
    """The node's value as JavaRosa writes it into a submission."""
    path = engine.tree.path_of(node)
    bind = engine.form.binds.get(path)
    kind = bind.type if bind is not None else "string"
    return written(node.value, kind, engine.form.natures.get(path, frozenset()), engine.env.zone)


def _xml(engine: Engine) -> str:
    """The instance without what is not relevant, as OpenRosa servers take it."""
    return "<?xml version='1.0' ?>" + write(_pruned(engine, engine.tree.root))


def _pruned(engine: Engine, node: Node) -> Node:
    twin = Node("element", node.name, value_written(engine, node), node.namespace)
    for attribute in node.attributes:
        twin.set_attribute(attribute.name, attribute.value, attribute.namespace)
    for child in node.children:
        if child.relevant:
            twin.append(_pruned(engine, child))
    return twin
