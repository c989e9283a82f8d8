"""Unfinished forms: opened with what is known of the child, kept after every answer, taken up again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from casework.access import CLOCK
from casework.records import Child, Draft, Visit
from conversations.desk import Desk
from conversations.masks import age_on, child_label
from conversations.turn import Turn
from xlsform import Context, Form, FormError, Session

CHILD = "child"  # the question that holds the child's code, where a form has one
_PICKED, _SESSION = "picked", "session"


def context_of(turn: Turn, child: Child | None, *, for_guardian: bool) -> Context:
    """What a form is told: the time, the reader's language, and the child as it is kept.

    A guardian's form gets no child: nothing of the file reaches the family through a form.
    """
    known = None if for_guardian else child
    rows = [row_of(turn.desk, known, turn)] if known is not None else []
    return Context(
        now=turn.now.astimezone(turn.desk.policy.zone),
        language=turn.language,
        username=turn.person.id,
        preset={CHILD: child.id} if child is not None else {},
        instances={"children": lambda: rows},
    )


def row_of(desk: Desk, child: Child, turn: Turn) -> Mapping[str, str]:
    """The child as a row of ``instance('children')``: the roster's facts under what forms saved since."""
    birth = child.birth_date
    return {
        "name": child.id,
        "label": child_label(child, desk.policy),
        "sex": child.sex,
        "birth_date": birth.isoformat() if birth else "",
        "age": str(age_on(birth, turn.today)) if birth else "",
        "village": child.village,
        "risk": str(child.risk),
        "school": child.school,
        "guardian_relation": child.guardian_relation,
        "categories": " ".join(child.categories),
        **child.properties,
    }


async def child_for(turn: Turn, draft: Draft) -> Child | None:
    """The draft's child: for staff as far as they see it, for a guardian's check-in as it is kept."""
    if draft.child is None:
        return None
    return await turn.desk.store.get(CLOCK if draft.checkin else turn.reader, Child, draft.child)


async def open_session(turn: Turn, draft: Draft) -> Session | None:
    """The draft's session where it stands; None where this person has no such form or child any more.

    A form that was published anew meanwhile goes on with the answers that still fit.
    """
    form = turn.desk.forms.get(draft.form)
    child = await child_for(turn, draft)
    if form is None or (draft.child is not None and child is None):
        return None
    context = context_of(turn, child, for_guardian=draft.checkin is not None)
    return restored(form, draft, context)


def restored(form: Form, draft: Draft, context: Context) -> Session:
    """The session as it was kept, moved to the form's present version where that is another."""
    stored = dict(draft.state[_SESSION])
    try:
        if draft.digest == form.digest:
            return Session.restore(form, stored, context)
    except FormError:
        pass  # kept by another version of the engine: its answers are moved as well
    return Session.migrate(form, stored, context)[0]


def picked(draft: Draft, value: str) -> tuple[str, ...]:
    """What is ticked of the several choices being made now; before the first tap the question's ``value``."""
    return tuple(draft.state.get(_PICKED, value.split()))


def with_picked(draft: Draft, values: Sequence[str]) -> Draft:
    """The draft with other ticks; its buttons stay good."""
    return replace(draft, state={**draft.state, _PICKED: list(values)})


def moved_on(turn: Turn, draft: Draft, session: Session) -> Draft:
    """The draft after an answer; buttons made before are stale from now on."""
    return replace(
        draft,
        state=state_of(session),
        digest=session.form.digest,
        step=draft.step + 1,
        changed_at=turn.now,
    )


def state_of(session: Session) -> Mapping[str, Any]:
    """What is kept of a session."""
    return {_SESSION: session.dump()}


def new_draft(
    turn: Turn,
    name: str,
    session: Session,
    *,
    child: Child | None,
    visit: Visit | None = None,
    checkin: str | None = None,
    corrects: str | None = None,
) -> Draft:
    """A draft that has just been begun."""
    return Draft(
        id=turn.desk.new_id(),
        person=turn.person.id,
        child=child.id if child is not None else None,
        form=name,
        digest=session.form.digest,
        visit=visit.id if visit is not None else None,
        checkin=checkin,
        corrects=corrects,
        state=state_of(session),
        started_at=turn.now,
        changed_at=turn.now,
    )


async def open_drafts(turn: Turn) -> list[Draft]:
    """All that the person has not finished, the newest first."""
    found = await turn.desk.store.find(turn.reader, Draft, status=("open",), person=turn.person.id)
    return sorted(found, key=lambda draft: draft.changed_at, reverse=True)
