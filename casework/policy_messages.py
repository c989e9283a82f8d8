"""The shape of a policy file: how much a message of the bot's own holds, and how it says days."""

from typing import Annotated, Literal

from pydantic import Field

from casework.policy_base import Sourced


class MessageRules(Sourced):
    """Of what is due, a message names the ``most_named`` most urgent and counts the rest.

    ``lunar_dates``: where the day of the farmers' calendar stands beside the solar one: for days within a
    period that is given by it (``periods``), and in all that families read (``guardians``).
    """

    most_named: Annotated[int, Field(ge=1, le=30)]
    lunar_dates: tuple[Literal["periods", "guardians"], ...] = ()
