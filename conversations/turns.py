"""What is somebody's turn by his post, as it stands today, and the message to whoever has it instead."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from casework.access import CLOCK, reader_of
from casework.matters import Around
from casework.outcome import Notice, Outcome
from casework.record import replace
from casework.records import Child, Matter, Person, Referral
from casework.referrals import OPEN, WITH_CONTACT
from casework.turns import as_if_here, is_by_post, turn_of, turns_moved
from conversations.alert_text import name_of
from conversations.desk import Desk
from conversations.said import Button, Message


async def turns_of(desk: Desk, person: Person, now: datetime) -> Mapping[str, int]:
    """By who has the turn today, how many open matters and referrals are ``person``'s turn by his post.

    While he is there himself, they are all his.
    """
    store, here = desk.store, as_if_here(person)
    by_child: defaultdict[str, list[Matter | Referral]] = defaultdict(list)
    for m in await store.find(reader_of(here), Matter, status=("open",)):
        by_child[m.child or ""].append(m)
    for r in await store.find(reader_of(here), Referral, status=OPEN):
        by_child[r.child or ""].append(r)
    turns: Counter[str] = Counter()
    for code, things in by_child.items():
        child = await store.get(CLOCK, Child, code)
        if child is None:
            continue
        today, his = (
            Around(child=child, circle=circle, policy=desk.policy, now=now, new_id=desk.new_id)
            for circle in (await store.circle(child, now), await store.circle(child, now, here=here))
        )
        contacts = await store.contacts(child, now)
        for one in things:
            if is_by_post(one, person, his):
                turns.update(turn_of(one, today, contacts))
    return turns


async def handed_on(desk: Desk, person: Person, but: Collection[str], now: datetime) -> Outcome:
    """Others than ``but`` hear of what is their turn instead of ``person``'s.

    What was referred to him and has nobody now finds another contact at once.
    """
    turns = await turns_of(desk, person, now)
    people = [await desk.store.person(id) for id in sorted(turns) if id not in but]
    told = turns_moved(person, [p for p in people if p is not None], policy=desk.policy, now=now)
    return Outcome(records=await _unanswered(desk, person, now), notices=told)


async def _unanswered(desk: Desk, person: Person, now: datetime) -> tuple[Referral, ...]:
    found = []
    for r in await desk.store.find(CLOCK, Referral, status=WITH_CONTACT, person=person.id):
        child = await desk.store.get(CLOCK, Child, r.child or "")
        contacts = await desk.store.contacts(child, now) if child is not None else ()
        if all(contact.holder.id != person.id for contact in contacts):
            found.append(replace(r, wake_at=now))
    return tuple(found)


async def turns_told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """To whoever has the turn in somebody's place; None where he is back, or another follows him."""
    person = await desk.store.person(notice.values["person"])
    count = (await turns_of(desk, person, desk.clock())).get(to.id, 0) if person is not None else 0
    if person is None or not count:
        return None
    who = await name_of(desk, person.id, to.language)
    text = desk.words.say(to.language, "turns.moved", who=who, count=count)
    return Message(text=text, buttons=((see_turns(desk, to),),))


async def turns_line(desk: Desk, whose: Person, to: Person, key: str) -> str:
    """A line about what is ``to``'s turn because of ``whose`` post; "" where nothing is."""
    count = (await turns_of(desk, whose, desk.clock())).get(to.id, 0)
    return desk.words.say(to.language, key, count=count) if count else ""


def see_turns(desk: Desk, to: Person) -> Button:
    """The button that opens the list."""
    return Button(label=desk.words.say(to.language, "turns.see"), token=desk.token(to.id, "do", "matters"))
