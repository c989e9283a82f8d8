"""Unfinished forms: opened with what is known of the child, kept after every answer, taken up again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from casework.access import CLOCK
from casework.calendar import age_on
from casework.changing import carer_of, id_says
from casework.facts import facts_of
from casework.records import Area, Child, Draft, Matter, Place, Submission, Visit
from conversations.desk import Desk
from conversations.masks import child_label, clean, quoted
from conversations.turn import Turn
from xlsform import Context, Form, FormError, Session

Lists = Mapping[str, Sequence[Mapping[str, str]]]
NO_LISTS: Lists = {}
MOST_LISTED = 2_000
CHILD = "child"  # the question that holds the child's code, where a form has one
_PAD, _SESSION, _LEFT = "pad", "session", "left"
_LAST_SAVED = "jr://instance/last-saved"


def context_of(
    turn: Turn, child: Child | None, *, for_guardian: bool, last_saved: str | None = None,
    matter: Matter | None = None, lists: Lists = NO_LISTS,
) -> Context:  # fmt: skip
    """What a form is told: the time, the reader's language, the child as it is kept, its last submission.

    Where the form is a step of a matter, ``instance('matter')`` is one row: what its steps said so far. A
    guardian's form gets no child: nothing of the file reaches the family through a form.
    """
    known = None if for_guardian else child
    return Context(
        now=turn.now.astimezone(turn.desk.policy.zone),
        language=turn.language,
        username=turn.person.id,
        preset={CHILD: child.id} if child is not None else {},
        instances={
            "children": lambda: [row_of(turn.desk, known, turn)] if known is not None else [],
            "matter": lambda: [matter_row(matter)] if matter is not None else [],
            **{name: partial(list, rows) for name, rows in lists.items()},
        },
        last_saved=last_saved,
        max_instances=turn.desk.policy.forms.most_repeats,
        shown=quoted,
    )


def row_of(desk: Desk, child: Child, turn: Turn) -> Mapping[str, str]:
    """The child as a row of ``instance('children')``: the roster's facts under what forms saved since.

    ``id_birth_date`` and ``id_sex`` are what the ID number says, which itself stands in no form.
    """
    birth, known = child.birth_date, facts_of(child)
    return {
        "name": child.id,
        "label": child_label(child, desk.policy),
        "sex": child.sex,
        "birth_date": birth.isoformat() if birth else "",
        "age": str(age_on(birth, turn.today)) if birth else "",
        "village": child.village,
        "risk": str(child.risk),
        "school": child.school,
        "guardian_name": child.guardian_name,
        "guardian_relation": child.guardian_relation,
        "categories": " ".join(child.categories),
        **id_says(child.id_number),
        **child.properties,
        "carer": carer_of(known),
    }


async def lists_for(turn: Turn, form: Form, child: Child | None) -> Lists:
    """What a form about no child may choose from: the person's children, areas, places for children."""
    if child is not None or not turn.reader.is_staff:
        return NO_LISTS
    found: dict[str, list[Mapping[str, str]]] = {}
    if "children" in form.external:
        mine = await turn.desk.store.find(turn.reader, Child, status=("active",), limit=MOST_LISTED)
        found["children"] = [row_of(turn.desk, one, turn) for one in mine]
    if "places" in form.external:
        places = await turn.desk.store.find(turn.reader, Place, status=("active",), limit=MOST_LISTED)
        found["places"] = [{"name": one.id, "label": one.title, "area": one.area} for one in places]
    if "areas" in form.external:
        found["areas"] = [{"name": one.id, "label": one.name} for one in await areas_of(turn)]
    return found


async def areas_of(turn: Turn) -> list[Area]:
    """The areas in which the person works: where he holds a post, and what lies in them."""
    areas = await turn.desk.store.find(turn.reader, Area)
    mine = {post.area for post in turn.person.posts} | turn.reader.townships | turn.reader.counties
    for _ in ("townships", "villages"):
        mine |= {area.id for area in areas if area.parent in mine}
    return [area for area in areas if area.id in mine]


def matter_row(m: Matter) -> Mapping[str, str]:
    """A matter as the row of ``instance('matter')``: where it stands, and what was said of it."""
    return {**m.facts, "name": m.sort, "label": str(m.number), "state": m.state}


async def matter_of(turn: Turn, draft: Draft) -> Matter | None:
    """The matter of which the draft is a step; None where it is none, or begins one."""
    return await turn.desk.store.get(turn.reader, Matter, draft.matter[2]) if draft.matter else None


async def child_for(turn: Turn, draft: Draft) -> Child | None:
    """The draft's child: for staff as far as they see it; for a check-in while its carer has it in care."""
    if draft.child is None or (draft.checkin is not None and draft.child not in turn.person.cares_for):
        return None
    return await turn.desk.store.get(CLOCK if draft.checkin else turn.reader, Child, draft.child)


