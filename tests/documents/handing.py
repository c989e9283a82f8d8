"""Somebody asks for a document: one turn of a conversation, with nothing around it."""

from dataclasses import replace
from typing import Any

from bot.documents.kinds import kinds
from casework.access import CLOCK
from casework.records import Child, File, Talk
from conversations import documents
from conversations.desk import Desk
from conversations.press import Sheet
from conversations.said import Reply, Said
from conversations.turn import Turn

SET_BY_US = ("year", "number", "day")


async def turn_of(desk: Desk, person_id: str, address: str, key: str) -> Turn:
    """A turn that answers something that this person said."""
    person = await desk.store.person(person_id)
    assert person is not None
    reader = await desk.store.reader(person_id, desk.clock())
    talk = await desk.store.get(CLOCK, Talk, person_id) or Talk(id=person_id, person=person_id)
    said = Said(address=address, at=desk.clock(), kind="text", text="文书", key=key)
    return Turn(
        desk=desk, said=said, now=desk.clock(), person=person, reader=reader, talk=talk, kept_talk=talk
    )


def values_of(child: Child, **changed: Any) -> dict[str, Any]:
    """The values of an agreement about ``child``."""
    given = kinds()["agreement"].samples() | {"child_name": child.name, "child_code": child.id} | changed
    return {name: value for name, value in given.items() if name not in SET_BY_US}


async def agreement(
    desk: Desk, person: str, address: str, child: Child, key: str = "a", **more: Any
) -> tuple[File, Reply]:
    """An agreement made, kept and committed; not sent yet."""
    turn = await turn_of(desk, person, address, key)
    file = await documents.hand_out(
        turn, "agreement", values_of(child, **more), child=child.id, source="matter1"
    )
    outcome, reply = turn.result()
    await desk.store.apply(outcome)
    return replace(file, version=1), reply


async def ledger(desk: Desk, person: str, address: str, sheet: Sheet) -> tuple[File, Reply]:
    """A workbook, the same way."""
    turn = await turn_of(desk, person, address, "ledger")
    file = await documents.hand_out_sheets(turn, "控辍保学台账", [sheet], source="stats")
    outcome, reply = turn.result()
    await desk.store.apply(outcome)
    return replace(file, version=1), reply
