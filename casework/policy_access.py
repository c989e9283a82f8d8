"""The shape of a policy file: who gets in, what the chat takes, and what may stand in a message."""

from typing import Annotated, Literal

from pydantic import Field

from casework.policy_base import Rule, Sourced
from casework.records import Role


class InviteRules(Sourced):
    """One-time codes: how long, how long they last, and how many wrong ones may be tried.

    ``tries_per_hour`` and ``pause_minutes`` hold for one account, ``all_…`` for all strangers together.
    """

    hours_valid: Annotated[int, Field(ge=1, le=24 * 90)]
    code_length: Annotated[int, Field(ge=8, le=32)]
    tries_per_hour: Annotated[int, Field(ge=1, le=100)]
    pause_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)]
    all_tries_per_hour: Annotated[int, Field(ge=1, le=10_000)]
    all_pause_minutes: Annotated[int, Field(ge=1, le=24 * 60)]


class StrangerRules(Sourced):
    """People who have not joined: one sentence each, and silence for ``again_minutes`` after it.

    At most ``most_per_hour`` of them are answered; the others are not, whatever they send.
    """

    again_minutes: Annotated[int, Field(ge=1, le=60)]
    most_per_hour: Annotated[int, Field(ge=1, le=10_000)]


class FloodRules(Sourced):
    """One chat that sends faster than a person: all is heard, at the pace at which its answers can leave.

    ``burst`` answers run ahead of that pace. Of one chat at most ``most_waiting`` updates wait to be heard;
    what comes beyond is not kept, the sender is told, at most once in ``again_minutes``, and the county's
    officers where it has gone on for ``attack_minutes``.
    """

    burst: Annotated[int, Field(ge=5, le=1_000)]
    most_waiting: Annotated[int, Field(ge=100, le=10_000)]
    again_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    attack_minutes: Annotated[int, Field(ge=1, le=24 * 60)]


class FormRules(Sourced):
    """What the chat allows while a form is filled in.

    Words that come ``ask_again_hours`` after the last answer are not taken for one before the question was
    asked again. A list has at most ``most_repeats`` entries. Files are at most ``largest_file_mb`` megabytes.
    """

    ask_again_hours: Annotated[int, Field(ge=1, le=24 * 30)]
    most_repeats: Annotated[int, Field(ge=1, le=100)]
    largest_file_mb: Annotated[int, Field(ge=1, le=20)]


class PinRules(Sourced):
    """A PIN before names and reports. ``required``: roles that must set one; others may.

    It is typed once in ``minutes``, has at least ``digits`` digits; ``tries`` wrong ones in a row lock it for
    ``lock_minutes``, and after that each further wrong one does.
    """

    required: tuple[Role, ...] = ()
    minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    digits: Annotated[int, Field(ge=6, le=12)]
    tries: Annotated[int, Field(ge=1, le=20)]
    lock_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)]


class Privacy(Rule):
    """What may stand in a message. Chats lie on other people's servers, so as little as will do.

    ``guardian_phone``: in an alert (the pop-up with the name shows it in any case). ``answers_in_alerts``:
    all answers of the report; otherwise an alert says what the form's author chose for it (calculates
    ``fact_NAME``) and a button shows the rest. ``place_decimals``: to so many decimals of a degree are places
    kept (3 are about 100 metres, 2 about one kilometre).
    """

    names_in_messages: bool = False
    reveal: bool = True
    mask: Literal["surname", "code_only"] = "surname"
    guardian_phone: bool = False
    answers_in_alerts: bool = False
    place_decimals: Annotated[int, Field(ge=0, le=6)] = 3
    source: str = ""
