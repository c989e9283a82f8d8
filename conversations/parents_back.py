"""爸爸妈妈回来了: who is back, since when, whether for good; and that they have gone again."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from casework.access import CLOCK, roles_towards
from casework.child_records import Back, Stay, Who
from casework.parents_back import came_back, may_be_back, went_again
from casework.records import Child, Visit
from casework.visits import TO_DO
from conversations.dates import day_of_mark, mark_of_day, read_past_day
from conversations.fact_words import categories_of
from conversations.turn import Turn
from conversations.widgets.layout import arranged, begun

OPEN = "pb"  # what the button on the menu does
_WHO: Mapping[str, Who] = {"f": "father", "m": "mother", "b": "both"}
_STAY: Mapping[str, Stay] = {"s": "stays", "v": "short", "u": "unsure"}
_ABLE = {"y": "yes", "n": "no", "u": "unknown"}
_LONGEST = timedelta(days=366)


def may_tell(turn: Turn, child: Child) -> bool:
    """Whether this person looks after the child, and a parent may come home."""
    return child.status == "active" and bool(may_be_back(child)) and bool(roles_towards(turn.reader, child))


async def who_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Who is back."""
    child = await _child(turn, parts[0])
    if child is None:
        return
    may = may_be_back(child)
    letters = [letter for letter, who in _WHO.items() if who in may or len(may) > 1]
    buttons = [turn.button(turn.words(f"back.{_WHO[x]}"), "pbw", child.id, x) for x in letters]
    rows = arranged(buttons)
    if child.back is not None:
        rows.append([turn.button(turn.words("back.gone"), "pbg", child.id)])
    turn.tell(turn.words("back.who", child=turn.desk.label(child)), rows)


async def since_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Since when."""
    child = await _child(turn, parts[0])
    if child is None:
        return
    days = [turn.today - timedelta(days=n) for n in (0, 1, 2)]
    buttons = [turn.button(turn.day(day), "pbd", child.id, parts[1], mark_of_day(day)) for day in days]
    turn.expect("back_day", child.id, parts[1])
    turn.tell(turn.words("back.since"), [[button] for button in buttons])


async def day_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The day was typed."""
    day = read_past_day(text, turn.today)
    if day is None or turn.today - day > _LONGEST:
        turn.say("close.day_unclear")
    else:
        await day_tapped(turn, (*parts, mark_of_day(day)))


async def day_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """For good, for the festival, or nobody knows."""
    child = await _child(turn, parts[0])
    if child is None:
        return
    turn.expect()
    buttons = [turn.button(turn.words(f"back.is_{_STAY[x]}"), "pbl", *parts[:3], x) for x in _STAY]
    turn.tell(turn.words("back.how_long"), [[button] for button in buttons])


async def stay_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Who stays can care for the child or not: it decides whether it is left behind. Else it is noted."""
    child = await _child(turn, parts[0])
    if child is None:
        return
    if parts[3] != "s":
        await _noted(turn, child, parts, "unknown")
        return
    who = turn.words(f"back.{_WHO[parts[1]]}")
    buttons = [turn.button(begun(turn.words(f"choice.able.{_ABLE[x]}")), "pba", *parts[:3], x) for x in _ABLE]
    turn.tell(turn.words("back.able", who=who), [[button] for button in buttons])


async def able_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """They stay, and can care for the child or not."""
    child = await _child(turn, parts[0])
    if child is not None:
        await _noted(turn, child, (*parts[:3], "s"), _ABLE[parts[3]])


async def _noted(turn: Turn, child: Child, parts: tuple[str, ...], able: str) -> None:
    who, since, stay = _WHO[parts[1]], day_of_mark(parts[2]), _STAY[parts[3]]
    outcome = came_back(
        child, Back(who=who, since=since, stay=stay), able=able, by=turn.person,
        visits=await turn.desk.store.find(CLOCK, Visit, child=child.id, status=TO_DO),
        policy=turn.desk.policy, now=turn.now, new_id=turn.desk.new_id,
    )  # fmt: skip
    turn.decide(outcome)
    after = next(r for r in outcome.records if isinstance(r, Child))
    visit = next((r for r in outcome.records if isinstance(r, Visit)), None)
    lines = [turn.words("back.noted", child=turn.desk.label(child), what=said(turn, after))]
    if stay != "stays":
        lines.append(turn.words(f"back.then_{stay}", days=turn.desk.policy.parents_back.unsure_days))
    elif turn.desk.policy.parents_back.category in after.categories:
        lines.append(turn.words("back.still", what=categories_of(turn, after.categories)))
    else:
        if visit is not None:
            lines.append(turn.words("back.then_visit", day=turn.far_day(visit.due)))
        what = categories_of(turn, after.categories)
        lines.append(turn.words("back.others" if what else "back.ends", what=what))
    turn.tell("\n".join(lines))


async def gone_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """又走了: they are away again."""
    child = await _child(turn, parts[0])
    if child is None:
        return
    outcome = went_again(
        child, by=turn.person, policy=turn.desk.policy, now=turn.now, new_id=turn.desk.new_id
    )
    if not outcome:
        turn.pop("back.not_back")
        return
    turn.decide(outcome)
    turn.say("back.away_again", child=turn.desk.label(child))


def said(turn: Turn, child: Child) -> str:
    """爸爸 11月20日 周五 起在家，不再外出; "" where nobody is back."""
    back = child.back
    if back is None:
        return ""
    who, stay = turn.words(f"back.{back.who}"), turn.words(f"back.is_{back.stay}")
    return turn.words("back.line", who=who, day=turn.far_day(back.since), stay=stay)


async def _child(turn: Turn, code: str) -> Child | None:
    child = await turn.child_of(code)
    if child is None or child.status != "active":
        turn.pop("child.not_found")
        return None
    if not may_tell(turn, child):
        turn.pop("unknown.not_for_you")
        return None
    turn.child = child.id
    return child


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    OPEN: who_tapped,
    "pbw": since_tapped,
    "pbd": day_tapped,
    "pbl": stay_tapped,
    "pba": able_tapped,
    "pbg": gone_tapped,
}
LISTENERS: Mapping[str, Callable[[Turn, tuple[str, ...], str], Awaitable[None]]] = {
    "back_day": day_said,
}
