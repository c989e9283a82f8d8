"""等答复的申请: requests about a child are looked at, accepted, refused with a reason, or taken back."""

from collections.abc import Awaitable, Callable, Mapping

from casework.access import CLOCK, roles_towards
from casework.records import Child, Request
from casework.requests import WAITING, answered
from conversations import file_closing, moving, request_text
from conversations.masks import clean
from conversations.said import Button
from conversations.turn import Turn

MOST = 30
_WORDS = 200


async def waiting(turn: Turn) -> list[Request]:
    """Those that this person is to answer, the oldest first."""
    if not turn.reader.townships and not turn.reader.counties:
        return []
    found = await turn.desk.store.find(turn.reader, Request, status=WAITING)
    mine = []
    for r in found:
        child = await turn.desk.store.get(CLOCK, Child, r.child or "")
        if child is not None and child.township != r.area and may_answer(turn, r, child):
            mine.append(r)
    return sorted(mine, key=lambda r: r.asked_at)


def may_answer(turn: Turn, r: Request, child: Child) -> bool:
    """Whether this person answers: the receiver's officers, and else the child's own; the county's too."""
    roles = roles_towards(turn.reader, child)
    if "county_officer" in roles:
        return True
    if r.area is not None:
        return r.area in turn.reader.townships
    return "township_officer" in roles


async def buttons_of(turn: Turn, child: Child) -> list[list[Button]]:
    """What of a child's waits for an answer, for the child's page."""
    found = await turn.desk.store.find(turn.reader, Request, child=child.id, status=WAITING)
    return [[turn.button(await request_text.brief(turn.desk, r, turn.person), "qs", r.id)] for r in found]


async def list_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """All that wait for this person's answer."""
    found = await waiting(turn)
    if not found:
        turn.pop("request.none")
    for r in found[:MOST]:
        await _show(turn, r)


async def see_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """One request, as it stands."""
    r = await turn.desk.store.get(turn.reader, Request, parts[0])
    if r is None:
        turn.pop("request.no_such")
    else:
        await _show(turn, r)


async def _show(turn: Turn, r: Request) -> None:
    child = await turn.desk.store.get(CLOCK, Child, r.child or "")
    if child is None:
        turn.pop("request.no_such")
        return
    text = await request_text.told(turn.desk, r, child, turn.person, turn.now)
    turn.child = child.id
    turn.tell(text, _rows(turn, r, child), protect=True)


def _rows(turn: Turn, r: Request, child: Child) -> list[list[Button]]:
    if r.status not in WAITING:
        return []
    if may_answer(turn, r, child):
        return [list(row) for row in request_text.buttons(turn.desk, r, turn.person)]
    if r.sender == turn.person.id:
        return [[turn.button(turn.words("request.withdraw"), "qw", r.id)]]
    return []


async def accept_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Accepted: the file is closed as it was asked; of a move it is asked where, or who has taken over."""
    found = await _to_answer(turn, parts[0])
    if found is None:
        return
    r, child = found
    if r.what == "move" and r.area is not None:
        turn.tell(turn.words("moving.village"), await moving.villages_to_take(turn, r))
        return
    if r.what == "move":
        turn.expect("request_taken", r.id)
        turn.say("moving.who_took", place=clean(r.place, 60))
        return
    if await file_closing.closed(turn, child, r.reason, r.day, r.words, asked=r):
        turn.say("close.done", child=turn.desk.label(child))


async def taken_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The child is taken over, into this village, by its worker."""
    found = await _to_answer(turn, parts[0])
    if found is not None and found[0].area is not None:
        await moving.take_over(turn, *found, parts[1], None)


async def worker_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The same, by this one of several workers; the village was chosen just before."""
    found, expected = await _to_answer(turn, parts[0]), turn.talk.expects
    if found is None or found[0].area is None:
        return
    if expected[:2] != ("take_over", parts[0]):
        turn.pop("stale.unknown")
        return
    turn.expect()
    await moving.take_over(turn, *found, expected[2], parts[1])


async def taken_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """Who out of the county has taken the child over: the file is closed with that."""
    turn.expect()
    found = await _to_answer(turn, parts[0])
    if found is None or found[0].area is not None:
        return
    r, child = found
    words = clean(turn.words("moving.taken_by", place=r.place, words=text), _WORDS)
    reason = turn.desk.policy.moving.outside_reason
    if await file_closing.closed(turn, child, reason, turn.today, words, asked=r):
        turn.say("close.done", child=turn.desk.label(child))


async def refuse_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Not accepted: why not is asked."""
    found = await _to_answer(turn, parts[0])
    if found is not None:
        turn.expect("request_refuse", found[0].id)
        turn.say("request.why_not")


async def refuse_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """Why not, in words: the sender hears them, and nothing changes about the child."""
    turn.expect()
    found = await _to_answer(turn, parts[0])
    words = clean(text, _WORDS)
    if found is None:
        return
    turn.decide(
        answered(found[0], "refused", words, by=turn.person.id, policy=turn.desk.policy, now=turn.now)
    )
    turn.child = found[1].id
    turn.say("request.refused", child=found[1].id)


async def withdraw_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Its sender takes it back."""
    r = await turn.desk.store.get(turn.reader, Request, parts[0])
    if r is None or r.sender != turn.person.id:
        turn.pop("request.no_such")
    elif r.status not in WAITING:
        turn.pop("request.over")
    else:
        turn.decide(answered(r, "withdrawn", by=turn.person.id, policy=turn.desk.policy, now=turn.now))
        turn.say("request.withdrawn", child=r.child or "")


async def _to_answer(turn: Turn, id: str) -> tuple[Request, Child] | None:
    """The request with its child, where it waits for this person; else it is said why not."""
    r = await turn.desk.store.get(turn.reader, Request, id)
    child = await turn.desk.store.get(CLOCK, Child, r.child or "") if r is not None else None
    if r is None or child is None or not may_answer(turn, r, child):
        turn.pop("request.no_such")
        return None
    if r.status not in WAITING or child.status != "active" or child.township == r.area:
        turn.pop("request.over")
        return None
    return r, child


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    "ql": list_tapped,
    "qs": see_tapped,
    "qy": accept_tapped,
    "qyv": taken_tapped,
    "qyw": worker_tapped,
    "qn": refuse_tapped,
    "qw": withdraw_tapped,
}
LISTENERS: Mapping[str, Callable[[Turn, tuple[str, ...], str], Awaitable[None]]] = {
    "request_refuse": refuse_said,
    "request_taken": taken_said,
}
