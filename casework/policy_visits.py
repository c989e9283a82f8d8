"""The shape of a policy file: how often children are visited, carers asked, and why a visit fails."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, PositiveInt

from casework.policy_base import Hour, Labelled, RiskLevel, Sourced
from casework.policy_rests import PauseRule, RescheduleRules, SnoozeRules
from casework.records import Urgency


class Reason(Labelled, Sourced):
    """Why a visit did not happen, and what follows.

    The next try is planned ``again_days`` later (never later than the child's own interval). From the
    ``flag_after``-th try in a row that did not happen, the flag ``flag`` goes up; an empty ``flag`` never
    does.
    """

    again_days: Annotated[int, Field(ge=1, le=366)]
    flag: str = ""
    urgency: Urgency = "days"
    flag_after: PositiveInt = 1


class RiskPlan(Labelled, Sourced):
    """How a child of one risk level is looked after; days count from the visit's due day.

    The reason is asked ``ask_after_days`` after it, and the visit goes up on ``ladder`` ``up_after_days``
    after it. While it is still not done it is asked for again after ``again_days``; each gap is
    ``again_growth`` times the last, but never above ``again_longest_days``.
    """

    every_days: Annotated[int, Field(ge=1, le=366)]
    ask_after_days: Annotated[int, Field(ge=1, le=60)]
    up_after_days: Annotated[int, Field(ge=1, le=90)]
    again_days: Annotated[int, Field(ge=1, le=90)]
    again_growth: Annotated[float, Field(ge=1, le=4)]
    again_longest_days: Annotated[int, Field(ge=1, le=366)]
    ladder: str


class VisitRules(Sourced):
    """When visits are due, and when people are reminded of them.

    ``first_risk``: of a file that was begun in the chat, until somebody sets another.

    Visits due while we were away for more than ``unknown_after_hours`` are unknown, not missed.
    """

    new_child_working_days: Annotated[int, Field(ge=1, le=60)]
    first_risk: RiskLevel
    follow_up_days: Annotated[int, Field(ge=1, le=90)]
    phone_days: Annotated[int, Field(ge=1, le=30)]
    remind_days_before: Annotated[int, Field(ge=1, le=30)]
    remind_hour: Hour
    unknown_after_hours: Annotated[int, Field(ge=1, le=24 * 14)]
    reschedule: RescheduleRules
    snooze: SnoozeRules
    pauses: Mapping[str, PauseRule] = Field(default_factory=dict)
    risks: Mapping[RiskLevel, RiskPlan]
    reasons: Mapping[str, Reason]

    def risk(self, level: int) -> RiskPlan:
        """The plan of a risk level."""
        return self.risks[level]


class CheckInRules(Sourced):
    """How often guardians are asked, by the child's risk, and when the worker telephones instead."""

    every_days: Mapping[RiskLevel, Annotated[int, Field(ge=1, le=366)]]
    first_days: Annotated[int, Field(ge=0, le=366)]
    hour: Hour
    hours_until_task: Annotated[int, Field(ge=1, le=24 * 30)]
    form: str = "checkin"
