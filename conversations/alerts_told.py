"""The messages about alerts: told, again, handed over, news of it, and the question of a second person."""

from collections.abc import Mapping

from casework.access import CLOCK
from casework.outcome import Notice
from casework.records import Child, Escalation, Person, Visit
from conversations.alert_text import alert_buttons, alert_text, name_of
from conversations.dates import day_for
from conversations.desk import Desk
from conversations.masks import clean
from conversations.said import Button, Message

_TO_CONTACTS: Mapping[str, str] = {
    "escalation_taken": "contact_report.taken",
    "escalation_resolved": "contact_report.resolved",
    "escalation_withdrawn": "contact_report.withdrawn",
}
_TO_GUARDIANS: Mapping[str, str] = {
    "escalation_taken": "guardian.taken",
    "escalation_resolved": "guardian.heard",
    "escalation_withdrawn": "guardian.withdrawn",
}


async def _escalation(desk: Desk, notice: Notice) -> tuple[Escalation, Child] | None:
    e = await desk.store.get(CLOCK, Escalation, notice.values["escalation"])
    child = await desk.store.get(CLOCK, Child, e.child) if e is not None and e.child else None
    return (e, child) if e is not None and child is not None else None


def still_told(notice: Notice, e: Escalation) -> bool:
    """Whether the alert is to be told: it has not ended, nor, where this is a repeat, been taken on."""
    return e.status == "open" or (e.status == "acknowledged" and not notice.values.get("repeat"))


async def told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """An alert, or its repeat. Taken on or ended before it left, it is told by those news instead."""
    found = await _escalation(desk, notice)
    if found is None:
        return None
    e, child = found
    if not still_told(notice, e):
        return None
    again = bool(notice.values.get("repeat"))
    text, head = await alert_text(desk, e, child, to, short=again)
    before = desk.words.say(to.language, "alert.again") + "\n" if again else ""
    if notice.kind == "escalation_handed":
        who = await name_of(desk, notice.values["by"], to.language)
        before = desk.words.say(to.language, "alert.handed_to_you", who=who) + "\n"
    if notice.kind == "escalation_returned":
        who = await name_of(desk, notice.values["by"], to.language)
        gave_back = any(d.name == "escalation_declined" and d.by == notice.values["by"] for d in e.story[-2:])
        key = "alert.given_back" if gave_back else "alert.came_back"
        before = desk.words.say(to.language, key, who=who) + "\n"
    return Message(
        text=before + text,
        buttons=alert_buttons(desk, e, to),
        marks=(("bold", len(before), len(head)),),
        protect=True,
    )


async def news(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """Somebody took it on, ended it, or it was taken back. A family hears it without any case."""
    found = await _escalation(desk, notice)
    if found is None:
        return None
    e, child = found
    if notice.kind == "escalation_taken" and e.status != "acknowledged":
        return None
    who = await name_of(desk, notice.values.get("by") or e.person, to.language)
    police = next((deed.note for deed in reversed(e.story) if deed.name == "police_called"), "")
    what = desk.policy.flag(e.flag).label(to.language)
    outcome = clean(e.outcome, 300)
    if notice.kind == "escalation_withdrawn":
        why = f"withdrawn.{e.outcome}"
        day = await _new_day(desk, e, to)
        outcome = desk.words.say(to.language, why if desk.words.has(why) else "withdrawn.other", day=day)
    if to.cares_for and not any(post.role != "guardian" for post in to.posts):
        key = _TO_GUARDIANS.get(notice.kind)
        return Message(text=desk.words.say(to.language, key, who=who)) if key else None
    if all(post.role == "department_contact" for post in to.posts):
        key = _TO_CONTACTS.get(notice.kind)
        return Message(text=desk.words.say(to.language, key, who=who, outcome=outcome)) if key else None
    text = desk.words.say(
        to.language, f"news.{notice.kind}", number=e.number, child=desk.label(child), what=what, who=who,
        outcome=outcome, note=clean(police, 200),
    )  # fmt: skip
    return Message(text=text, protect=True)


async def _new_day(desk: Desk, e: Escalation, to: Person) -> str:
    """To which day the visit behind it is put off; "" where it is not about a visit."""
    visit = await desk.store.get(CLOCK, Visit, e.source) if e.source else None
    return day_for(visit.due, to, desk.policy) if visit is not None else ""


async def proposed(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """A second person is asked to agree to the end of an urgent danger."""
    found = await _escalation(desk, notice)
    if found is None or found[0].status not in ("open", "acknowledged") or found[0].proposed_by is None:
        return None
    e, child = found
    say, language = desk.words.say, to.language
    who = await name_of(desk, e.proposed_by, language)
    what = desk.policy.flag(e.flag).label(language)
    text = say(
        language, "alert.proposed", number=e.number, child=desk.label(child), what=what, who=who,
        outcome=clean(e.outcome, 300),
    )  # fmt: skip
    buttons = [("alert.agree", "yes"), ("alert.not_yet", "not"), ("alert.answers", "ans")]
    if not e.facts.get("form"):
        buttons.pop()
    row = tuple(
        Button(label=say(language, key), token=desk.token(to.id, action, e.id)) for key, action in buttons
    )
    return Message(text=text, buttons=(row,), protect=True)
