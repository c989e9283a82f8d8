"""The policy table of the national system: its fields in their order, and the summary table of the survey."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from casework.policy_base import Labelled, Rule, Sourced

Values = Mapping[str, tuple[str, ...]]  # by fact, the values of which it is one


class NationalField(Rule):
    """A field of the system, as it is called there; ``of``: what of the child it is, "" = nothing we hold.

    ``says``: the table of words for its values where it is not that of ``of``. ``hand``: nobody is asked for
    it on purpose, so that it stays empty for the hand; else what we don't hold is 未采集. ``only``: the field
    is there for such children alone; what is not known takes it away from nobody.
    """

    head: str = Field(min_length=1)
    of: str = ""
    says: str = ""
    hand: bool = False
    only: Values = Field(default_factory=dict)


class NationalTab(Labelled):
    """A page of the system, its fields in the order in which they are typed.

    ``exit``: it is for those who leave the register, and no other page is.
    """

    fields: tuple[NationalField, ...] = Field(min_length=1)
    exit: bool = False


class AgeGroup(Rule):
    """A column of ages, up to ``to`` full years, above the group before it."""

    head: str = Field(min_length=1)
    to: Annotated[int, Field(ge=0, le=18)]


class NationalDimension(Rule):
    """A block of the summary table: ``of`` what it counts, by the words of ``says`` (that of ``of`` if "").

    ``several``: a child may be in several buckets, so that these sum to nothing.
    """

    head: str = Field(min_length=1)
    of: str
    says: str = ""
    several: bool = False


class NationalRules(Sourced):
    """Who is typed into the system, and how.

    ``category``: whose children these are, "" = all. ``most``: so many stand in one sheet. ``says``: by
    table, the system's words for a value; what has no table stands as it is, unknown ones as
    ``not_collected``. ``instead``: what stands for a fact that nobody noted, by another fact's value.
    ``dimensions`` of the summary table in their order; ages count by ``ages``, with the sexes.
    ``id_numbers``: whether they may stand in the sheet; otherwise their column is left for the hand.
    ``no_longer``: the reason of exit of who is on our books still and not of the category any more.
    """

    category: str = ""
    most: Annotated[int, Field(ge=1, le=5000)]
    id_numbers: bool = False
    not_collected: str = Field(min_length=1)
    not_applicable: str = Field(min_length=1)
    no_longer: str = Field(min_length=1)
    age_head: str = Field(min_length=1)
    subtotal: str = Field(min_length=1)
    tabs: Mapping[str, NationalTab]
    says: Mapping[str, Mapping[str, str]]
    instead: Mapping[str, Mapping[str, Mapping[str, str]]] = Field(default_factory=dict)
    dimensions: Mapping[str, NationalDimension]
    ages: tuple[AgeGroup, ...] = Field(min_length=1)
