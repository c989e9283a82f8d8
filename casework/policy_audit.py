"""The shape of a policy file: what the auditor lets pass, and how often the county hears of a fault."""

from typing import Annotated

from pydantic import Field, model_validator

from casework.policy_base import Sourced

Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]


class AuditRules(Sourced):
    """How long something may wait before it is a fault, and when people hear of one.

    A due record may wait ``late_minutes`` to be woken, what came in ``inbox_minutes``, an alert that is to be
    sent ``alert_minutes``, any other message ``message_minutes``; none is held back for more than
    ``ahead_days``; a loop beats at least every ``loop_seconds``. People are told of what was found in
    ``seen`` audits in a row, again after ``again_minutes``, each gap ``growth`` times the last one and at
    most ``longest_minutes``, and that all is well after ``well_after`` audits without a fault. ``call`` says
    whom to call: a name, a number, or nothing.
    """

    late_minutes: Minutes
    inbox_minutes: Minutes
    alert_minutes: Minutes
    message_minutes: Minutes
    ahead_days: Annotated[int, Field(ge=1, le=366)]
    loop_seconds: Annotated[int, Field(ge=10, le=600)]
    seen: Annotated[int, Field(ge=1, le=20)]
    well_after: Annotated[int, Field(ge=1, le=1_000)]
    again_minutes: Minutes
    growth: Annotated[float, Field(ge=1, le=10)]
    longest_minutes: Minutes
    call: str = Field(default="", max_length=80)

    @model_validator(mode="after")
    def _longest_is_longest(self) -> "AuditRules":
        if self.longest_minutes < self.again_minutes:
            raise ValueError(
                "longest_minutes 不能短于 again_minutes / longest_minutes must not be below again_minutes"
            )
        return self
