"""Brings a roster workbook in: read in a process of its own, checked, compared, and applied as a whole."""

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bot.roster.checks import Checked, checked
from bot.roster.faults import RosterError, fault_lines
from bot.roster.process import Watcher, read_workbook
from bot.roster.tables import Findings
from casework.access import IMPORT
from casework.calendar import local_day
from casework.ladder import OPEN
from casework.outcome import NewId
from casework.policy_models import Policy
from casework.records import Area, Child, Escalation, Person, Visit
from casework.register import Changes, changes, needs_history
from casework.roster import Kept, Roster
from casework.visit_steps import TO_DO
from storage.errors import Conflict
from storage.store import Store


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import did, or with ``dry_run`` would do. ``findings`` holds warnings only."""

    # Not in the repr: asyncio's runner makes one of its task when it ends, which took a third of an import.
    changes: Changes = field(repr=False)
    findings: Findings = field(repr=False)
    dry_run: bool


async def bring_in(
    store: Store,
    path: Path,
    *,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    language: str = "zh_Hans",
    dry_run: bool = False,
    watcher: Watcher | None = None,
) -> Imported:
    """The roster at ``path``, in one transaction. RosterError with every fault, and nothing is changed.

    May run beside the bot: where the bot changed something in between, it is checked and compared anew.
    """
    watch = watcher or Watcher()
    lines = await asyncio.to_thread(lambda: list(read_workbook(path, language, watch)))
    today = local_day(now, policy)
    for last in (False, False, True):
        kept = await _kept(store)
        watch.phase("checking", len(lines))
        found = await asyncio.to_thread(checked, lines, kept, policy=policy, today=today, tick=watch.tick)
        if found.findings.faults:
            raise RosterError(fault_lines(path.name, found.findings.faults, language))
        kept = await _with_history(store, found.roster, kept)
        result = await _applied(store, found, kept, policy, now, new_id, dry_run, watch, last)
        if result is not None:
            return result
    raise AssertionError("the last turn returns or raises")


async def _applied(
    store: Store,
    found: Checked,
    kept: Kept,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    dry_run: bool,
    watch: Watcher,
    last: bool,
) -> Imported | None:
    """None where something was changed by somebody else in between, unless it is the ``last`` try."""
    roster = found.roster
    rows = sum(len(sheet or ()) for sheet in (roster.areas, roster.people, roster.children))
    watch.phase("comparing", rows)
    made = await asyncio.to_thread(
        changes, roster, kept, policy=policy, now=now, new_id=new_id, tick=watch.tick
    )
    if made.outcome and not dry_run:
        watch.phase("writing", 0)
        with contextlib.suppress(*() if last else (Conflict,)):
            await store.apply(made.outcome)
            return Imported(changes=made, findings=found.findings, dry_run=False)
        return None
    return Imported(changes=made, findings=found.findings, dry_run=dry_run)


async def _kept(store: Store) -> Kept:
    visits: dict[str, list[Visit]] = {}
    for visit in await store.find(IMPORT, Visit, status=TO_DO):
        visits.setdefault(visit.child or "", []).append(visit)
    escalations: dict[str, list[Escalation]] = {}
    for e in await store.find(IMPORT, Escalation, status=OPEN):
        escalations.setdefault(e.child or "", []).append(e)
    return Kept(
        areas={area.id: area for area in await store.find(IMPORT, Area)},
        people={person.id: person for person in await store.find(IMPORT, Person)},
        children={child.id: child for child in await store.find(IMPORT, Child)},
        visits=visits,
        escalations=escalations,
    )


async def _with_history(store: Store, roster: Roster, kept: Kept) -> Kept:
    visits = dict(kept.visits)
    for child in needs_history(roster, kept):
        visits[child] = await store.find(IMPORT, Visit, child=child)
    return replace(kept, visits=visits)
