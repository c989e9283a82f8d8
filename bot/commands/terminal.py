"""A form as a conversation in the terminal: asked line by line, reviewed, submitted."""

from datetime import datetime

import click

from bot.commands.words import say
from xlsform import Choice, Problem, Prompt, RepeatPrompt, Session, Submission
from xlsform.answers import parse

MOST_CHOICES = 30  # shown at once


def fill_in(session: Session, language: str) -> Submission | None:
    """Asks until the form is submitted; None where it was stopped, by q or at the end of the input."""
    while True:
        prompt = session.prompt()
        if prompt is not None:
            typed = _typed(prompt, language)
            if typed is not None:
                _take(session, prompt, typed, language)
        else:
            typed = _reviewed(session, language)
            if typed == "":
                submission = _finished(session, language)
                if submission is not None:
                    return submission
        if typed is None:
            return None


def _reviewed(session: Session, language: str) -> str | None:
    """Shows the answers; a number goes back to its question, an empty line submits."""
    lines = session.review()
    click.echo("\n" + click.style(say(language, "forms.review"), bold=True))
    for number, line in enumerate(lines, 1):
        click.echo(f"  {number}. {line.label}: {line.text}")
    click.echo(say(language, "forms.submit"))
    typed = _line_typed()
    if typed == "<":
        session.back()
    elif typed and typed.isdigit() and 0 < int(typed) <= len(lines):
        session.jump(lines[int(typed) - 1].ref)
    return typed


def _finished(session: Session, language: str) -> Submission | None:
    done = session.finish()
    if isinstance(done, Problem):
        click.echo(done.message or say(language, _PROBLEMS[done.kind]))
        return None
    return done


def _typed(prompt: Prompt | RepeatPrompt, language: str) -> str | None:
    click.echo()
    for note in prompt.notes:
        click.echo(note)
    if prompt.groups:
        click.echo(" › ".join(prompt.groups))
    click.echo(click.style(prompt.label, bold=True))
    if isinstance(prompt, RepeatPrompt):
        click.echo(say(language, "forms.repeat", count=prompt.count))
    else:
        for line in (prompt.hint, prompt.guidance, *_expected(prompt, language)):
            if line:
                click.echo(line)
        for number, choice in enumerate(prompt.choices[:MOST_CHOICES], 1):
            click.echo(f"  {number}. {choice.label}{_mark(prompt, choice)}")
        if len(prompt.choices) > MOST_CHOICES:
            click.echo(say(language, "forms.more_choices", count=len(prompt.choices) - MOST_CHOICES))
    return _line_typed()


def _expected(prompt: Prompt, language: str) -> list[str]:
    """What the terminal must say because it shows no widget."""
    lines = []
    if prompt.range_ is not None:
        bounds = {"start": prompt.range_.start, "end": prompt.range_.end, "step": prompt.range_.step}
        lines.append(say(language, "forms.expected.range", **bounds))
    if prompt.kind in ("image", "audio", "video", "file"):
        lines.append(say(language, "forms.expected.file"))
    if prompt.required:
        lines.append(say(language, "forms.expected.required"))
    return lines


def _mark(prompt: Prompt, choice: Choice) -> str:
    return " ✓" if choice.value in prompt.value.split() else ""


def _line_typed() -> str | None:
    """What was typed; None for q and for the end of the input."""
    try:
        typed = click.prompt("", prompt_suffix="> ", default="", show_default=False)
    except click.Abort:
        return None
    return None if typed.strip() == "q" else str(typed).strip()


def _take(session: Session, prompt: Prompt | RepeatPrompt, typed: str, language: str) -> None:
    problem: Problem | None = None
    if typed == "<":
        session.back()
    elif isinstance(prompt, RepeatPrompt):
        session.add_repeat() if typed == "+" else session.no_more()
    elif not typed:
        problem = session.skip()
    else:
        value = parse(prompt, typed, today=datetime.now().astimezone().date())
        problem = value if isinstance(value, Problem) else session.answer(value)
    if problem is not None:
        click.echo(problem.message or say(language, _PROBLEMS[problem.kind]))


_PROBLEMS = {
    "required": "forms.problem.required",
    "constraint": "forms.problem.constraint",
    "type": "forms.problem.type",
    "choice": "forms.problem.choice",
    "readonly": "forms.problem.readonly",
}
