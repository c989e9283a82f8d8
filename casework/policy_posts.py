"""The shape of a policy file: when a post is vacant, how the county hears of it, hours of one's own."""

from typing import Annotated

from pydantic import Field

from casework.policy_base import Hour, Sourced

Days = Annotated[int, Field(ge=1, le=366)]


class PostRules(Sourced):
    """When nobody can be reached at a post, and how often the county's officers hear of it.

    What is noticed within ``gather_minutes`` is one message. Somebody named for a post has ``join_days`` to
    join. Who is told of an alert and says and taps nothing for ``silent_hours`` is silent. While a post is
    vacant it is told again after ``again_days``; each gap is ``again_growth`` times the last, but never
    above ``again_longest_days``; once an officer is at it, after ``taken_days``. The clock looks at all
    posts each day at ``look_hour``.
    """

    look_hour: Hour
    gather_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    join_days: Days
    silent_hours: Annotated[int, Field(ge=12, le=24 * 60)]
    again_days: Days
    again_growth: Annotated[float, Field(ge=1, le=4)]
    again_longest_days: Days
    taken_days: Days


class OwnQuietRules(Sourced):
    """Hours of somebody's own in which reminders do not come, and families' pauses: both have an end.

    At most ``most_hours`` a day, for at most ``most_days``; check-ins pause for at most ``checkin_days``.
    What is urgent comes all the same, and nothing goes up later for it.
    """

    most_hours: Annotated[int, Field(ge=1, le=14)]
    most_days: Days
    checkin_days: Days
