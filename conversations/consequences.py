"""What follows from a submission: visits are done or not, flags go up, check-ins are answered, facts change.

A form of any county works the same. Nothing is looked for by the names of our packaged questions, except by
these conventions: a question named ``child`` holds the child's code and is filled in beforehand; calculations
``flag_KIND`` raise flags; a calculation ``visit_done`` of "no", "false" or "0" says that the visit did not
happen, for the reason that the calculation or question ``visit_reason`` names (a key of the policy's
``visits.reasons``; any other is ``other``); calculations ``matter_SORT`` take steps of matters; entities of
the list ``children`` change what is kept of it (`fact_changes`).
"""

from collections.abc import Mapping
from dataclasses import replace

from casework.access import CLOCK
from casework.checkins import answer_checkin
from casework.escalations import withdraw
from casework.flags import correct_flags, flags_of, raise_flags
from casework.outcome import Outcome
from casework.records import CheckIn, Child, Circle, Escalation, Submission, Visit
from casework.visits import TO_DO, complete_visit, excuse_visit
from conversations.activity_reports import follow_activity
from conversations.fact_changes import follow_facts
from conversations.matter_reports import follow_matters
from conversations.registering import follow_registration
from conversations.turn import Turn, as_decided
from xlsform import Submission as Finished

OPEN = ("open", "acknowledged")
_NO = ("no", "false", "0", "none")


async def follow(turn: Turn, submission: Submission, finished: Finished, said: Mapping[str, str]) -> Outcome:
    """All that the submission brings about: of a child, or of an activity. ``said``: answers in words.

    Read in our own name: what follows from a guardian's answer or for an officer is no matter of who sees it.
    """
    store = turn.desk.store
    child = await store.get(CLOCK, Child, submission.child) if submission.child else None
    if child is None:
        return await follow_activity(turn, submission, said) + await follow_registration(turn, submission)
    circle = await store.circle(child, turn.now)
    escalations = tuple(await store.find(CLOCK, Escalation, child=child.id, status=OPEN))
    outcome = await _flags(turn, submission, child, circle, escalations)
    escalations = as_decided(escalations, outcome)
    outcome += await _visit(turn, submission, child, circle, escalations)
    outcome += await _checkin(turn, submission, child)
    begun = await follow_matters(turn, submission, said, child, circle, as_decided(escalations, outcome))
    outcome += _told_once(begun, outcome)
    return outcome + await follow_facts(turn, submission, finished, child)


def _told_once(begun: Outcome, raised: Outcome) -> Outcome:
    """Without the news of a matter for those whom the alert of the same report tells of it."""
    told = {n.to for n in raised.notices if n.kind == "escalation_told"}
    return replace(begun, notices=tuple(n for n in begun.notices if n.to not in told))


async def _flags(
    turn: Turn, submission: Submission, child: Child, circle: Circle, escalations: tuple[Escalation, ...]
) -> Outcome:
    desk = turn.desk
    old = await desk.store.get(CLOCK, Submission, submission.corrects) if submission.corrects else None
    if old is None:
        return raise_flags(
            flags_of(submission.calculated), submission=submission, child=child, circle=circle,
            policy=desk.policy, now=turn.now, new_id=desk.new_id, already_open=escalations,
        )  # fmt: skip
    corrected = correct_flags(
        old, submission, child=child, circle=circle, policy=desk.policy, now=turn.now, new_id=desk.new_id,
        already_open=escalations,
    )  # fmt: skip
    return Outcome(records=(replace(old, status="replaced"),)) + corrected


async def _visit(
    turn: Turn, submission: Submission, child: Child, circle: Circle, escalations: tuple[Escalation, ...]
) -> Outcome:
    """The visit that the form reported: made, or not made for a reason."""
    visit = await turn.desk.store.get(CLOCK, Visit, submission.visit) if submission.visit else None
    if visit is None:
        return Outcome()
    if visit.status not in TO_DO:
        known = submission.corrects is not None and visit.submission == submission.corrects
        return Outcome(records=(replace(visit, submission=submission.id),)) if known else Outcome()
    policy, new_id = turn.desk.policy, turn.desk.new_id
    reason = not_done(submission, tuple(policy.visits.reasons))
    if reason is None:
        return complete_visit(
            visit, child=child, by=turn.person.id, submission=submission.id, policy=policy, now=turn.now,
            new_id=new_id, circle=circle, open_escalations=escalations,
        )  # fmt: skip
    return excuse_visit(
        visit, reason=reason, by=turn.person.id, child=child, circle=circle, policy=policy, now=turn.now,
        new_id=new_id, open_escalations=escalations, submission=submission.id,
    )  # fmt: skip


def not_done(submission: Submission, reasons: tuple[str, ...]) -> str | None:
    """Why the visit did not happen, by the convention above; None where it did."""
    done = submission.calculated.get("visit_done", submission.values.get("visit_done", ""))
    if done.strip().lower() not in _NO:
        return None
    named = submission.calculated.get("visit_reason") or next(
        (value for ref, value in submission.values.items() if ref.rpartition("/")[2] == "visit_reason"), ""
    )
    return named if named in reasons else "other"


async def _checkin(turn: Turn, submission: Submission, child: Child) -> Outcome:
    """The guardian has answered; telephone tasks that stood in for the answer are not needed any more."""
    store = turn.desk.store
    checkin = await store.get(CLOCK, CheckIn, submission.checkin) if submission.checkin else None
    if checkin is None or submission.corrects:
        return Outcome()
    tasks = [v for v in await store.find(CLOCK, Visit, child=child.id, status=TO_DO) if v.purpose == "phone"]
    escalations = await store.find(CLOCK, Escalation, child=child.id, status=OPEN)
    outcome = answer_checkin(
        checkin, submission=submission.id, child=child, policy=turn.desk.policy, now=turn.now,
        new_id=turn.desk.new_id, phone_tasks=tasks,
    )  # fmt: skip
    cancelled = {r.id for r in outcome.records if isinstance(r, Visit) and r.status == "cancelled"}
    gone_up = [e for e in escalations if e.source in cancelled and e.flag == "missed_visit"]
    circle = await store.circle(child, turn.now) if gone_up else Circle(worker=None)
    for e in gone_up:
        outcome += withdraw(
            e,
            by=turn.person.id,
            reason="checkin_answered",
            circle=circle,
            policy=turn.desk.policy,
            now=turn.now,
        )
    return outcome
