"""In which keys two policies differ, with both values and where each comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from casework.policy_models import Policy


@dataclass(frozen=True, kw_only=True)
class Change:
    """A key that differs. Values are as the file writes them; None = the policy has no such key.

    ``source_before`` and ``source_after`` are those of the nearest table around it that gives one.
    """

    key: str
    before: str | None
    after: str | None
    source_before: str
    source_after: str


def changes(before: Policy, after: Policy) -> tuple[Change, ...]:
    """Every key that differs, in the file's order. Of a source alone that differs, the source is the key."""
    old, new = _by_key(before), _by_key(after)
    found = [key for key in dict.fromkeys((*old, *new)) if old.get(key, _NONE)[0] != new.get(key, _NONE)[0]]
    tables = {_table(key) for key in found if not key.endswith(".source")}
    return tuple(
        Change(
            key=key,
            before=old.get(key, _NONE)[0],
            after=new.get(key, _NONE)[0],
            source_before=old.get(key, _NONE)[1],
            source_after=new.get(key, _NONE)[1],
        )
        for key in found
        if not (key.endswith(".source") and any(_lies_in(table, _table(key)) for table in tables))
    )


_NONE: tuple[str | None, str] = (None, "")


def _by_key(policy: Policy) -> dict[str, tuple[str | None, str]]:
    """key -> value and source."""
    return {key: (value, source) for key, value, source in _leaves(policy.model_dump(mode="json"), "", "")}


def _leaves(table: Mapping[Any, Any], at: str, source: str) -> Iterator[tuple[str, str, str]]:
    here = str(table.get("source") or source)
    for name, value in table.items():
        key = f"{at}.{name}" if at else str(name)
        inner = dict(enumerate(value)) if _is_tables(value) else value
        if isinstance(inner, dict):
            yield from _leaves(inner, key, here)
        else:
            yield key, _written(value), here


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _table(key: str) -> str:
    return key.rpartition(".")[0]


def _lies_in(table: str, other: str) -> bool:
    return table == other or table.startswith(f"{other}.")
