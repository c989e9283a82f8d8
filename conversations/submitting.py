"""Handing a form in: its answers become a submission, and what follows from them is decided at once."""

from dataclasses import replace
from datetime import datetime

from casework.closing import wants_receipt
from casework.outcome import Outcome
from casework.records import Child, Draft, Escalation, Submission, Visit
from conversations import activity_reports, drafts, fact_changes, files, household, registering, render
from conversations.asking import ask, ask_again, offer_waiting
from conversations.consequences import follow
from conversations.dates import say_moment
from conversations.filling import Filling, open_filling
from conversations.masks import clean
from conversations.matter_text import said_lines
from conversations.rich import plain
from conversations.said import Button
from conversations.turn import Turn
from conversations.widgets.sent import ATTACHED
from xlsform import Problem, Session
from xlsform import Submission as Finished


async def submit(filling: Filling) -> None:
    """Hands the form in, once; a question that still lacks its answer is asked first."""
    turn, draft, session = filling.turn, filling.draft, filling.session
    if session.prompt() is not None:
        turn.pop("stale.step")
        await ask(filling)
        return
    lines = session.review()
    finished = session.finish()
    if isinstance(finished, Problem):
        filling.move()
        await ask(filling, render.said_of(turn, finished))
        return
    coded = await registering.coded(turn, draft, finished)
    if coded is None or await fact_changes.held_back(turn, coded, finished):
        return
    draft = coded
    closed = replace(drafts.moved_on(turn, draft, session), status="submitted")
    said = tuple((plain(line.label), render.answer_text(turn, line)) for line in lines)
    submission = _submission(turn, draft, session, finished, said)
    turn.keep(closed, submission)
    if any(question.kind in ATTACHED for question in session.form.questions.values()):
        await files.settle(turn, draft, finished.flat)
    turn.happened("form_submitted", child=draft.child, record=submission.id, form=draft.form)
    turn.at_draft(None)
    in_words = {line.ref: clean(render.answer_text(turn, line), 1000) for line in lines}
    followed = await follow(turn, submission, finished, in_words)
    turn.decide(followed)
    await _thank(turn, submission, followed, await drafts.child_for(turn, draft))
    await _what_waits(turn, draft)


def _submission(
    turn: Turn, draft: Draft, session: Session, finished: Finished, lines: tuple[tuple[str, str], ...]
) -> Submission:
    """It has its draft's id: a form is handed in once, and the draft shows how it was filled in."""
    return Submission(
        id=draft.id,
        person=turn.person.id,
        child=draft.child,
        form=draft.form,
        form_version=session.form.version,
        digest=session.form.digest,
        at=turn.now,
        visit=draft.visit,
        checkin=draft.checkin,
        corrects=draft.corrects,
        matter=draft.matter,
        values=finished.flat,
        lines=tuple((clean(label, 300), clean(text, 1000)) for label, text in lines),
        calculated=finished.calculated,
        xml=finished.xml,
        left=drafts.left_behind(draft),
    )


async def _thank(turn: Turn, submission: Submission, followed: Outcome, child: Child | None) -> None:
    """Thanks, and what happens next; in danger first whom to call."""
    raised = [r for r in followed.records if isinstance(r, Escalation)]
    lines = [_call_first(turn, raised)]
    if submission.checkin is not None:
        asked_for_help = any(e.flag == "help_wanted" for e in raised)
        lines.append(turn.words("thanks.guardian_help" if asked_for_help else "thanks.guardian"))
    else:
        lines.append(turn.words("thanks.corrected" if submission.corrects else "thanks.staff"))
        lines.extend(told_lines(turn, followed))
        lines.extend(activity_reports.said_lines(turn, followed))
        lines.extend(await registering.said_lines(turn, followed))
        if child is not None:
            lines.extend(said_lines(turn.desk, followed, child, turn.language))
        lines.append(_next_visit(turn, followed))
    rows = _police_buttons(turn, raised)
    if child is not None and submission.checkin is None:
        rows += await household.offered(turn, child, followed)
    turn.tell("\n".join(line for line in lines if line), rows)


