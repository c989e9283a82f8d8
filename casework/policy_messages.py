"""The shape of a policy file: how much a message of the bot's own holds."""

from typing import Annotated

from pydantic import Field

from casework.policy_base import Sourced


class MessageRules(Sourced):
    """Of what is due, a message names the ``most_named`` most urgent and counts the rest."""

    most_named: Annotated[int, Field(ge=1, le=30)]
