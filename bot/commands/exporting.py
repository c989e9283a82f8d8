"""`xiangban forms export`: what was handed in, for Kobo's and ODK's tools; the trail tells of it."""

import asyncio
import csv
import io
import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import orjson

from bot.commands.shared import Failed, language_option, now, opened_store, settings_of
from bot.commands.words import say
from bot.forms import compiled_forms
from bot.settings import Settings
from casework.access import OPERATOR, Reader
from casework.outcome import Event, Outcome
from casework.policy import load_policy
from casework.records import Person, Submission
from storage.store import Store
from xlsform import Form, load
from xlsform.export import Sent, guarded, nested, tables
from xlsform.workbook import Grid
from xlsform.writing import write_workbook

FORMATS = ("csv", "xlsx", "json", "xml")
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to be exported. ``since`` and ``until`` are days of the county, both included."""

    form: str
    format: str
    since: datetime | None
    until: datetime | None
    person: str | None


@click.command()
@click.argument("form")
@click.option("--format", "shape", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option("--since", type=_DAY, metavar="DATE", help="Handed in on this day or later.")
@click.option("--until", type=_DAY, metavar="DATE", help="Handed in on this day or earlier.")
@click.option("--as", "person", metavar="PERSON_CODE", help="Only what this person may see.")
@click.option("--to", "folder", type=click.Path(path_type=Path), help="A new folder. FORM-export by default.")
@language_option
def export(
    form: str,
    shape: str,
    since: datetime | None,
    until: datetime | None,
    person: str | None,
    folder: Path | None,
    language: str,
) -> None:
    """Write what was handed in by FORM, corrected records once, into a new folder."""
    target = folder or Path(f"{form}-export")
    if target.exists():
        raise Failed(say(language, "forms.exists", file=target))
    wish = Wish(form=form, format=shape, since=since, until=until, person=person)
    loaded, found = asyncio.run(_found(settings_of(), wish, language))
    written = _files(wish, loaded, found)
    target.mkdir(mode=0o700)
    for name, content in written.items():
        with os.fdopen(os.open(target / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    click.echo(say(language, "forms.exported", count=len(found), folder=target, files=len(written)))


async def _found(settings: Settings, wish: Wish, language: str) -> tuple[Form, list[Sent]]:
    """The form in force and its submissions, after the trail has been told."""
    compiled = (await compiled_forms(settings.forms_dir, settings.data_dir)).get(wish.form)
    if compiled is None:
        raise Failed(say(language, "forms.unknown", form=wish.form))
    zone = load_policy(settings.config).zone
    async with opened_store(settings) as store:
        reader = await _reader(store, wish, language)
        made = await store.find(reader, Submission, status=("valid",))
        wanted = sorted((s for s in made if _fits(s, wish, zone)), key=lambda s: (s.at, s.id))
        await store.apply(Outcome(events=_events(reader, wish, wanted)))
    sent = [
        Sent(id=s.id, xml=s.xml, at=s.at.astimezone(zone).isoformat(timespec="seconds"), by=s.person or "",
             version=s.form_version)
        for s in wanted
    ]  # fmt: skip
    return load(compiled.xform, media=compiled.media), sent


async def _reader(store: Store, wish: Wish, language: str) -> Reader:
    if wish.person is None:
        return OPERATOR
    if await store.get(OPERATOR, Person, wish.person) is None:
        raise Failed(say(language, "forms.unknown_person", code=wish.person))
    return await store.reader(wish.person, now())


def _fits(submission: Submission, wish: Wish, zone: ZoneInfo) -> bool:
    day = submission.at.astimezone(zone).date()
    return (
        submission.form == wish.form
        and bool(submission.xml)
        and (wish.since is None or day >= wish.since.date())
        and (wish.until is None or day <= wish.until.date())
    )


def _events(reader: Reader, wish: Wish, found: list[Submission]) -> tuple[Event, ...]:
    """One event for the export, and one for every child whose answers left the house."""
    detail = {"form": wish.form, "format": wish.format, "count": str(len(found))}
    if wish.since is not None:
        detail["since"] = f"{wish.since:%Y-%m-%d}"
    if wish.person is not None:
        detail["as"] = wish.person
    done = Event(name="submissions_exported", at=now(), actor="operator", ground=reader.ground, detail=detail)
    children = dict.fromkeys(s.child for s in found if s.child)
    return done, *(replace(done, child=child, detail={"form": wish.form}) for child in children)


def _files(wish: Wish, form: Form, found: list[Sent]) -> dict[str, bytes]:
    if wish.format == "xml":
        return {f"{sent.id}.xml": sent.xml.encode() for sent in found}
    if wish.format == "json":
        text = orjson.dumps(list(nested(form, found)), option=orjson.OPT_INDENT_2)
        return {f"{wish.form}.json": text}
    book = tables(form, found, name=wish.form)
    if wish.format == "xlsx":
        return {f"{wish.form}.xlsx": write_workbook(book, "xlsx")}
    return {f"{_file_name(wish, name)}.csv": _csv(grid) for name, grid in book.items()}


def _file_name(wish: Wish, table: str) -> str:
    return table if table == wish.form else f"{wish.form}-{table}"


def _csv(grid: Grid) -> bytes:
    """UTF-8 with a mark, which Excel needs for Chinese; nothing in it is taken for a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([guarded(cell) for cell in row] for row in grid)
    return out.getvalue().encode("utf-8-sig")
