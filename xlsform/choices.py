"""The choices a question offers at a node, and their labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xlsform.model import Question, Words
from xlsform.nodes import Node
from xlsform.refs import resolve
from xlsform.xpath import Expression, Value, to_text

if TYPE_CHECKING:
    from xlsform.engine import Engine


@dataclass(frozen=True, kw_only=True)
class Choice:
    """`image` is the name of a picture, "" if there is none."""

    value: str
    label: str
    image: str = ""


def choices_of(engine: Engine, question: Question, node: Node, *, labels: bool = True) -> tuple[Choice, ...]:
    """What is offered now; without `labels` only the values are worked out."""
    if question.itemset is None:
        engine.pay(2 * len(question.items))
        return tuple(
            Choice(value=item.value, label=_words(engine, item.label, node) if labels else "",
                   image=_picture(engine, item.label, node) if labels else "")
            for item in question.items
        )  # fmt: skip
    found = engine.value(question.itemset.nodes, node)
    if not isinstance(found, list):
        return ()
    engine.pay(2 * len(found))
    return tuple(_dynamic(engine, question, item, node, labels=labels) for item in found)


def _words(engine: Engine, words: Words, node: Node) -> str:
    return engine.texts.words(words, node)


def _picture(engine: Engine, words: Words, node: Node) -> str:
    return engine.texts.words(words, node, "image").rpartition("/")[2] if words.key else ""


def _dynamic(engine: Engine, question: Question, item: Node, node: Node, *, labels: bool) -> Choice:
    assert question.itemset is not None
    value = _at(engine, question.itemset.value, item, node)
    source = question.itemset.label
    if not labels or source is None:
        return Choice(value=value, label=value)
    if question.itemset.translated:
        words = Words(key=_at(engine, source, item, node))
        return Choice(value=value, label=_words(engine, words, node), image=_picture(engine, words, node))
    return Choice(value=value, label=_at(engine, source, item, node))


def _at(engine: Engine, expression: Expression, item: Node, node: Node) -> str:
    names = expression.source
    if names.isidentifier():  # by far the commonest: a child's name
        cells = item.named(names)
        return cells[0].text() if cells else ""
    value: Value = engine.value(expression, item, node)
    return to_text(value)


def keep_offered(value: str, kind: str, choices: tuple[Choice, ...]) -> str:
    """The selection without what is no longer offered."""
    offered = {choice.value for choice in choices}
    if kind == "select_one":
        return value if value in offered else ""
    return " ".join(part for part in value.split() if part in offered)


def labels_of(engine: Engine, question: Question, node: Node, values: Iterable[str]) -> dict[str, str]:
    """The labels of these values among the choices offered now; one that is not offered is left out."""
    wanted = set(values)
    if question.itemset is None:
        return {i.value: _words(engine, i.label, node) for i in question.items if i.value in wanted}
    found = engine.value(question.itemset.nodes, node)
    items = found if isinstance(found, list) else []
    engine.pay(len(items))
    chosen = [item for item in items if _at(engine, question.itemset.value, item, node) in wanted]
    offered = [_dynamic(engine, question, item, node, labels=True) for item in chosen]
    return {choice.value: choice.label for choice in offered}


def choice_label(engine: Engine, value: str, path: str, context: Node) -> str:
    """jr:choice-name: the label of a choice of another question; the value itself if it has none."""
    path = resolve(path, engine.tree.path_of(context))
    question = engine.form.questions.get(path)
    nodes = engine.tree.near(path, context)
    if question is None or not nodes:
        return ""
    return labels_of(engine, question, nodes[0], (value,)).get(value, "")
