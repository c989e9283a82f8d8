"""The plain model of people who fill in reports: forms under way, reports handed in, alerts that are open."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from casework.records import Submission

QUESTIONS = ("matter", "since", "words", "done", "review")
MATTERS = (
    "danger", "missing", "no_carer", "dropout", "health", "home", "mood", "hardship", "hukou", "other",
)  # fmt: skip
DONE = ("police", "doctor", "parents", "village", "nothing")
FLAGS = {"missing": "danger", "home": "unsafe_home", "hukou": "no_hukou"}  # where it is not the matter itself


PAUSE = timedelta(hours=12)  # `forms.ask_again_hours` of the packaged policy


@dataclass
class Form:
    """A report that is being filled in: where it stands, and how many answers its buttons have seen."""

    draft: str
    child: str
    clock: Callable[[], datetime]
    moved_at: datetime
    at: int = 0
    step: int = 0
    answers: dict[str, Any] = field(default_factory=dict)
    ticked: set[str] = field(default_factory=set)

    def to(self, at: int) -> None:
        """At another question."""
        self.at, self.step, self.moved_at = at, self.step + 1, self.clock()
        self.ticked = set(self.answers.get("done", ()))

    def answer(self, value: Any) -> None:
        """The present question is answered."""
        self.answers[QUESTIONS[self.at]] = value
        self.go_on()

    def go_on(self) -> None:
        """To the first question yet without an answer, from here on."""
        round_about = (*range(self.at + 1, 4), *range(self.at))
        self.to(next((at for at in round_about if QUESTIONS[at] not in self.answers), 4))


@dataclass
class Model:
    """What must be so."""

    forms: dict[str, Form] = field(default_factory=dict)  # by draft
    current: str | None = None
    sure: str | None = None  # the draft of which it was asked whether it is to be given up
    reports: list[dict[str, Any]] = field(default_factory=list)
    alerts: set[tuple[str, str]] = field(default_factory=set)  # child and flag

    @property
    def form(self) -> Form | None:
        """The form being filled in."""
        return self.forms.get(self.current or "")


def plain(kept: Submission) -> str:
    """A submission as the model tells a report."""
    values = kept.values
    return str([kept.child, *(values[q] for q in QUESTIONS[:3]), sorted(values["done"].split())])


def told(report: dict[str, Any]) -> str:
    """A report of the model."""
    return str([report["child"], *(report[q] for q in QUESTIONS[:3]), sorted(report["done"])])
