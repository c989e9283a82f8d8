"""The shape of a policy file: how a visit is put off, a reminder snoozed, visits paused; school terms."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, PositiveInt, model_validator

from casework.policy_base import Hour, Labelled, RiskLevel, Sourced
from casework.records import Urgency
from casework.visit_records import Responsible


def _for_all(days: Mapping[RiskLevel, int]) -> Mapping[RiskLevel, int]:
    if missing := [str(level) for level in (1, 2, 3, 4) if level not in days]:
        raise ValueError(f"缺少等级 / lacks the level {', '.join(missing)}")
    return days


ByRisk = Annotated[
    Mapping[RiskLevel, Annotated[int, Field(ge=1, le=366)]], AfterValidator(_for_all)
]  # a number of days or times for each risk level


class RescheduleRules(Sourced):
    """How a visit may be put off before its day has passed, by the child's risk.

    Counted from the day first planned: the worker up to ``days``, ``times`` in a row; an officer up to
    ``officer_days``. Beyond his own the worker asks the officer, by the flag ``flag``.
    """

    days: ByRisk
    times: ByRisk
    officer_days: ByRisk
    flag: str = "move_wanted"
    urgency: Urgency = "days"
    reasons: Mapping[str, Labelled] = Field(min_length=1)

    @model_validator(mode="after")
    def _officers_reach_further(self) -> "RescheduleRules":
        for level, days in self.days.items():
            if self.officer_days[level] < days:
                raise ValueError("officer_days 不能小于 days / officer_days must not be below days")
        return self


class SnoozeRules(Sourced):
    """A reminder put off until the evening or the next morning, ``most`` times in a row."""

    evening_hour: Hour
    most: PositiveInt


class PauseRule(Labelled, Sourced):
    """Visits rest while the child is elsewhere; its key is that of the reason for a missed visit, if any.

    By the child's risk: at most ``longest_days`` at a time, a call to whoever is responsible every
    ``call_days``. ``ask_days_before`` the end it is asked whether the child is back. ``terms``: the end of
    the school term is offered as its end. ``checkins``: the family at home is asked on.
    """

    longest_days: ByRisk
    call_days: ByRisk
    ask_days_before: Annotated[int, Field(ge=1, le=30)]
    responsible: tuple[Responsible, ...] = Field(min_length=1)
    terms: bool = False
    checkins: bool = True


class Term(Labelled, Sourced):
    """A school term; both days are school days."""

    start: date
    end: date

    @model_validator(mode="after")
    def _has_days(self) -> "Term":
        if self.end <= self.start:
            raise ValueError("end 应在 start 之后 / end must be after start")
        return self
