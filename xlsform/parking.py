"""Sessions between two answers, as they stand: whoever answers next need not have the instance built anew."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from xlsform import state
from xlsform.context import Context, choose_language
from xlsform.model import Form
from xlsform.session import Session

ROOM = 40_000
"""Fields of all parked sessions together: some tens of megabytes."""


class Parking:
    """Nothing depends on it: a session that is not here, or no longer says what was stored, is restored."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._used = 0
        self._parked: OrderedDict[str, tuple[Session, dict[str, Any]]] = OrderedDict()

    def leave(self, key: str, session: Session, stored: dict[str, Any]) -> None:
        """Park the session under ``key``, as just dumped; those that stand here longest give way."""
        self._remove(key)
        self._parked[key] = session, stored
        self._used += len(session.form.fields)
        while self._used > self._room:
            self._remove(next(iter(self._parked)))

    def take(self, key: str, form: Form, stored: dict[str, Any], context: Context) -> Session | None:
        """The session under ``key``, which then belongs to the caller, as `Session.restore` would give it.

        None where there is none, where it is of another form, or where it does not stand at ``stored``. It
        may be changed only between this and `leave`.
        """
        session, left = self._remove(key) or (None, None)
        if session is None or session.form is not form or left != stored or not session.stands_at(stored):
            return None
        _go_on(session, context)
        return session

    def _remove(self, key: str) -> tuple[Session, dict[str, Any]] | None:
        parked = self._parked.pop(key, None)
        if parked is not None:
            self._used -= len(parked[0].form.fields)
        return parked


def _go_on(session: Session, context: Context) -> None:
    """What `Session.restore` does beyond loading the instance: another moment, reader, and live tables."""
    engine, form, before = session.engine, session.form, session.context
    session.context = context
    engine.renew(context)
    if context.language is not None:
        engine.texts.language = choose_language(form.languages, form.default_language, context.language)
    stale = state.stale_paths(engine, before.now)
    if stale:
        engine.propagate(stale)
    if not session.look_again(at_all=bool(stale) or not _alike(context, before)):
        session.settle()


def _alike(context: Context, before: Context) -> bool:
    """Whether they say the same of how a form is shown; what else they say, `Env.live` watches over."""
    return (context.shown, context.max_instances, context.ask_label_rows, context.now.tzinfo) == (
        before.shown, before.max_instances, before.ask_label_rows, before.now.tzinfo
    )  # fmt: skip
