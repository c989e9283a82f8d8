"""`xiangban check` and `status`: whether everything the bot needs is right, and how it is doing."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from string import Formatter
from typing import TypeVar

import click
from babel.messages.pofile import read_po

from bot.auditor import last_report
from bot.commands.keys import key_lines
from bot.commands.shared import Failed, language_option, lines_of, now, opened_store, settings_of
from bot.commands.words import LANGUAGES, LOCALES, say
from bot.documents.templates import folder_faults
from bot.forms import compiled_forms
from bot.settings import Settings, SettingsError
from casework.access import OPERATOR
from casework.auditing import Report
from casework.calendar import is_known_year, local_day
from casework.ladder import OPEN
from casework.policy import Policy, load_policy
from casework.records import Child, Escalation, Person, Visit
from casework.terms import known_until
from casework.visit_steps import TO_DO
from conversations.shelf import lacking, load_shelf
from storage.store import KeyRing, Store

T = TypeVar("T")
_AHEAD = timedelta(days=60)  # schools put out the next term's days in the holidays before it


@click.command()
@language_option
def check(language: str) -> None:
    """Check settings, policy, forms, locales and database; every fault with its place."""
    faults: list[str] = []
    settings = _tried("check.settings", settings_of, language, faults)
    if settings is None:
        raise Failed(*faults)  # without settings nothing else can be found
    for line in _missing(settings):
        click.echo(say(language, "check.note", line=line))
    policy = _tried("check.policy", lambda: load_policy(settings.config), language, faults)
    for line in unknown_days(policy, language) if policy is not None else ():
        click.echo(say(language, "check.note", line=line))
    _tried("check.forms", lambda: _forms(settings, policy), language, faults)
    _tried("check.documents", lambda: _documents(settings, language), language, faults)
    _tried("check.locales", _locales, language, faults)
    if settings.keys:
        lines = _tried("check.database", lambda: asyncio.run(_database(settings, language)), language, faults)
        for line in lines or ():
            click.echo(say(language, "check.note", line=line))
    if faults:
        raise Failed(*faults)


def _tried(key: str, work: Callable[[], T], language: str, faults: list[str]) -> T | None:
    try:
        done = work()
    except Exception as error:
        lines = lines_of(error, language)
        if lines is None:
            raise
        faults.extend(lines)
        return None
    click.echo(say(language, "check.good", what=say(language, key)))
    return done


def _missing(settings: Settings) -> list[str]:
    """What `run` would ask for; not a fault, for other commands do without it."""
    try:
        settings.for_run()
    except SettingsError as error:
        return error.faults
    return []


def unknown_days(policy: Policy, language: str) -> Iterator[str]:
    """Holidays and school terms that nobody has set, in time to set them."""
    for year in _unset_years(policy):
        yield say(language, "check.holidays", year=year)
    last, today = known_until(policy), local_day(now(), policy)
    if last is None:
        yield say(language, "check.terms_none")
    elif last < today + _AHEAD:
        yield say(language, "check.terms", day=last.isoformat())


def _unset_years(policy: Policy) -> list[int]:
    """The years, this and from December on the next, whose holidays nobody has set."""
    today = local_day(now(), policy)
    return [
        year
        for year in range(today.year, today.year + 1 + (today.month == 12))
        if not is_known_year(year, policy)
    ]


def _forms(settings: Settings, policy: Policy | None) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    shelf = load_shelf(asyncio.run(compiled_forms(settings.forms_dir, settings.data_dir)))
    if policy is not None and (faults := lacking(policy, shelf.forms)):
        raise Failed(*faults)


def _documents(settings: Settings, language: str) -> None:
    faults = folder_faults(settings.documents_dir, language)
    if faults:
        raise Failed(*faults)


def _locales() -> None:
    faults = [line for domain in sorted(_domains()) for line in _catalogue_faults(domain)]
    if faults:
        raise Failed(*faults)


def _domains() -> set[str]:
    return {path.name for language in LANGUAGES for path in (LOCALES / language / "LC_MESSAGES").glob("*.po")}


def _catalogue_faults(domain: str) -> Iterator[str]:
    """Sentences that are missing or empty in one language, or have other placeholders than in the other."""
    texts = {}
    for language in LANGUAGES:
        path = LOCALES / language / "LC_MESSAGES" / domain
        if not path.exists():
            yield f"{language}/{domain}: missing"
            return
        with path.open("rb") as file:
            texts[language] = {str(m.id): str(m.string) for m in read_po(file) if m.id}
    first, second = (texts[language] for language in LANGUAGES)
    for key in sorted(first.keys() | second.keys()):
        one, other = first.get(key, ""), second.get(key, "")
        if not one or not other:
            yield f"{LANGUAGES[0] if not one else LANGUAGES[1]}/{domain}: {key}: missing or empty"
        elif _placeholders(one) != _placeholders(other):
            yield f"{domain}: {key}: the placeholders differ between {' and '.join(LANGUAGES)}"


async def _database(settings: Settings, language: str) -> list[str]:
    """What an operator should know of it, a line each."""
    async with opened_store(settings) as store:
        await store.count(OPERATOR, Child)
        return await key_lines(store, KeyRing(settings.keys), language)


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@click.command()
@language_option
def status(language: str) -> None:
    """Show queues, heartbeats, who has joined, and what is open."""
    asyncio.run(_status(language))


async def _status(language: str) -> None:
    async with opened_store(settings_of(), closed_too=True) as store:
        people = await store.find(OPERATOR, Person)
        joined = sum(1 for p in people if p.status == "joined")
        click.echo(say(language, "status.people", joined=joined, all=len(people)))
        click.echo(say(language, "status.children", count=await store.count(OPERATOR, Child)))
        for key, kind, states in (
            ("status.visits", Visit, TO_DO),
            ("status.escalations", Escalation, OPEN),
        ):
            counts = {state: await store.count(OPERATOR, kind, status=(state,)) for state in states}
            shown = ", ".join(f"{state} {count}" for state, count in counts.items())
            click.echo(say(language, key, count=sum(counts.values()), states=shown))
        await _queues(store, language, now())
        for line in _audit_lines(await last_report(store), language, now()):
            click.echo(line)


async def _queues(store: Store, language: str, at: datetime) -> None:
    queues = await store.status()
    inbox = {"count": queues.inbox_open, "parked": queues.inbox_parked, "held": queues.inbox_held}
    outbox = {"count": queues.outbox_waiting, "dead": queues.outbox_dead, "held": queues.outbox_held}
    click.echo(say(language, "status.inbox", **inbox))
    click.echo(say(language, "status.outbox", **outbox))
    beats = await store.beats()
    if not beats:
        click.echo(say(language, "status.never_ran"))
    for loop, last in sorted(beats.items()):
        seconds = int((at - last).total_seconds())
        click.echo(say(language, "status.beat", loop=loop, seconds=seconds))


def _audit_lines(report: Report | None, language: str, at: datetime) -> Iterator[str]:
    """What the auditor found last, and where; never a name."""
    if report is None:
        yield say(language, "status.audit_never")
        return
    seconds, since = int((at - report.at).total_seconds()), report.alarm.since
    if since is None:
        yield say(language, "status.audit", seconds=seconds)
        return
    key = "status.audit_found" if report.found else "status.audit_calm"
    yield say(language, key, seconds=seconds, since=f"{since:%Y-%m-%d %H:%M} UTC")
    for finding in report.found:
        yield "  " + say(language, f"found.{finding.kind}", count=finding.count)
        yield "    " + ", ".join(finding.places)
