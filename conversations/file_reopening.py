"""重新打开: a closed file is taken up again, and how the page of a closed file says why it was closed."""

from collections.abc import Awaitable, Callable, Mapping

from casework.access import roles_towards
from casework.file_closing import reopen_file
from casework.record import replace
from casework.records import Child, Visit
from conversations.masks import clean
from conversations.turn import Turn
from conversations.widgets.choices import mark_of
from conversations.widgets.layout import begun

OPEN = "fo"


async def reopen_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Why it is taken up again."""
    child = await _to_reopen(turn, parts[0])
    if child is None:
        return
    reasons = turn.desk.policy.reopening.reasons.items()
    buttons = [
        turn.button(begun(rule.label(turn.language)), "foy", child.id, mark_of(k)) for k, rule in reasons
    ]
    turn.tell(turn.words("reopen.why", child=turn.desk.label(child)), [[button] for button in buttons])


async def reopen_sure_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """It is active again, with a first visit; where its worker is gone, the village's takes it."""
    child, reasons = await _to_reopen(turn, parts[0]), turn.desk.policy.reopening.reasons
    reason = next((key for key in reasons if mark_of(key) == parts[1]), None)
    if child is None or reason is None:
        return
    circle = await turn.desk.store.circle(child, turn.now)
    if circle.worker is None:
        child = replace(child, worker=await worker_for(turn, child.village) or child.worker)
        circle = await turn.desk.store.circle(child, turn.now)
    outcome = reopen_file(
        child, reason=reason, by=turn.person, circle=circle, policy=turn.desk.policy, now=turn.now,
        new_id=turn.desk.new_id,
    )  # fmt: skip
    turn.decide(outcome)
    turn.child = child.id
    first = next(r for r in outcome.records if isinstance(r, Visit))
    who = clean(circle.worker.name, 30) if circle.worker is not None else turn.words("reopen.nobody")
    turn.say("reopen.done", child=turn.desk.label(child), day=turn.day(first.due), who=who)


async def worker_for(turn: Turn, village: str) -> str | None:
    """Who has joined and looks after a village (person code); None where nobody does."""
    found = await turn.desk.store.staff(role="village_worker", area=village)
    return next((who.id for who in found if who.status == "joined"), None)


async def _to_reopen(turn: Turn, code: str) -> Child | None:
    child = await turn.child_of(code)
    if child is None or child.status == "active":
        turn.pop("child.not_found" if child is None else "reopen.open")
        return None
    if not may_reopen(turn, child):
        turn.pop("unknown.not_for_you")
        return None
    return child


def may_reopen(turn: Turn, child: Child) -> bool:
    """Whether this person may take the closed file up again."""
    return (
        child.status != "active"
        and child.merged_into is None
        and bool(roles_towards(turn.reader, child) & {*turn.desk.policy.reopening.by})
    )


def closed_line(turn: Turn, child: Child) -> str:
    """For the page of a closed file: since when and why."""
    rule = turn.desk.policy.closing.reasons.get(child.closed_reason)
    if rule is None or child.closed_on is None:
        return turn.words("child.closed")
    return turn.words("child.closed_why", day=turn.far_day(child.closed_on), why=rule.label(turn.language))


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    OPEN: reopen_tapped,
    "foy": reopen_sure_tapped,
}
