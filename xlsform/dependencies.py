"""Which nodes an expression reads, and the order in which a form is computed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from xlsform.model import Trigger
from xlsform.refs import resolve
from xlsform.xpath.syntax import Call, Expr, Path, Step, Text, children_of

VOLATILE = frozenset({"today", "now"})
_ANYTHING = "*"


def references(expr: Expr, context: str | None, paths: Collection[str]) -> frozenset[str] | None:
    """The paths of the form that the expression may read when evaluated at `context`; None for any of them.

    `paths` are all paths of the form, against which wildcards are resolved.
    """
    found: set[str] = set()
    _collect(expr, context, context, found, paths)
    return None if _ANYTHING in found else frozenset(found)


def _collect(
    expr: Expr, here: str | None, current: str | None, found: set[str], paths: Collection[str]
) -> None:
    if isinstance(expr, Path):
        _collect_path(expr, here, current, found, paths)
        return
    if isinstance(expr, Call) and expr.name == "jr:choice-name" and isinstance(expr.arguments[-1], Text):
        path = expr.arguments[-1].value.strip()
        if path.startswith("/") or current is not None:
            found.add(resolve(path, current or ""))
    if isinstance(expr, Call) and not expr.arguments and current is not None and expr.name == "once":
        found.add(current)
    for inner in children_of(expr):
        _collect(inner, here, current, found, paths)


def _collect_path(
    path: Path, here: str | None, current: str | None, found: set[str], paths: Collection[str]
) -> None:
    places: list[str] | None
    if path.absolute:
        places = [""]
    elif path.start is None:
        places = [here] if here is not None else None
    elif isinstance(path.start, Call) and path.start.name == "current":
        places = [current] if current is not None else None
    elif isinstance(path.start, Call) and path.start.name == "instance":
        places = None
    else:
        _collect(path.start, here, current, found, paths)
        places = [_ANYTHING] if isinstance(path.start, Path) and path.steps else None
    for predicate in path.predicates:
        _collect(predicate, None, current, found, paths)
    for step in path.steps:
        places = _advance(step, places, paths)
        for predicate in step.predicates:
            contexts: list[str | None] = [*places] if places else [None]
            for place in contexts:
                _collect(predicate, place, current, found, paths)
    found.update(places or [])


def _advance(step: Step, places: list[str] | None, paths: Collection[str]) -> list[str] | None:
    """Where one step leads from the places reached so far."""
    if places is None or _ANYTHING in places:
        return places
    if step.axis == "self":
        return places
    if step.axis == "parent":
        return sorted({place.rpartition("/")[0] for place in places})
    if step.axis == "child" and step.test == "name":
        if step.name == "*":
            return [p for p in paths if p.rpartition("/")[0] in places]
        return [f"{place}/{step.name}" for place in places]
    if step.axis == "attribute":
        return [f"{place}/@{step.name}" for place in places]
    return [_ANYTHING]


def _affects(trigger: Trigger, below: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The paths that may change when the trigger fires."""
    if trigger.kind in ("relevant", "count"):
        return below.get(trigger.target, frozenset()) | {trigger.target}
    return frozenset({trigger.target})


def in_order(
    triggers: Sequence[Trigger], below: Mapping[str, frozenset[str]]
) -> tuple[list[Trigger], list[tuple[str, ...]]]:
    """The triggers, each after those it depends on as far as possible, and the cycles that stand in the
    way.
    """
    makers: dict[str, list[int]] = {}
    for number, trigger in enumerate(triggers):
        for path in _affects(trigger, below):
            makers.setdefault(path, []).append(number)
    needs = [
        sorted({m for path in (trigger.reads or ()) for m in makers.get(path, ()) if m != number})
        for number, trigger in enumerate(triggers)
    ]
    order: list[int] = []
    cycles: list[tuple[str, ...]] = []
    state = [0] * len(triggers)
    for start in range(len(triggers)):
        _visit(
            start, needs, state, order, lambda loop: cycles.append(tuple(triggers[i].target for i in loop))
        )
    cycles.extend((t.target,) for t in triggers if _reads_itself(t))
    return [triggers[number] for number in order], cycles


def _reads_itself(trigger: Trigger) -> bool:
    return trigger.kind == "calculate" and trigger.target in (trigger.reads or ())


def _visit(
    start: int,
    needs: list[list[int]],
    state: list[int],
    order: list[int],
    report: Callable[[list[int]], None],
) -> None:
    """Depth first without recursion: state 1 is on the way, 2 is placed."""
    stack: list[tuple[int, int]] = [(start, 0)] if state[start] == 0 else []
    while stack:
        number, at = stack.pop()
        state[number] = 1
        while at < len(needs[number]) and state[needs[number][at]] == 2:
            at += 1
        if at == len(needs[number]):
            state[number] = 2
            order.append(number)
            continue
        stack.append((number, at + 1))
        following = needs[number][at]
        if state[following] == 0:
            stack.append((following, 0))
        else:
            way = [n for n, _ in stack]
            report(way[way.index(following) :])
