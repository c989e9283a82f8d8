"""办结 and 已报警: what came of an alert, who agrees to its end, and that the police were called."""

from casework.closing import police_called, propose, refuse, seconders
from casework.escalations import may_act, resolve
from casework.gathering import freed
from casework.records import Child, Circle, Escalation
from conversations import alerts, matters
from conversations.alert_text import alert_buttons, alert_text, spoken_for
from conversations.masks import clean
from conversations.turn import Turn

_NAMED = 3  # so many of those who may agree are named


async def resolve_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """办结: asks what came of it."""
    found = await alerts.actable(turn, parts[0])
    if found is not None:
        turn.expect("outcome", parts[0])
        turn.say("alerts.outcome", number=found[0].number)


async def outcome_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """What came of it: it is ended, or a second person is asked to agree."""
    turn.expect()
    found = await alerts.actable(turn, parts[0])
    if found is None:
        return
    words = clean(text, 500)
    if not words:
        await resolve_tapped(turn, parts)
        return
    e, child, circle = found
    policy = turn.desk.policy
    others = seconders(e, by=turn.person.id, circle=circle, policy=policy)
    if not others:
        await _end(turn, e, child, circle, words)
        return
    turn.decide(propose(e, by=turn.person, outcome=words, circle=circle, policy=policy, now=turn.now))
    names = [await alerts.person_name(turn, who) for who in others[:_NAMED]]
    who = turn.words("list.comma").join(names)
    turn.say("alerts.proposed", number=e.number, child=turn.desk.label(child), who=who)


async def _end(turn: Turn, e: Escalation, child: Child, circle: Circle, words: str) -> None:
    """It is ended, and everybody who was told hears of it; what it spoke for comes up by itself."""
    policy = turn.desk.policy
    turn.decide(resolve(e, by=turn.person, outcome=words, circle=circle, policy=policy, now=turn.now))
    text = turn.words("alerts.resolved", number=e.number, child=turn.desk.label(child), outcome=words)
    begun = await matters.begun_by(turn, e)
    turn.tell(f"{text}\n{turn.words('matters.still_open')}" if begun else text, begun)
    others = await spoken_for(turn.desk, e)
    turn.decide(freed(e, others=others, now=turn.now))
    for other in (other for other in others if other.person == turn.person.id):
        text, bold = await alert_text(turn.desk, other, child, turn.person, short=True)
        turn.tell(text, alert_buttons(turn.desk, other, turn.person), bold=(bold,), protect=True)


async def agree_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """同意办结: the second person agrees with the outcome as it was proposed."""
    found = await _proposed(turn, parts[0])
    if found is not None:
        e, child, circle = found
        await _end(turn, e, child, circle, e.outcome)


async def refuse_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """还不能结: it goes on, and whoever proposed the end hears of it."""
    found = await _proposed(turn, parts[0])
    if found is None:
        return
    e, child, _ = found
    turn.decide(refuse(e, by=turn.person, now=turn.now))
    turn.say("alerts.refused", number=e.number, child=turn.desk.label(child))


async def _proposed(turn: Turn, escalation_id: str) -> tuple[Escalation, Child, Circle] | None:
    """The escalation whose end this person may agree to; else it is said why not."""
    found = await alerts.actable(turn, escalation_id)
    if found is None or found[0].proposed_by not in (None, turn.person.id):
        return found
    key = "alerts.second_needed" if found[0].proposed_by else "alerts.not_proposed"
    turn.pop(key, alarm=True, number=found[0].number)
    return None


async def police_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """已报警: when, and the receipt."""
    if await _reported(turn, parts[0]) is not None:
        turn.expect("police", parts[0])
        turn.tell(turn.words("police.ask"), [[turn.button(turn.words("police.none"), "pol0", parts[0])]])


async def police_unknown_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """No number was given on the telephone."""
    await police_said(turn, parts, turn.words("police.none"))


async def police_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """What the police gave: it is written down, and everybody who was told hears of it."""
    turn.expect()
    found = await _reported(turn, parts[0])
    if found is None:
        return
    e, child = found
    turn.child = child.id
    circle = await turn.desk.store.circle(child, turn.now)
    turn.decide(
        police_called(
            e, by=turn.person, note=clean(text, 200), circle=circle, policy=turn.desk.policy, now=turn.now
        )
    )
    turn.say("police.noted", number=e.number)


async def _reported(turn: Turn, escalation_id: str) -> tuple[Escalation, Child] | None:
    """The escalation, open, of whoever reported it or may act on it."""
    e = await turn.escalation(escalation_id)
    child = await turn.child_of(e.child) if e is not None else None
    if e is None or child is None or e.status not in alerts.OPEN:
        turn.pop("alerts.no_such")
        return None
    if e.author != turn.person.id and not may_act(e, reader=turn.reader, child=child):
        turn.pop("alerts.no_such")
        return None
    return e, child
