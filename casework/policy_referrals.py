"""The shape of a policy file: departments, what each may be told of a child and for what, the conference."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from casework.policy_base import Labelled, Rule, Sourced
from casework.records import Role, Urgency

Days = Annotated[int, Field(ge=1, le=366)]


class Department(Labelled, Sourced):
    """A department with its duty in a sentence. ``levels``: in which areas it may have a contact.

    ``office`` is how a letter addresses it, after the county's name; "" = by its label. ``conference``: its
    contacts may see the joint conference's figures, small numbers hidden. ``reports``: the flag that goes up
    when a contact of it reports a child; "" where they report none.
    """

    duty: Labelled
    office: str = ""
    levels: tuple[Literal["county", "township", "village"], ...] = ("county", "township")
    conference: bool = False
    reports: str = ""


class ReferralField(Labelled):
    """Something that a referral may carry. ``of`` is where it comes from:

    ``child.NAME`` (what is kept of the child), ``saved.NAME`` (what forms saved), ``matter.NAME`` (what the
    matter's reports said), ``worker.NAME`` or ``sender.NAME`` (name, phone). ``hidden``: it tells who the
    child is, so that it is shown by a pop-up only, unless names may stand in messages.
    """

    of: str = Field(pattern=r"^(child|saved|matter|worker|sender)\.[a-z][a-z0-9_]*$")
    hidden: bool = False


class ReferralAnswer(Labelled):
    """What a contact may answer; ``step`` is the step that it takes on the matter behind the referral."""

    step: str = ""


class Letter(Rule):
    """What its letter says: 关于``subject``的转介函; 请贵单位``request``，并于…前将办理情况告知我单位."""

    subject: str = Field(min_length=1)
    request: str = Field(min_length=1)


class ReferralRule(Labelled, Sourced):
    """For what a child may be referred to a department, and with which fields: no others leave us.

    ``basis``: the law that allows it, written down with every sending (art. 23 PIPL). The contact is to
    acknowledge within ``ack_days`` and to answer within ``answer_days`` of the sending, the sender to close
    it within ``close_days`` of the answer: working days. ``direct``: it may be sent without any matter.
    ``letter``: the words of its letter; without them it says the label.
    """

    department: str
    basis: str = Field(min_length=4)
    fields: tuple[str, ...] = Field(min_length=1)
    by: tuple[Role, ...] = ("township_officer", "county_officer")
    direct: bool = False
    ack_days: Days
    answer_days: Days
    close_days: Days
    answers: Mapping[str, ReferralAnswer] = Field(min_length=1)
    returned_step: str = ""
    letter: Letter | None = None
    flag: str = "referral_late"
    urgency: Urgency = "days"


class ConferenceRules(Sourced):
    """Who sees the joint conference's view: ``roles`` with its agenda; departments the figures alone.

    Figures below ``small_number`` are not told to departments: they would point at a child.
    """

    roles: tuple[Role, ...] = ("county_officer",)
    small_number: Annotated[int, Field(ge=1, le=100)]
    agenda: Annotated[int, Field(ge=1, le=60)]
