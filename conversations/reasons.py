"""Why a visit did not happen: the reason by a button of the reminder, or typed."""

from casework.access import CLOCK
from casework.records import Escalation, Visit
from casework.visits import TO_DO, excuse_visit
from conversations import submitting
from conversations.turn import Turn


async def reason_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A reason was chosen: the visit is excused, and the next day for it is said."""
    visit = await turn.desk.store.get(turn.reader, Visit, parts[0])
    child = await turn.child_of(visit.child) if visit is not None else None
    if visit is None or child is None or parts[1] not in turn.desk.policy.visits.reasons:
        turn.pop("child.not_found")
        return
    if visit.status not in TO_DO:
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
    turn.tell("\n".join(lines))


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
    late = []
    for worker in sorted(turn.reader.workers):
        late += await turn.desk.store.find(turn.reader, Visit, status=("overdue", "missed"), person=worker)
    late = [v for v in late if not code or v.child == code]
    if len(late) == 1:
        await reason_tapped(turn, (late[0].id, reason))
        return True
    if not late:
        return False
    rows = []
    for visit in late[:10]:
        child = await turn.child_of(visit.child)
        if child is not None:
            rows.append([turn.button(turn.desk.label(child), "why", visit.id, reason)])
    turn.tell(turn.words("reason.which"), rows)
    return True
