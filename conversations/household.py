"""一家的: who lives with a child, put right by hand; a new telephone for all; carers of very many."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from casework.access import sees_child
from casework.facts import amended, fact_of
from casework.households import (
    PHONE,
    Household,
    joined,
    of_same_carer,
    parted,
    reached_by,
    siblings,
    telephone,
    with_many,
)
from casework.outcome import Outcome
from casework.record import replace
from casework.records import Child
from conversations import pins
from conversations.masks import clean
from conversations.said import Button
from conversations.turn import Turn

PAGE, MANY = "hh", "hm"
PER_PAGE = 8
_NEW_PHONE = "home_phone"


async def around(turn: Turn, child: Child) -> list[Child]:
    """Among whom a household is looked for: the village's and the worker's open files, as far as seen."""
    find = turn.desk.store.find
    found = await find(turn.reader, Child, area=child.village, status=("active",))
    if child.worker is not None:
        found += await find(turn.reader, Child, person=child.worker, status=("active",))
    return list({one.id: one for one in found}.values())


async def lines(turn: Turn, child: Child) -> list[str]:
    """For the child's page: who lives with it, and that its carer looks after very many."""
    among = await around(turn, child)
    said = []
    if home := siblings(child, among):
        said.append(turn.words("home.with", children=_named(turn, home)))
    return said + many_said(turn, child, among)


def many_said(turn: Turn, child: Child, among: Sequence[Child]) -> list[str]:
    """A line where the carer looks after more children than the policy wants to be looked at."""
    count = of_same_carer(child, among)
    if count <= turn.desk.policy.files.most_per_carer:
        return []
    return [turn.words("home.many", count=count)]


def _named(turn: Turn, home: Sequence[Child]) -> str:
    return turn.words("list.comma").join(turn.desk.label(child) for child in home)


# By hand


async def page_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The household, and how to put it right."""
    child = await _open_child(turn, parts[0])
    if child is None:
        turn.pop("child.not_found")
        return
    await _page(turn, child, siblings(child, await around(turn, child)))


async def _page(turn: Turn, child: Child, home: Household) -> None:
    turn.child = child.id
    turn.expect("home", child.id)
    key = "home.page" if home else "home.alone"
    text = turn.words(key, child=turn.desk.label(child), children=_named(turn, home))
    rows = [
        [
            turn.button(turn.words("alike.see", child=other.id), "c", other.id),
            turn.button(turn.words("home.not", child=other.id), "hx", other.id),
        ]
        for other in home
    ]
    if child.home:
        rows.append([turn.button(turn.words("home.by_facts"), "hr", child.id)])
    turn.tell("\n".join((text, turn.words("home.how"))), rows)


async def named(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """是一家的: somebody's code or whole name; both households are one from now on."""
    child, other = await _open_child(turn, parts[0]), await _open_child(turn, text.strip())
    if other is None:
        called = await turn.desk.store.find_child(turn.reader, name=text.strip())
        called = [one for one in called if one.status == "active"]
        other = called[0] if len(called) == 1 else None
    if child is None or other is None or other.id == child.id:
        turn.say("home.nobody")
        return
    among = [*await around(turn, child), *await around(turn, other)]
    homes = (child, *siblings(child, among), other, *siblings(other, among))
    whole = joined({one.id: one for one in homes}.values(), turn.desk.new_id())
    _changed(turn, whole)
    await _page(turn, whole[0], tuple(one for one in whole if one.id != child.id))


async def _open_child(turn: Turn, code: str) -> Child | None:
    child = await turn.child_of(code)
    return child if child is not None and child.status == "active" else None


async def not_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """不是一家的: the child has a household of its own."""
    await _alone(turn, parts[0], by_facts=False)


async def by_facts_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """What was said by hand is forgotten; telephone, carer and parents say again who lives together."""
    await _alone(turn, parts[0], by_facts=True)


async def _alone(turn: Turn, code: str, *, by_facts: bool) -> None:
    child = await _open_child(turn, code)
    if child is None:
        turn.pop("child.not_found")
        return
    changed = replace(child, home="") if by_facts else parted(child, turn.desk.new_id())
    _changed(turn, (changed,))
    await _page(turn, changed, siblings(changed, await around(turn, child)))


def _changed(turn: Turn, children: Sequence[Child]) -> None:
    turn.keep(*children)
    for child in children:
        turn.happened("household_changed", child=child.id, record=child.id)


# A new telephone


async def offered(turn: Turn, before: Child, followed: Outcome) -> list[list[Button]]:
    """A carer's new telephone was said of one child: it is offered for those whom the old one reached."""
    after = next((r for r in followed.records if isinstance(r, Child) and r.id == before.id), None)
    if after is None or not telephone(after) or telephone(after) == telephone(before):
        return []
    home = siblings(before, await around(turn, before))
    same = [other for other in home if telephone(other) == telephone(before)]
    if not same:
        return []
    turn.expect(_NEW_PHONE, before.id, *(other.id for other in same))
    label = turn.words("home.phone_too", children=turn.words("list.comma").join(o.id for o in same))
    return [[turn.button(label, "hp", before.id)]]


async def phone_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The same telephone for those who were named, while nothing else was begun."""
    child = await turn.child_of(parts[0])
    if child is None or turn.talk.expects[:2] != (_NEW_PHONE, child.id):
        turn.pop("stale.unknown")
        return
    phone, done = fact_of(child, PHONE), []
    for code in turn.talk.expects[2:]:
        other = await turn.child_of(code)
        if other is not None and sees_child(turn.reader, other):
            after = reached_by(other, phone)
            kept = amended(
                other, after, by=turn.person.id, source=child.id, now=turn.now, new_id=turn.desk.new_id
            )
            turn.keep(after, *kept)
            turn.happened("child_changed", child=after.id, record=after.id, fields=PHONE)
            done.append(after)
    turn.expect()
    turn.say("home.phone_done", children=_named(turn, done))


# Carers of very many


async def many_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """For officers: a line and a button for each carer of more children than the policy wants looked at."""
    if not (turn.reader.townships or turn.reader.counties):
        turn.pop("stale.unknown")
        return
    if not await pins.gate(turn, MANY, *parts):
        return
    children = await turn.desk.store.find(turn.reader, Child, status=("active",))
    most = turn.desk.policy.files.most_per_carer
    found = with_many(children, most)
    page = int(parts[0]) % max(1, -(-len(found) // PER_PAGE))
    rows = [
        [turn.button(_carer_said(turn, theirs), "c", theirs[0].id)]
        for theirs in found[page * PER_PAGE : (page + 1) * PER_PAGE]
    ]
    if len(found) > PER_PAGE:
        rows.append([turn.button(turn.words("list.more"), MANY, page + 1)])
    key = "home.many_head" if found else "home.many_none"
    turn.tell(turn.words(key, count=len(found), most=most), rows, edit=page > 0)


def _carer_said(turn: Turn, theirs: Household) -> str:
    codes = turn.words("list.comma").join(child.id for child in theirs)
    return clean(turn.words("home.many_line", count=len(theirs), children=codes), 60)


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    PAGE: page_tapped,
    MANY: many_tapped,
    "hx": not_tapped,
    "hr": by_facts_tapped,
    "hp": phone_tapped,
}
LISTENERS: Mapping[str, Callable[[Turn, tuple[str, ...], str], Awaitable[None]]] = {"home": named}
