"""Random walks that JavaRosa, the engine inside ODK Collect, took over real forms."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tests.conformance.tally import Tally
from xlsform import Context, FormError, Session, load
from xlsform.engine import Engine
from xlsform.markup import parse
from xlsform.nodes import Node
from xlsform.route import Stop, way
from xlsform.submission import submission, value_written
from xlsform.validation import missing, violation
from xlsform.values import stored
from xlsform.xpath.values import text_number

NOW = datetime(2026, 11, 23, 9, 30, 0, tzinfo=UTC)
MAX_STEPS = 5000
_FOUND = dict.fromkeys(("phonenumber", "simserial", "subscriberid", "email"), "found")
_VOLATILE = re.compile(r"uuid:|\d{4}-\d\d-\d\dT\d\d:\d\d")


def score(lines: Iterable[dict[str, Any]], tally: Tally, archive: Path, *, now: datetime = NOW) -> None:
    """Replay the walks; `now` is the moment at which JavaRosa took them."""
    with tarfile.open(archive) as tar:
        forms = {m.name: tar.extractfile(m) for m in tar.getmembers() if m.isfile()}
        texts = {name: file.read().decode() for name, file in forms.items() if file is not None}
    for walk in lines:
        if walk.get("error") or walk["form"] not in texts:
            tally.left_out += 1
            continue
        try:
            wrong = _Walk(walk, texts[walk["form"]], tally, now).run()
        except FormError as error:
            wrong = [f"does not load: {error}"]
        tally.case(
            f"walks/{walk['form'].split('__')[0].replace('/', '_')}",
            not wrong,
            f"{walk['form']}: {wrong[:3]}",
        )
    for name, text in texts.items():
        try:
            load(text)
        except FormError as error:
            tally.failures.append(f"{name} does not load: {error}")


def plain(ref: str) -> str:
    """A ref as the walks write it: the first instance without its number."""
    return ref.replace("[1]", "")


def _same(got: str, wanted: str, kind: str) -> bool:
    """Whether two texts are one value: JavaRosa writes 1 as 1.0 in decimal nodes, and a blank between
    places.
    """
    if kind == "decimal" and text_number(got) == text_number(wanted):
        return True
    return got.replace("; ", ";") == wanted.replace("; ", ";")


def _leaves(root: Node) -> list[tuple[str, str]]:
    """Path and text of every element without children, in order; prefixes may differ and are left out."""
    found: list[tuple[str, str]] = []
    stack = [(root, f"/{root.local}")]
    while stack:
        node, path = stack.pop()
        if not node.elements():
            found.append((path, node.text()))
        stack.extend((child, f"{path}/{child.local}") for child in reversed(node.elements()))
    return found


def _by_chance(text: str) -> bool:
    return _VOLATILE.match(text) is not None


class _Walk:
    def __init__(self, walk: dict[str, Any], form: str, tally: Tally, now: datetime) -> None:
        self.walk = walk
        self.tally = tally
        self.session = Session.start(
            load(form),
            Context(
                now=now,
                username="found",
                device="found",
                properties=_FOUND,
                keep_first_instance=True,
                ask_label_rows=True,
            ),
        )
        self.wrong: list[str] = []

    @property
    def engine(self) -> Engine:
        return self.session.engine

    def run(self) -> list[str]:
        asked = self._asked()
        expected = [entry["ref"] for entry in self.walk["asked"]]
        if not self.tally.fact("asked in order", asked == expected):
            extra = [r for r in asked if r not in expected][:3]
            lacking = [r for r in expected if r not in asked][:3]
            self.wrong.append(f"asked {len(asked)} not {len(expected)}: extra {extra} lacking {lacking}")
        for ref, (relevant, text) in self.walk["values"].items():
            self._compare_value(ref, bool(relevant), text)
        if "xml" in self.walk:
            self._compare_xml(self.walk["xml"])
        return self.wrong

    def _compare_xml(self, wanted: str) -> None:
        """The whole submission, node by node, against what JavaRosa wrote."""
        ours = _leaves(parse(submission(self.engine).xml).elements()[0])
        theirs = _leaves(parse(wanted).elements()[0])
        for (path, got), (other, text) in zip_longest(ours, theirs, fillvalue=("", "")):
            kind = self._type_of(path)
            same = path == other and (_same(got, text, kind) or (_by_chance(got) and _by_chance(text)))
            if not self.tally.fact("xml", same or self._at_random(path)):
                self.wrong.append(f"xml: wanted {other}={text!r} got {path}={got!r}")
                if path != other:
                    return

    def _type_of(self, path: str) -> str:
        bind = self.engine.form.binds.get(path)
        return bind.type if bind is not None else ""

    def _at_random(self, path: str) -> bool:
        bind = self.engine.form.binds.get(path)
        source = bind.calculate.source if bind is not None and bind.calculate is not None else ""
        return re.search(r"\b(random|uuid)\(", source) is not None

    def _asked(self) -> list[str]:
        asked: list[str] = []
        entries = {entry["ref"]: entry for entry in self.walk["asked"]}
        after: str | None = None
        for _ in range(MAX_STEPS):
            self.engine.refill()
            stop = self._next(after)
            if stop is None:
                break
            after = stop.ref
            if stop.kind == "repeat":
                after = self._at_repeat(stop)
                continue
            ref = plain(stop.ref)
            asked.append(ref)
            if ref in entries:
                self._compare_question(stop, entries[ref])
                self._answer(stop, ref, entries[ref])
        return asked

    def _next(self, after: str | None) -> Stop | None:
        stops = way(self.engine, frozenset())
        if after is None:
            return stops[0] if stops else None
        if after.endswith("]"):  # a new instance: its first stop, else what follows
            inside = [s for s in stops if s.ref.startswith(after + "/")]
            if inside:
                return inside[0]
            after = after.rpartition("[")[0]
            return next((s for s in stops if s.ref == after), None)
        index = next((i for i, s in enumerate(stops) if s.ref == after), len(stops))
        return stops[index + 1] if index + 1 < len(stops) else None

    def _at_repeat(self, stop: Stop) -> str:
        assert stop.repeat is not None
        path = stop.repeat.ref
        family = self.engine.tree.series(stop.node, path)
        if len(family) >= int(self.walk["repeats"].get(plain(stop.ref), len(family))):
            return stop.ref
        instance = self.engine.new_instance(stop.node, path)
        assert instance is not None
        self.engine.propagate([path, *self.engine.form.below.get(path, ())])
        return self.engine.tree.ref_of(instance)

    def _compare_question(self, stop: Stop, entry: dict[str, Any]) -> None:
        question, node = stop.question, stop.node
        assert question is not None
        bind = self.engine.form.binds.get(question.ref)
        got = {
            "readonly": stop.kind == "note",
            "required": bind is not None and self.engine.holds(bind.required, node, default=False),
            "choices": self._choices(question.ref, node) if entry["choices"] else [],
            "label": " ".join(self.engine.texts.words(question.label, node).split()),
        }
        wanted = {**entry, "label": " ".join((entry["label"] or "").split())}
        wanted["choices"] = " ".join(c[0] if isinstance(c, list) else c for c in entry["choices"]).split()
        for kind, value in got.items():
            if not self.tally.fact(kind, value == wanted[kind]):
                self.wrong.append(f"{stop.ref} {kind}: wanted {wanted[kind]!r} got {value!r}")

    def _choices(self, path: str, node: Node) -> list[str]:
        """The values, split at blanks as the recording is."""
        return " ".join(c.value for c in self.engine.choices(path, node)).split()

    def _answer(self, stop: Stop, ref: str, entry: dict[str, Any]) -> None:
        question = stop.question
        if ref not in self.walk["answers"] or question is None:
            return
        bind = self.engine.form.binds.get(question.ref)
        kind = bind.type if bind is not None else "string"
        text = stored(self.walk["answers"][ref], kind, self.engine.env)
        problem = (
            violation(self.engine, question, stop.node, text)
            if text
            else missing(self.engine, question, stop.node)
        )
        code = {"required": "1", "constraint": "2"}.get(problem.kind, "?") if problem is not None else "0"
        if entry["answer_code"] != "-" and not self.tally.fact("accepted", code == entry["answer_code"]):
            self.wrong.append(f"{ref} answer {text!r}: wanted code {entry['answer_code']} got {code}")
        if entry["answer_code"] == "0":
            self.engine.set_value(stop.node, text)

    def _compare_value(self, ref: str, relevant: bool, text: str) -> None:
        node = self.engine.tree.at(ref)
        if node is None:
            self.tally.fact("node", False)
            self.wrong.append(f"{ref} is missing")
            return
        if not self.tally.fact("relevant", node.relevant == relevant):
            self.wrong.append(f"{ref} relevant: wanted {relevant}")
        if not relevant or node.children or (_VOLATILE.match(text) and _VOLATILE.match(node.value)):
            return
        path = self.engine.tree.path_of(node)
        if self._at_random(path):
            return
        got = value_written(self.engine, node)
        if not self.tally.fact("value", _same(got, text, self._type_of(path))):
            self.wrong.append(f"{ref} value: wanted {text!r} got {got!r}")
