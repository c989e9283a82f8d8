"""The shape of a policy file: by when an alert has its outcome, and how long it may wait or be on its way."""

from typing import Annotated

from pydantic import Field, model_validator

from casework.policy_base import Sourced

Hours = Annotated[int, Field(ge=1, le=90 * 24)]


class ClockRule(Sourced):
    """The times of one urgency, beside its ladder's.

    The outcome is recorded ``within_hours`` of the report, or on the ``within_working_days``-th working day
    after it at the same time of day: exactly one of the two. ``remind_hours`` before, its holder gets a line
    (0: none). Once that is over, the next level up is told, again after ``again_hours``, each gap ``growth``
    times the last and at most ``longest_hours``. A message that has not left after ``arrive_minutes`` no
    longer holds up the ladder. It may be put to rest ``rests`` times, each time for ``rest_days`` at most;
    0: never.
    """

    within_hours: Hours | None = None
    within_working_days: Annotated[int, Field(ge=1, le=60)] | None = None
    remind_hours: Annotated[int, Field(ge=0, le=30 * 24)]
    again_hours: Hours
    growth: Annotated[float, Field(ge=1, le=4)]
    longest_hours: Hours
    arrive_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)]
    rest_days: Annotated[int, Field(ge=0, le=90)]
    rests: Annotated[int, Field(ge=0, le=20)]

    @model_validator(mode="after")
    def _one_deadline(self) -> "ClockRule":
        if (self.within_hours is None) == (self.within_working_days is None):
            raise ValueError(
                "within_hours 和 within_working_days 写一个 / give one of within_hours, within_working_days"
            )
        return self

    @model_validator(mode="after")
    def _longest_is_longest(self) -> "ClockRule":
        if self.longest_hours < self.again_hours:
            raise ValueError(
                "longest_hours 不能短于 again_hours / longest_hours must not be below again_hours"
            )
        return self
