"""Moments as they are kept: whole microseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

_START = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(microseconds=1)


def to_number(moment: datetime) -> int:
    """Raises `ValueError` for a moment without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone cannot be kept")
    return (moment - _START) // _STEP


def to_optional(moment: datetime | None) -> int | None:
    """The same, where there may be none."""
    return None if moment is None else to_number(moment)


def from_number(number: int) -> datetime:
    """The inverse."""
    return _START + number * _STEP
