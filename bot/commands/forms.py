"""`xiangban forms`: what is wrong with a form, and a form as a conversation in the terminal."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from bot.commands.shared import Failed, language_option
from bot.commands.terminal import fill_in
from bot.commands.words import say
from bot.forms import KINDS, LARGEST_SOURCE
from xlsform import Context, FormError, Session, load
from xlsform.lint import Finding, lint
from xlsform.publish import Published, publish


@click.group()
def forms() -> None:
    """Forms in the XLSForm standard (.xlsx, .xls, .csv, or Markdown tables)."""


@forms.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@language_option
def check(files: tuple[Path, ...], language: str) -> None:
    """Say what is wrong or doubtful in each FILE."""
    faults: list[str] = []
    for file in files:
        try:
            found = tuple(_findings(file, language))
        except FormError as error:
            faults.append(f"{file.name}: {error}")
            continue
        errors = [_line(file, finding, language) for finding in found if finding.severity == "error"]
        faults += errors
        for finding in found:
            if finding.severity != "error":
                click.echo(_line(file, finding, language))
        if not errors:
            click.echo(say(language, "forms.good", file=file.name))
    if faults:
        raise Failed(*faults)


def _findings(file: Path, language: str) -> Iterator[Finding]:
    published = _published(file)
    for warning in published.warnings:
        text = " ".join(warning.split())
        yield Finding(severity="warning", code="publishing", place="", message=text, message_zh=text)
    yield from lint(load(published.xform, media=published.media, lenient=True))


def _line(file: Path, finding: Finding, language: str) -> str:
    said = finding.message if language == "en" else finding.message_zh
    place = f" {finding.place}:" if finding.place else ""
    return f"{file.name}:{place} {said}"


def _published(file: Path) -> Published:
    kind = KINDS.get(file.suffix.lower())
    if kind is None:
        raise FormError(f"{file.suffix or 'no ending'}: a form is {', '.join(KINDS)}")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise FormError(error.strerror or "can't be read") from None
    if len(content) > LARGEST_SOURCE:
        raise FormError(f"larger than {LARGEST_SOURCE} bytes")
    return publish(content, kind=kind, name=file.stem)  # type: ignore[arg-type]  # one of KINDS


@forms.command("try")
@click.argument("file", type=click.Path(path_type=Path))
@language_option
def try_(file: Path, language: str) -> None:
    """Fill FILE in here: type answers, an empty line to skip, < to go back, q to stop. Nothing is kept."""
    try:
        published = _published(file)
        form = load(published.xform, media=published.media)
    except FormError as error:
        raise Failed(f"{file.name}: {error}") from None
    session = Session.start(form, Context(now=datetime.now().astimezone(), language=language))
    click.echo(f"{form.title}\n{say(language, 'forms.how')}")
    submission = fill_in(session, language)
    if submission is None:
        click.echo(say(language, "forms.stopped"))
        return
    click.echo(say(language, "forms.submitted"))
    for name, value in submission.flat.items():
        click.echo(f"  {name} = {value}")
    for flag, urgency in submission.calculated.items():
        if flag.startswith("flag_") and urgency:
            click.echo(say(language, "forms.flag", flag=flag, urgency=urgency))