async def last_saved(turn: Turn, form: Form, name: str, child: Child | None) -> str | None:
    """The last submission of this form about this child, where the form asks for it (`last-saved`)."""
    if child is None or not any(src.startswith(_LAST_SAVED) for src in form.external.values()):
        return None
    made = await turn.desk.store.find(
        turn.reader, Submission, child=child.id, status=("valid",), order="newest", limit=20
    )
    return next((s.xml for s in made if s.form == name), None)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A draft taken up. ``moved``: from another version of the form; ``lost``: answers left behind."""

    draft: Draft
    session: Session
    moved: bool = False
    lost: int = 0


async def open_session(turn: Turn, draft: Draft) -> Opened | None:
    """The draft's session where it stands; None where this person has no such form or child any more.

    A form that was published anew meanwhile goes on with the answers that still fit.
    """
    form = turn.desk.forms.get(draft.form)
    child = await child_for(turn, draft)
    if form is None or (draft.child is not None and child is None):
        return None
    saved = await last_saved(turn, form, draft.form, child) if draft.checkin is None else None
    matter = await matter_of(turn, draft)
    context = context_of(
        turn, child, for_guardian=draft.checkin is not None, last_saved=saved, matter=matter,
        lists=await lists_for(turn, form, child),
    )  # fmt: skip
    parked = turn.desk.parking.take(draft.id, form, draft.state[_SESSION], context)
    return Opened(draft=draft, session=parked) if parked is not None else restored(form, draft, context)


def restored(form: Form, draft: Draft, context: Context) -> Opened:
    """The session as it was kept, moved to the form's present version where that is another.

    Answers that have no place in it any more stay with the draft, by their reference.
    """
    stored = dict(draft.state[_SESSION])
    if draft.digest == form.digest:
        try:
            return Opened(draft=draft, session=Session.restore(form, stored, context))
        except FormError:
            pass  # kept by another version of the engine: its answers are moved as well
    session, lost = Session.migrate(form, stored, context)
    values = stored.get("values", {})
    left = {**left_behind(draft), **{ref: str(values[ref]) for ref in lost if values.get(ref)}}
    state = {**state_of(session), _LEFT: left}
    draft = replace(draft, state=state, digest=form.digest)
    return Opened(draft=draft, session=session, moved=True, lost=len(lost))


def left_behind(draft: Draft) -> Mapping[str, str]:
    """Answers to questions that a newer version of the form no longer asks, by reference."""
    return dict(draft.state.get(_LEFT, {}))


def pad_of(draft: Draft) -> Mapping[str, Any]:
    """What was ticked, searched or leafed through at the present question."""
    return dict(draft.state.get(_PAD, {}))


def with_pad(draft: Draft, changes: Mapping[str, Any]) -> Draft:
    """The draft with another pad; its buttons stay good."""
    return replace(draft, state={**draft.state, _PAD: {**pad_of(draft), **changes}})


def moved_on(turn: Turn, draft: Draft, session: Session) -> Draft:
    """The draft after an answer; buttons made before are stale from now on."""
    return replace(
        draft,
        state={**parked(turn, draft.id, session), **({_LEFT: left} if (left := left_behind(draft)) else {})},
        digest=session.form.digest,
        step=draft.step + 1,
        changed_at=turn.now,
    )


def state_of(session: Session) -> Mapping[str, Any]:
    """What is kept of a session."""
    return {_SESSION: session.dump()}


def parked(turn: Turn, id: str, session: Session) -> Mapping[str, Any]:
    """What is kept of a session, which stays at hand until the draft ``id`` is gone on with."""
    state = state_of(session)
    turn.desk.parking.leave(id, session, state[_SESSION])
    return state


def new_draft(
    turn: Turn,
    name: str,
    session: Session,
    *,
    child: Child | None,
    visit: Visit | None = None,
    checkin: str | None = None,
    corrects: str | None = None,
    matter: tuple[str, ...] = (),
) -> Draft:
    """A draft that has just been begun."""
    id = turn.desk.new_id()
    return Draft(
        id=id,
        person=turn.person.id,
        child=child.id if child is not None else None,
        form=name,
        digest=session.form.digest,
        visit=visit.id if visit is not None else None,
        checkin=checkin,
        corrects=corrects,
        matter=matter,
        state=parked(turn, id, session),
        started_at=turn.now,
        changed_at=turn.now,
    )


def open_draft(turn: Turn, id: str | None) -> Draft | None:
    """The person's draft, if it is not finished."""
    return next((draft for draft in turn.drafts if draft.id == id), None)


def open_drafts(turn: Turn) -> list[Draft]:
    """All that the person has not finished, the newest first."""
    return sorted(turn.drafts, key=lambda draft: draft.changed_at, reverse=True)


def title(turn: Turn, draft: Draft, child: Child | None) -> str:
    """What is being filled in, and for whom; a guardian's names no child."""
    name = form_name(turn, draft.form)
    return name if child is None or draft.checkin else f"{name} · {turn.desk.label(child)}"


def form_name(turn: Turn, form: str) -> str:
    """What people call a form."""
    if turn.desk.words.has(f"form.name.{form}"):
        return turn.words(f"form.name.{form}")
    known = turn.desk.forms.get(form)
    return clean(known.title, 60) if known is not None and known.title else form


async def title_of(turn: Turn, draft: Draft) -> str:
    """The title of a draft that waits, with the day on which it was begun where that is not today."""
    name = title(turn, draft, await child_for(turn, draft))
    day = turn.desk.today(draft.started_at)
    return name if day == turn.today else turn.words("form.since", title=name, day=turn.day(day))
