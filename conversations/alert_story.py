"""The story of one alert: who was told when, when it arrived and was seen, who did what."""

from casework.access import CLOCK
from casework.clocks import seen
from casework.escalations import may_act
from casework.gathering import told_with
from casework.ladder import OPEN
from casework.records import Escalation, Told
from conversations.alert_text import alert_buttons, alert_text, deed_lines, name_of
from conversations.dates import say_moment, say_moment_after
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
    e = looked_at(turn, e)
    lead = await turn.desk.store.get(CLOCK, Escalation, e.under) if e.under is not None else None
    e = told_with(e, lead)
    lines = [text, *_outcome_by(turn, e), turn.words("story.head"), *await _story(turn, e)]
    buttons = alert_buttons(turn.desk, e, turn.person) if e.status in OPEN else ()
    turn.tell("\n".join(lines), buttons, bold=(bold,), protect=True)


def looked_at(turn: Turn, e: Escalation) -> Escalation:
    """``e``, which this person has seen now: who was told of it is known to know of it."""
    known = seen(e, person=turn.person.id, now=turn.now)
    if known is not e:
        turn.keep(known)
    return known


async def _story(turn: Turn, e: Escalation) -> list[str]:
    """Tellings and deeds in the order in which they happened."""
    told = []
    for one in e.told:
        at = say_moment(one.at, turn.language, turn.desk.policy)
        who = await name_of(turn.desk, one.person, turn.language)
        if one.undelivered:
            line = turn.words("story.not_reached", at=at, who=who)
        else:
            line = turn.words("story.told", at=at, who=who, how=_how(turn, one))
        told.append((one.at, line))
    deeds = [(at, line) for at, line in await deed_lines(turn.desk, e, turn.language)]
    return [line for _, line in sorted([*told, *deeds], key=lambda one: one[0])][-_LINES:]


def _how(turn: Turn, told: Told) -> str:
    """When it arrived, and when he first tapped on it, as far as that is known."""
    known = [
        turn.words(key, at=say_moment_after(told.at, moment, turn.language, turn.desk.policy))
        for key, moment in (("story.delivered", told.delivered_at), ("story.seen", told.seen_at))
        if moment is not None
    ]
    return turn.words("story.how", what=turn.words("list.comma").join(known)) if known else ""


def _outcome_by(turn: Turn, e: Escalation) -> list[str]:
    if e.outcome_by is None or e.status not in OPEN:
        return []
    return [turn.words("story.outcome_by", day=turn.day(turn.desk.today(e.outcome_by)))]
