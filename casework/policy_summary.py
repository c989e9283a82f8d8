"""The policy table of the work summary: which words a figure earns, what is too small, what counts."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from casework.policy_base import Sourced
from casework.policy_matters import MatterRules

Share = Annotated[float, Field(gt=0, le=1)]


class SummaryRules(Sourced):
    """Which share of a whole is called 全部 (``all``) or 基本 (``basically``), and what the figures count.

    Numbers below ``small_number`` leave the circle that answers for the children as "fewer than". A child has
    no carer while its matter of the sort ``carer`` is in one of ``without_carer``. A child that had dropped
    out came back where its matter is in one of ``returned``. ``done``: by sort, the states that count as
    done; ``left_out``: those that turn out to be none of the kind.
    """

    all: Share
    basically: Share
    small_number: Annotated[int, Field(ge=1, le=100)]
    carer: str
    without_carer: tuple[str, ...] = Field(min_length=1)
    returned: tuple[str, ...] = Field(min_length=1)
    done: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    left_out: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)


def summary_faults(rules: SummaryRules, matters: MatterRules, school: str) -> Iterator[tuple[str, str]]:
    """What contradicts itself, or names a sort or state that is not there: key and words."""
    if rules.basically > rules.all:
        yield "summary.basically", "不能大于 all / must not be above all"
    named = [("carer", rules.carer, rules.without_carer), ("returned", school, rules.returned)]
    named += [(f"done.{sort}", sort, states) for sort, states in rules.done.items()]
    named += [(f"left_out.{sort}", sort, states) for sort, states in rules.left_out.items()]
    for key, sort, states in named:
        known = matters.sorts.get(sort)
        for state in states:
            if known is None or state not in known.states:
                yield f"summary.{key}", f"没有这个状态 / no such state: {sort}.{state}"
