"""Referrals as they are shown: a contact's list, a referral's page, 查看: what it carries."""

from casework.records import Child, Referral
from casework.referrals import OPEN, WITH_CONTACT
from conversations import pins
from conversations.referral_letters import may_have
from conversations.referral_text import (
    brief,
    closing_rows,
    contact_rows,
    field_lines,
    is_contact,
    label_of,
    letter_rows,
    listed,
    referral_text,
)
from conversations.referring import may_close
from conversations.said import Button
from conversations.turn import Turn

PER_PAGE = 8
_MOST = 400
_POPUP = 200  # characters; Telegram's limit for a pop-up


async def asked(turn: Turn, rest: str) -> None:
    """/matters of a contact: what the department is asked for; with a number, that referral."""
    number = rest.lstrip("#")
    if number.isdecimal():
        r = await turn.desk.store.referral_by_number(turn.reader, int(number[:9]))
        await _show(turn, r)
        return
    await _list(turn, 0)


async def page_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Another page of the list."""
    await _list(turn, int(parts[0]), edit=True)


async def waiting(turn: Turn) -> list[Referral]:
    """The open referrals that this contact is to deal with, the one to be done first at the top."""
    found = await turn.desk.store.find(turn.reader, Referral, status=WITH_CONTACT, limit=_MOST)
    mine = [r for r in found if is_contact(r, turn.reader.contacts)]
    return sorted(mine, key=lambda r: (r.due or turn.today, r.number))


async def _list(turn: Turn, page: int, *, edit: bool = False) -> None:
    found = await waiting(turn)
    pages = max(1, -(-len(found) // PER_PAGE))
    page %= pages
    rows = [
        [turn.button(await listed(turn.desk, r, turn.language, turn.today), "ro", r.id)]
        for r in found[page * PER_PAGE : (page + 1) * PER_PAGE]
    ]
    if pages > 1:
        rows.append([turn.button(turn.words("list.more"), "rl", (page + 1) % pages)])
    key = "referrals.head" if found else "referrals.none"
    turn.tell(turn.words(key, count=len(found)), rows, edit=edit)


async def buttons_of(turn: Turn, child: Child, matter: str | None) -> list[list[Button]]:
    """A child's open referrals that belong to a matter (None: to none), a button each."""
    found = await turn.desk.store.find(turn.reader, Referral, child=child.id, status=OPEN)
    return [
        [turn.button("🔗 " + await listed(turn.desk, r, turn.language, turn.today), "ro", r.id)]
        for r in found
        if r.matter == matter
    ]


async def referral_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A referral was chosen."""
    await _show(turn, await turn.desk.store.get(turn.reader, Referral, parts[0]))


async def _show(turn: Turn, r: Referral | None) -> None:
    if r is None:
        turn.pop("referrals.no_such")
        return
    turn.child = r.child
    text, head = await referral_text(turn.desk, r, turn.language)
    rows = contact_rows(turn.desk, r, turn.person) if is_contact(r, turn.reader.contacts) else []
    if r.status in OPEN and await may_close(turn, r):
        rows += closing_rows(turn.desk, r, turn.person)
    if await may_have(turn, r):
        rows += letter_rows(turn.desk, r, turn.person)
    turn.tell(text, rows, bold=(head,), protect=True)


async def see_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """查看: what it carries. Who the child is, by a pop-up; the rest in a message that can't be forwarded."""
    if not await pins.gate(turn, "rs", parts[0]):
        return
    r = await turn.desk.store.get(turn.reader, Referral, parts[0])
    if r is None or not is_contact(r, turn.reader.contacts):
        turn.pop("referrals.no_such")
        return
    turn.child = r.child
    if r.status not in OPEN:  # what it was for is done: nobody needs to look any more
        turn.pop("referrals.was_closed", alarm=True, number=r.number)
        return
    turn.happened("referral_read", child=r.child, record=r.id)
    privacy, language = turn.desk.policy.privacy, turn.language
    secret = field_lines(turn.desk, r, language, hidden=True)
    plain = field_lines(turn.desk, r, language, hidden=False)
    if privacy.names_in_messages:
        secret, plain = [], secret + plain
    pages = _pages(secret)
    if secret and not privacy.reveal:
        turn.pop("child.no_reveal")
    elif secret:
        turn.popup, turn.alarm = pages[int(parts[1]) % len(pages) if parts[1:] else 0], True
    if not parts[1:]:
        head = brief(turn.desk, r, await label_of(turn.desk, r), language)
        again = [[turn.button(turn.words("referral.again"), "rs", r.id, n)] for n in range(len(pages))]
        turn.tell("\n".join([head, *plain]), again, bold=(head,), protect=True)


def _pages(lines: list[str]) -> list[str]:
    """Lines, as many together as a pop-up holds."""
    pages: list[str] = []
    for line in lines:
        if pages and len(pages[-1]) + 1 + len(line) <= _POPUP:
            pages[-1] += f"\n{line}"
        else:
            pages.append(line)
    return pages
