"""搬家: the child lives elsewhere: another village at once, another township once that has taken over."""

from collections.abc import Awaitable, Callable, Mapping

from casework.access import CLOCK, roles_towards
from casework.moving import Luggage, move_child
from casework.record import replace
from casework.records import Area, Child, Person, Request
from casework.requests import WAITING, answering, ask
from conversations import file_closing
from conversations.file_reopening import worker_for
from conversations.masks import clean
from conversations.request_text import area_name
from conversations.said import Button
from conversations.turn import Turn
from conversations.widgets.layout import arranged

OPEN = "mt"  # what the button on the menu does
_WORDS = 200
_OUTSIDE = "-"  # in place of a township


def may_move(turn: Turn, child: Child) -> bool:
    """Whether this person may move the child, or ask that another township takes it over."""
    by = {*turn.desk.policy.moving.by}
    return child.status == "active" and bool(roles_towards(turn.reader, child) & by)


async def where_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Where to: a village of the same township, else another township, or out of the county."""
    child = await _to_move(turn, parts[0])
    if child is None:
        return
    villages = [a for a in await _within(turn, child.township) if a.id != child.village]
    buttons = [turn.button(clean(a.name, 20), "mtv", child.id, a.id) for a in villages]
    rows = arranged(buttons)
    rows += [[turn.button(turn.words("moving.far"), "mtf", child.id)]]
    rows += [[turn.button(turn.words("moving.outside"), "mtt", child.id, _OUTSIDE)]]
    turn.tell(turn.words("moving.where", child=turn.desk.label(child)), rows)


async def townships_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The other townships of the county."""
    child = await _to_move(turn, parts[0])
    if child is None:
        return
    there = [a for a in await _within(turn, child.county) if a.id != child.township]
    buttons = [turn.button(clean(a.name, 20), "mtt", child.id, a.id) for a in there]
    text = turn.words("moving.which" if there else "moving.no_other", child=turn.desk.label(child))
    turn.tell(text, arranged(buttons))


async def village_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A village of the same township: who looks after the child there; one more tap and it is so."""
    found = await _to_village(turn, parts)
    if found is None:
        return
    child, village = found
    worker = await _worker_there(turn, child, village)
    who = clean(worker.name, 30) if worker is not None else turn.words("moving.nobody")
    place = await area_name(turn.desk, village)
    text = turn.words("moving.sure", child=turn.desk.label(child), place=place, who=who)
    turn.tell(text, [[turn.button(turn.words("moving.do"), "mty", child.id, village)]])


async def sure_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """It lives there now."""
    found = await _to_village(turn, parts)
    if found is None:
        return
    child, village = found
    worker = await _worker_there(turn, child, village)
    to = replace(child, village=village, worker=worker.id if worker is not None else None)
    await moved(turn, child, to)


async def _worker_there(turn: Turn, child: Child, village: str) -> Person | None:
    """Whose the child is there; as long as nobody looks after that village, whose it is now."""
    code = await worker_for(turn, village) or child.worker
    return await turn.desk.store.person(code) if code else None


async def moved(turn: Turn, child: Child, to: Child, *, asked: Request | None = None) -> None:
    """Moves the child with all that is open, and says who looks after it."""
    store = turn.desk.store
    work = await file_closing.work_of(turn.desk, child)
    luggage = Luggage(
        visits=work.visits, escalations=work.escalations, referrals=work.referrals, requests=work.requests
    )
    outcome = move_child(
        child, to=to, luggage=luggage, before=await store.circle(child, turn.now),
        after=await store.circle(to, turn.now), by=turn.person, policy=turn.desk.policy, now=turn.now,
        new_id=turn.desk.new_id, asked=asked,
    )  # fmt: skip
    if not outcome:
        turn.pop("stale.unknown")
        return
    turn.child = child.id
    turn.decide(outcome)
    worker = await store.person(to.worker) if to.worker else None
    who = clean(worker.name, 30) if worker is not None else turn.words("moving.township")
    place = await area_name(turn.desk, to.village)
    turn.say("moving.done", child=turn.desk.label(child), place=place, who=who)


# To another township, or out of the county


async def asked_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """What the receiver needs to know is asked: to which village, with whom."""
    child = await _to_move(turn, parts[0])
    if child is None or await _is_asked(turn, child):
        return
    turn.expect("move_words", child.id, parts[1])
    if parts[1] == _OUTSIDE:
        turn.say("moving.outside_where", child=turn.desk.label(child))
        return
    place = await area_name(turn.desk, parts[1])
    skip = turn.button(turn.words("moving.no_words"), "mtn", child.id, parts[1])
    turn.tell(turn.words("moving.words", child=turn.desk.label(child), place=place), [[skip]])


async def no_words_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The receiver is asked without any words."""
    await _ask(turn, parts[0], parts[1], "")


