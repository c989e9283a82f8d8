"""The shape of a policy file: trainings and background queries of staff, and hand-overs."""

from typing import Annotated

from pydantic import Field

from casework.policy_base import Sourced

Months = Annotated[int, Field(ge=1, le=60)]


class StaffRules(Sourced):
    """A background query is valid for ``check_every_months``, a training for ``training_every_months``.

    A caseload that was handed over can be taken back for ``undo_hours``.
    """

    check_every_months: Months
    training_every_months: Months
    undo_hours: Annotated[int, Field(ge=1, le=24 * 7)]
