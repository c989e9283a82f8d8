"""What a session shows without moving: its review, what is wrong, the rows of a table, a list's entries."""

from __future__ import annotations

from abc import ABC, abstractmethod

from xlsform import present
from xlsform.engine import Engine
from xlsform.prompts import Problem, ReviewLine
from xlsform.route import Stop


class Looking(ABC):
    """The looking part of a `Session`, which says where it stands."""

    engine: Engine

    @abstractmethod
    def _all(self) -> list[Stop]: ...

    @abstractmethod
    def _stop(self) -> Stop | None: ...

    @abstractmethod
    def _index(self, ref: str) -> int | None: ...

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
