"""XForm XML to a Form."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from weakref import WeakValueDictionary

from xlsform import markup, sources
from xlsform.bodyreader import BodyReader
from xlsform.dependencies import in_order, references
from xlsform.errors import FormError
from xlsform.model import SELECTS, Action, Bind, Field, Form, Group, Question, Trigger, TriggerKind
from xlsform.nodes import Node
from xlsform.reading import Reader, attribute
from xlsform.skeleton import Skeleton
from xlsform.textreader import read_texts
from xlsform.written import Nature, natures
from xlsform.xpath import Expression

_CACHE_SIZE = 64
_with_media: WeakValueDictionary[tuple[object, ...], Form] = WeakValueDictionary()


def load(xform: str, *, media: Mapping[str, bytes] | None = None, lenient: bool = False) -> Form:
    """Read an XForm. Raises FormError(message, place).

    `media` are the files that came with the form, by name (CSV, XML and GeoJSON become secondary
    instances). With `lenient`, broken expressions are kept in `Form.faults` and fail when they are
    evaluated, instead of here. Forms are cached by content; one with media, whose tables may be large, only
    for as long as somebody holds it.
    """
    if not media:
        return _load_cached(xform, lenient)
    files = tuple(sorted(media.items()))
    key = (xform, lenient, *((name, hashlib.sha256(content).digest()) for name, content in files))
    form = _with_media.get(key)
    if form is None:
        form = _with_media[key] = _unhurried(xform, files, lenient)
    return form


@lru_cache(maxsize=_CACHE_SIZE)
def _load_cached(xform: str, lenient: bool) -> Form:
    return _unhurried(xform, (), lenient)


def _unhurried(xform: str, media: tuple[tuple[str, bytes], ...], lenient: bool) -> Form:
    """Load with the cyclic collector at rest: else it searches the growing tree over and over."""
    resting = gc.isenabled()
    gc.disable()
    try:
        return _load(xform, media, lenient)
    finally:
        if resting:
            gc.enable()


def _load(xform: str, media: tuple[tuple[str, bytes], ...], lenient: bool) -> Form:
    return _Loading(xform, dict(media), lenient).form()


class _Loading:
    """The parts of one form on their way to becoming a Form."""

    def __init__(self, xform: str, media: Mapping[str, bytes], lenient: bool) -> None:
        root = markup.parse(xform, mixed=True).elements()[0]
        head, body = root.child("head"), root.child("body")
        model = head.child("model") if head is not None else None
        if head is None or body is None or model is None:
            raise FormError("this is not an XForm: it has no head, model and body", "/")
        self.digest = hashlib.sha256(xform.encode()).hexdigest()
        title = head.child("title")
        self.title = title.text().strip() if title is not None else ""
        self.reader = reader = Reader(lenient=lenient)
        self.languages, self.default, self.texts = read_texts(root, reader)
        binds = _read_binds(model, reader)
        reader.ids = {attribute(n, "id"): attribute(n, "nodeset").strip() for n in model.elements()}
        self.body = BodyReader(reader, binds, body, external="itemsets.csv" in media)
        self.parts = self.body.read()
        self.actions = (*_read_actions(model, reader), *self.body.actions)
        self.skeleton = skeleton = Skeleton(model, set(self.body.repeats))
        self.binds = {skeleton.known(ref): bind for ref, bind in binds.items()}
        self.questions = {skeleton.known(ref): q for ref, q in self.body.questions.items()}
        skeleton.cast({ref: bind.type for ref, bind in self.binds.items()})
        self.instances, self.external = sources.read_instances(model, media)
        for name in skeleton.datasets():
            self.instances.setdefault(name, sources.table([]))
        self.triggers, self.cycles = in_order(_triggers(self.binds, self.body, skeleton), skeleton.below)
        self.fields = _fields(skeleton, self.binds, self.questions, self.body.repeats)
        self.field_index = {field.ref: number for number, field in enumerate(self.fields)}
        skeleton.number(self.field_index)

    def form(self) -> Form:
        skeleton, binds = self.skeleton, self.binds
        calculated = [f.name for f in self.fields if f.ref in binds and binds[f.ref].calculate is not None]
        return Form(
            id=skeleton.root.attribute("id") or skeleton.root.name,
            version=skeleton.root.attribute("version"),
            title=self.title,
            languages=self.languages,
            default_language=self.default,
            digest=self.digest,
            fields=self.fields,
            calculate_names=tuple(calculated),
            body=self.parts,
            binds=binds,
            questions=self.questions,
            repeats=self.body.repeats,
            actions=self.actions,
            texts=self.texts,
            instances=self.instances,
            external=self.external,
            skeleton=skeleton.document,
            templates=skeleton.templates,
            triggers=tuple(self.triggers),
            dependents=_dependents(self.triggers, skeleton.below),
            restless=tuple(i for i, t in enumerate(self.triggers) if t.reads is None),
            below=skeleton.below,
            cycles=tuple(self.cycles),
            faults=tuple(self.reader.faults),
            field_index=self.field_index,
            child_order=skeleton.order,
            enclosing=skeleton.enclosing,
            natures=_natures(binds, self.actions),
            added_instance_id=skeleton.added_instance_id,
            first_instances=skeleton.first_instances,
        )


def _read_binds(model: Node, reader: Reader) -> dict[str, Bind]:
    found: dict[str, Bind] = {}
    for node in model.elements():
        if node.local != "bind":
            continue
        ref = attribute(node, "nodeset") or attribute(node, "ref")
        if not ref:
            raise FormError("a bind has no nodeset", "model")
        ref = ref.strip()
        found[ref] = Bind(
            ref=ref,
            type=attribute(node, "type").rpartition(":")[2] or "string",
            relevant=reader.expression(attribute(node, "relevant"), ref, "relevant"),
            calculate=reader.expression(attribute(node, "calculate"), ref, "calculate"),
            constraint=reader.expression(attribute(node, "constraint"), ref, "constraint"),
            required=reader.expression(attribute(node, "required"), ref, "required"),
            readonly=reader.expression(attribute(node, "readonly"), ref, "readonly"),
            constraint_message=reader.words(attribute(node, "jr:constraintMsg"), ref),
            required_message=reader.words(attribute(node, "jr:requiredMsg"), ref),
            preload=attribute(node, "jr:preload"),
            preload_params=attribute(node, "jr:preloadParams"),
            save_to=node.attribute("saveto") or None,
        )
    return found


def _read_actions(model: Node, reader: Reader) -> tuple[Action, ...]:
    return tuple(reader.action(node, "") for node in model.elements() if node.local == "setvalue")


def _triggers(binds: Mapping[str, Bind], body: BodyReader, skeleton: Skeleton) -> list[Trigger]:
    found: list[Trigger] = []

    def add(kind: TriggerKind, ref: str, expression: Expression | None) -> None:
        if expression is not None:
            reads = references(expression.syntax, ref, skeleton.paths)
            if kind == "choices" and reads is not None:
                reads |= {ref}  # a calculated selection must be one that is offered
            found.append(Trigger(kind=kind, target=ref, expression=expression, reads=reads))

    for ref, bind in binds.items():
        add("relevant", ref, bind.relevant)
        add("calculate", ref, bind.calculate)
    for ref, group in body.repeats.items():
        add("count", ref, group.count)
    for ref, question in body.questions.items():
        if question.itemset is not None and question.kind in SELECTS:
            add("choices", skeleton.known(ref), question.itemset.nodes)
    return found


def _natures(binds: Mapping[str, Bind], actions: tuple[Action, ...]) -> dict[str, frozenset[Nature]]:
    """By path, what calculations and setvalues may put in; paths that hold only texts are left out."""
    types = {ref: bind.type for ref, bind in binds.items()}
    sources = [(ref, bind.calculate) for ref, bind in binds.items()]
    sources += [(action.ref, action.value) for action in actions]
    found: dict[str, frozenset[Nature]] = {}
    for ref, expression in sources:
        kinds = natures(expression.syntax, ref, types) if expression is not None else frozenset()
        if kinds:
            found[ref] = found.get(ref, frozenset()) | kinds
    return found


def _dependents(triggers: list[Trigger], below: Mapping[str, frozenset[str]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for number, trigger in enumerate(triggers):
        for path in trigger.reads or ():
            found.setdefault(path, set()).add(number)
            for inner in below.get(path, ()):
                found.setdefault(inner, set()).add(number)
    return {path: tuple(sorted(numbers)) for path, numbers in found.items()}


def _fields(
    skeleton: Skeleton,
    binds: Mapping[str, Bind],
    questions: Mapping[str, Question],
    repeats: Mapping[str, Group],
) -> tuple[Field, ...]:
    found: list[Field] = []
    for ref in skeleton.paths:
        bind, question = binds.get(ref), questions.get(ref)
        if ref in repeats:
            kind = "repeat"
        elif skeleton.below.get(ref):
            kind = "group"
        elif question is not None:
            kind = "note" if _is_note(question, bind) else question.kind
        else:
            kind = "calculate" if bind is not None and bind.calculate is not None else "hidden"
        found.append(
            Field(
                ref=ref,
                name=ref.rpartition("/")[2],
                kind=kind,
                type=bind.type if bind is not None else "string",
                save_to=bind.save_to if bind is not None else None,
                required=bind is not None and bind.required is not None,
                readonly=bind is not None and bind.readonly is not None,
                appearance=question.appearance if question is not None else "",
            )
        )
    return tuple(found)


def _is_note(question: Question, bind: Bind | None) -> bool:
    """What XLSForm's `note` compiles to: a text that can never be answered."""
    return (
        question.kind == "text"
        and bind is not None
        and bind.readonly is not None
        and bind.readonly.source == "true()"
    )
