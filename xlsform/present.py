"""Stops as people see them: prompts and review lines."""

from __future__ import annotations

from collections.abc import Iterator

from xlsform.choices import choices_of, labels_of
from xlsform.engine import Engine
from xlsform.model import SELECTS, Question, Words
from xlsform.nodes import Node
from xlsform.prompts import Problem, Prompt, RepeatPrompt, ReviewLine
from xlsform.route import Stop
from xlsform.validation import is_required, missing, violation


def prompt(engine: Engine, stop: Stop, all_stops: list[Stop]) -> Prompt | RepeatPrompt:
    """The prompt of a stop, with its place among all."""
    counted = [s for s in all_stops if s.kind != "repeat"]
    position = next((i for i, s in enumerate(counted, 1) if s.ref == stop.ref), 0)
    notes = tuple(text for text in (note_text(engine, q, n) for q, n in stop.notes) if text)
    if stop.repeat is not None:
        return _repeat(engine, stop, notes, all_stops, len(counted))
    assert stop.question is not None
    return _question(engine, stop, stop.question, notes, position, len(counted))


def _question(
    engine: Engine, stop: Stop, question: Question, notes: tuple[str, ...], position: int, total: int
) -> Prompt:
    node, words = stop.node, engine.texts.words
    note = stop.kind == "note"
    bind = engine.form.binds.get(question.ref)
    return Prompt(
        ref=stop.ref,
        name=node.name,
        kind="note" if note else question.kind,
        label=note_text(engine, question, node) if note else words(question.label, node),
        hint=words(question.hint, node),
        guidance=words(question.hint, node, "guidance"),
        notes=notes,
        required=not note and is_required(engine, question, node),
        readonly=note,
        choices=choices_of(engine, question, node) if question.kind in SELECTS else (),
        value=node.value,
        appearance=question.appearance,
        required_message=words(bind.required_message, node) if bind is not None else "",
        groups=groups(engine, stop),
        group_ref=engine.tree.ref_of(stop.groups[-1][1]) if stop.groups else "",
        group_appearance=stop.groups[-1][0].appearance if stop.groups else "",
        position=position,
        total=total,
        range_=question.range_,
        image=_media(engine, question.label, node, "image"),
        audio=_media(engine, question.label, node, "audio"),
        video=_media(engine, question.label, node, "video"),
        note_image=next((f for q, n in stop.notes if (f := _media(engine, q.label, n, "image"))), ""),
        type=bind.type if bind is not None else "string",
        mediatype=question.mediatype,
    )


def _repeat(
    engine: Engine, stop: Stop, notes: tuple[str, ...], all_stops: list[Stop], total: int
) -> RepeatPrompt:
    assert stop.repeat is not None
    before = all_stops[: next((i for i, s in enumerate(all_stops) if s.ref == stop.ref), 0)]
    family = engine.tree.series(stop.node, stop.repeat.ref)
    return RepeatPrompt(
        ref=stop.ref,
        label=engine.texts.words(stop.repeat.label, family[-1] if family else stop.node),
        count=len([node for node in family if node.relevant]),
        can_add=can_add(engine, stop),
        notes=notes,
        groups=groups(engine, stop),
        position=sum(1 for s in before if s.kind != "repeat"),
        total=total,
    )


def can_add(engine: Engine, stop: Stop) -> bool:
    """Whether the repeat may have another instance."""
    if stop.repeat is None or stop.repeat.fixed or stop.repeat.count is not None:
        return False
    return len(engine.tree.series(stop.node, stop.repeat.ref)) < engine.context.max_instances


def groups(engine: Engine, stop: Stop) -> tuple[str, ...]:
    """The labels of the groups around a stop, numbered inside repeats."""
    found: list[str] = []
    for group, node in stop.groups:
        label = engine.texts.words(group.label, node)
        if label and group.repeat:
            family = engine.tree.series(node.parent, group.ref) if node.parent is not None else [node]
            label = f"{label} {next((i for i, n in enumerate(family, 1) if n is node), 1)}"
        if label:
            found.append(label)
    return tuple(found)


