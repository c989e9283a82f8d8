"""`xiangban forms replace`: a new version of a form put in force, and who has answers in flight by then."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.commands.form_files import LIVE, source_of
from bot.commands.shared import Failed, language_option, opened_store, settings_of
from bot.commands.words import say
from bot.forms import KINDS, MEDIA, Source, examined, published
from bot.settings import Settings
from casework.access import OPERATOR
from casework.policy import load_policy
from casework.records import Draft
from conversations.drafts import restored
from xlsform import Context, Form, FormError, load


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen, and to whose answers.")
@language_option
def replace(file: Path, dry_run: bool, language: str) -> None:
    """Put FILE in force under its name, in FORMS_DIR, where a running bot finds it. The old one is kept."""
    settings = settings_of()
    source, form = asyncio.run(_sound(file, language))
    if settings.forms_dir is None:
        raise Failed(say(language, "forms.no_folder"))
    for line in asyncio.run(_in_flight(settings, file.stem, form, language)):
        click.echo(line)
    if dry_run:
        click.echo(say(language, "forms.dry_run"))
        return
    _put(settings.forms_dir, file, source)
    click.echo(say(language, "forms.replaced", form=file.stem))


async def _sound(file: Path, language: str) -> tuple[Source, Form]:
    """The file and its form. Failed with every error in it."""
    try:
        source = source_of(file, language)
        found = await examined(source, language, LIVE)
        errors = [f"{file.name}: {one.line(language)}" for one in found if one.severity == "error"]
        if errors:
            raise Failed(*errors)
        compiled = await published(source, language)
        return source, load(compiled.xform, media=compiled.media)
    except FormError as error:
        raise Failed(f"{file.name}: {error}") from None


async def _in_flight(settings: Settings, name: str, form: Form, language: str) -> list[str]:
    """A line for every unfinished draft of this form: whose, since when, how many answers would not fit."""
    zone = load_policy(settings.config).zone
    async with opened_store(settings) as store:
        drafts = [d for d in await store.find(OPERATOR, Draft, status=("open",)) if d.form == name]
    lines = []
    for draft in sorted(drafts, key=lambda d: d.started_at):
        opened = restored(form, draft, Context(now=datetime.now(UTC).astimezone(zone)))
        key = "forms.in_flight.same" if not opened.moved else "forms.in_flight.moves"
        since = f"{draft.started_at.astimezone(zone):%Y-%m-%d %H:%M}"
        person, child = draft.person or "-", draft.child or "-"
        lines.append(say(language, key, person=person, child=child, since=since, lost=opened.lost))
    return lines or [say(language, "forms.in_flight.none")]


def _put(folder: Path, file: Path, source: Source) -> None:
    """Write the form into the folder at one stroke; what had its name is kept beside, out of force."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    if source.media and file.resolve().parent != folder.resolve():
        target = folder / f"{file.stem}{MEDIA}"
        target.mkdir(exist_ok=True)
        for name, data in source.media.items():
            _write(target / name, data)
    for old in folder.glob(f"{file.stem}.*"):
        if old.suffix.lower() in KINDS and old.resolve() != file.resolve():
            old.rename(old.with_name(f"{old.name}.{stamp}.old"))
    _write(folder / file.name, source.content)


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(path)
