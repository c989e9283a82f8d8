"""Short ways to write a form in a test."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from xlsform import Context, Form, Prompt, Session, load
from xlsform.publish import publish

BEIJING = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=BEIJING)


def form(markdown: str) -> Form:
    """A form from Markdown tables."""
    return load(publish(markdown.encode(), kind="md", name="test").xform)


def survey(*rows: str, choices: str = "", settings: str = "") -> str:
    """Markdown from rows such as "integer age label=Age constraint=.<18": type, name, then columns."""
    parsed = [_row(row) for row in rows]
    columns = list(dict.fromkeys(key for row in parsed for key in row))
    lines = ["| survey |", "| | " + " | ".join(columns) + " |"]
    lines += ["| | " + " | ".join(row.get(column, "") for column in columns) + " |" for row in parsed]
    return "\n".join([*lines, choices, settings])


def _row(row: str) -> dict[str, str]:
    head, *columns = row.split(" ; ")
    kind, _, name = head.rpartition(" ") if " " in head else (head, "", "")
    found = {"type": kind, "name": name}
    if not kind.startswith(("calculate", "end", "hidden")):
        found["label"] = name
    for column in columns:
        key, _, value = column.partition("=")
        found[key] = value
    return found


YES_NO = """
| choices |
| | list_name | name | label |
| | yn | yes | Yes |
| | yn | no | No |
"""


def context(**changes: Any) -> Context:
    return Context(**{"now": NOW, **changes})


def begin(*rows: str, choices: str = "", settings: str = "", **changes: Any) -> Session:
    """A session on a form of these rows."""
    return Session.start(form(survey(*rows, choices=choices, settings=settings)), context(**changes))


def asked(session: Session) -> Prompt:
    """The question that is put now."""
    prompt = session.prompt()
    assert isinstance(prompt, Prompt), prompt
    return prompt


def give(session: Session, *answers: str | list[str]) -> Session:
    """Answer the next questions, each of which must be taken."""
    for answer in answers:
        problem = session.answer(answer)
        assert problem is None, (session.prompt(), answer, problem)
    return session
