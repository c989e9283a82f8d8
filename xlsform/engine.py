"""Keeps an instance consistent: calculations, relevance, repeat counts and cascades after every change."""

from __future__ import annotations

import heapq
import math
import secrets
from collections.abc import Iterable
from datetime import UTC

from xlsform import markup, sources
from xlsform.bounds import bounded_count, bounded_text
from xlsform.choices import Choice, choice_label, choices_of, keep_offered
from xlsform.context import Context
from xlsform.errors import BudgetError, ExpressionError, FormError
from xlsform.model import Form, Trigger, Words
from xlsform.nodes import Node
from xlsform.texts import Renderer
from xlsform.tree import Tree, update_relevance
from xlsform.values import stored
from xlsform.xpath import Env, Expression, Value
from xlsform.xpath.compiler import BUDGET
from xlsform.xpath.functions.nodesets import place_of
from xlsform.xpath.functions.shuffle import MODULUS
from xlsform.xpath.moments import Clock
from xlsform.xpath.syntax import calls_in

MAX_FIRINGS = 20
"""How often one trigger may fire after one change: more happens only in forms with cycles."""


class Engine:
    """One instance of a form and the computing over it. `faults` collects (place, message) of failed
    expressions, `overruns` the places of those that were stopped because they cost too much.
    """

    def __init__(self, form: Form, context: Context, language: str) -> None:
        self.form = form
        self.context = context
        self.tree = Tree(form)
        self.faults: list[tuple[str, str]] = []
        self.overruns: dict[str, None] = {}
        self.firings = 0
        self._instances: dict[str, Node | None] = {}
        self.env = Env(
            node=self.tree.root,
            root=self.tree.document,
            now=context.now,
            clock=Clock(context.now.tzinfo or UTC),
            host=self,
            forms=True,
            seed=secrets.randbelow(MODULUS - 1) + 1,
        )
        self.texts = Renderer(form, language, self.value, context.shown)

    def renew(self, context: Context) -> None:
        """The same instance at another moment and with other live tables, as if it had just been loaded."""
        self.context = context
        self.env.now, self.env.clock = context.now, Clock(context.now.tzinfo or UTC)
        self._instances, self.faults, self.overruns = {}, [], {}
        self.refill()

    # what expressions may ask for

    def instance(self, name: str) -> Node | None:
        self.env.live |= name in self.context.instances or name in self.form.external
        if name not in self._instances:
            self._instances[name] = self._load_instance(name)
        return self._instances[name]

    def _load_instance(self, name: str) -> Node | None:
        live = self.context.instances.get(name)
        if live is not None and (name in self.form.external or name not in self.form.instances):
            return sources.table(live())
        if self.form.external.get(name, "").startswith("jr://instance/last-saved"):
            if not self.context.last_saved:
                return self.form.instances[name]
            try:
                return markup.parse(self.context.last_saved).elements()[0]
            except FormError as error:
                self.fault(name, error.message)
        return self.form.instances.get(name) or (
            self.tree.root if name == self.tree.root.attribute("id") else None
        )

    def choice_label(self, value: str, path: str, context: Node) -> str:
        return choice_label(self, value, path, context)

    def type_of(self, node: Node) -> str:
        return self.form.fields[node.field].type if node.field >= 0 else ""

    def property(self, name: str) -> str:
        context, self.env.live = self.context, True
        return {**context.properties, "username": context.username, "deviceid": context.device}.get(name, "")

    def translated(self, key: str) -> str:
        return self.texts.words(Words(key=key), self.env.node)

    def fault(self, place: str, message: str) -> None:
        if len(self.faults) < 100:
            self.faults.append((place, message))

    # evaluating

    def refill(self) -> None:
        """Grant the next change its full budget of work."""
        self.env.budget = BUDGET

    def value(self, expression: Expression, node: Node, current: Node | None = None) -> Value:
        """Evaluate at a node; a fault counts as the empty text and is kept in `faults`."""
        env = self.env
        before = env.node, env.current, env.position
        env.node, env.current = node, current
        env.position = place_of(node) if self._is_instance(node) else 1
        try:
            return expression.evaluate(env)
        except ExpressionError as error:
            if isinstance(error, BudgetError):
                self.overruns[self.tree.ref_of(node)] = None
            self.fault(self.tree.ref_of(node), f"{error.message} in {expression.source[:120]}")
            return ""
        finally:
            env.node, env.current, env.position = before

    def _is_instance(self, node: Node) -> bool:
        return node.field >= 0 and self.form.fields[node.field].kind == "repeat"

    def holds(self, expression: Expression | None, node: Node, *, default: bool) -> bool:
        """The truth of a condition; `default` where there is none or it fails."""
        if expression is None:
            return default
        known = len(self.faults)
        value = self.value(expression, node)
        return default if len(self.faults) > known else self.env.truth(value)

    # changing

    def set_language(self, language: str) -> None:
        """Show texts in this language of the form, and compute again what quotes them."""
        self.texts.language = language
        quoting = [
            number
            for number, trigger in enumerate(self.form.triggers)
            if any(
                call.name in ("jr:choice-name", "jr:itext") for call in calls_in(trigger.expression.syntax)
            )
        ]
        self._fire(quoting)

    def set_value(self, node: Node, text: str) -> None:
        """Store a text and bring everything that depends on it up to date; fires value-changed actions."""
        if node.value == text:
            return
        node.value = text
        self.propagate([self.tree.path_of(node)])
        self.act("xforms-value-changed", node)

    def compute_all(self) -> None:
        self._fire(range(len(self.form.triggers)))

    def propagate(self, paths: Iterable[str]) -> None:
        """Fire what depends on these paths."""
        changed = set(paths)
        ready = {number for path in changed for number in self.form.dependents.get(path, ())}
        self._fire(sorted(ready | set(self.form.restless)))

    def _fire(self, numbers: Iterable[int]) -> None:
        queue = list(numbers)
        heapq.heapify(queue)
        waiting = set(queue)
        fired: dict[int, int] = {}
        while queue:
            number = heapq.heappop(queue)
            waiting.discard(number)
            fired[number] = fired.get(number, 0) + 1
            trigger = self.form.triggers[number]
            changed = self._apply(trigger, self.tree.all(trigger.target) if trigger.kind != "count" else None)
            for path in changed:
                for next_number in (*self.form.dependents.get(path, ()), *self.form.restless):
                    if next_number not in waiting and fired.get(next_number, 0) < MAX_FIRINGS:
                        waiting.add(next_number)
                        heapq.heappush(queue, next_number)

    def _apply(self, trigger: Trigger, nodes: list[Node] | None) -> set[str]:
        """Fire one trigger at the nodes; the paths whose values or relevance changed."""
        self.firings += 1
        if trigger.kind == "relevant":
            return self._apply_relevance(trigger, nodes or [])
        if trigger.kind == "calculate":
            return self._apply_calculation(trigger, nodes or [])
        if trigger.kind == "choices":
            return self._apply_choices(trigger, nodes or [])
        return self._apply_count(trigger)

    def _apply_relevance(self, trigger: Trigger, nodes: list[Node]) -> set[str]:
        changed = False
        for node in nodes:
            own = self.holds(trigger.expression, node, default=True)
            if own != node.own:
                node.own = own
                update_relevance(node)
                changed = True
        return {trigger.target, *self.form.below.get(trigger.target, ())} if changed else set()

    def _apply_calculation(self, trigger: Trigger, nodes: list[Node]) -> set[str]:
        changed = False
        kind = self.form.binds[trigger.target].type
        for node in nodes:
            if node.children:
                continue
            text = bounded_text(self, stored(self.value(trigger.expression, node), kind, self.env), node)
            if text != node.value:
                node.value = text
                changed = True
        return {trigger.target} if changed else set()

    def pay(self, steps: int) -> None:
        """Count work that is done outside of expressions; when it is too much, the next expression stops."""
        self.env.budget -= steps

    def _apply_choices(self, trigger: Trigger, nodes: list[Node]) -> set[str]:
        question = self.form.questions[trigger.target]
        changed = False
        for node in nodes:
            if node.value and node.relevant:
                kept = keep_offered(node.value, question.kind, choices_of(self, question, node, labels=False))
                if kept != node.value:
                    node.value = kept
                    changed = True
        return {trigger.target} if changed else set()

    def _apply_count(self, trigger: Trigger) -> set[str]:
        path = trigger.target
        changed = False
        for parent in list(self.tree.all(path.rpartition("/")[0])):
            value = self.env.number(self.value(trigger.expression, self._template_at(parent, path)))
            if math.isnan(value):
                continue
            wanted = max(bounded_count(self, value, path), self._least(path))
            family = self.tree.series(parent, path)
            while len(family) > wanted:
                self.tree.remove(family[-1])
                family, changed = self.tree.series(parent, path), True
            while len(family) < wanted:
                if self.new_instance(parent, path) is None:
                    break
                family, changed = self.tree.series(parent, path), True
        return {path, *self.form.below.get(path, ())} if changed else set()

    def _least(self, path: str) -> int:
        """JavaRosa never takes away the instance that the form begins with."""
        return 1 if self.context.keep_first_instance and path in self.form.first_instances else 0

    def _template_at(self, parent: Node, path: str) -> Node:
        """A node of the repeat under this parent, to evaluate its count at, even when there is none yet."""
        family = self.tree.series(parent, path)
        if family:
            return family[0]
        ghost = Node("element", path.rpartition("/")[2])
        ghost.parent = parent
        ghost.field = self.form.field_index.get(path, -1)
        return ghost

    def new_instance(self, parent: Node, path: str) -> Node | None:
        """Add an instance and compute what is in it; the caller propagates."""
        instance = self.tree.add(parent, path) if self.env.budget >= 0 else None
        if instance is None:
            self.fault(path, "there are too many repeat instances")
            return None
        inside: dict[str, list[Node]] = {}
        for node in instance.walk():
            for part in (node, *node.attributes):
                inside.setdefault(self.tree.path_of(part), []).append(part)
        self.pay(20 * len(inside))
        self.act("odk-new-repeat", instance)
        for trigger in self.form.triggers:
            if trigger.target in inside and trigger.kind != "count":
                self._apply(trigger, inside[trigger.target])
            elif trigger.target.startswith(f"{path}/") and trigger.kind == "count":
                self._apply_count(trigger)
        return instance

    def act(self, event: str, node: Node | None) -> None:
        """Run the setvalue actions of an event; with a node, those that it sets off."""
        path = self.tree.path_of(node) if node is not None else ""
        for action in self.form.actions:
            if event not in action.events:
                continue
            if event == "xforms-value-changed" and action.source != path:
                continue
            if event == "odk-new-repeat" and not action.ref.startswith(f"{path}/"):
                continue
            targets = self.tree.near(action.ref, node) if node is not None else self.tree.all(action.ref)
            for target in targets:
                kind = self.form.binds[action.ref].type if action.ref in self.form.binds else "string"
                value: Value = action.text
                if action.value is not None:
                    value = self.value(action.value, target)
                self.set_value(target, stored(value, kind, self.env))

    def choices(self, path: str, node: Node) -> tuple[Choice, ...]:
        return choices_of(self, self.form.questions[path], node)
