"""改资料: facts of a child's file changed by a form, kept with what stood there before.

A form saves facts of the child it is about by ``save_to``. One that has the calculation ``child_change``
changes the file itself: each of its questions that is called like a fact (`casework.facts`) says it anew, and
one that is left empty leaves it; the calculations ``id_new`` and ``relation_new`` stand for the ID number and
the relation.
"""

from collections.abc import Mapping

from casework.access import CLOCK, sees_child
from casework.categories import classified
from casework.changing import IDENTITY, with_facts
from casework.child_clock import awake
from casework.facts import FACTS, amended
from casework.outcome import Event, Outcome
from casework.records import Child, Draft, Submission
from conversations import form_talk
from conversations.masks import clean
from conversations.shelf import CHANGE
from conversations.turn import Turn
from xlsform import Submission as Finished

OPEN = "ch"
_CHANGES = "child_change"
_CHILDREN = "children"
_NONE = ("没有", "none")
_ELSEWHERE = ("village", "status", "risk")  # are changed in ways of their own
_STAND_FOR = {"id_new": "id_number", "relation_new": "guardian_relation"}
_LONGEST_FACT = 500


def may_change(turn: Turn, child: Child) -> bool:
    """Whoever answers for the child, while the file is open."""
    return child.status == "active" and sees_child(turn.reader, child)


async def change_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The form, which asks first what has changed."""
    child = await turn.child_of(parts[0])
    if child is None or not may_change(turn, child):
        turn.pop("child.not_found")
        return
    turn.expect()
    await form_talk.open_form(turn, CHANGE, child=child)


async def held_back(turn: Turn, draft: Draft, finished: Finished) -> bool:
    """Whether another file has the ID number that is given: then nothing is changed, and it is said."""
    number = _said(finished.flat, finished.calculated).get("id_number", "")
    if draft.child is None or not number:
        return False
    others = [c for c in await turn.desk.store.find_child(CLOCK, id_number=number) if c.id != draft.child]
    if not others:
        return False
    mine = [turn.desk.label(c) for c in others if sees_child(turn.reader, c)]
    if mine:
        turn.say("change.id_known", child=mine[0])
    else:
        turn.say("register.id_known_elsewhere")
    return True


async def follow_facts(turn: Turn, submission: Submission, finished: Finished, child: Child) -> Outcome:
    """The file with what the form says of it, its categories anew, and what is kept of the change."""
    policy = turn.desk.policy
    said = await _saved(turn, finished, child)
    if submission.checkin is None:
        said |= _said(submission.values, submission.calculated)
    after = with_facts(child, said)
    if after is child:
        return Outcome()
    after = awake(classified(after, policy.categories, turn.today), policy, turn.now)
    kept = amended(
        child, after, by=turn.person.id, source=submission.id, now=turn.now, new_id=turn.desk.new_id
    )
    event = Event(
        name="child_changed", at=turn.now, actor=turn.person.id, child=child.id, record=child.id,
        ground="assignment", detail={"facts": " ".join(sorted(key for one in kept for key in one.after))},
    )  # fmt: skip
    new = {after.id_number} - {child.id_number, ""}
    return Outcome(records=(after, *kept), events=(event,), sole=frozenset(new))


async def _is_of(turn: Turn, code: str, child: Child) -> bool:
    """Whether the code is the child's, or that of a file that was joined with it meanwhile."""
    if code == child.id:
        return True
    other = await turn.desk.store.get(CLOCK, Child, code)
    return other is not None and other.merged_into == child.id


async def _saved(turn: Turn, finished: Finished, child: Child) -> dict[str, str]:
    """What ``save_to`` says. A form changes only the child that it was opened for."""
    saved: dict[str, str] = {}
    for entity in finished.entities:
        if entity.list == _CHILDREN and entity.action == "update" and await _is_of(turn, entity.id, child):
            saved |= {name: value[:_LONGEST_FACT] for name, value in entity.properties.items() if value}
    return {name: value for name, value in saved.items() if name not in IDENTITY}


def _said(values: Mapping[str, str], calculated: Mapping[str, str]) -> dict[str, str]:
    """What a form that changes the file says of it, by fact."""
    if not calculated.get(_CHANGES):
        return {}
    named = {ref.rpartition("/")[2]: value for ref, value in values.items() if value}
    said = {_STAND_FOR.get(key, key): clean(value, 200) for key, value in named.items()}
    return {key: _as_kept(key, value) for key, value in said.items() if _is_said(key)}


def _is_said(key: str) -> bool:
    return key in FACTS and not FACTS[key].derived and key not in _ELSEWHERE


def _as_kept(key: str, value: str) -> str:
    if FACTS[key].kind in ("phone", "number") and value in _NONE:
        return ""
    return value.upper() if key == "id_number" else value


TAPS = {OPEN: change_tapped}
