"""`xiangban policy`: what is wrong with a policy file, and what it would change, before it is in force."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from bot.commands.shared import Failed, language_option, now, opened_store, settings_of
from bot.commands.words import say
from bot.comparing.files import write_table
from bot.comparing.layout import changes_as_text, table_as_text
from bot.comparing.lines import COURSES, SIDES, Side, Tallies, lines_of
from bot.comparing.running import books_of, forecasts
from bot.settings import Settings
from casework.access import OPERATOR
from casework.calendar import local_day
from casework.forecast import Books
from casework.policy import Policy, load_policy
from casework.policy_changes import changes
from casework.records import Area

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def policy() -> None:
    """The county's rules: check a file, and try it on the roster before it is put in force."""


@policy.command()
@click.argument("file", type=_FILE)
@language_option
def check(file: Path, language: str) -> None:
    """Say what is wrong with the policy FILE, each fault with its line and key. Changes nothing."""
    found = load_policy(file)
    count = len(changes(load_policy(), found))
    click.echo(say(language, "policy.good", file=file.name, count=count))


@policy.command()
@click.argument("file", type=_FILE)
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True)
@click.option("--picture", type=_FILE, metavar="FILE.png", help="Also draw it.")
@click.option("--table", type=_FILE, metavar="FILE.xlsx|.csv", help="Also write all of it as a table.")
@click.option("--all-joined", is_flag=True, help="As if everybody who was invited had joined.")
@language_option
def compare(
    file: Path, days: int, picture: Path | None, table: Path | None, all_joined: bool, language: str
) -> None:
    """Show who would get what under the policy FILE beside today's. Keeps and sends nothing."""
    _check_targets(picture, table, language)
    settings = settings_of()
    policies: dict[Side, Policy] = {"today": load_policy(settings.config), "new": load_policy(file)}
    at = now()
    kind, _, path = settings.database.partition(":///")
    if kind == "sqlite" and not Path(path).exists():  # opening it would make one
        raise Failed(say(language, "policy.no_database", file=path))
    books, areas = asyncio.run(_read(settings, all_joined))
    tallies = _forecasts(books, policies, at, days, language)
    found = lines_of(books, areas, tallies, days)
    differing = changes(policies["today"], policies["new"])
    shown = [local_day(at, policies["today"]) + timedelta(days=n) for n in range(days)]
    notes = list(_notes(books, file, shown, language))
    for line in (*notes, "", *changes_as_text(differing, language), ""):
        click.echo(line)
    for line in table_as_text(found, policies["new"], language):
        click.echo(line)
    if table is not None:
        write_table(table, found, differing, notes, policies["new"], language)
    if picture is not None:
        from bot.comparing.picture import write_picture  # only now: the library takes a second to load

        write_picture(picture, found, tallies, policies["new"], days=shown, title=notes[0], language=language)
    for written in (path for path in (table, picture) if path is not None):
        click.echo(say(language, "compare.written", file=written))


async def _read(settings: Settings, all_joined: bool) -> tuple[Books, list[Area]]:
    async with opened_store(settings, migrate=False) as store:
        return await books_of(store, all_joined=all_joined), await store.find(OPERATOR, Area)


def _forecasts(books: Books, policies: dict[Side, Policy], at: datetime, days: int, language: str) -> Tallies:
    """With a bar of progress on a terminal."""
    label = say(language, "compare.running")
    steps = len(COURSES) * len(SIDES)
    if not sys.stderr.isatty():
        return forecasts(books, policies, now=at, days=days, done=lambda: None)
    with click.progressbar(length=steps, label=label, file=sys.stderr) as bar:
        return forecasts(books, policies, now=at, days=days, done=lambda: bar.update(1))


def _notes(books: Books, file: Path, days: Sequence[date], language: str) -> Iterator[str]:
    """What was compared, and what is taken for granted."""
    first, last = str(days[0]), str(days[-1])
    yield say(language, "compare.title", file=file.name, days=len(days), first=first, last=last)
    yield say(
        language, "compare.books",
        children=sum(1 for child in books.children if child.status == "active"), visits=len(books.visits),
        escalations=len(books.escalations), checkins=len(books.checkins), matters=len(books.matters),
        referrals=len(books.referrals),
        joined=sum(1 for person in books.people if person.status == "joined"), all=len(books.people),
    )  # fmt: skip
    for note in ("assumed", "done", "silent", "rules", "read_only"):
        yield say(language, f"compare.note.{note}")


def _check_targets(picture: Path | None, table: Path | None, language: str) -> None:
    """Before any work: that the files can be written, and the picture be read."""
    for path, endings in ((picture, (".png",)), (table, (".xlsx", ".csv"))):
        if path is not None and path.suffix.lower() not in endings:
            raise click.BadParameter(f"{path.name}: the name must end in {' or '.join(endings)}")
        if path is not None and path.exists():
            raise Failed(say(language, "forms.exists", file=path.name))
    if picture is not None and not language.startswith("en"):
        from bot.charts import NoChineseFont, chinese_font

        try:
            chinese_font()
        except NoChineseFont:
            raise Failed(say(language, "policy.no_font")) from None
