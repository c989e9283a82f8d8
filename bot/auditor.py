"""The auditor: looks twice a minute whether anything could die quietly, and tells those who can help.

It only reads, apart from what it tells and a note of what it found. What it finds turns /readyz red at once;
people hear of it through the outbox when it was found twice. If the outbox itself is stuck, /readyz, /metrics
and the log are what remains.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter

from bot.commands.words import say
from bot.logs import reason
from bot.supervise import Beat
from casework.auditing import (
    KINDS,
    Alarm,
    Finding,
    Kind,
    Memory,
    Places,
    Report,
    Since,
    findings,
    is_over,
    is_to_be_told,
    looked,
    silent_loops,
    told,
    told_well,
    waiting_since,
)
from casework.outcome import Outcome
from casework.policy import Policy
from casework.records import Person
from storage.store import Store

LOG = logging.getLogger("bot.auditor")
EVERY = 30.0  # so that what was deleted by hand is found within a minute
SILENT = 150.0  # seconds without an audit after which that is a fault itself
NOTE = "auditor"
_REPORT = TypeAdapter(Report)


async def last_report(store: Store) -> Report | None:
    """What the last audit found; None where there was none."""
    noted = await store.noted(NOTE)
    return None if noted is None else _REPORT.validate_json(noted)


class Auditor:
    """The loop. ``ages``: seconds since each loop's last sign of life; ``expected``: those that must live;
    ``trail_holds``: whether the audit trail still holds what was kept of it outside."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        policy: Policy,
        *,
        ages: Callable[[], Mapping[str, float]],
        expected: Collection[str],
        trail_holds: Callable[[], bool],
    ) -> None:
        self._store, self._now, self._policy = store, now, policy
        self._ages, self._expected, self._trail_holds = ages, expected, trail_holds
        self._memory = Memory()
        self._since: Since = {}
        self._alarm: Alarm | None = None  # None: what was known before the start is not read yet
        self._last = time.monotonic()
        self.found: tuple[Finding, ...] = ()
        self.audits = 0

    async def run(self, beat: Beat) -> None:
        """Until cancelled."""
        while True:
            try:
                await beat.during(self.audit())
            except Exception as error:
                LOG.warning("an audit failed: %s", reason(error))
            await beat.during(asyncio.sleep(EVERY))

    async def audit(self) -> None:
        """Look once, and tell whom it concerns."""
        now, at, rules = self._now(), time.monotonic(), self._policy.audit
        picture = await self._store.audited(now, rules, self._memory)
        wrong: dict[Kind, Places] = {
            "loop": silent_loops(self._ages(), self._expected, rules),
            "trail": () if self._trail_holds() else ("events",),
        }
        picture = replace(picture, wrong={**picture.wrong, **wrong})
        self._memory, self._since = picture.memory, waiting_since(self._since, picture, at)
        found = findings(picture, self._since, at, rules)
        self._log(found)
        self.found, self._last, self.audits = found, at, self.audits + 1
        await self._tell(found)

    async def _tell(self, found: tuple[Finding, ...]) -> None:
        now, rules = self._now(), self._policy.audit
        if self._alarm is None:
            before = await last_report(self._store)
            self._alarm = before.alarm if before is not None else Alarm()
        alarm, outcome = looked(self._alarm, found, now), Outcome()
        if is_to_be_told(alarm, rules, now):
            alarm, outcome = told(alarm, found, await self._officers(), policy=self._policy, now=now)
        elif is_over(alarm, rules):
            alarm, outcome = told_well(alarm, await self._officers(), policy=self._policy, now=now)
        if outcome:
            await self._store.apply(outcome)
        self._alarm = alarm
        report = Report(at=now, found=found, alarm=alarm)
        await self._store.note(NOTE, _REPORT.dump_json(report).decode())

    async def _officers(self) -> list[Person]:
        """The county's; the townships' where the county has nobody."""
        officers: list[Person] = []
        for role in ("county_officer", "township_officer"):
            officers = officers or await self._store.acting(role, self._now())
        return officers

    def _log(self, found: tuple[Finding, ...]) -> None:
        """What is new, or over."""
        before, after = ({f.kind: f for f in some} for some in (self.found, found))
        for kind in after.keys() - before.keys():
            finding = after[kind]
            LOG.critical("%s (%s)", _sentence(finding), ", ".join(finding.places))
        for kind in before.keys() - after.keys():
            LOG.warning("no longer so: %s", _sentence(before[kind]))

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong, a plain sentence each, without names."""
        silence = time.monotonic() - self._last
        late = (f"the auditor has not looked for {silence:.0f} s",) if silence > SILENT else ()
        return (*map(_sentence, self.found), *late)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many of each kind were found last."""
        found = {f.kind: f.count for f in self.found}
        return {kind: found.get(kind, 0) for kind in KINDS}


def _sentence(finding: Finding) -> str:
    return say("en", f"found.{finding.kind}", count=finding.count)
