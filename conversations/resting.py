"""先等等: an alert that somebody holds is put to rest, with a reason and a day on which it goes on."""

from datetime import date, timedelta

from casework.clocks import latest_rest, may_rest, rest
from casework.records import Child, Circle, Escalation
from conversations import alerts
from conversations.alert_text import alert_buttons
from conversations.dates import day_of_mark, mark_of_day, read_span
from conversations.masks import clean
from conversations.turn import Turn

_QUICK = (1, 3, 7)


async def rest_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """先等等: to which day."""
    found = await _restable(turn, parts[0])
    if found is None:
        return
    e = found[0]
    last = latest_rest(e, policy=turn.desk.policy, now=turn.now)
    days = [day for n in _QUICK if (day := turn.today + timedelta(days=n)) <= last]
    turn.expect("rest", e.id)
    turn.tell(
        turn.words("rest.until", number=e.number, last=turn.day(last)),
        [[turn.button(turn.day(day), "wtd", e.id, mark_of_day(day))] for day in days],
    )


async def day_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The day was chosen."""
    day = day_of_mark(parts[1])
    await _day(turn, parts[0], day)


async def day_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The day was typed."""
    span = read_span(text, turn.today)
    await _day(turn, parts[0], span[1] if span is not None else None)


async def _day(turn: Turn, escalation_id: str, day: date | None) -> None:
    found = await _restable(turn, escalation_id)
    if found is None:
        return
    e = found[0]
    last = latest_rest(e, policy=turn.desk.policy, now=turn.now)
    if day is None or not turn.today < day <= last:
        turn.expect("rest", e.id)
        turn.say("rest.which_day", last=turn.day(last))
        return
    turn.expect("rest_why", e.id, day.isoformat())
    turn.say("rest.why", number=e.number, day=turn.day(day))


async def why_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """What is waited for: it rests, and all who were told hear of it."""
    found = await _restable(turn, parts[0])
    if found is None:
        return
    e, child, circle = found
    reason, until, policy = clean(text, 100), date.fromisoformat(parts[1]), turn.desk.policy
    if not reason or not turn.today < until <= latest_rest(e, policy=policy, now=turn.now):
        await rest_tapped(turn, parts)
        return
    turn.decide(
        rest(e, by=turn.person, until=until, reason=reason, circle=circle, policy=policy, now=turn.now)
    )
    turn.tell(
        turn.words(
            "rest.done", number=e.number, child=turn.desk.label(child), day=turn.day(until), reason=reason
        ),
        alert_buttons(turn.desk, e, turn.person),
    )


async def _restable(turn: Turn, escalation_id: str) -> tuple[Escalation, Child, Circle] | None:
    """The escalation, where this person may put it to rest; else it is said why not."""
    turn.expect()
    found = await alerts.actable(turn, escalation_id)
    if found is None or may_rest(found[0], by=turn.person, circle=found[2]):
        return found
    e = found[0]
    if e.urgency == "now":
        key = "rest.never"
    elif e.status != "acknowledged":
        key = "rest.take_first"
    elif e.rests and e.rests >= e.clock.get("rests", 0):
        key = "rest.enough"
    else:
        key = "rest.not_yours"
    turn.pop(key, alarm=True, number=e.number, times=e.rests)
    return None
