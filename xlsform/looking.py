"""What a session shows without moving: its review, what is wrong, the rows of a table, a list's entries."""

from __future__ import annotations

from abc import ABC, abstractmethod

from xlsform import present
from xlsform.engine import Engine
from xlsform.prompts import Problem, Prompt, RepeatPrompt, ReviewLine
from xlsform.route import Stop, stops

END = ""


class Looking(ABC):
    """The looking part of a `Session`: what was worked out once stays until something changes it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._at = END
        self._preset: frozenset[str] = frozenset()
        self._stops: list[Stop] | None = None  # None: the instance has changed since the way was walked
        self._way_is_live = False  # whether the way depends on more than the answers (`Env.live`)
        self._places: dict[str, int] = {}
        self._shown: dict[
            tuple[str, str], tuple[Prompt | RepeatPrompt | None, bool]
        ] = {}  # and if it is live

    @abstractmethod
    def _stop(self) -> Stop | None: ...

    def prompt(self) -> Prompt | RepeatPrompt | None:
        """What to ask now; None at the end: show the review, then finish."""
        self.engine.refill()
        everything = self._all()
        key = self._at, self.language
        if key not in self._shown:
            stop, env = self._stop(), self.engine.env
            env.live = False
            shown = present.prompt(self.engine, stop, everything) if stop is not None else None
            self._shown[key] = shown, env.live
        return self._shown[key][0]

    @property
    def language(self) -> str:
        return self.engine.texts.language

    def _all(self) -> list[Stop]:
        if self._stops is None:
            self.engine.env.live = False
            self._stops = stops(self.engine, self._preset)
            self._way_is_live = self.engine.env.live
            self._places = {stop.ref: i for i, stop in reversed(list(enumerate(self._stops)))}
            self._shown = {}
        return self._stops

    def _index(self, ref: str) -> int | None:
        self._all()
        return self._places.get(ref)

    def look_again(self, *, at_all: bool) -> bool:
        """The instance is the same, but the time, the reader and live tables may not be: what depends on them
        is worked out anew, or all of it. False if the way itself may have changed (see `Session.settle`).
        """
        self._shown = {} if at_all else {key: shown for key, shown in self._shown.items() if not shown[1]}
        return self._stops is not None and not self._way_is_live and not at_all

    def instances(self) -> tuple[ReviewLine, ...]:
        """At a RepeatPrompt: what there is of it, each with its first answers."""
        stop = self._stop()
        return present.instances(self.engine, stop, self._all()) if stop is not None else ()

    def rows(self) -> tuple[ReviewLine, ...]:
        """The questions of the innermost group around the present one, answered or not, in order."""
        stop = self._stop()
        return present.rows(self.engine, stop, self._all()) if stop is not None else ()

    def line(self, ref: str) -> ReviewLine | None:
        """The review's line of one question; None where it is not there or has no answer."""
        index = self._index(ref)
        found = present.review(self.engine, self._all()[index : index + 1]) if index is not None else ()
        return found[0] if found else None

    def problems(self) -> tuple[Problem, ...]:
        """What would keep `finish` from succeeding, in the form's order; nothing moves."""
        return tuple(present.problems(self.engine, self._all()))

    def review(self) -> tuple[ReviewLine, ...]:
        """The answered, relevant questions in order."""
        self.engine.refill()
        return present.review(self.engine, self._all())