async def words_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The receiver is asked, with what was typed."""
    await _ask(turn, parts[0], parts[1], clean(text, _WORDS))


async def _ask(turn: Turn, code: str, area: str, words: str) -> None:
    turn.expect()
    child = await _to_move(turn, code)
    if child is None or await _is_asked(turn, child):
        return
    outside = area == _OUTSIDE
    known = {a.id for a in await _within(turn, child.county)} - {child.township}
    if (outside and not words) or (not outside and area not in known):
        turn.pop("stale.unknown")
        return
    request = Request(
        id=turn.desk.new_id(), child=child.id, what="move", sender=turn.person.id,
        area=None if outside else area, place=words if outside else "", words="" if outside else words,
        asked_at=turn.now, day=turn.today, due=turn.today,
    )  # fmt: skip
    circle = await turn.desk.store.circle(answering(request, child), turn.now)
    own = None if outside else await turn.desk.store.circle(child, turn.now)
    turn.decide(ask(request, circle=circle, policy=turn.desk.policy, now=turn.now, own=own))
    turn.child = child.id
    key, place = (
        ("moving.asked_outside", "") if outside else ("moving.asked", await area_name(turn.desk, area))
    )
    undo = turn.button(turn.words("request.withdraw"), "qw", request.id)
    turn.tell(turn.words(key, child=turn.desk.label(child), place=place), [[undo]])


async def _is_asked(turn: Turn, child: Child) -> bool:
    """Whether a request about the child waits already; then it is said."""
    waiting = await turn.desk.store.find(turn.reader, Request, child=child.id, status=WAITING)
    if waiting:
        turn.pop("request.waits_already")
    return bool(waiting)


# Taken over


async def villages_to_take(turn: Turn, r: Request) -> list[list[Button]]:
    """The receiver's villages: where the child lives now."""
    buttons = [turn.button(clean(a.name, 20), "qyv", r.id, a.id) for a in await _within(turn, r.area or "")]
    return arranged(buttons)


async def take_over(turn: Turn, r: Request, child: Child, village: str, worker: str | None) -> None:
    """The receiver has the child from now on, and nobody else."""
    area = next((a for a in await _within(turn, r.area or "") if a.id == village), None)
    workers = await workers_of(turn, r, village)
    if area is None or (worker is not None and all(who.id != worker for who in workers)):
        turn.pop("stale.unknown")
        return
    if worker is None and len(workers) > 1:
        turn.expect("take_over", r.id, village)
        buttons = [turn.button(clean(p.name, 30), "qyw", r.id, p.id) for p in workers]
        turn.tell(turn.words("moving.whose"), [[button] for button in buttons])
        return
    chosen = worker or (workers[0].id if workers else None)
    to = replace(child, village=village, township=r.area or "", worker=chosen)
    await moved(turn, child, to, asked=r)


async def workers_of(turn: Turn, r: Request, village: str) -> list[Person]:
    """Who may look after the child: the village's, else any of the township's, who have joined."""
    store = turn.desk.store
    found = await store.staff(role="village_worker", area=village)
    here = [who for who in found if who.status == "joined"]
    if here:
        return here
    others: dict[str, Person] = {}
    for area in await _within(turn, r.area or ""):
        others |= {p.id: p for p in await store.staff(role="village_worker", area=area.id)}
    return [who for who in others.values() if who.status == "joined"]


async def _within(turn: Turn, parent: str) -> list[Area]:
    """The areas that lie in another, by code."""
    return await turn.desk.store.find(CLOCK, Area, area=parent)


async def _to_village(turn: Turn, parts: tuple[str, ...]) -> tuple[Child, str] | None:
    child = await _to_move(turn, parts[0])
    if child is None:
        return None
    if parts[1] == child.village or all(a.id != parts[1] for a in await _within(turn, child.township)):
        turn.pop("stale.unknown")
        return None
    return child, parts[1]


async def _to_move(turn: Turn, code: str) -> Child | None:
    """The child, where this person may move it; else it is said why not."""
    child = await turn.child_of(code)
    if child is None or child.status != "active":
        turn.pop("child.not_found")
        return None
    if not may_move(turn, child):
        turn.pop("unknown.not_for_you")
        return None
    turn.child = child.id
    return child


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    OPEN: where_tapped,
    "mtv": village_tapped,
    "mty": sure_tapped,
    "mtf": townships_tapped,
    "mtt": asked_tapped,
    "mtn": no_words_tapped,
}
LISTENERS: Mapping[str, Callable[[Turn, tuple[str, ...], str], Awaitable[None]]] = {
    "move_words": words_said,
}
