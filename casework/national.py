"""The national system: what of each child is typed there, what has changed since, and the survey's sums."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from casework.calendar import age_on
from casework.facts import fact_of
from casework.outcome import Event, Outcome
from casework.policy_national import NationalField, NationalRules
from casework.records import Child, Entry

ID_NUMBER = "id_number"
_UNKNOWN = ("", "unknown")


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A block of the summary table: its head, and the number in each bucket, 未采集 last."""

    key: str
    head: str
    buckets: Mapping[str, int]


def value_of(child: Child, field: NationalField, rules: NationalRules, places: Mapping[str, str]) -> str:
    """What is typed into a field. What nobody noted is 未采集; an ID number needs the policy."""
    if field.of == ID_NUMBER and not rules.id_numbers:
        return ""
    return said_of(child, field.of, rules, places) or rules.not_collected


def said_of(child: Child, of: str, rules: NationalRules, places: Mapping[str, str]) -> str:
    """In the system's words; "" where it isn't known."""
    raw = fact_of(child, of) if of else ""
    if of in ("village", "township"):
        return places.get(raw, raw)
    known = rules.says.get(of)
    return known.get(raw, "") if known is not None else "" if raw in _UNKNOWN else raw


def digest_of(child: Child, rules: NationalRules, places: Mapping[str, str]) -> str:
    """Changes whenever anything changes that is typed into the system: its number, too, if typed by hand."""
    values = [value_of(child, field, rules, places) for tab in rules.tabs.values() for field in tab.fields]
    content = json.dumps([*values, child.id_number], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def changed(
    children: Iterable[Child], entries: Mapping[str, Entry], digests: Mapping[str, str]
) -> list[Child]:
    """Those whose values are not the ones that were ticked off last, in the order of their codes."""
    found = (c for c in children if c.id not in entries or entries[c.id].entered != digests[c.id])
    return sorted(found, key=lambda child: child.id)


def hand_out(
    children: Iterable[Child],
    entries: Mapping[str, Entry],
    digests: Mapping[str, str],
    *,
    batch: str,
    by: str,
) -> Outcome:
    """They were handed out in the sheet ``batch``, with these values; nothing is ticked off by that."""
    records = []
    for child in children:
        kept = entries.get(child.id) or Entry(id=f"entry:{child.id}", child=child.id)
        records.append(replace(kept, offered=digests[child.id], batch=batch, person=by))
    return Outcome(records=tuple(records))


def tick_off(entries: Iterable[Entry], *, batch: str, by: str, now: datetime) -> Outcome:
    """What stood in the sheet ``batch`` has been typed: exactly those, with the values that stood in it.

    Those handed out again in a later sheet are left to that one.
    """
    mine = [e for e in entries if e.batch == batch and e.entered != e.offered]
    records = tuple(replace(e, entered=e.offered, entered_at=now, entered_by=by) for e in mine)
    events = tuple(
        Event(name="national_entered", at=now, actor=by, child=e.child, record=e.id, ground="assignment",
              detail={"batch": batch})
        for e in mine
    )  # fmt: skip
    return Outcome(records=records, events=events)


def summary(children: Sequence[Child], rules: NationalRules, today: date) -> tuple[Dimension, ...]:
    """The summary table: each child in one bucket of each dimension, in 未采集 where nobody noted it."""
    return tuple(
        Dimension(key=key, head=head, buckets=_buckets(children, key, rules, today))
        for key, head in rules.dimensions.items()
    )


def _buckets(children: Sequence[Child], key: str, rules: NationalRules, today: date) -> Mapping[str, int]:
    heads = [group.head for group in rules.ages] if key == "age" else rules.says.get(key, {}).values()
    counts = Counter(
        _age_group(child, rules, today) if key == "age" else said_of(child, key, rules, {})
        for child in children
    )
    known = {head: counts.pop(head, 0) for head in dict.fromkeys(heads)}
    return {**known, rules.not_collected: sum(counts.values())}


def _age_group(child: Child, rules: NationalRules, today: date) -> str:
    born = child.birth_date
    if born is None or born > today:
        return ""
    age = age_on(born, today)
    return next((group.head for group in rules.ages if age <= group.to), "")


def mismatches(dimensions: Iterable[Dimension], total: int) -> Iterator[tuple[Dimension, int]]:
    """The dimensions that do not sum to the total, with what they sum to (勾稽关系)."""
    for dimension in dimensions:
        found = sum(dimension.buckets.values())
        if found != total:
            yield dimension, found
