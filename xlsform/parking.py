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
        self._parked: OrderedDict[str, Session] = OrderedDict()

    def leave(self, key: str, session: Session) -> None:
        """Park the session under ``key``; those that stand here longest give way."""
        self._remove(key)
        self._parked[key] = session
        self._used += len(session.form.fields)
        while self._used > self._room:
            self._remove(next(iter(self._parked)))

    def take(self, key: str, form: Form, stored: dict[str, Any], context: Context) -> Session | None:
        """The session under ``key``, which then belongs to the caller, as `Session.restore` would give it.

        None where there is none, where it is of another form, or where it does not stand at ``stored``.
        """
        session = self._remove(key)
        if session is None or session.form is not form or session.dump() != stored:
            return None
        _go_on(session, context)
        return session

    def _remove(self, key: str) -> Session | None:
        session = self._parked.pop(key, None)
        if session is not None:
            self._used -= len(session.form.fields)
        return session


def _go_on(session: Session, context: Context) -> None:
    """What `Session.restore` does beyond loading the instance: another moment, reader, and live tables."""
    engine, form, then = session.engine, session.form, session.context.now
    session.context = context
    engine.renew(context)
    if context.language is not None:
        engine.texts.language = choose_language(form.languages, form.default_language, context.language)
    stale = state.stale_paths(engine, then)
    if stale:
        engine.propagate(stale)
    if stale or any(bind.readonly is not None for bind in form.binds.values()):
        session.settle()
    else:
        session.look_again()