def _media(engine: Engine, words: Words, node: Node, form: str) -> str:
    return engine.texts.words(words, node, form).rpartition("/")[2]


def note_text(engine: Engine, question: Question, node: Node) -> str:
    """A note's label, followed by its value if it has one that the label does not show."""
    label = engine.texts.words(question.label, node)
    value = answer_text(engine, question, node)
    if not value or value in label or question.kind == "acknowledge":
        return label
    value = engine.texts.shown(value)
    return f"{label}\n{value}" if label else value


def answer_text(engine: Engine, question: Question, node: Node) -> str:
    """The answer as the reader reads it: labels for choices, a tick for an acknowledgement."""
    if not node.value:
        return ""
    if question.kind == "acknowledge":
        return "✓"
    if question.kind not in SELECTS:
        return (
            node.value.rpartition("/")[2]
            if question.kind in ("image", "audio", "video", "file")
            else node.value
        )
    chosen = [node.value] if question.kind == "select_one" else node.value.split()
    labels = labels_of(engine, question, node, chosen)
    mark = " > " if question.kind == "rank" else _separator(engine)
    return mark.join(labels.get(value) or value for value in chosen)


def _separator(engine: Engine) -> str:
    language = engine.texts.language.lower()
    return "、" if "zh" in language or "中文" in language or "chinese" in language else ", "


def _line(engine: Engine, stop: Stop) -> ReviewLine:
    assert stop.question is not None
    lists = [(g, n) for g, n in stop.groups if g.ref and "field-list" in g.appearance.split()]
    around = lists[-1] if lists else None
    return ReviewLine(
        ref=stop.ref,
        label=engine.texts.words(stop.question.label, stop.node),
        text=answer_text(engine, stop.question, stop.node),
        kind=stop.question.kind,
        appearance=stop.question.appearance,
        list_ref=engine.tree.ref_of(around[1]) if around else "",
        list_label=engine.texts.words(around[0].label, around[1]) if around else "",
    )


def review(engine: Engine, all_stops: list[Stop]) -> tuple[ReviewLine, ...]:
    return tuple(_line(engine, stop) for stop in all_stops if stop.kind == "question" and stop.node.value)


def rows(engine: Engine, stop: Stop, all_stops: list[Stop]) -> tuple[ReviewLine, ...]:
    """The questions that stand directly in the same group as this one."""
    if not stop.groups:
        return ()
    inner = stop.groups[-1]
    return tuple(_line(engine, s) for s in all_stops if s.kind == "question" and s.groups[-1:] == (inner,))


def instances(engine: Engine, stop: Stop, all_stops: list[Stop]) -> tuple[ReviewLine, ...]:
    """The instances of a repeat; `text` holds the first answers in each, "" where there is none."""
    if stop.repeat is None:
        return ()
    found = []
    for number, node in enumerate(engine.tree.series(stop.node, stop.repeat.ref), 1):
        if not node.relevant:
            continue
        ref = engine.tree.ref_of(node)
        lines = [_line(engine, s) for s in all_stops if s.kind == "question" and s.ref.startswith(f"{ref}/")]
        answers = [line.text for line in lines if line.text][:2]
        label = engine.texts.words(stop.repeat.label, node)
        text = _separator(engine).join(answers)
        found.append(ReviewLine(ref=ref, label=f"{label} {number}".strip(), text=text, kind="repeat"))
    return tuple(found)


def problems(engine: Engine, all_stops: list[Stop]) -> Iterator[Problem]:
    """What keeps the answers from being finished: one problem for each question that has one."""
    for stop in all_stops:
        if stop.kind != "question" or stop.question is None:
            continue
        value = stop.node.value
        lacking = missing(engine, stop.question, stop.node) if not value else None
        problem = lacking or (violation(engine, stop.question, stop.node, value) if value else None)
        if problem is not None:
            yield problem
