"""Dates and times as expressions know them: ISO text to moments and back, days as numbers."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?")
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Clock:
    """How dates and numbers turn into each other.

    JavaRosa counts local days, so that no zone shifts a date (`date('1970-01-01')` is 0 everywhere). The
    engines written in JavaScript count days in UTC (0.29 in Phoenix): `utc` does as they do.
    """

    zone: tzinfo = UTC
    utc: bool = False

    def days(self, moment: Moment) -> float:
        return utc_days(moment) if self.utc else moment.days()

    def number(self, moment: Moment) -> float:
        """What a moment counts as in sums and comparisons: JavaRosa takes the whole local day, of a dateTime
        too; the time of day counts only in decimal-date-time().
        """
        return utc_days(moment) if self.utc else float((moment.when.date() - _EPOCH).days)

    def moment(self, days: float, *, whole: bool) -> Moment | None:
        """The moment that many days after 1970-01-01; None for NaN and outside the years 1 to 9999."""
        if not self.utc:
            return from_days(days, self.zone, whole=whole)
        found = from_utc_days(days, self.zone)
        if found is None:
            return None
        return Moment(found.when, whole=found.when.time() == time(0))


@dataclass(frozen=True, slots=True)
class Moment:
    """A date (`whole`, at midnight) or a point in time; `when` is aware, in the form's own time zone."""

    when: datetime
    whole: bool

    def text(self) -> str:
        if self.whole:
            return self.when.date().isoformat()
        return iso(self.when)

    def days(self) -> float:
        """Local days since 1970-01-01, whole for a date."""
        days = (self.when.date() - _EPOCH).days
        if self.whole:
            return float(days)
        clock = self.when.time()
        return days + _seconds(clock) / 86400


def _seconds(clock: time) -> float:
    return clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6


def iso(when: datetime) -> str:
    """`2026-11-23T09:21:30.000+08:00` (`Z` in UTC), the form in which dateTime values are stored."""
    minutes = round((when.utcoffset() or timedelta(0)).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    zone = f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}" if minutes else "Z"
    stamp = when.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    return f"{stamp}.{when.microsecond // 1000:03d}{zone}"


def parse_date(text: str) -> date | None:
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def parse_time(text: str) -> tuple[time, tzinfo | None] | None:
    """A time of day and the zone that was written with it; None if it is not one."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    fraction = int((match[4] or "0").ljust(6, "0")[:6])
    try:
        clock = time(int(match[1]), int(match[2]), int(match[3] or 0), fraction)
        return clock, _zone(match[5])
    except ValueError:
        return None


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        raise ValueError(text)
    delta = timedelta(hours=hours, minutes=minutes)
    return timezone(-delta if text[0] == "-" else delta)


def parse_moment(text: str, zone: tzinfo) -> Moment | None:
    """A date or dateTime in ISO form; a dateTime without an offset is local."""
    text = text.strip()
    head, mark, tail = text.partition("T")
    if not mark and " " in text:
        head, _, tail = text.partition(" ")
    day = parse_date(head)
    if day is None:
        return None
    if not tail:
        return Moment(datetime.combine(day, time(0), zone), whole=True) if not mark else None
    parsed = parse_time(tail)
    if parsed is None:
        return None
    clock, own = parsed
    try:
        return Moment(datetime.combine(day, clock, own or zone).astimezone(zone), whole=False)
    except (OverflowError, ValueError):
        return None


def from_days(days: float, zone: tzinfo, *, whole: bool) -> Moment | None:
    """The moment that many local days after 1970-01-01; None outside the years 1 to 9999 or for NaN."""
    if not math.isfinite(days) or abs(days) > 4_000_000:
        return None
    count = math.floor(days)
    seconds = 0.0 if whole else round((days - count) * 86400, 3)
    try:
        start = datetime.combine(_EPOCH + timedelta(days=count), time(0), zone)
        return Moment(start + timedelta(seconds=seconds), whole=whole)
    except (OverflowError, ValueError):
        return None


def utc_days(moment: Moment) -> float:
    """Days with fraction since the epoch in UTC: what decimal-date-time() gives."""
    return (moment.when - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(days=1)


def from_utc_days(days: float, zone: tzinfo) -> Moment | None:
    if not math.isfinite(days) or abs(days) > 4_000_000:
        return None
    try:
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=round(days * 86_400_000))
        return Moment(when.astimezone(zone), whole=False)
    except (OverflowError, ValueError):
        return None
