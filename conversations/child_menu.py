"""资料: the small menu behind a child's page, for what is done to the file rather than with the child."""

from collections.abc import Callable
from dataclasses import dataclass

from casework.records import Child
from conversations import (
    child_history,
    file_closing,
    file_reopening,
    household,
    merging,
    moving,
    parents_back,
)
from conversations.turn import Turn

OPEN = "cm"


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line of the menu: its words, and its button's action (`meant.TAPS`), which gets the child's code.

    ``fits``: whether it is offered to this person for this child. The action asks that anew. The page of the
    child shows this menu's button: an action whose module needs `children` is named here, not imported.
    """

    label: str  # the key of its words
    action: str
    fits: Callable[[Turn, Child], bool]


def _always(turn: Turn, child: Child) -> bool:
    return True


def _is_open(turn: Turn, child: Child) -> bool:
    return child.status == "active"


ITEMS: tuple[Item, ...] = (
    Item(label="change.button", action="ch", fits=_is_open),
    Item(label="file.history", action=child_history.OPEN, fits=_always),
    Item(label="file.home", action=household.PAGE, fits=_is_open),
    Item(label="back.button", action=parents_back.OPEN, fits=parents_back.may_tell),
    Item(label="moving.button", action=moving.OPEN, fits=moving.may_move),
    Item(label="merge.menu", action=merging.LIST, fits=merging.may_look),
    Item(label="close.button", action=file_closing.OPEN, fits=file_closing.may_close),
    Item(label="reopen.button", action=file_reopening.OPEN, fits=file_reopening.may_reopen),
)


async def menu_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The menu of a child that this person sees."""
    child = await turn.child_of(parts[0])
    if child is None:
        turn.pop("child.not_found")
        return
    turn.child = child.id
    rows = [
        [turn.button(turn.words(item.label), item.action, child.id)]
        for item in ITEMS
        if item.fits(turn, child)
    ]
    turn.tell(turn.words("file.head", child=turn.desk.label(child)), rows)
