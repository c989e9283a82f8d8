"""What each table of matters allows by itself but the whole does not."""

from collections.abc import Iterator, Mapping

from casework.policy_ladders import FlagRule
from casework.policy_matters import MatterRule, MatterRules, Schooling


def matter_faults(matters: MatterRules, flags: Mapping[str, FlagRule]) -> Iterator[tuple[str, str]]:
    """Key and fault: states that nobody reaches, leaves or is reminded of, and names of nothing."""
    for sort, rule in matters.sorts.items():
        at = f"matters.sorts.{sort}"
        yield from _names(at, rule, flags)
        yield from _ends(at, rule)
        yield from _reached(at, rule)


def schooling_faults(schooling: Schooling, matters: MatterRules) -> Iterator[tuple[str, str]]:
    """What the ledgers count must be there to be counted."""
    rule = matters.sorts.get(schooling.sort)
    if rule is None:
        yield "schooling.sort", f"没有这种事项 / no such sort: {schooling.sort}"
        return
    for name in (*schooling.suspected, *schooling.dropped):
        if name not in rule.states:
            yield "schooling", _no_state(name)
    if schooling.to_age < schooling.from_age:
        yield "schooling.to_age", "不能小于 from_age / must not be below from_age"


def _names(at: str, rule: MatterRule, flags: Mapping[str, FlagRule]) -> Iterator[tuple[str, str]]:
    if rule.begins not in rule.states:
        yield f"{at}.begins", _no_state(rule.begins)
    for flag in rule.flags:
        if flag not in flags:
            yield f"{at}.flags", _no_flag(flag)
    for name in {*rule.done_in, *(state for states in rule.documents.values() for state in states)}:
        if name not in rule.states:
            yield at, _no_state(name)
    for key, state in rule.states.items():
        if state.flag not in flags:
            yield f"{at}.states.{key}.flag", _no_flag(state.flag)
    for key, step in rule.steps.items():
        if step.flag and step.flag not in flags:
            yield f"{at}.steps.{key}.flag", _no_flag(step.flag)
        for name in (*step.since, *step.to):
            if name not in rule.states:
                yield f"{at}.steps.{key}", _no_state(name)


def _ends(at: str, rule: MatterRule) -> Iterator[tuple[str, str]]:
    for key, state in rule.states.items():
        left = any(key in step.since for step in rule.steps.values())
        if state.ends and left:
            yield f"{at}.states.{key}.ends", "已结束的状态不能再有下一步 / no step leads out of an end"
        if not state.ends and not left:
            yield f"{at}.states.{key}", "没有下一步，会一直停在这里 / no step leads out of it"
        if not state.ends and state.days is None:
            yield (
                f"{at}.states.{key}.days",
                "没结束的状态要写期限，否则没人再想起它 / an open state needs its days",
            )


def _reached(at: str, rule: MatterRule) -> Iterator[tuple[str, str]]:
    reached = {rule.begins, *(to for step in rule.steps.values() for to in step.to)}
    for key in rule.states:
        if key not in reached:
            yield f"{at}.states.{key}", "没有哪一步会到这里 / no step leads to it"


def _no_state(name: str) -> str:
    return f"没有这个状态 / no such state: {name}"


def _no_flag(name: str) -> str:
    return f"没有这个情形 / no such flag: {name}"
