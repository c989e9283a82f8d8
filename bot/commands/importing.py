"""How `xiangban roster import` goes about it: progress on a terminal, and what was done in the end."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bot.commands.shared import now, opened_store, settings_of
from bot.commands.words import say
from bot.roster.bring_in import Imported, bring_in
from bot.roster.columns import SHEETS
from bot.roster.faults import Fault, fault_line
from bot.roster.process import Watcher
from casework.policy import load_policy
from casework.roster import Tally
from conversations.desk import random_id

MOST_CODES = 20  # of records that are named, on one line


def import_file(file: Path, *, dry_run: bool, language: str) -> None:
    """Bring the workbook in and say what was done. RosterError with every fault, and nothing is changed."""
    settings = settings_of()
    policy = load_policy(settings.config)

    async def work() -> Imported:
        bars = _Bars(language)
        try:
            async with opened_store(settings) as store:
                return await bring_in(
                    store, file, policy=policy, now=now(), new_id=random_id,
                    language=language, dry_run=dry_run, watcher=bars.watcher,
                )  # fmt: skip
        finally:
            bars.end()

    _report(file, asyncio.run(work()), language)


class _Bars:
    """One progress bar per phase on a terminal, nothing elsewhere."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._bar: Any = None
        self._shown = sys.stderr.isatty()
        self.watcher = Watcher(phase=self._phase, tick=self._tick) if self._shown else Watcher()

    def _phase(self, name: str, rows: int) -> None:
        self.end()
        label = say(self._language, _PHASES[name])
        if rows:
            self._bar = click.progressbar(length=rows, label=label, file=sys.stderr, update_min_steps=100)
            self._bar.__enter__()
        else:
            click.echo(label, err=True)

    def _tick(self) -> None:
        if self._bar is not None:
            self._bar.update(1)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None


_PHASES = {
    "reading": "roster.phase.reading",
    "checking": "roster.phase.checking",
    "comparing": "roster.phase.comparing",
    "writing": "roster.phase.writing",
}


def _report(file: Path, done: Imported, language: str) -> None:
    for line in _notes(file.name, done.findings.warnings, language):
        click.echo(line, err=True)
    made = done.changes
    if done.dry_run:
        click.echo(say(language, "roster.dry_run"))
    else:
        click.echo(say(language, "roster.done" if made.outcome else "roster.nothing"))
    for sheet, tally in zip(SHEETS, (made.areas, made.people, made.children), strict=True):
        name = sheet.name if language == "en" else sheet.zh
        counts = {"new": tally.new, "changed": tally.changed, "unchanged": tally.unchanged}
        click.echo("  " + say(language, "roster.tally", sheet=name, **counts))
        for key, codes in _named(tally).items():
            if codes:
                click.echo("  " + say(language, key, sheet=name, count=len(codes), codes=_short(codes)))


def _named(tally: Tally) -> dict[str, Sequence[str]]:
    return {
        "roster.replaced": tally.replaced,
        "roster.standing": tally.standing,
        "roster.missing": tally.missing,
    }


def _short(codes: Sequence[str]) -> str:
    once = list(dict.fromkeys(codes))
    return ", ".join(once[:MOST_CODES]) + (" …" if len(once) > MOST_CODES else "")


def _notes(file: str, warnings: list[Fault], language: str) -> list[str]:
    """One line for each kind of warning and column: where it is first, and how often in all."""
    alike: dict[tuple[str, str, int | None], list[Fault]] = {}
    for warning in warnings:
        column = None if warning.row is None or warning.row > 1 else warning.column
        alike.setdefault((warning.sheet, warning.key, column), []).append(warning)
    lines = []
    for same in alike.values():
        line = fault_line(file, same[0], language)
        key = "roster.warning" if len(same) == 1 else "roster.warning_many"
        lines.append(say(language, key, line=line, count=len(same)))
    return lines
