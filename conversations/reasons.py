"""Why a visit did not happen: the reason by a button of the reminder, or typed."""

from casework.access import CLOCK
from casework.records import Escalation, Visit
from casework.visit_steps import ROUTINE
from casework.visits import TO_DO, excuse_visit
from conversations import pausing, submitting
from conversations.duties import Due, by_home, due_label, own_duties
from conversations.duties_told import overdue
from conversations.turn import Turn

_AT_ONCE = 10  # late visits offered for a reason


async def reason_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A reason was chosen: the visit is excused, and the next day for it is said."""
    visit = await turn.desk.store.get(turn.reader, Visit, parts[0])
    child = await turn.child_of(visit.child) if visit is not None else None
    if visit is None or child is None or parts[1] not in turn.desk.policy.visits.reasons:
        turn.pop("child.not_found")
        return
    if visit.status not in TO_DO or visit.pause is not None:
        turn.pop("stale.visit")
        return
    turn.child = child.id
    store, policy = turn.desk.store, turn.desk.policy
    outcome = excuse_visit(
        visit,
        reason=parts[1],
        by=turn.person.id,
        child=child,
        circle=await store.circle(child, turn.now),
        policy=policy,
        now=turn.now,
        new_id=turn.desk.new_id,
        open_escalations=await store.find(CLOCK, Escalation, child=child.id, status=("open", "acknowledged")),
    )
    turn.decide(outcome)
    label = policy.visits.reasons[parts[1]].label(turn.language)
    lines = [turn.words("reason.noted", child=turn.desk.label(child), reason=label)]
    lines += submitting.told_lines(turn, outcome)
    again = next((r for r in outcome.records if isinstance(r, Visit) and r.status == "planned"), None)
    if again is not None:
        lines.append(turn.words("reason.again", day=turn.day(again.due)))
    rows = [[pausing.button(turn, child, parts[1])]] if pausing.is_offered(turn, parts[1]) else []
    if rows and visit.purpose in ROUTINE:
        lines.append(turn.words("pause.offer"))
        turn.tell("\n".join(lines), rows)
        return
    turn.tell("\n".join(lines))


async def late_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Which visit was not made; then its reasons."""
    late = await _late(turn)
    chosen = next((due for due in late if parts and due.visit.id == parts[0]), None)
    if chosen is not None or len(late) == 1:
        due = chosen or late[0]
        message = overdue(turn.desk, turn.person, due.visit, due.child)
        turn.child = due.child.id
        turn.tell(message.text, message.buttons)
    elif late:
        rows = [
            [turn.button(due_label(turn.desk, due, turn.language, turn.today), "late", due.visit.id)]
            for due in late[:_AT_ONCE]
        ]
        turn.tell(turn.words("reason.which"), rows)
    else:
        turn.pop("stale.visit")


async def _late(turn: Turn) -> list[Due]:
    todo = await own_duties(turn.desk, turn.reader, turn.today)
    return by_home([due for due in todo if due.visit.due < turn.today])


async def heard(turn: Turn, text: str) -> bool:
    """A reason typed instead of tapped ("家里没人", "家里没人 3001"); False where it is none."""
    head, _, code = text.strip().rstrip("。.").rpartition(" ")
    for words, wanted in ((text.strip().rstrip("。."), ""), (head, code)):
        reason = _reason(turn, words)
        if reason is not None:
            return await _excuse(turn, reason, wanted)
    return False


def _reason(turn: Turn, words: str) -> str | None:
    reasons = turn.desk.policy.visits.reasons
    return next((k for k, r in reasons.items() if words and words.lower() in (r.zh_Hans, r.en.lower())), None)


async def _excuse(turn: Turn, reason: str, code: str) -> bool:
    late = [due for due in await _late(turn) if not code or due.child.id == code]
    if len(late) == 1:
        await reason_tapped(turn, (late[0].visit.id, reason))
        return True
    rows = [[turn.button(turn.desk.label(due.child), "why", due.visit.id, reason)] for due in late[:_AT_ONCE]]
    if rows:
        turn.tell(turn.words("reason.which"), rows)
    return bool(rows)
