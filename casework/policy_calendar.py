"""The shape of a policy file: where a day begins, holidays, key periods, quiet hours."""

from calendar import monthrange
from datetime import date, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo

from casework.policy_base import Labelled, Rule, Sourced

_DAY_OF_YEAR = "^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_LEAP_YEAR = 2028


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("没有这个时区 / no such time zone; e.g. Asia/Shanghai") from error
    return name


def _possible_day(text: str, info: ValidationInfo) -> str:
    """There are such days: of the farmers' calendar up to the 30th, else as in a leap year."""
    month, day = int(text[:2]), int(text[3:])
    last = 30 if info.data.get("lunar") else monthrange(_LEAP_YEAR, month)[1]
    if day > last:
        raise ValueError(f"没有这一天 / there is no such day; at most {month:02}-{last}")
    return text


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

    lunar: bool = False  # before the days, which are judged by it
    start: Annotated[str, Field(pattern=_DAY_OF_YEAR), AfterValidator(_possible_day)]
    end: Annotated[str, Field(pattern=_DAY_OF_YEAR), AfterValidator(_possible_day)]
    visits: Annotated[float, Field(ge=0.1, le=4)]


class QuietHours(Sourced):
    """No message of the bot's own between two local times; equal times mean no quiet hours."""

    start: time
    end: time
