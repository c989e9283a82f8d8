"""Escalations in the chat, by tap and by word: the list, taking on, ending with an outcome, handing over."""

import re
from collections.abc import Callable

from casework.escalations import decline, hand_over, may_act
from casework.gathering import acknowledge_all
from casework.records import Child, Circle, Escalation, Person, Submission
from conversations import alert_story, closing, files, pins, resting, vacancies
from conversations.alert_text import alert_buttons, alert_text, answers, brief, spoken_for
from conversations.masks import clean
from conversations.turn import Turn

OPEN = ("open", "acknowledged")
SHOWN, LISTED = 8, 30  # with all that may be done, and in one line each
_TWIN = re.compile(
    r"(收到|办结|转交|先等等|ack(?:nowledge)?|resolve|hand ?over|wait)"
    r"(?:\s*#?(\d{1,9}))?(?:[\s,，:：]+(.+))?",
    re.IGNORECASE | re.DOTALL,
)
_MEANS = {
    "收到": "ack",
    "ack": "ack",
    "acknowledge": "ack",
    "办结": "res",
    "resolve": "res",
    "先等等": "wt",
    "wait": "wt",
}


async def asked(turn: Turn, rest: str) -> None:
    """/alerts: what is open, the most urgent first, each with its buttons; with a number, its whole story."""
    if rest.lstrip("#").isdecimal():
        await alert_story.shown(turn, int(rest.lstrip("#")))
        return
    found = await _open(turn)
    vacant = await vacancies.shown(turn)
    if not found:
        if not vacant:
            turn.say("alerts.none")
        return
    turn.say("alerts.head", count=len(found))
    leads = {e.id for e in found}
    found = [e for e in found if e.under not in leads]  # its message names it
    for e in found[:SHOWN]:
        child = await turn.child_of(e.child)
        if child is not None:
            text, bold = await alert_text(turn.desk, e, child, turn.person)
            turn.tell(text, alert_buttons(turn.desk, e, turn.person), bold=(bold,))
    if len(found) > SHOWN:
        lines = [brief(turn.desk, e, turn.language) for e in found[SHOWN : SHOWN + LISTED]]
        if unlisted := len(found) - SHOWN - len(lines):
            lines.append(turn.words("alerts.unlisted", count=unlisted))
        turn.tell("\n".join([turn.words("alerts.more", count=len(found) - SHOWN), *lines]))


async def all_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """看全部"""
    await asked(turn, "")


async def _open(turn: Turn) -> list[Escalation]:
    """Those that this person may act on."""
    order = ("now", "today", "days", "note")
    found = await turn.desk.store.find(turn.reader, Escalation, status=OPEN)
    mine = []
    for e in found:
        child = await turn.child_of(e.child)
        if child is not None and may_act(e, reader=turn.reader, child=child):
            mine.append(e)
    return sorted(mine, key=lambda e: (e.status != "open", order.index(e.urgency), e.opened_at))


async def heard(turn: Turn, text: str, *, bare: bool) -> bool:
    """The buttons' twins: 收到, 收到 12, 办结 12 已返校, 转交 12. ``bare``: also without a number."""
    match = _TWIN.fullmatch(text.strip().rstrip("。.!！"))
    if match is None or not (match[2] or bare):
        return False
    if not match[2] and not (turn.reader.is_staff and await _open(turn)):
        return False
    e = await _meant(turn, int(match[2]) if match[2] else None)
    if e is None:
        return True
    what = _MEANS.get(match[1].lower(), "ho")
    turn.expect()
    rest = (match[3] or "").strip()
    if what == "ack":
        await acknowledge_tapped(turn, (e.id,))
    elif what == "res":
        await (closing.outcome_said(turn, (e.id,), rest) if rest else closing.resolve_tapped(turn, (e.id,)))
    elif what == "wt":
        await resting.rest_tapped(turn, (e.id,))
    else:
        await (hand_over_said(turn, (e.id,), rest) if rest else hand_over_tapped(turn, (e.id,)))
    return True


async def _meant(turn: Turn, number: int | None) -> Escalation | None:
    """Which one is meant; where that is not clear, it is asked."""
    if number is not None:
        e = await turn.desk.store.escalation_by_number(turn.reader, number)
        if e is None:
            turn.say("alerts.no_such")
        return e
    found = await _open(turn)
    waiting = [e for e in found if e.status == "open"] or found
    if len(waiting) == 1:
        return waiting[0]
    turn.tell(
        turn.words("alerts.which")
        + "\n"
        + "\n".join(brief(turn.desk, e, turn.language) for e in waiting[:30])
    )
    return None


