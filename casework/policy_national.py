"""The policy table of the national system: its fields in their order, and the summary table of the survey."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from casework.policy_base import Labelled, Rule, Sourced


class NationalField(Rule):
    """A field of the system, as it is called there; ``of``: what of the child it is, "" = nothing we hold."""

    head: str = Field(min_length=1)
    of: str = ""


class NationalTab(Labelled):
    """A page of the system, its fields in the order in which they are typed."""

    fields: tuple[NationalField, ...] = Field(min_length=1)


class AgeGroup(Rule):
    """A column of ages, up to ``to`` full years, above the group before it."""

    head: str = Field(min_length=1)
    to: Annotated[int, Field(ge=0, le=18)]


class NationalRules(Sourced):
    """``says``: by what of the child, the system's words for a value; others stand as they are, unknown ones
    as ``not_collected``. ``dimensions`` of the summary table, with their heads; ``age`` counts by ``ages``.
    ``id_numbers``: whether they may stand in the sheet; otherwise their column is left for the hand.
    """

    id_numbers: bool = False
    not_collected: str = Field(min_length=1)
    tabs: Mapping[str, NationalTab]
    says: Mapping[str, Mapping[str, str]]
    dimensions: Mapping[str, str]
    ages: tuple[AgeGroup, ...] = Field(min_length=1)
