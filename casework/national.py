"""The national system: what of each child is typed there, who leaves it, what has changed since."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from casework.facts import fact_of
from casework.outcome import Event, Outcome
from casework.policy import Policy
from casework.policy_national import NationalField, NationalRules, NationalTab
from casework.records import Child, Entry

_UNKNOWN = ("", "unknown")
_AREAS = ("village", "township")
_LEFT, _MERGED = "no_longer", "merged"  # reasons that nobody gives


@dataclass(frozen=True, kw_only=True)
class Book:
    """What is looked at: the rules, and the areas' names by their codes."""

    rules: NationalRules
    places: Mapping[str, str]


def book_of(policy: Policy, places: Mapping[str, str]) -> Book:
    """The county's rules; reasons of its own for closing a file are said as it calls them."""
    rules = policy.national
    reasons = {key: reason.zh_Hans for key, reason in policy.closing.reasons.items()}
    says = {**rules.says, "closed_reason": reasons | dict(rules.says.get("closed_reason", {}))}
    return Book(rules=rules.model_copy(update={"says": says}), places=places)


def is_counted(child: Child, rules: NationalRules) -> bool:
    """Whether the child belongs into the register: on our books, and of the category."""
    return child.status == "active" and (not rules.category or rules.category in child.categories)


def raw_of(child: Child, of: str, rules: NationalRules) -> str:
    """A fact as it is kept; "" where it isn't known. What forms saved comes before the roster's."""
    if of == "id_type":
        return "card" if child.id_number else "none" if raw_of(child, "hukou", rules) == "no" else ""
    if of == "closed_reason" and (child.status == "active" or fact_of(child, "merged_into")):
        return _LEFT if child.status == "active" else _MERGED
    raw = fact_of(child, of) if of else ""
    if raw not in _UNKNOWN:
        return raw
    others = rules.instead.get(of, {})
    found = (says.get(raw_of(child, other, rules), "") for other, says in others.items())
    return next((value for value in found if value), "")


def words_of(child: Child, of: str, says: str, book: Book) -> list[str]:
    """In the system's words, several where a fact holds several; none where it isn't known."""
    if of == "place":
        codes = (child.county, child.township, child.village)
        return ["".join(book.places.get(code, "") for code in codes) or child.village]
    raw = raw_of(child, of, book.rules)
    if of in _AREAS:
        return [book.places.get(raw, raw)]
    known = book.rules.says.get(says or of)
    if known is None:
        return [raw] if raw else []
    words = [known.get(value, "") for value in raw.split()]
    return list(dict.fromkeys(word for word in words if word))


def value_of(child: Child, field: NationalField, book: Book) -> str:
    """What is typed into a field. What nobody noted is 未采集; what is for the hand stays empty."""
    rules = book.rules
    if not _applies(child, field, rules):
        return rules.not_applicable
    if field.hand or (field.of == "id_number" and not rules.id_numbers):
        return ""
    if field.of == "closed_reason" and raw_of(child, field.of, rules) == _LEFT:
        return rules.no_longer
    return "、".join(words_of(child, field.of, field.says, book)) or rules.not_collected


def _applies(child: Child, field: NationalField, rules: NationalRules) -> bool:
    known = {fact: raw_of(child, fact, rules) for fact in field.only}
    return all(not raw or raw in field.only[fact] for fact, raw in known.items())


def digest_of(child: Child, book: Book) -> str:
    """Changes whenever anything changes that is typed into the system: its number, too, if typed by hand.

    Of who leaves it, that alone. A field that comes new into the rules changes nothing while it is unknown.
    """
    leaves = not is_counted(child, book.rules)
    values = {
        f"{key}.{field.head}": value
        for key, tab in book.rules.tabs.items()
        if tab.exit == leaves
        for field in tab.fields
        if (value := value_of(child, field, book)) not in ("", book.rules.not_collected)
    }
    if not leaves:
        values["id_number"] = child.id_number
    content = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def changed(
    children: Iterable[Child], entries: Mapping[str, Entry], digests: Mapping[str, str], rules: NationalRules
) -> list[Child]:
    """Those whose values are not the ones that were ticked off last: first who leaves, then by their codes.

    Who was never typed in need not leave it.
    """
    found = []
    for child in children:
        entered = entries[child.id].entered if child.id in entries else ""
        if entered != digests[child.id] and (entered or is_counted(child, rules)):
            found.append(child)
    return sorted(found, key=lambda child: (is_counted(child, rules), child.id))


def on_page(children: Sequence[Child], tab: NationalTab, rules: NationalRules) -> list[Child]:
    """Who stands on a page: on that of the exit who leaves, on all others who stays."""
    return [child for child in children if is_counted(child, rules) != tab.exit]


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
