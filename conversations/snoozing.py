"""晚点提醒: the message about what is due comes again in the evening or the next morning."""

from datetime import UTC, datetime
from typing import get_args

from casework.snoozing import Later, may_snooze, snooze, snooze_moments
from conversations.dates import say_moment
from conversations.duties import Due, own_duties
from conversations.said import Button
from conversations.turn import Turn


async def when_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """When it is to come again."""
    named = await _named(turn, parts[0])
    if named is None:
        return
    row: list[Button] = [
        turn.button(turn.words(f"snooze.{later}"), "sz", parts[0], later)
        for later in snooze_moments(turn.person, turn.desk.policy, turn.now)
    ]
    turn.tell(turn.words("snooze.when"), [row])


async def snooze_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The message comes again then; the days of the visits stay."""
    named = await _named(turn, parts[0])
    later: Later | None = next((one for one in get_args(Later) if one == parts[1]), None)
    moment = snooze_moments(turn.person, turn.desk.policy, turn.now).get(later) if later is not None else None
    if named is None or later is None or moment is None:
        if named is not None:
            turn.pop("stale.unknown")
        return
    visits = [due.visit for due in named]
    turn.decide(snooze(visits, to=turn.person, until=later, policy=turn.desk.policy, now=turn.now))
    turn.say("snooze.done", at=say_moment(moment, turn.language, turn.desk.policy))


async def _named(turn: Turn, hour: str) -> list[Due] | None:
    """What the message named and is still to be done; None, and why is said, where it can't be put off."""
    told_at = datetime.fromtimestamp(3600 * int(hour), UTC)
    todo = await own_duties(turn.desk, turn.reader, turn.today)
    named = [due for due in todo if due.visit.told_at == told_at]
    if not named:
        turn.pop("snooze.nothing")
        return None
    if not may_snooze([due.visit for due in named], turn.desk.policy):
        turn.pop("snooze.enough", count=turn.desk.policy.visits.snooze.most)
        return None
    return named
