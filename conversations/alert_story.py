"""The story of one alert: who was told when, who did what."""

from casework.escalations import may_act
from casework.records import Escalation
from conversations.alert_text import alert_buttons, alert_text, deed_lines, name_of
from conversations.dates import say_moment
from conversations.turn import Turn

_LINES = 60


async def shown(turn: Turn, number: int) -> None:
    """/alerts 12"""
    e = await turn.desk.store.escalation_by_number(turn.reader, number)
    child = await turn.child_of(e.child) if e is not None else None
    if e is None or child is None or not may_act(e, reader=turn.reader, child=child):
        turn.say("alerts.no_such")
        return
    turn.child = child.id
    text, bold = await alert_text(turn.desk, e, child, turn.person, short=True, deeds=False)
    lines = [text, turn.words("story.head"), *await _story(turn, e)]
    buttons = alert_buttons(turn.desk, e, turn.person) if e.status in ("open", "acknowledged") else ()
    turn.tell("\n".join(lines), buttons, bold=(bold,), protect=True)


async def _story(turn: Turn, e: Escalation) -> list[str]:
    """Tellings and deeds in the order in which they happened."""
    told = []
    for one in e.told:
        at = say_moment(one.at, turn.language, turn.desk.policy)
        key = "story.not_reached" if one.undelivered else "story.told"
        who = await name_of(turn.desk, one.person, turn.language)
        told.append((one.at, turn.words(key, at=at, who=who)))
    deeds = [(at, line) for at, line in await deed_lines(turn.desk, e, turn.language)]
    return [line for _, line in sorted([*told, *deeds], key=lambda one: one[0])][-_LINES:]
