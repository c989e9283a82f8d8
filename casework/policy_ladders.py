"""The shape of a policy file: kinds of flags, the numbers shown with them, and how they go up."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from casework.policy_base import Labelled, Rule, Sourced
from casework.records import Urgency

Rung = Literal["village_worker", "township_officer", "deputy", "county_officer"]


class Hotline(Labelled):
    """A number that people call; the label says who answers."""

    number: str = Field(pattern=r"^[0-9-]{3,20}$")


class FlagRule(Labelled):
    """What a kind of flag does. ``urgency`` counts where whoever raises it gives none.

    ``ladder`` names the ladder for an urgency; the ladder of the urgency's own name where it is silent.
    ``hotlines`` are shown first. ``tells_guardian``: a guardian who raised it hears the end (never for
    flags about the guardian's own care). ``two_close``: while it is urgent (``now``) two people end it.
    ``secret_reporter``: who reported it is named to nobody.
    """

    urgency: Urgency = "days"
    ladder: Mapping[Urgency, str] = Field(default_factory=dict)
    hotlines: tuple[str, ...] = ()
    tells_guardian: bool = False
    two_close: bool = False
    secret_reporter: bool = False
    source: str = ""


class Step(Rule):
    """One rung: who is told, and how many minutes after the rung before if nobody took it on.

    It is told again after ``repeat_minutes``; each gap is ``growth`` times the last, but never above
    ``longest_minutes``.
    """

    to: tuple[Rung, ...] = Field(min_length=1)
    after_minutes: Annotated[int, Field(ge=0, le=90 * 24 * 60)]
    repeat_minutes: Annotated[int, Field(ge=1, le=30 * 24 * 60)]
    growth: Annotated[float, Field(ge=1, le=4)]
    longest_minutes: Annotated[int, Field(ge=1, le=30 * 24 * 60)]


class Ladder(Sourced):
    """The steps by which a matter goes up until somebody takes it on.

    An acknowledgement lapses ``lapse_minutes`` after the last step that its holder took. ``quiet`` = quiet
    hours are kept.
    """

    quiet: bool = True
    lapse_minutes: Annotated[int, Field(ge=1, le=90 * 24 * 60)]
    steps: tuple[Step, ...] = Field(min_length=1)
