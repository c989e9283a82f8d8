"""The bot's own messages about referrals: to the contact, to those who wait for him, and to the county."""

from datetime import datetime

from casework.access import CLOCK, Reader
from casework.outcome import Notice
from casework.records import Child, Person, Referral
from casework.referrals import BACK, OPEN, WITH_CONTACT, closers
from conversations.alert_text import name_of
from conversations.desk import Desk
from conversations.masks import clean
from conversations.referral_text import (
    brief,
    closing_rows,
    contact_rows,
    department_label,
    is_contact,
    label_of,
    listed,
    referral_text,
    status_label,
)
from conversations.referring import referral_around
from conversations.said import Button, Message

PER_MESSAGE = 8


async def _found(desk: Desk, notice: Notice) -> Referral | None:
    return await desk.store.get(CLOCK, Referral, notice.values["referral"])


async def referral_sent(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """A contact is asked for something; None where he is not the one any more, or has answered."""
    r = await _found(desk, notice)
    reader = await desk.store.reader(to.id, desk.clock())
    if r is None or r.status not in WITH_CONTACT or not is_contact(r, reader.contacts):
        return None
    text, head = await referral_text(desk, r, to.language)
    rows = tuple(tuple(row) for row in contact_rows(desk, r, to))
    return Message(text=text, buttons=rows, marks=(("bold", 0, len(head)),), protect=True)


async def referral_news(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """It was acknowledged, answered or returned; None where it has gone on meanwhile."""
    r = await _found(desk, notice)
    if r is None or r.status != notice.values["status"]:
        return None
    last = r.story[-1]
    text = desk.words.say(
        to.language, f"news.{notice.kind}", what=brief(desk, r, await label_of(desk, r), to.language),
        department=department_label(desk, r.department, to.language),
        who=await name_of(desk, last.by, to.language), status=status_label(desk, r, to.language),
    )  # fmt: skip
    if last.words:
        text += "\n" + desk.words.say(to.language, "referral.words", words=clean(last.words, 300))
    rows = closing_rows(desk, r, to) if r.status in BACK and await _closes(desk, r, to.id) else []
    return Message(text=text, buttons=tuple(tuple(row) for row in rows), protect=True)


async def referral_closed(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """The contact need not deal with it any more."""
    r = await _found(desk, notice)
    if r is None:
        return None
    text = brief(desk, r, await label_of(desk, r), to.language)
    return Message(text=desk.words.say(to.language, "news.referral_closed", what=text))


async def referral_vacant(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """A department has no contact who can be reached."""
    r = await _found(desk, notice)
    child = await desk.store.get(CLOCK, Child, r.child) if r is not None and r.child else None
    if r is None or child is None or r.person is not None or r.status not in OPEN:
        return None
    return Message(
        text=desk.words.say(
            to.language, "news.referral_vacant",
            department=department_label(desk, r.department, to.language),
            what=brief(desk, r, desk.label(child), to.language),
        )
    )  # fmt: skip


async def referrals_told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """All of this person's referrals that the clock came to in one hour; None where all of them went on."""
    hour, today = datetime.fromisoformat(notice.values["hour"]), desk.today(desk.clock())
    reader = await desk.store.reader(to.id, desk.clock())
    found = await desk.store.find(reader, Referral, status=OPEN)
    mine = [r for r in found if r.told_at == hour and await _is_turn(desk, r, reader)]
    if not mine:
        return None
    mine.sort(key=lambda r: (r.due or today, r.number))
    rows = [
        (Button(label=await listed(desk, r, to.language, today), token=desk.token(to.id, "ro", r.id)),)
        for r in mine[:PER_MESSAGE]
    ]
    key = "referrals.due" if reader.contacts else "referrals.due_staff"
    return Message(text=desk.words.say(to.language, key, count=len(mine)), buttons=tuple(rows))


async def _is_turn(desk: Desk, r: Referral, reader: Reader) -> bool:
    """The contact's until it is answered; then, or where there is none, its sender's."""
    if r.status in WITH_CONTACT and r.person is not None:
        return is_contact(r, reader.contacts)
    return await _closes(desk, r, reader.person)


async def _closes(desk: Desk, r: Referral, person: str) -> bool:
    child = await desk.store.get(CLOCK, Child, r.child) if r.child else None
    return child is not None and person in closers(r, await referral_around(desk, child))
