"""Filling in a form: one question at a time, forward and back, storable after every answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsform import preload, present, state
from xlsform.context import Context, choose_language
from xlsform.engine import Engine
from xlsform.errors import FormError
from xlsform.looking import END, Looking
from xlsform.model import Form
from xlsform.prompts import Problem
from xlsform.route import Stop, stop_at
from xlsform.submission import Submission, submission
from xlsform.validation import checked, missing, violation


class Session(Looking):
    """One person filling in one form. Not thread-safe; between answers keep only `dump()`.

    Questions come in the form's order. After an answer the session moves to the next question that has not
    been passed yet, first onward, then from the start; when all are passed `prompt()` is None.
    """

    def __init__(self, form: Form, context: Context) -> None:
        """Use `start` or `restore`."""
        self.form = form
        self.context = context
        language = choose_language(form.languages, form.default_language, context.language)
        super().__init__(Engine(form, context, language))
        self._passed: set[str] = set()

    @classmethod
    def start(cls, form: Form, context: Context) -> Session:
        """A new session at its first question."""
        session = cls(form, context)
        session._preset = preload.begin(session.engine)
        session._advance(None)
        return session

    @classmethod
    def restore(cls, form: Form, stored: dict[str, Any], context: Context) -> Session:
        """The session as it was dumped, without computing it anew.

        Only if the day has changed, calculations that read today() or now() together with an answer are
        computed again; one of the clock alone keeps the value it got at the start. The language is the
        stored one unless the context names another. Raises FormError if the state is of another form or
        version (see `migrate`), or is damaged.
        """
        session = cls(form, context)
        kept = state.load_into(session.engine, stored)
        session._at, session._passed, session._preset = kept.at, kept.passed, kept.preset
        if context.language is None:
            session.engine.texts.language = kept.language
        if kept.stale:
            session.engine.propagate(kept.stale)
        session.settle()
        return session

    @classmethod
    def migrate(cls, form: Form, stored: dict[str, Any], context: Context) -> tuple[Session, tuple[str, ...]]:
        """A session of this version of the form with the answers of a state of another version.

        Answers move by their ref; what no longer fits is left behind and its refs returned. New questions
        are asked, moved answers are not asked again. The session stays at its question where that is still
        to be asked.
        """
        session = cls(form, context)
        session._preset = preload.begin(session.engine)
        lost, moved = state.move_answers(session.engine, stored)
        session._passed = moved
        session._at = str(stored.get("at", END))
        if session._at in moved or session._stop() is None:
            session._advance(None)
        return session, lost

    def dump(self) -> dict[str, Any]:
        """The state as a JSON value."""
        return state.dump(self.engine, self._at, self._passed, self._preset)

    def stands_at(self, stored: dict[str, Any]) -> bool:
        """Whether nothing was passed, and nowhere else gone, since it was dumped."""
        return stored["at"] == self._at and len(stored["passed"]) == len(self._passed)

    # where we are

    @property
    def faults(self) -> tuple[tuple[str, str], ...]:
        """(place, message) of the expressions that failed so far, for the log."""
        return tuple(dict.fromkeys(self.engine.faults))

    def _stop(self) -> Stop | None:
        """Where the session stands. While the way is not known, only the way to that place is walked."""
        if self._at == END:
            return None
        if self._stops is None:
            found = stop_at(self.engine, self._at, self._preset)
            if found is None or found.kind != "note":
                return found
        index = self._index(self._at)
        return self._all()[index] if index is not None else None

    def _advance(self, after: int | None) -> None:
        """Stand at the next stop not passed yet: after this index, else from the start."""
        found = self._all()
        start = 0 if after is None else after + 1
        order = [*found[start:], *found[:start]]
        self._at = next((stop.ref for stop in order if stop.ref not in self._passed), END)

    def settle(self) -> None:
        """Leave a place that is no longer there."""
        self._stops = None
        if self._stop() is None:
            self._advance(None)

    # answering

    def answer(self, value: str | Sequence[str]) -> Problem | None:
        """Give the current question an answer in canonical form (a choice's value, an ISO date, "3.5").

        On None it has been stored and the session has moved on; an empty answer clears the question.
        """
        self.engine.refill()
        stop = self._stop()
        if stop is None or stop.kind == "repeat":
            return Problem(kind="readonly")
        if stop.kind == "note" or stop.question is None:
            self._pass(stop)
            return None
        values = [value] if isinstance(value, str) else list(value)
        result = checked(self.engine, stop.question, stop.node, values)
        if isinstance(result, Problem):
            return result
        before = self._selections()
        self.engine.set_value(stop.node, result)
        self._ask_again(before)
        self._pass(stop)
        return None

    def skip(self) -> Problem | None:
        """Move on and leave the current value as it is; a problem if that is not allowed."""
        self.engine.refill()
        stop = self._stop()
        if stop is None:
            return None
        if stop.kind == "repeat":
            self.no_more()
            return None
        if stop.kind == "question" and stop.question is not None:
            value = stop.node.value
            check = violation(self.engine, stop.question, stop.node, value) if value else None
            problem = check if value else missing(self.engine, stop.question, stop.node)
            if problem is not None:
                return problem
        self._pass(stop)
        return None

    def _pass(self, stop: Stop) -> None:
        self._passed.add(stop.ref)
        self._stops = None
        self._advance(self._index(stop.ref))

    def _selections(self) -> list[tuple[str, Stop]]:
        """The passed stops whose choices depend on other answers, with their values."""
        watched = {t.target for t in self.form.triggers if t.kind == "choices"}
        if not watched:
            return []
        return [
            (s.node.value, s)
            for s in self._all()
            if s.question and s.question.ref in watched and s.node.value
        ]

    def _ask_again(self, before: list[tuple[str, Stop]]) -> None:
        """A selection that was cleared because it is no longer offered is asked again."""
        for value, stop in before:
            if stop.node.value != value:
                self._passed.discard(stop.ref)

    # moving about

    def back(self) -> bool:
        """Stand at the stop before; False at the first."""
        index = self._index(self._at) if self._at != END else len(self._all())
        if not index:
            return False
        self._at = self._all()[index - 1].ref
        return True

    def jump(self, ref: str) -> bool:
        """Stand at a question by its ref; by a group's, at its first one, and ask all in it once more with
        the answers as they stand. False if there is nothing to be asked.
        """
        inside = [stop.ref for stop in self._all() if stop.ref.startswith(f"{ref}/")]
        if self._index(ref) is None and not inside:
            return False
        self._passed.difference_update(inside)
        self._at = inside[0] if inside else ref
        return True

    @property
    def revisiting(self) -> bool:
        """Whether all that there is to ask was passed before: the person came back to this question."""
        return all(stop.ref in self._passed for stop in self._all())

    def to_end(self) -> bool:
        """Stand at the end, where all was passed before; else False."""
        if self.revisiting:
            self._at = END
        return self._at == END

    def set_language(self, code: str) -> None:
        """Change the language of all texts, by code or name; an unknown one means the default."""
        self.engine.refill()
        self.engine.set_language(choose_language(self.form.languages, self.form.default_language, code))

    # repeats

    def add_repeat(self) -> bool:
        """At a RepeatPrompt: add an instance and stand at its first question; False if there are too many."""
        self.engine.refill()
        stop = self._stop()
        if stop is None or stop.repeat is None or not present.can_add(self.engine, stop):
            return False
        path = stop.repeat.ref
        instance = self.engine.new_instance(stop.node, path)
        if instance is None:
            return False
        self.engine.propagate([path, *self.form.below.get(path, ())])
        self._passed.discard(stop.ref)
        self._stops = None
        inside = self.engine.tree.ref_of(instance) + "/"
        first = next(
            (s.ref for s in self._all() if s.ref.startswith(inside) and s.ref not in self._passed), None
        )
        self._at = first or stop.ref
        return True

    def no_more(self) -> None:
        """At a RepeatPrompt: go on with what follows the repeat."""
        stop = self._stop()
        if stop is not None and stop.kind == "repeat":
            self._pass(stop)

    def remove_repeat(self, ref: str) -> bool:
        """Remove an instance by its ref (`/data/child[2]`); False if there is none or the repeat is fixed."""
        self.engine.refill()
        node = self.engine.tree.at(ref)
        path = self.engine.tree.path_of(node) if node is not None else ""
        group = self.form.repeats.get(path)
        if node is None or node.parent is None or group is None or group.count is not None or group.fixed:
            return False
        keep = state.refs_by_node(self.engine, self._passed)
        self.engine.tree.remove(node)
        self.engine.propagate([path, *self.form.below.get(path, ())])
        self._passed = state.refs_after(self.engine, keep)
        self.settle()
        return True

    # the end

    def finish(self) -> Submission | Problem:
        """The finished submission; or the first problem, at whose question the session then stands."""
        self.engine.refill()
        self._stops = None
        problem = next(present.problems(self.engine, self._all()), None)
        if problem is not None:
            self._at = problem.ref
            return problem
        preload.end(self.engine)
        return submission(self.engine)


__all__ = ["END", "FormError", "Session"]
