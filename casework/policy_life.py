"""The shape of a policy file: how a file is closed and reopened, birthdays, parents' return, moves."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from casework.policy_base import Labelled, Sourced
from casework.records import Role

Age = Annotated[int, Field(ge=0, le=30)]
WorkingDays = Annotated[int, Field(ge=1, le=60)]
Act = Literal["page", "visit", "close"]


class ClosingReason(Labelled, Sourced):
    """Why a file is closed. ``from_age``: only of a child who is that old on the day (full years).

    ``ends_matters``: matters and referrals end along with it, for they have lost their object; else they are
    to be ended first. Open alerts are always to be ended first. ``words``: it is said in words as well.
    """

    from_age: Age = 0
    ends_matters: bool = False
    words: bool = False


class ClosingRules(Sourced):
    """Who closes a file at once (``at_once``), and who proposes it to the township's officer.

    The day may lie at most ``back_days`` in the past. A proposal is to be answered within ``working_days``;
    after that the county hears of it.
    """

    at_once: tuple[Role, ...] = Field(min_length=1)
    propose: tuple[Role, ...] = ()
    back_days: Annotated[int, Field(ge=1, le=3660)]
    working_days: WorkingDays
    reasons: Mapping[str, ClosingReason] = Field(min_length=1)


class ReopeningRules(Sourced):
    """Who takes a closed file up again, at once: it takes no consent to look after a child."""

    by: tuple[Role, ...] = Field(min_length=1)
    reasons: Mapping[str, Labelled] = Field(min_length=1)


class AgeRule(Labelled, Sourced):
    """What a birthday means; the worker is told on its morning, and with ``officer`` the township too.

    ``to_do`` says what is to be done, ``act`` is what the button beside it does: the child's page, a visit's
    form, or closing the file for ``reason``.
    """

    to_do: Labelled
    act: Act = "page"
    reason: str = ""
    officer: bool = False


class ParentsBackRules(Sourced):
    """Parents come home for good: while the facts still say ``category``, nothing ends.

    Else the child is visited ``visit_days`` after their return, then closing is suggested; as long as that
    visit was not made, it is looked at again after ``again_days``. Where nobody knows whether they stay, it
    is asked after ``unsure_days``.
    """

    category: str
    visit_days: Annotated[int, Field(ge=1, le=366)]
    unsure_days: Annotated[int, Field(ge=1, le=366)]
    again_days: Annotated[int, Field(ge=1, le=90)]
    reason: str


class MovingRules(Sourced):
    """A move to another township of the county, or out of it: the receiver answers within ``working_days``.

    ``by``: who asks. Once the child has moved, it is visited first within ``visits.new_child_working_days``.
    ``outside_reason``: the reason with which the file is closed once an office outside has taken the child.
    """

    by: tuple[Role, ...] = Field(min_length=1)
    working_days: WorkingDays
    outside_reason: str
