"""The policy table of categories: which facts make a child one of a category, and what follows from facts."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from casework.facts import FACTS
from casework.policy_base import Labelled, Rule, Sourced

ParentState = Literal[
    "away", "home", "able", "unable", "disabled", "ill", "old", "dead", "missing", "confined", "barred",
    "ill_half_year", "missing_half_year", "confined_half_year",
]  # fmt: skip
Parents = Annotated[tuple[ParentState, ...], Field(min_length=1)]


class Case(Rule):
    """One way to be so: all of it must hold.

    ``facts``: by fact, the values of which it is one (or has one, where it holds several). ``parents``: of
    one parent, and of the other, what each may be; which of the two is which doesn't matter.
    """

    facts: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    parents: tuple[Parents, Parents] | None = None


class Derivation(Sourced):
    """When a value follows: in any of these cases."""

    when: tuple[Case, ...] = Field(min_length=1)


class Category(Labelled, Derivation):
    """A category of children, for those ``below`` so many full years."""

    below: Annotated[int, Field(ge=1, le=18)]


class CategoryRules(Rule):
    """``sorts``: the categories by key. ``derived``: by fact, its values in the order in which they count."""

    sorts: Mapping[str, Category]
    derived: Mapping[Literal["entrust_reason", "guardianship_kind"], Mapping[str, Derivation]]


def category_faults(rules: CategoryRules) -> Iterator[tuple[str, str]]:
    """Facts that nobody knows: misspelt, they would silently never hold."""
    tables: dict[str, Derivation] = {f"categories.sorts.{key}": rule for key, rule in rules.sorts.items()}
    for fact, values in rules.derived.items():
        tables |= {f"categories.derived.{fact}.{value}": rule for value, rule in values.items()}
    for at, rule in tables.items():
        for number, case in enumerate(rule.when):
            for name in case.facts:
                if name not in FACTS or FACTS[name].derived:
                    yield f"{at}.when.{number}.facts.{name}", "没有这一项事实 / no such fact"
