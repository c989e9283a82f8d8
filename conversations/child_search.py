"""Finding a child of one's own: by code, by the name or part of it, by pinyin or its initials."""

import re
from collections.abc import Sequence

from casework.records import Child
from conversations import children, pins
from conversations.masks import clean
from conversations.turn import Turn
from conversations.widgets.search import matches

_MOST = 20_000  # names that are looked through, as many as a county has
_LONGEST = 12  # letters: so many fit into a button in any script, and go on after a PIN
_SIGNS = re.compile(r"[\W_]+")


async def said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """Words after the list, or behind the command: the one child that fits, or a list of those that do."""
    child = await turn.child_of(text.strip())
    if child is not None:
        await children.child_tapped(turn, (child.id,))
        return
    wanted = _SIGNS.sub("", clean(text))[:_LONGEST]
    turn.expect(children.SEARCH)
    # A list of who fits a name would tell the name, as the page does.
    if not await pins.gate(turn, "cf", wanted):
        return
    found = await _found(turn, wanted)
    if len(found) == 1:
        await children.child_tapped(turn, (found[0].id,))
    elif found:
        turn.expect(children.SEARCH, wanted)
        _show(turn, wanted, found, 0)
    else:
        turn.say("children.no_match")


async def again_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The search that a PIN stood in the way of."""
    await said(turn, (), parts[0])


async def page_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Another page of what was found; of all, where another thing was begun meanwhile."""
    wanted = (
        turn.talk.expects[1] if turn.talk.expects[:1] == (children.SEARCH,) and turn.talk.expects[1:] else ""
    )
    if not wanted:
        await children.page_tapped(turn, ("0",))
    elif await pins.gate(turn, "cf", wanted):
        _show(turn, wanted, await _found(turn, wanted), int(parts[0]), edit=True)


async def _found(turn: Turn, wanted: str) -> list[Child]:
    """Open files first; closed ones are found as well, for a child may come back."""
    known = [c for c in await turn.desk.store.find(turn.reader, Child, limit=_MOST) if c.merged_into is None]
    labels = [f"{child.name} {child.id}" for child in known]
    fitting = [known[n] for n in matches(labels, wanted)]
    return sorted(fitting, key=lambda child: child.status != "active")


def _show(turn: Turn, wanted: str, found: Sequence[Child], page: int, *, edit: bool = False) -> None:
    rows = children.page_of(turn, found, page, action="c", turn_page="cfp")
    turn.tell(turn.words("children.found", text=wanted, count=len(found)), rows, edit=edit)
