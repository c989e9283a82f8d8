"""看改动: what of a child's file was changed, by whom, when, and what stood there before."""

from casework.facts import FACTS
from casework.records import Amendment, Child
from conversations import pins
from conversations.fact_words import label_of, value_of
from conversations.masks import clean
from conversations.said import Button
from conversations.turn import Turn

OPEN, _VALUE = "hc", "hv"
PER_PAGE = 4  # a telephone's screen
_MOST = 400
_GROUND = "assignment"


async def history_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A page of the changes, the newest first. Names and numbers are behind a button each."""
    page = int(parts[1]) if len(parts) > 1 else 0
    if not await pins.gate(turn, OPEN, *parts):
        return
    child = await turn.desk.store.open_file(turn.reader, parts[0], ground=_GROUND, now=turn.now)
    if child is None:
        turn.pop("child.not_found")
        return
    turn.child = child.id
    made = await turn.desk.store.find(turn.reader, Amendment, child=child.id, order="newest", limit=_MOST)
    pages = max(1, -(-len(made) // PER_PAGE))
    page %= pages
    lines = [turn.words("history.head" if made else "history.none", child=turn.desk.label(child))]
    rows: list[list[Button]] = []
    for one in made[page * PER_PAGE : (page + 1) * PER_PAGE]:
        lines += ["", *await _told(turn, one)]
        rows += _hidden(turn, one)
    if pages > 1:
        rows.append([turn.button(turn.words("list.more"), OPEN, child.id, (page + 1) % pages)])
    turn.tell("\n".join(lines), rows, edit=len(parts) > 1)


async def _told(turn: Turn, one: Amendment) -> list[str]:
    day = turn.day(turn.desk.today(one.at))
    lines = [turn.words("history.by", day=day, who=await _by(turn, one))]
    for key in one.after:
        label = label_of(turn, key)
        if _is_private(key):
            lines.append(turn.words("history.private", label=label))
            continue
        before, after = (value_of(turn, key, values.get(key, "")) for values in (one.before, one.after))
        lines.append(turn.words("history.line", label=label, before=before, after=after))
    return lines


def _hidden(turn: Turn, one: Amendment) -> list[list[Button]]:
    if not turn.desk.policy.privacy.reveal:
        return []
    day = turn.day(turn.desk.today(one.at))
    return [
        [turn.button(turn.words("history.show", day=day, label=label_of(turn, key)), _VALUE, one.id, key)]
        for key in one.after
        if _is_private(key)
    ]


def _is_private(key: str) -> bool:
    return key in FACTS and FACTS[key].private


async def value_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """What a name or number was and is, in a pop-up that leaves nothing in the chat."""
    if not turn.desk.policy.privacy.reveal:
        turn.pop("child.no_reveal")
        return
    if not await pins.gate(turn, _VALUE, *parts):
        return
    one = await turn.desk.store.get(turn.reader, Amendment, parts[0])
    child: Child | None = None
    if one is not None and one.child is not None:
        child = await turn.desk.store.open_file(turn.reader, one.child, ground=_GROUND, now=turn.now)
    if one is None or child is None:
        turn.pop("child.not_found")
        return
    key = parts[1]
    before, after = (value_of(turn, key, values.get(key, "")) for values in (one.before, one.after))
    turn.pop("history.value", alarm=True, label=label_of(turn, key), before=before, after=after)


async def _by(turn: Turn, one: Amendment) -> str:
    if one.person is None:
        return turn.words("history.roster" if one.source == "roster" else "the_clock")
    person = await turn.desk.store.person(one.person)
    return clean(person.name, 30) if person is not None else one.person


TAPS = {OPEN: history_tapped, _VALUE: value_tapped}
