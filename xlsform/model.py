"""A loaded form: frozen values that many sessions share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from xlsform.nodes import Node
from xlsform.written import Nature
from xlsform.xpath import Expression

QuestionKind = Literal[
    "text", "integer", "decimal", "date", "time", "dateTime", "select_one", "select_multiple", "rank",
    "range", "acknowledge", "image", "audio", "video", "file", "barcode", "geopoint", "geotrace",
    "geoshape", "note",
]  # fmt: skip

SELECTS: frozenset[str] = frozenset({"select_one", "select_multiple", "rank"})

Parts = tuple[str | Expression, ...]
"""A text with values inside: literal pieces and the expressions of `<output>`."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """A text of the form: written in place (`parts`), by its key in the translations, or by an expression."""

    parts: Parts = ()
    key: str = ""
    expression: Expression | None = None


@dataclass(frozen=True, kw_only=True)
class Item:
    value: str
    label: Words


@dataclass(frozen=True, kw_only=True)
class Itemset:
    """Choices that come from nodes: `nodes` gives one node per choice, the others are evaluated at each.

    With `translated`, `label` gives the key of a translation instead of the label itself.
    """

    nodes: Expression
    value: Expression
    label: Expression | None
    translated: bool = False


@dataclass(frozen=True, kw_only=True)
class Range:
    """The bounds of a range question; numbers as the author wrote them."""

    start: str
    end: str
    step: str


@dataclass(frozen=True, kw_only=True)
class Action:
    """A setvalue: at one of `events`, `ref` gets the value; `source` is its control's path or ""."""

    events: frozenset[str]
    ref: str
    value: Expression | None
    text: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Question:
    ref: str
    kind: QuestionKind
    label: Words
    hint: Words
    appearance: str
    items: tuple[Item, ...] = ()
    itemset: Itemset | None = None
    range_: Range | None = None
    mediatype: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group, or a repeat if `repeat`; `ref` is "" for a group that only bundles. `count` is the number of
    instances a repeat shall have, None where people add them; `fixed` allows neither adding nor removing."""

    ref: str
    label: Words
    appearance: str
    children: tuple[Question | Group, ...]
    repeat: bool = False
    count: Expression | None = None
    fixed: bool = False


@dataclass(frozen=True, kw_only=True)
class Bind:
    """What the model says about a node; messages are given with their language."""

    ref: str
    type: str = "string"
    relevant: Expression | None = None
    calculate: Expression | None = None
    constraint: Expression | None = None
    required: Expression | None = None
    readonly: Expression | None = None
    constraint_message: Words = field(default_factory=Words)
    required_message: Words = field(default_factory=Words)
    preload: str = ""
    preload_params: str = ""
    save_to: str | None = None


@dataclass(frozen=True, kw_only=True)
class Field:
    """One node of the form as the outside sees it; `kind` is a question's kind, "calculate", "hidden",
    "group" or "repeat"; `type` the bind's type; `required` whether it may be required at all.
    """

    ref: str
    name: str
    kind: str
    type: str
    save_to: str | None = None
    required: bool = False
    readonly: bool = False
    appearance: str = ""


TriggerKind = Literal["relevant", "calculate", "count", "choices"]


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """Something to compute for every node at `target` when anything it reads has changed.

    `reads` are the paths it depends on; None means it may depend on anything.
    """

    kind: TriggerKind
    target: str
    expression: Expression
    reads: frozenset[str] | None


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form ready to be filled in. Immutable, safe to share between sessions and threads."""

    id: str
    version: str
    title: str
    languages: tuple[str, ...]
    default_language: str
    digest: str
    fields: tuple[Field, ...]
    calculate_names: tuple[str, ...]
    body: tuple[Question | Group, ...]
    binds: Mapping[str, Bind]
    questions: Mapping[str, Question]
    repeats: Mapping[str, Group]
    actions: tuple[Action, ...]
    texts: Mapping[str, Mapping[str, Mapping[str, Parts]]]
    instances: Mapping[str, Node]
    external: Mapping[str, str]
    skeleton: Node
    templates: Mapping[str, Node]
    triggers: tuple[Trigger, ...]
    dependents: Mapping[str, tuple[int, ...]]
    restless: tuple[int, ...]
    below: Mapping[str, frozenset[str]]
    cycles: tuple[tuple[str, ...], ...]
    faults: tuple[tuple[str, str], ...]
    field_index: Mapping[str, int]
    child_order: Mapping[str, tuple[str, ...]]
    enclosing: Mapping[str, tuple[str, ...]]
    added_instance_id: bool
    natures: Mapping[str, frozenset[Nature]]
    first_instances: frozenset[str]
