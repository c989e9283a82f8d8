"""A question as a widget sees it, and what a tap or words can come to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.records import Draft
from conversations.masks import clean
from conversations.said import Button
from conversations.turn import Turn
from xlsform import Problem, Prompt, Session
from xlsform.answers import parse

LONGEST_ANSWER = 1000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The question at which a draft stands. ``pad``: what was ticked, searched or leafed through so far."""

    turn: Turn
    draft: Draft
    session: Session
    prompt: Prompt
    pad: Mapping[str, Any]

    def press(self, label: str, what: str) -> Button:
        """A button of this question; it is stale as soon as the question is answered."""
        return press(self.turn, self.draft, label, what)

    def words(self, key: str, **values: object) -> str:
        """A sentence in the person's language."""
        return self.turn.words(key, **values)


@dataclass(frozen=True)
class Answer:
    """An answer in the engine's form, still to be checked by it."""

    value: str | Sequence[str]


@dataclass(frozen=True)
class Redraw:
    """The same question, looking otherwise: what of the pad changes."""

    pad: Mapping[str, Any]


Result = Answer | Redraw | Problem | None  # None: no such button, or nothing to be done


@dataclass(frozen=True, kw_only=True)
class Widget:
    """``lines`` stand below the label, ``rows`` are its buttons; ``tapped`` gets a button's kind and rest."""

    lines: Callable[[Asked], Sequence[str]]
    rows: Callable[[Asked], list[list[Button]]]
    tapped: Callable[[Asked, str, str], Result]
    read: Callable[[Asked, str], Result]


def press(turn: Turn, draft: Draft, label: str, what: str) -> Button:
    """A button of the question at which a draft stands."""
    return turn.button(label, "f", draft.id, draft.step, what)


def how(a: Asked, kind: str = "") -> list[str]:
    """The sentence that says how to answer, where there is one."""
    key = f"form.how.{kind or a.prompt.kind}"
    return [a.words(key)] if a.turn.desk.words.has(key) else []


def read_typed(a: Asked, text: str) -> Result:
    """Words as the engine reads them."""
    found = parse(a.prompt, clean(text, LONGEST_ANSWER), today=a.turn.today)
    return found if isinstance(found, Problem) else Answer(found)


def no_rows(_a: Asked) -> list[list[Button]]:
    """Nothing to tap."""
    return []


def no_tap(_a: Asked, _kind: str, _rest: str) -> Result:
    """There are no buttons."""
    return None
