"""Reads the county's policy file: the packaged one under the county's own, every fault by its key."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from casework.calendar import is_quiet
from casework.policy_calendar import QuietHours
from casework.policy_categories import category_faults
from casework.policy_ladders import FlagRule, Ladder, Step
from casework.policy_life_faults import life_faults
from casework.policy_matter_faults import matter_faults, schooling_faults
from casework.policy_models import FALLBACK, Policy
from casework.policy_national_faults import national_faults
from casework.policy_places import line_of, meant, places_of
from casework.policy_referral_faults import referral_faults
from casework.policy_summary import summary_faults
from casework.policy_visits import Reason

__all__ = [
    "PACKAGED",
    "FlagRule",
    "Ladder",
    "Policy",
    "PolicyError",
    "QuietHours",
    "Reason",
    "Step",
    "load_policy",
    "packaged_tables",
]

PACKAGED = Path(__file__).with_name("county.toml")
BESIDE = tuple(  # packaged beside it, only because it is long
    Path(__file__).with_name(name)
    for name in (
        "matters.toml",
        "referrals.toml",
        "summary.toml",
        "national.toml",
        "categories.toml",
        "life.toml",
    )
)

_SAYINGS = {
    "missing": "缺少这一项 / is missing",
    "extra_forbidden": "没有这个名称，可能写错了 / no such key; is it misspelt?",
    "greater_than": "应大于 {gt} / must be above {gt}",
    "greater_than_equal": "不能小于 {ge} / must be at least {ge}",
    "less_than_equal": "不能大于 {le} / must be at most {le}",
    "int_type": "应为整数 / must be a whole number",
    "int_parsing": "应为整数 / must be a whole number",
    "int_from_float": "应为整数 / must be a whole number",
    "bool_type": "应为 true 或 false / must be true or false",
    "bool_parsing": "应为 true 或 false / must be true or false",
    "string_type": "应为文字 / must be text",
    "string_too_short": "至少要有 {min_length} 个字 / must have at least {min_length} characters",
    "string_pattern_mismatch": "写法不对，应如 {example} / is not in the right form, such as {example}",
    "time_parsing": '应为钟点，如 "21:00" / must be a time of day such as "21:00"',
    "date_from_datetime_parsing": "应为日期，如 2026-10-01 / must be a date such as 2026-10-01",
    "date_type": "应为日期，如 2026-10-01 / must be a date such as 2026-10-01",
    "float_type": "应为数字 / must be a number",
    "float_parsing": "应为数字 / must be a number",
    "model_type": "应为一个表 / must be a table",
    "dict_type": "应为一个表 / must be a table",
    "mapping_type": "应为一个表 / must be a table",
    "tuple_type": "应为列表 / must be a list",
    "literal_error": "应为其中之一 / must be one of: {expected}",
    "too_short": "至少要有 {min_length} 项 / must have at least {min_length} entries",
}


class PolicyError(Exception):
    """The policy file is at fault. ``faults``, a line each: file, line, key, what is wrong, what is right."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def load_policy(path: Path | None = None) -> Policy:
    """The packaged policy, with the county's own file at ``path`` laid over it.

    A county's file holds only what differs: tables join, lists and values replace. A table that gives a new
    number must say its own ``source``, so that no number stands beside a source that it does not come from.
    Raises `PolicyError`.
    """
    tables = packaged_tables()
    name, text = (path or PACKAGED).name, ""
    faults: list[tuple[str, str]] = []
    if path is not None:
        text = _text(path)
        own = _read(text, name)
        faults += [(f"{key}.source", _NEEDS_SOURCE) for key in _unsourced(own, tables)]
        tables = _laid_over(tables, own)
    try:
        policy = Policy.model_validate(tables)
    except ValidationError as error:
        faults += _found(error, tables)
    else:
        faults += _contradictions(policy)
    if faults:
        places = places_of(text)
        found = sorted((line_of(key, places) or 0, key, what) for key, what in faults)
        raise PolicyError(tuple(_said(name, *fault) for fault in found))
    return policy


def packaged_tables() -> dict[str, Any]:
    """What the packaged files say, as they say it."""
    return {name: table for path in (PACKAGED, *BESIDE) for name, table in tomllib.loads(_text(path)).items()}


_NEEDS_SOURCE = "改了数字就要写明依据 / say where the new number comes from"


def _said(name: str, line: int, key: str, what: str) -> str:
    """``line`` 0: the county's file has nothing of the key."""
    return f"{name}:{line}: {key}: {what}" if line else f"{name}: {key}: {what}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # a mark at the beginning is what Windows writes
    except OSError as error:
        raise PolicyError((f"{path.name}: 读不到文件 / cannot be read: {error.strerror}",)) from None
    except UnicodeDecodeError:
        raise PolicyError((f"{path.name}: 文件应为 UTF-8 编码 / must be UTF-8",)) from None