async def actable(turn: Turn, escalation_id: str) -> tuple[Escalation, Child, Circle] | None:
    """The escalation, where this person may act on it and it has not ended; else it is said why not."""
    e = await turn.escalation(escalation_id)
    child = await turn.child_of(e.child) if e is not None else None
    if e is None or child is None or not may_act(e, reader=turn.reader, child=child):
        turn.pop("alerts.no_such")
        return None
    turn.child = child.id
    e = alert_story.looked_at(turn, e)
    if e.status not in OPEN:
        turn.pop(f"alerts.was_{e.status}", alarm=True, number=e.number, who=await person_name(turn, e.person))
        return None
    return e, child, await turn.desk.store.circle(child, turn.now)


async def answers_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """看记录: the report behind an alert, in a message that cannot be forwarded. Looking is an event."""
    if not await pins.gate(turn, "ans", parts[0]):
        return
    e = await turn.escalation(parts[0])
    child = await turn.child_of(e.child) if e is not None else None
    if e is None or child is None or not may_act(e, reader=turn.reader, child=child):
        turn.pop("alerts.no_such")
        return
    await turn.desk.store.open_file(turn.reader, child.id, ground="assignment", now=turn.now)
    turn.child = child.id
    alert_story.looked_at(turn, e)
    lines = await answers(turn.desk, e, turn.language)
    if not lines:
        turn.pop("alert.no_answers")
        return
    head = turn.words("alert.answers_of", number=e.number, child=turn.desk.label(child))
    source = await turn.desk.store.get(turn.reader, Submission, e.source or "")
    shown = await files.buttons(turn, source) if source is not None else []
    turn.tell("\n".join([head, *lines]), shown, bold=(head,), protect=True)


async def person_name(turn: Turn, person: str | None) -> str:
    known = await turn.desk.store.person(person) if person else None
    return clean(known.name, 30) if known is not None else turn.words("somebody")


async def acknowledge_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """收到: this person takes it on."""
    found = await actable(turn, parts[0])
    if found is None:
        return
    e, child, circle = found
    if e.status == "acknowledged":
        key = "alerts.yours" if e.person == turn.person.id else "alerts.taken_by"
        turn.pop(key, number=e.number, who=await person_name(turn, e.person))
        return
    others, policy = await spoken_for(turn.desk, e), turn.desk.policy
    turn.decide(acknowledge_all(e, others=others, by=turn.person, circle=circle, policy=policy, now=turn.now))
    turn.tell(
        turn.words("alerts.taken", number=e.number, child=turn.desk.label(child)),
        alert_buttons(turn.desk, e, turn.person, taken=True),
    )


def _others(circle: Circle, but: str) -> list[Person]:
    people = [*circle.officers, *circle.deputies, *circle.county, *([circle.worker] if circle.worker else [])]
    return [p for p in {p.id: p for p in people}.values() if p.id != but]


async def hand_over_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """转交: to whom."""
    found = await actable(turn, parts[0])
    if found is None:
        return
    e, _, circle = found
    others = _others(circle, turn.person.id)
    if not others:
        turn.say("alerts.nobody")
        return
    turn.expect("hand_over", e.id)
    turn.tell(
        turn.words("alerts.to_whom", number=e.number),
        [[turn.button(_with_role(turn, p), "hot", e.id, p.id)] for p in others[:10]],
    )


def _with_role(turn: Turn, person: Person) -> str:
    roles = [turn.desk.policy.roles[post.role].label(turn.language) for post in person.posts[:1]]
    return " · ".join([clean(person.name, 30), *roles])


async def hand_over_to_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The person was chosen."""
    await _hand_to(turn, parts[0], lambda p: p.id == parts[1])


async def hand_over_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The person's name was typed."""
    wanted = text.strip()
    await _hand_to(turn, parts[0], lambda p: wanted in (p.name, p.id))


async def _hand_to(turn: Turn, escalation_id: str, is_meant: Callable[[Person], bool]) -> None:
    turn.expect()
    found = await actable(turn, escalation_id)
    if found is None:
        return
    e, child, circle = found
    to = next((p for p in _others(circle, turn.person.id) if is_meant(p)), None)
    if to is None:
        turn.say("alerts.not_in_circle")
        return
    turn.decide(hand_over(e, by=turn.person, to=to, circle=circle, policy=turn.desk.policy, now=turn.now))
    turn.say("alerts.handed", number=e.number, child=turn.desk.label(child), who=clean(to.name, 30))


async def decline_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """退回: whom it was handed to gives it back; the others are told at once."""
    found = await actable(turn, parts[0])
    if found is None:
        return
    e, child, circle = found
    outcome = decline(e, by=turn.person, circle=circle, policy=turn.desk.policy, now=turn.now)
    if not outcome:
        turn.pop("alerts.not_yours", number=e.number)
        return
    turn.decide(outcome)
    turn.say("alerts.declined", number=e.number, child=turn.desk.label(child))
