"""The policy table of categories: which facts make a child one of a category, and what follows from facts."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

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