def _read(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError((f"{name}: 不是有效的 TOML / is not valid TOML: {error}",)) from None


def _laid_over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    joined = dict(base)
    for key, value in own.items():
        before = base.get(key)
        both_tables = isinstance(value, dict) and isinstance(before, dict)
        joined[key] = _laid_over(before, value) if both_tables else value  # type: ignore[arg-type]
    return joined


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unsourced(own: Mapping[str, Any], base: object, at: str = "", around: str = "") -> Iterator[str]:
    """Tables of a county's own file that change a number and leave the packaged source standing.

    ``around``: the nearest table around this one whose packaged source stands; it speaks for those within.
    """
    before = base if isinstance(base, dict) else {}
    if "source" in before or "source" in own:
        around = "" if "source" in own else at
    changed = any(
        before.get(key) != value
        for key, value in own.items()
        if _is_number(value) or key in ("start", "end", "steps", "holidays", "workdays")
        if not isinstance(value, dict)
    )
    if changed and around:
        yield around.removeprefix(".")
    for key, value in own.items():
        if isinstance(value, dict):
            yield from _unsourced(value, before.get(key), f"{at}.{key}", around)


def _found(error: ValidationError, tables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for fault in error.errors(include_url=False):
        key = ".".join(str(part) for part in fault["loc"] if part != "[key]")
        saying = _SAYINGS.get(fault["type"])
        example = _EXAMPLES.get(key.rpartition(".")[2], "")
        values = {**fault.get("ctx", {}), "example": example}
        text = saying.format(**values) if saying else fault["msg"].removeprefix("Value error, ")
        other = meant(key, tables) if fault["type"] == "extra_forbidden" else None
        if other is not None:
            text += f"：{other}"
        given = fault["input"]
        shown = f"（{given!r}）" if isinstance(given, str | int | float) else ""
        yield key, f"{text}{shown}"


_EXAMPLES = {"start": '"07-01"', "end": '"08-31"', "number": '"12355"'}  # of what is written in a pattern


def _contradictions(policy: Policy) -> Iterator[tuple[str, str]]:
    """What each table allows by itself but the whole does not."""
    yield from _missing_entries(policy)
    for name, ladder in policy.ladders.items():
        yield from _ladder_faults(name, ladder)
    for level, plan in policy.visits.risks.items():
        if plan.ladder not in policy.ladders:
            yield f"visits.risks.{level}.ladder", _no_ladder(plan.ladder)
        if plan.up_after_days < plan.ask_after_days:
            yield (
                f"visits.risks.{level}.up_after_days",
                "不能早于询问原因 / must not come before the reason is asked (ask_after_days)",
            )
    for kind, flag in policy.flags.items():
        for urgency, ladder_name in flag.ladder.items():
            if ladder_name not in policy.ladders:
                yield f"flags.{kind}.ladder.{urgency}", _no_ladder(ladder_name)
        for hotline in flag.hotlines:
            if hotline not in policy.hotlines:
                yield f"flags.{kind}.hotlines", f"没有这个热线 / no such hotline: {hotline}"
    if "now" in policy.clocks and policy.clocks["now"].rests:
        yield "clocks.now.rests", "紧急情况不能先放着，应为 0 / what cannot wait never rests: 0"
    yield from matter_faults(policy.matters, policy.flags)
    yield from schooling_faults(policy.schooling, policy.matters)
    yield from life_faults(
        policy.closing, policy.ages, policy.moving, policy.parents_back, policy.categories.sorts
    )
    yield from category_faults(policy.categories)
    yield from summary_faults(policy.summary, policy.matters, policy.schooling.sort)
    yield from referral_faults(
        policy.referrals, policy.referral_fields, policy.departments, policy.matters.sorts, policy.flags
    )
    yield from national_faults(policy.national, policy.categories.sorts)
    yield from _hour_faults(policy)


def _no_ladder(name: str) -> str:
    return f"没有这个阶梯 / no such ladder: {name}"


def _missing_entries(policy: Policy) -> Iterator[tuple[str, str]]:
    needed = {
        "visits.risks": (policy.visits.risks, (1, 2, 3, 4)),
        "checkins.every_days": (policy.checkins.every_days, (1, 2, 3, 4)),
        "quiet_hours": (policy.quiet_hours, (FALLBACK,)),
        "flags": (policy.flags, (FALLBACK,)),
        "visits.reasons": (policy.visits.reasons, ("other",)),
        "ladders": (policy.ladders, ("now", "today", "days")),
        "clocks": (policy.clocks, ("now", "today", "days", "note")),
        "roles": (policy.roles, ("village_worker", "township_officer", "county_officer", "guardian")),
    }
    for table, (entries, keys) in needed.items():
        for key in keys:
            if key not in entries:  # type: ignore[operator]
                yield f"{table}.{key}", _SAYINGS["missing"]


def _ladder_faults(name: str, ladder: Ladder) -> Iterator[tuple[str, str]]:
    if "county_officer" not in ladder.steps[-1].to:
        yield (
            f"ladders.{name}.steps.{len(ladder.steps) - 1}.to",
            "最后一级必须有县级（county_officer） / the last step must reach the county (county_officer)",
        )
    if ladder.steps[0].after_minutes:
        yield f"ladders.{name}.steps.0.after_minutes", "第一级应为 0 / the first step is told at once: 0"
    for index, step in enumerate(ladder.steps):
        if index and not step.after_minutes:
            yield f"ladders.{name}.steps.{index}.after_minutes", "应大于 0 / must be above 0"
        if step.longest_minutes < step.repeat_minutes:
            yield (
                f"ladders.{name}.steps.{index}.longest_minutes",
                "不能短于 repeat_minutes / must not be below repeat_minutes",
            )
    if name == "now" and ladder.quiet:
        yield "ladders.now.quiet", "紧急情况不等到天亮，应为 false / danger does not wait: false"


def _hour_faults(policy: Policy) -> Iterator[tuple[str, str]]:
    if FALLBACK not in policy.quiet_hours:
        return
    for key, hour, role in (
        ("visits.remind_hour", policy.visits.remind_hour, "village_worker"),
        ("visits.snooze.evening_hour", policy.visits.snooze.evening_hour, "village_worker"),
        ("checkins.hour", policy.checkins.hour, "guardian"),
    ):
        if is_quiet(hour, policy.quiet(role)):
            yield key, f"{hour} 点在免打扰时段内 / {hour}:00 lies within the quiet hours of {role}"
