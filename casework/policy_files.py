"""The shape of a policy file: the register as a whole, one file for each child and who cares for how many."""

from typing import Annotated

from pydantic import Field

from casework.policy_base import Sourced


class FileRules(Sourced):
    """Two files that were joined can be told apart again for ``undo_days``.

    Who cares for more than ``most_per_carer`` children is named to worker and officer; nothing is refused.
    """

    undo_days: Annotated[int, Field(ge=1, le=365)]
    most_per_carer: Annotated[int, Field(ge=1, le=30)]
