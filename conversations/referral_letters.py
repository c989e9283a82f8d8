"""转介函: a referral as a letter on paper, with the fields that its purpose allows and no others."""

import logging
from dataclasses import replace

from casework.access import CLOCK
from casework.records import Area, Child, File, Person, Referral
from casework.referrals import OPEN, answer_by
from conversations import documents, files, pins
from conversations.matter_documents import area_name
from conversations.press import Unprintable, Values
from conversations.referral_text import department_label, fields_of, is_contact, purpose_label
from conversations.referring import may_close
from conversations.turn import Turn

LOG = logging.getLogger(__name__)
KIND = "letter"
_ADDRESSED = ("referral_sent", "referral_readdressed")  # since then its letter says what it said
_BY_HAND = "child.id_number"  # never passes through a chat


async def may_have(turn: Turn, r: Referral) -> bool:
    """Who might have sent it; and its contact, as far as the chat may show him who the child is."""
    privacy = turn.desk.policy.privacy
    if is_contact(r, turn.reader.contacts):
        return privacy.reveal or privacy.names_in_messages
    return await may_close(turn, r)


async def print_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """打印转介函: made once for each addressee, then shown again as it was."""
    if not await pins.gate(turn, "rq", parts[0]):
        return
    r = await turn.desk.store.get(turn.reader, Referral, parts[0])
    child = await turn.desk.store.get(CLOCK, Child, r.child or "") if r is not None else None
    if r is None or child is None or not await may_have(turn, r):
        turn.pop("referrals.no_such")
        return
    turn.child = r.child
    if r.status not in OPEN:
        turn.pop("referrals.was_closed", alarm=True, number=r.number)
        return
    if is_contact(r, turn.reader.contacts):
        turn.happened("referral_read", child=r.child, record=r.id)
    made = await _made(turn, r)
    if made is not None:
        files.show(turn, made)
        return
    try:
        await documents.hand_out(turn, KIND, await values_of(turn, r, child), child=r.child, source=r.id)
    except Unprintable as error:
        LOG.error("a letter could not be made: %s", "; ".join(error.faults))
        turn.say("document.failed")


async def _made(turn: Turn, r: Referral) -> File | None:
    """The letter to whom the referral is addressed now, if it was made already."""
    since = max((handled.at for handled in r.story if handled.name in _ADDRESSED), default=r.opened_at)
    found = await turn.desk.store.find(CLOCK, File, child=r.child)
    made = [f for f in found if f.source == r.id and f.document == KIND and f.at >= since]
    return max(made, key=lambda file: file.at, default=None)


async def values_of(turn: Turn, r: Referral, child: Child) -> Values:
    """What the letter says; in Chinese, whatever language its reader speaks."""
    chinese = replace(turn, person=replace(turn.person, language="zh_Hans"))
    desk, say = turn.desk, chinese.words
    rule = desk.policy.referrals.get(r.purpose)
    what = purpose_label(desk, r, chinese.language)
    letter = rule.letter if rule is not None else None
    sender = await desk.store.person(r.sender)
    return {
        "to": await _addressee(chinese, r, child),
        "subject": letter.subject if letter is not None else what,
        "text": _text(chinese, r, rule.basis if rule is not None else ""),
        "request": letter.request if letter is not None else say("paper.letter_request", what=what),
        "reply_by": answer_by(r, rule, desk.policy) if rule is not None else None,
        "sender": await _sender(chinese, sender, child),
        "contact_name": sender.name if sender is not None else "",
        "contact_phone": sender.phone if sender is not None else "",
        "fields": [
            {"label": field.label(chinese.language), "value": "" if field.of == _BY_HAND else value}
            for field, value in fields_of(desk, r, chinese.language)
        ],
    }


def _text(turn: Turn, r: Referral, basis: str) -> str:
    lines = [turn.words("paper.letter_text", basis=basis)]
    if r.words:
        lines.append(turn.words("paper.letter_words", words=r.words))
    return "\n".join(lines)


async def _addressee(turn: Turn, r: Referral, child: Child) -> str:
    """青山县公安局（柳河镇）; a school by its own name."""
    contact = await turn.desk.store.person(r.person) if r.person else None
    if contact is not None and contact.school:
        return contact.school
    rule = turn.desk.policy.departments.get(r.department)
    office = rule.office if rule is not None and rule.office else ""
    office = office or department_label(turn.desk, r.department, turn.language)
    name = await area_name(turn, child.county) + office
    post = next((p for p in contact.posts if p.role == "department_contact"), None) if contact else None
    area = await turn.desk.store.get(CLOCK, Area, post.area) if post is not None else None
    if area is None or area.level == "county":
        return name
    return turn.words("paper.letter_to", name=name, area=area.name)


async def _sender(turn: Turn, sender: Person | None, child: Child) -> str:
    """In whose name it is written: the township's, or the county's where its officer sent it."""
    if sender is not None and any(post.role == "county_officer" for post in sender.posts):
        return turn.words("paper.letter_county", county=await area_name(turn, child.county))
    return turn.words("paper.township", township=await area_name(turn, child.township))
