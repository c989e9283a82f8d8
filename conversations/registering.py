"""Registering a child in the chat: who may, whether the child is registered already, and the new file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from casework.access import CLOCK, sees_child
from casework.flags import flags_of, raise_flags
from casework.households import of_same_carer
from casework.outcome import Outcome
from casework.records import Area, Child, Draft, Submission
from casework.registering import CODE, Registration, file_of, register
from conversations import children, drafts, form_talk, household
from conversations.masks import clean
from conversations.shelf import REGISTER
from conversations.turn import Turn
from xlsform import Submission as Finished

_NAMED = "child_name"  # the calculation by which a form about no child registers one
_OWN = ("name", "sex", "born", "id_number", "village", "carer_name", "carer_phone", "school", "instanceID")
_LONGEST = 100


async def asked(turn: Turn, rest: str) -> None:
    """登记孩子: the form, for who holds a village's post."""
    if not may(turn):
        turn.say("register.not_yours")
        return
    await form_talk.open_form(turn, REGISTER, child=None)


def may(turn: Turn) -> bool:
    """Who registers a child becomes its worker, and so must be one."""
    return any(post.role == "village_worker" for post in turn.person.posts)


async def begin_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The button under the list of children."""
    turn.expect()
    await asked(turn, "")


async def coded(turn: Turn, draft: Draft, finished: Finished) -> Draft | None:
    """The draft, about the child whose code is given now: what was said is sealed with that child's key.

    Any other form's draft as it is. None: it is asked first whether the child is registered already.
    """
    if _NAMED not in finished.calculated or draft.child is not None:
        return draft
    given = _answers(finished.flat)
    places = await _places(turn, given)
    if places is None:
        turn.say("register.no_village" if may(turn) else "register.not_yours")
        return None
    same, alike = await _alike(turn, given)
    if same or (alike and not drafts.pad_of(draft).get("another")):
        _ask(turn, draft, same, alike)
        return None
    return replace(draft, child=await _new_code(turn, places[0].id))


async def _alike(turn: Turn, given: Mapping[str, str]) -> tuple[list[Child], list[Child]]:
    """Files with this ID number; and others of the same name and birth date. In the whole county."""
    number = given.get("id_number", "").upper()
    same = await turn.desk.store.find_child(CLOCK, id_number=number) if number else []
    named = await turn.desk.store.find_child(CLOCK, name=given.get("name", ""))
    born = given.get("born", "")
    return same, [
        c
        for c in named
        if c.merged_into is None
        and c.birth_date is not None
        and c.birth_date.isoformat() == born
        and c.id not in {s.id for s in same}
    ]


def _ask(turn: Turn, draft: Draft, same: Sequence[Child], alike: Sequence[Child]) -> None:
    """Names only who is the worker's own: of others it is said that there is somebody."""
    found = same or alike
    mine = [child for child in found if sees_child(turn.reader, child)]
    rows = [
        [turn.button(turn.words("register.same", child=turn.desk.label(c)), "nrs", draft.id, c.id)]
        for c in mine
    ]
    if not same:
        rows.append([turn.button(turn.words("register.another"), "nrn", draft.id, draft.step)])
    if same:
        text = turn.words("register.id_known" if mine else "register.id_known_elsewhere")
    else:
        text = turn.words("register.alike" if mine else "register.alike_elsewhere")
    turn.tell(text, rows)


async def same_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """It is the same child: what was begun is let go, and the child's page is shown."""
    draft = drafts.open_draft(turn, parts[0])
    if draft is not None:
        turn.keep(replace(draft, status="cancelled", state={}, changed_at=turn.now))
        turn.happened("form_cancelled", child=draft.child, record=draft.id, form=draft.form)
        turn.at_draft(None)
    await children.child_tapped(turn, (parts[1],))


async def _places(turn: Turn, given: Mapping[str, str]) -> tuple[Area, Area] | None:
    """The village, as far as the person works there, and its township: the one chosen, else the first.

    None: he has no village any more, or it is not among the county's areas.
    """
    held = [post.area for post in turn.person.posts if post.role == "village_worker"]
    chosen, store = given.get("village", ""), turn.desk.store
    for code in [chosen] if chosen in held else held[:1]:
        village = await store.get(CLOCK, Area, code)
        township = await store.get(CLOCK, Area, village.parent or "") if village is not None else None
        if village is not None and township is not None:
            return village, township
    return None


async def _new_code(turn: Turn, village: str) -> str:
    """The village's next number; one that the roster has used meanwhile is passed over."""
    store = turn.desk.store
    while True:
        code = CODE.format(village=village, number=await store.next_number(f"child:{village}"))
        if await store.get(CLOCK, Child, code) is None:
            return code


async def follow_registration(turn: Turn, submission: Submission) -> Outcome:
    """The new file, its first visit, and what its form raises; nothing where it registers nobody.

    Raises `LookupError` where the village has gone since `coded` found it; the whole is decided anew then.
    """
    if not submission.calculated.get(_NAMED) or submission.child is None or not may(turn):
        return Outcome()
    given, store = _answers(submission.values), turn.desk.store
    places = await _places(turn, given)
    if places is None:
        raise LookupError("the village in which a child is registered is not kept")
    village, township = places
    turn.child = submission.child
    child = file_of(
        _said(submission, given), code=submission.child, village=village.id, township=township.id,
        county=township.parent or "", by=turn.person, policy=turn.desk.policy, today=turn.today,
    )  # fmt: skip
    _, alike = await _alike(turn, given)
    circle = await store.circle(child, turn.now)
    cared_for = of_same_carer(child, await household.around(turn, child))
    begun = register(
        child, by=turn.person, alike=alike, cared_for=cared_for, circle=circle, policy=turn.desk.policy,
        now=turn.now, new_id=turn.desk.new_id,
    )  # fmt: skip
    return begun + raise_flags(
        flags_of(submission.calculated), submission=submission, child=child, circle=circle,
        policy=turn.desk.policy, now=turn.now, new_id=turn.desk.new_id, already_open=(),
    )  # fmt: skip


def _said(submission: Submission, given: Mapping[str, str]) -> Registration:
    apart = {*_OWN, *submission.calculated}
    facts = {name: value[:_LONGEST] for name, value in given.items() if value and name not in apart}
    return Registration(
        name=given["name"],
        sex=given["sex"],
        born=date.fromisoformat(given["born"]),
        id_number=given.get("id_number", "").upper(),
        carer_name=given.get("carer_name", ""),
        carer_relation=submission.calculated.get("child_relation", ""),
        carer_phone=given.get("carer_phone", ""),
        school=given.get("school", ""),
        facts=facts,
    )


def _answers(values: Mapping[str, str]) -> dict[str, str]:
    return {ref.rpartition("/")[2]: clean(value, 200) for ref, value in values.items()}


async def said_lines(turn: Turn, followed: Outcome) -> list[str]:
    """The new child, in the thanks, and that its carer looks after very many."""
    lines: list[str] = []
    for child in (r for r in followed.records if isinstance(r, Child) and r.version == 0):
        lines.append(turn.words("register.done", child=turn.desk.label(child)))
        lines += household.many_said(turn, child, await household.around(turn, child))
    return lines
