"""The shape of a county's policy file: labels, hours, plans, ladders; every number beside its source."""

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveInt

from casework.records import Role, Urgency

Rung = Literal["village_worker", "township_officer", "deputy", "county_officer"]
Days = Annotated[int, Field(ge=0, le=366)]
Hour = Annotated[int, Field(ge=0, le=23)]
RiskLevel = Annotated[int, Field(ge=1, le=4)]
FALLBACK = "default"
_DAY_OF_YEAR = "^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("没有这个时区 / no such time zone; e.g. Asia/Shanghai") from error
    return name


class Rule(BaseModel):
    """A table of the file. An unknown key is a fault: misspelt, it would silently do nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Sourced(Rule):
    """A table that holds numbers: ``source`` says which law, standard or decision they come from."""

    source: str = Field(min_length=4)


class Labelled(Rule):
    """A table with words that people read. Chinese stands in where a language has none of its own."""

    zh_Hans: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def label(self, language: str) -> str:
        """The words in ``language`` ("zh_Hans", "en")."""
        return self.en if language.startswith("en") else self.zh_Hans


class County(Rule):
    """Where the county's days begin and end."""

    timezone: Annotated[str, AfterValidator(_known_zone)]


class Year(Sourced):
    """One year's public holidays, and the weekend days worked in exchange for them."""

    holidays: tuple[date, ...]
    workdays: tuple[date, ...]


class Period(Labelled, Sourced):
    """A time of the year that needs other care: ``visits`` is the share of the usual interval between visits.

    ``start`` and ``end`` are days of the year ("07-01"), both included, of the farmers' calendar where
    ``lunar`` says so; an end before its start lies in the next year.
    """

    start: Annotated[str, Field(pattern=_DAY_OF_YEAR)]
    end: Annotated[str, Field(pattern=_DAY_OF_YEAR)]
    lunar: bool = False
    visits: Annotated[float, Field(ge=0.1, le=4)]


class QuietHours(Sourced):
    """No message of the bot's own between two local times; equal times mean no quiet hours."""

    start: time
    end: time


class Hotline(Labelled):
    """A number that people call; the label says who answers."""

    number: str = Field(pattern=r"^[0-9-]{3,20}$")


class Reason(Labelled, Sourced):
    """Why a visit did not happen, and what follows.

    The next try is planned ``again_days`` later (never later than the child's own interval). From the
    ``flag_after``-th try in a row that did not happen, the flag ``flag`` goes up; an empty ``flag`` never
    does.
    """

    again_days: Annotated[int, Field(ge=1, le=366)]
    flag: str = ""
    urgency: Urgency = "days"
    flag_after: PositiveInt = 1


class RiskPlan(Labelled, Sourced):
    """How a child of one risk level is looked after; days count from the visit's due day.

    The reason is asked ``ask_after_days`` after it, and the visit goes up on ``ladder`` ``up_after_days``
    after it. While it is still not done it is asked for again after ``again_days``; each gap is
    ``again_growth`` times the last, but never above ``again_longest_days``.
    """

    every_days: Annotated[int, Field(ge=1, le=366)]
    ask_after_days: Annotated[int, Field(ge=1, le=60)]
    up_after_days: Annotated[int, Field(ge=1, le=90)]
    again_days: Annotated[int, Field(ge=1, le=90)]
    again_growth: Annotated[float, Field(ge=1, le=4)]
    again_longest_days: Annotated[int, Field(ge=1, le=366)]
    ladder: str


class VisitRules(Sourced):
    """When visits are due, and when people are reminded of them."""

    new_child_working_days: Annotated[int, Field(ge=1, le=60)]
    follow_up_days: Annotated[int, Field(ge=1, le=90)]
    phone_days: Annotated[int, Field(ge=1, le=30)]
    remind_days_before: Annotated[int, Field(ge=1, le=30)]
    remind_hour: Hour
    risks: Mapping[RiskLevel, RiskPlan]
    reasons: Mapping[str, Reason]

    def risk(self, level: int) -> RiskPlan:
        """The plan of a risk level."""
        return self.risks[level]


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


class CheckInRules(Sourced):
    """How often guardians are asked, by the child's risk, and when the worker telephones instead."""

    every_days: Mapping[RiskLevel, Annotated[int, Field(ge=1, le=366)]]
    first_days: Annotated[int, Field(ge=0, le=366)]
    hour: Hour
    hours_until_task: Annotated[int, Field(ge=1, le=24 * 30)]
    form: str = "checkin"


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


class Policy(Rule):
    """A county's rules as one value; `casework.policy.load_policy` makes it."""

    county: County
    calendar: Mapping[str, Year] = Field(default_factory=dict)
    periods: Mapping[str, Period] = Field(default_factory=dict)
    roles: Mapping[Role, Labelled]
    quiet_hours: Mapping[Role | Literal["default"], QuietHours]
    hotlines: Mapping[str, Hotline]
    visits: VisitRules
    flags: Mapping[str, FlagRule]
    ladders: Mapping[str, Ladder]
    checkins: CheckInRules
    invites: InviteRules
    strangers: StrangerRules
    pin: PinRules
    forms: FormRules
    privacy: Privacy = Privacy()

    @property
    def timezone(self) -> str:
        """The county's time zone by name."""
        return self.county.timezone

    @property
    def zone(self) -> ZoneInfo:
        """The county's time zone."""
        return ZoneInfo(self.county.timezone)

    def quiet(self, role: str) -> QuietHours:
        """The quiet hours of a role, or those that hold for everybody."""
        return next(
            (hours for name, hours in self.quiet_hours.items() if name == role), self.quiet_hours["default"]
        )

    def flag(self, kind: str) -> FlagRule:
        """What a kind of flag does; kinds that the file does not name follow ``flags.default``."""
        return self.flags.get(kind, self.flags[FALLBACK])

    def ladder_of(self, kind: str, urgency: Urgency) -> str | None:
        """The ladder on which a flag goes up; None: it is written down and goes nowhere (notes)."""
        name = self.flag(kind).ladder.get(urgency, urgency)
        return name if name in self.ladders else None
