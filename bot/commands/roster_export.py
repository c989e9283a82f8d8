"""How `xiangban roster export` goes about it: the trail is told before anything is written."""

import asyncio
import contextlib
import os
from dataclasses import replace
from pathlib import Path

import click

from bot.commands.shared import Failed, now, opened_store, settings_of
from bot.commands.words import say
from bot.roster.export import is_staff, roster_of
from bot.roster.fact_columns import FACTS_BY_COLUMN
from casework.access import OPERATOR
from casework.outcome import Event, Outcome
from casework.policy import load_policy
from casework.records import Area, Child, Person
from casework.rostered import handed_out
from storage.errors import Conflict
from storage.store import Store
from xlsform.writing import write_workbook

_TRIES = 3
Kept = tuple[list[Area], list[Person], list[Child]]


def export_file(file: Path, *, force: bool, language: str) -> None:
    """Write the workbook, for the operator's eyes only. Of children those whose files are open.

    Each file keeps what it was handed out with, where no roster had said it (`rostered.handed_out`).
    """
    if file.exists() and not force:
        raise Failed(say(language, "export.exists", file=file))
    areas, people, children = asyncio.run(_kept(file))
    policy = load_policy(settings_of().config)
    book = roster_of(areas, people, children, policy=policy, english=language == "en")
    content = write_workbook(book, "xlsx")
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
    counts = {"areas": len(areas), "people": sum(map(is_staff, people)), "children": len(children)}
    click.echo(say(language, "roster.exported", file=file, **counts))


async def _kept(file: Path) -> Kept:
    async with opened_store(settings_of()) as store:
        for _ in range(_TRIES - 1):
            with contextlib.suppress(Conflict):  # the bot changed a child in between
                return await _handed_out(store, file)
        return await _handed_out(store, file)


async def _handed_out(store: Store, file: Path) -> Kept:
    """What goes into it; one event for the workbook, and one for each child whose facts leave the house."""
    areas, people = await store.find(OPERATOR, Area), await store.find(OPERATOR, Person)
    children = await store.find(OPERATOR, Child, status=("active",))
    done = Event(
        name="roster_exported", at=now(), actor="operator", ground=OPERATOR.ground,
        detail={"file": file.name, "children": str(len(children))},
    )  # fmt: skip
    each = (replace(done, child=child.id, record=child.id, detail={}) for child in children)
    after = [handed_out(child, FACTS_BY_COLUMN) for child in children]
    changed = tuple(new for was, new in zip(children, after, strict=True) if new is not was)
    await store.apply(Outcome(records=changed, events=(done, *each)))
    return areas, people, children
