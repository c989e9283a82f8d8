"""转交孩子: a worker's children go to a colleague with one tap, all or some, and come back as easily."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from casework.caseload import Load, hand_over_caseload, take_back
from casework.circles import is_away, stand_in
from casework.ladder import OPEN
from casework.records import Child, Escalation, HandOver, Matter, Person, Visit
from casework.visits import TO_DO
from conversations import staff
from conversations.masks import clean
from conversations.staff import colleague, scope
from conversations.turn import Turn

MOST = 20  # colleagues to choose from
_WEEK = timedelta(days=7)


async def asked_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """To whom: the deputy first, then the workers of the same township."""
    giver = await colleague(turn, parts[0])
    if giver is None:
        return
    found = await _takers(turn, giver)
    key = "caseload.whom" if found else "caseload.no_one"
    rows = [[turn.button(clean(p.name, 30), "hoh", giver.id, p.id)] for p in found[:MOST]]
    turn.tell(turn.words(key, giver=clean(giver.name, 30)), rows)


async def _takers(turn: Turn, giver: Person) -> list[Person]:
    areas, store = await scope(turn), turn.desk.store
    townships = {areas[p.area].parent for p in giver.posts if p.area in areas and p.role == "village_worker"}
    found = [
        person
        for person in await store.staff(role="village_worker")
        if person.id != giver.id
        and person.status == "joined"
        and not person.unreached
        and not is_away(person, turn.today)
        and any(
            p.role == "village_worker" and p.area in areas and areas[p.area].parent in townships
            for p in person.posts
        )
    ]
    return sorted(found, key=lambda p: (p.id not in (stand_in(giver), giver.deputy), p.id))


async def _pair(turn: Turn, parts: Sequence[str]) -> tuple[Person, Person] | None:
    """Who gives and who takes, where both still can; else it is said."""
    giver = await colleague(turn, parts[0])
    if giver is None:
        return None
    taker = next((p for p in await _takers(turn, giver) if p.id == parts[1]), None)
    if taker is None:
        turn.pop("caseload.cannot")
        return None
    return giver, taker


async def _children(turn: Turn, worker: str, codes: Collection[str] | None = None) -> list[Child]:
    found = await turn.desk.store.find(turn.reader, Child, person=worker, status=("active",))
    return [child for child in found if codes is None or child.id in codes]


async def _loads(turn: Turn, children: Sequence[Child], to: str) -> list[Load]:
    store, loads = turn.desk.store, []
    for child in children:
        theirs = replace(child, worker=to)
        loads.append(
            Load(
                child=child,
                visits=await store.find(turn.reader, Visit, child=child.id, status=TO_DO),
                escalations=await store.find(turn.reader, Escalation, child=child.id, status=OPEN),
                circle=await store.circle(theirs, turn.now),
            )
        )
    return loads


async def taker_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """What would go; one tap and it goes. Typed codes choose some of the children."""
    pair = await _pair(turn, parts)
    if pair is not None:
        turn.expect("caseload", pair[0].id, pair[1].id)
        await _summary(turn, *pair, await _children(turn, pair[0].id), "hoy")


async def codes_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """Only these children."""
    codes = text.replace("、", " ").replace("，", " ").replace(",", " ").split()
    pair = await _pair(turn, parts)
    if pair is None:
        return
    children = await _children(turn, pair[0].id, codes)
    missing = sorted(set(codes) - {child.id for child in children})
    if missing:
        turn.say("caseload.not_theirs", codes=turn.words("list.comma").join(missing)[:200])
        return
    turn.expect("caseload", pair[0].id, pair[1].id, *(child.id for child in children))
    await _summary(turn, *pair, children, "hop")


async def _summary(turn: Turn, giver: Person, taker: Person, children: Sequence[Child], action: str) -> None:
    loads = await _loads(turn, children, taker.id)
    matters = [
        await turn.desk.store.count(turn.reader, Matter, child=child.id, status=("open",))
        for child in children
    ]
    soon = turn.today + _WEEK
    text = turn.words(
        "caseload.summary", giver=clean(giver.name, 30), taker=clean(taker.name, 30), count=len(children),
        visits=sum(v.pause is None and v.due <= soon for load in loads for v in load.visits),
        matters=sum(matters), alerts=sum(len(load.escalations) for load in loads),
    )  # fmt: skip
    turn.tell(text, [[turn.button(turn.words("caseload.confirm"), action, giver.id, taker.id)]])


async def all_confirmed(turn: Turn, parts: tuple[str, ...]) -> None:
    """All the children go."""
    await _go(turn, parts, None)


async def some_confirmed(turn: Turn, parts: tuple[str, ...]) -> None:
    """Those go that were chosen last; where that is not known any more, none does."""
    expected = turn.talk.expects
    if expected[:3] != ("caseload", *parts) or not expected[3:]:
        turn.pop("stale.unknown")
        return
    await _go(turn, parts, expected[3:])


async def _go(turn: Turn, parts: Sequence[str], codes: Collection[str] | None) -> None:
    pair = await _pair(turn, parts)
    if pair is None:
        return
    giver, taker = pair
    children = await _children(turn, giver.id, codes)
    if not children:
        turn.pop("caseload.none_left")
        return
    turn.expect()
    loads, id = await _loads(turn, children, taker.id), turn.desk.new_id()
    turn.decide(
        hand_over_caseload(
            loads, giver=giver, taker=taker, by=turn.person.id, id=id, policy=turn.desk.policy, now=turn.now
        )
    )
    text = turn.words(
        "caseload.done", giver=clean(giver.name, 30), taker=clean(taker.name, 30), count=len(children),
        hours=turn.desk.policy.staff.undo_hours,
    )  # fmt: skip
    turn.tell(text, [[turn.button(turn.words("caseload.undo"), "hou", id)]])


async def undo_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """撤回: within the hours that the policy gives, while the giver is still there."""
    kept = await turn.desk.store.get(turn.reader, HandOver, parts[0])
    if kept is None or kept.status != "done":
        turn.pop("stale.unknown")
        return
    giver, taker = await colleague(turn, kept.giver), await turn.desk.store.person(kept.taker)
    if giver is None or taker is None:
        return
    hours = turn.desk.policy.staff.undo_hours
    if turn.now - kept.at > timedelta(hours=hours):
        turn.pop("caseload.too_late", hours=hours)
        return
    if giver.status in ("left", "suspended"):
        turn.pop("caseload.giver_gone", giver=clean(giver.name, 30))
        return
    loads = await _loads(turn, await _children(turn, kept.taker, kept.children), giver.id)
    turn.decide(
        take_back(
            kept, loads, giver=giver, taker=taker, by=turn.person.id, policy=turn.desk.policy, now=turn.now
        )
    )
    turn.say("caseload.undone", giver=clean(giver.name, 30), count=len(loads))


# Of the staff's pages as a whole, which lead here.
TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    **staff.TAPS,
    "hog": asked_tapped,
    "hoh": taker_tapped,
    "hoy": all_confirmed,
    "hop": some_confirmed,
    "hou": undo_tapped,
}
LISTENERS: Mapping[str, Callable[[Turn, tuple[str, ...], str], Awaitable[None]]] = {
    **staff.LISTENERS,
    "caseload": codes_said,
}
