"""The facts of a child's file in words: what each is called, and what is known."""

from collections.abc import Iterable
from datetime import date

from casework.facts import FACTS
from conversations.masks import clean
from conversations.turn import Turn

_LONGEST = 60


def label_of(turn: Turn, key: str) -> str:
    """What a fact is called; its name in the form where a county's own form saved it."""
    return turn.words(f"fact.{key}") if key in FACTS else clean(key, _LONGEST)


def value_of(turn: Turn, key: str, value: str) -> str:
    """A value in words, one after the other where there are several; what is not known says so."""
    fact, reason = FACTS.get(key), turn.desk.policy.closing.reasons.get(value)
    if key == "closed_reason" and reason is not None:
        return reason.label(turn.language)
    if not value:
        return turn.words("fact.none")
    if key == "categories":
        return categories_of(turn, value.split(";"))
    if fact is not None and fact.kind == "day":
        return turn.any_day(date.fromisoformat(value))
    if fact is None or fact.kind not in ("choice", "several"):
        return clean(value, _LONGEST)
    several = value.split() if fact.kind == "several" else [value]
    return turn.words("list.comma").join(word_of(turn, fact.choices, one) for one in several)


def categories_of(turn: Turn, keys: Iterable[str]) -> str:
    """Categories as the policy calls them; a roster's own as the roster does."""
    sorts = turn.desk.policy.categories.sorts
    named = (sorts[key].label(turn.language) if key in sorts else clean(key, _LONGEST) for key in keys)
    return turn.words("list.comma").join(named)


def word_of(turn: Turn, choices: str, value: str) -> str:
    """One choice in words; as it stands where the catalogues have none."""
    key = f"choice.{choices}.{value}"
    return turn.words(key) if choices and turn.desk.words.has(key) else clean(value, _LONGEST)
