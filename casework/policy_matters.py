"""The shape of a policy file: matters of one child that take several steps and people, state by state."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from casework.policy_base import Labelled, Rule, Sourced
from casework.records import Role, Urgency

Turn = Literal["village_worker", "township_officer", "county_officer"]


class MatterState(Labelled):
    """Where a matter stands and whose turn it is.

    The next step is to be taken within ``days`` of its beginning (working days where ``working``), or
    ``days`` before the day that the fact ``until`` holds. Where it is not, ``flag`` goes up. ``ends``: there
    is no next step.
    """

    who: Turn = "village_worker"
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    working: bool = False
    until: str = ""
    flag: str = "matter_late"
    urgency: Urgency = "days"
    ends: bool = False


class MatterStep(Labelled):
    """What somebody holding a role of ``by`` may do while the matter is in a state of ``since``.

    ``since`` empty: it begins the matter. It leads to the first of ``to``; the step's form may name another
    of them (a calculation ``matter_to``). ``form`` names the form that is the step; without one a few words
    are asked for. ``flag`` goes up with it, at ``urgency``. ``quick``: it stands on the child's page itself.
    ``secret``: a worker or contact who took it is named to nobody.
    ``refers``: taking it sends a referral for that purpose, whose answer may take further steps.
    """

    since: tuple[str, ...] = ()
    to: tuple[str, ...] = Field(min_length=1)
    by: tuple[Role, ...] = ("village_worker", "township_officer", "county_officer")
    form: str = ""
    flag: str = ""
    urgency: Urgency = "today"
    quick: bool = False
    secret: bool = False
    refers: str = ""


class MatterRule(Labelled, Sourced):
    """A sort of matter: its states, its steps, and which flags begin one.

    ``begins``: the state in which a flag of ``flags`` begins one, where the child has none of the sort open.
    ``several``: a child may have more than one open. A child of a category in ``wanted_for`` ought to have
    one in a state of ``done_in``. ``documents``: kinds that can be printed, each with the states in which.
    """

    begins: str
    flags: tuple[str, ...] = ()
    several: bool = False
    wanted_for: tuple[str, ...] = ()
    done_in: tuple[str, ...] = ()
    documents: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    states: Mapping[str, MatterState] = Field(min_length=1)
    steps: Mapping[str, MatterStep] = Field(min_length=1)


class MatterReminders(Sourced):
    """Whose turn it is is reminded ``days_before`` the day; after it again, each gap longer than the last."""

    days_before: Annotated[int, Field(ge=0, le=60)]
    again_days: Annotated[int, Field(ge=1, le=90)]
    again_growth: Annotated[float, Field(ge=1, le=4)]
    again_longest_days: Annotated[int, Field(ge=1, le=366)]


class Schooling(Sourced):
    """The years of compulsory schooling (full years of age, both included), and what the ledgers count.

    ``sort`` is the matter that brings a child back to school; ``suspected`` and ``dropped`` are its states
    that stand in the second and the third ledger.
    """

    from_age: Annotated[int, Field(ge=3, le=18)]
    to_age: Annotated[int, Field(ge=6, le=20)]
    sort: str
    suspected: tuple[str, ...] = Field(min_length=1)
    dropped: tuple[str, ...] = Field(min_length=1)


class MatterRules(Rule):
    """All sorts by their key."""

    reminders: MatterReminders
    sorts: Mapping[str, MatterRule]

    def opened_by(self, flag: str) -> tuple[str, ...]:
        """The sorts that a flag begins."""
        return tuple(sort for sort, rule in self.sorts.items() if flag in rule.flags)