def _police_buttons(turn: Turn, raised: list[Escalation]) -> list[list[Button]]:
    """For a danger that the police must know of: a button to say that they do."""
    if not turn.reader.is_staff:
        return []
    wanting = [e for e in raised if e.status == "open" and wants_receipt(e, turn.desk.policy)]
    return [[turn.button(turn.words("police.called"), "pol", e.id)] for e in wanting[:1]]


def _call_first(turn: Turn, raised: list[Escalation]) -> str:
    """The numbers to call before anything else, where a matter can't wait."""
    policy = turn.desk.policy
    wanted = [
        name
        for e in raised
        if e.urgency == "now" and e.status == "open"
        for name in policy.flag(e.flag).hotlines
    ]
    numbers = [
        turn.words(
            "hotline", number=policy.hotlines[name].number, who=policy.hotlines[name].label(turn.language)
        )
        for name in dict.fromkeys(wanted)
    ]
    if not numbers:
        return ""
    return turn.words("thanks.call_first", numbers=turn.words("list.comma").join(numbers)) + "\n"


def told_lines(turn: Turn, followed: Outcome) -> list[str]:
    """A line for each message that went up: who is told of what, and when where that is not now."""
    lines = []
    escalations = [r for r in followed.records if isinstance(r, Escalation)]
    for e in escalations:
        notices = [
            n for n in followed.notices if n.kind == "escalation_told" and n.about == ("escalation", e.id)
        ]
        if not notices:
            continue
        named = [e, *(other for other in escalations if other.under == e.id)]
        labels = [turn.desk.policy.flag(one.flag).label(turn.language) for one in named]
        what = turn.words("list.comma").join(labels)
        moment = min((n.not_before or turn.now for n in notices), default=turn.now)
        lines.append(_told_line(turn, e, what, moment))
    if any(n.kind == "escalation_withdrawn" for n in followed.notices):
        lines.append(turn.words("thanks.withdrawn"))
    return lines


def _told_line(turn: Turn, e: Escalation, what: str, moment: datetime) -> str:
    if e.urgency == "now":
        return turn.words("thanks.told_now", what=what)
    role = turn.desk.policy.roles["township_officer"].label(turn.language)
    if moment > turn.now:
        at = say_moment(moment, turn.language, turn.desk.policy)
        return turn.words("thanks.told_later", role=role, what=what, at=at)
    return turn.words("thanks.told", role=role, what=what)


def _next_visit(turn: Turn, followed: Outcome) -> str:
    planned = next((r for r in followed.records if isinstance(r, Visit) and r.status == "planned"), None)
    return turn.words("thanks.next", day=turn.day(planned.due)) if planned is not None else ""


async def _what_waits(turn: Turn, done: Draft) -> None:
    waiting = [d for d in drafts.open_drafts(turn) if d.id != done.id]
    if waiting:
        await offer_waiting(turn, waiting[0])


async def correct_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Opens a record that was handed in today once more, with its answers, to be corrected."""
    old = await turn.desk.store.get(turn.reader, Submission, parts[0])
    former = await turn.desk.store.get(turn.reader, Draft, parts[0])
    if old is None or former is None or old.status != "valid" or turn.desk.today(old.at) != turn.today:
        turn.pop("correct.too_late")
        return
    known = next((d for d in drafts.open_drafts(turn) if d.corrects == old.id), None)
    if known is None:
        opened = await drafts.open_session(turn, former)
        if opened is None:
            turn.say("form.gone")
            return
        child = await drafts.child_for(turn, former)
        known = drafts.new_draft(turn, former.form, opened.session, child=child, corrects=old.id)
        known = replace(known, visit=old.visit, checkin=old.checkin)
        turn.keep(known)
    turn.at_draft(known.id)
    await ask_again(turn, known, turn.words("correct.how"))


async def another_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """It is another child of the same name and day: registered as it was said."""
    draft = drafts.open_draft(turn, parts[0])
    filling = await open_filling(turn, draft) if draft is not None and draft.step == int(parts[1]) else None
    if filling is None:
        turn.pop("stale.step" if draft is not None else "stale.unknown")
        return
    filling.draft = drafts.with_pad(filling.draft, {"another": True})
    await submit(filling)
