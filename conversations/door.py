"""The only way in: who speaks, what is meant, and one outcome for each saying."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime

from casework.absence import stirred
from casework.outcome import Outcome
from casework.records import Person, Talk
from conversations import (
    activities,
    alerts,
    attaching,
    cancelling,
    caseloads,
    child_search,
    children,
    closing,
    commands,
    contact_reports,
    drafts,
    files,
    form_talk,
    guardians,
    joining,
    leaving,
    ledgers,
    matter_overview,
    matters,
    pausing,
    pins,
    quiet,
    reasons,
    referral_pages,
    referrals,
    referring,
    registering,
    rescheduling,
    resting,
    snoozing,
    stats,
    strangers,
    submitting,
    today,
    vacancies,
)
from conversations.desk import Desk
from conversations.said import Reply, Said
from conversations.turn import Turn
from storage.errors import Conflict

TRIES = 5
Handler = Callable[[Turn, tuple[str, ...]], Awaitable[None]]
Listener = Callable[[Turn, tuple[str, ...], str], Awaitable[None]]

_TAPS: Mapping[str, Handler] = {
    "f": form_talk.tapped,
    "dr": form_talk.resume_tapped,
    "cx": cancelling.cancel_tapped,
    "fix": submitting.correct_tapped,
    "new": today.start_tapped,
    "v": today.visit_tapped,
    "tp": today.page_tapped,
    "c": children.child_tapped,
    "cp": children.page_tapped,
    "cf": child_search.again_tapped,
    "cfp": child_search.page_tapped,
    "nr": registering.begin_tapped,
    "nrs": registering.same_tapped,
    "nrn": submitting.another_tapped,
    "cv": children.visit_tapped,
    "fill": children.form_tapped,
    "rv": children.reveal_tapped,
    "inv": guardians.invite_tapped,
    "rc": commands.report_tapped,
    "rp": commands.report_page_tapped,
    "why": reasons.reason_tapped,
    "late": reasons.late_tapped,
    "mvl": rescheduling.which_tapped,
    "mv": rescheduling.days_tapped,
    "mc": rescheduling.child_tapped,
    "mvd": rescheduling.day_tapped,
    "mr": rescheduling.reason_tapped,
    "mq": rescheduling.ask_tapped,
    "mk": rescheduling.asked_tapped,
    "zz": snoozing.when_tapped,
    "sz": snoozing.snooze_tapped,
    "ps": pausing.asked_tapped,
    "pk": pausing.sort_tapped,
    "pe": pausing.end_tapped,
    "pw": pausing.who_tapped,
    "px": pausing.resume_tapped,
    "ack": alerts.acknowledge_tapped,
    "res": closing.resolve_tapped,
    "yes": closing.agree_tapped,
    "not": closing.refuse_tapped,
    "pol": closing.police_tapped,
    "pol0": closing.police_unknown_tapped,
    "dec": alerts.decline_tapped,
    "wt": resting.rest_tapped,
    "wtd": resting.day_tapped,
    "ans": alerts.answers_tapped,
    "ho": alerts.hand_over_tapped,
    "hot": alerts.hand_over_to_tapped,
    "ld": leaving.days_tapped,
    "lw": leaving.deputy_tapped,
    "lx": leaving.end_tapped,
    "lc": leaving.change_tapped,
    "qh": quiet.hours_tapped,
    "qd": quiet.days_tapped,
    "qc": quiet.change_tapped,
    "qx": quiet.end_tapped,
    "qp": quiet.pause_tapped,
    "lang": commands.language_tapped,
    "ck": guardians.checkin_tapped,
    "gl": guardians.leave_tapped,
    "gx": guardians.leave_sure_tapped,
    "pf": pins.forgotten_tapped,
    "pr": pins.reset_tapped,
    "an": activities.note_tapped,
    "ap": activities.place_tapped,
    "al": activities.lately_tapped,
    "av": activities.void_tapped,
    "m": matters.matter_tapped,
    "mp": matters.page_tapped,
    "mn": matters.new_tapped,
    "mo": matter_overview.shown,
    "ml": matter_overview.list_tapped,
    "mg": matter_overview.gaps_tapped,
    "ms": matters.step_tapped,
    "mw": matters.no_words_tapped,
    "md": matters.print_tapped,
    "lg": ledgers.ledgers_tapped,
    "ro": referral_pages.referral_tapped,
    "rl": referral_pages.page_tapped,
    "ra": referrals.acknowledge_tapped,
    "rs": referral_pages.see_tapped,
    "rw": referrals.answer_tapped,
    "rd": referrals.answer_chosen,
    "rn": referrals.no_words_tapped,
    "rt": referrals.return_tapped,
    "rz": referrals.close_tapped,
    "rf": referring.new_tapped,
    "rg": referring.send_tapped,
    "do": commands.command_tapped,
    "file": files.show_tapped,
    "vac": vacancies.taken_tapped,
    **stats.TAPS,
    **caseloads.TAPS,
}
_EXPECTED: Mapping[str, Listener] = {
    "outcome": closing.outcome_said,
    "police": closing.police_said,
    "hand_over": alerts.hand_over_said,
    "rest": resting.day_said,
    "rest_why": resting.why_said,
    "leave": leaving.span_said,
    "deputy": leaving.deputy_said,
    "quiet_hours": quiet.hours_said,
    "quiet_days": quiet.days_said,
    "pause": quiet.pause_said,
    "matter_words": matters.words_said,
    "contact_report": contact_reports.said,
    "move": rescheduling.day_said,
    "pause_end": pausing.end_said,
    "pause_contact": pausing.contact_said,
    "referral_words": referrals.words_said,
    "referral_return": referrals.return_said,
    "referral_send": referring.send_said,
    "children": child_search.said,
    "visit": today.code_said,
    "report": commands.report_said,
    "cancel": cancelling.cancel_said,
    "gone": guardians.leave_said,
    **caseloads.LISTENERS,
    "pin": pins.typed,
    "pin_new": pins.new_typed,
    "pin_again": pins.again_typed,
}
# While a name, a code, days or a PIN are asked for, a command is a command.
_COMMANDS_FIRST = (
    "children", "hand_over", "rest", "leave", "deputy", "move", "pause_end", "pause_contact", "visit",
    "report", "pin", "pin_new", "pin_again", "quiet_hours", "quiet_days", "pause",
    "children", "hand_over", "leave", "deputy", "move", "pause_end", "pause_contact", "visit", "report",
    "pin", "pin_new", "pin_again", "quiet_hours", "quiet_days", "pause",
    "staff_day", "staff_training", "staff_check", "caseload",
)  # fmt: skip
_SLASH = re.compile(r"/([A-Za-z_]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)


async def respond(desk: Desk, said: Said) -> Reply:
    """What ``said`` brings about, applied as a whole, and what is to be shown at once.

    Where somebody else changed the same records meanwhile, everything is read anew and decided again.
    Raises what the store raises when it can't be reached.
    """
    for attempt in range(TRIES):
        outcome, reply = await _answer(desk, said)
        try:
            await desk.store.apply(outcome, done=said.receipt, forget=reply.stranger)
        except Conflict:
            if attempt + 1 == TRIES:
                raise
            continue
        return reply
    raise AssertionError("unreachable")


async def _answer(desk: Desk, said: Said) -> tuple[Outcome, Reply]:
    now = desk.clock()
    arrival = await desk.store.arriving(said.address, now)
    person = arrival.person if arrival is not None else None
    if arrival is None or person is None or person.status in ("invited", "left", "suspended"):
        return await strangers.heard(desk, said, person, now)
    person, back = _heard(person, said, desk, now)
    talk = arrival.talk or Talk(id=person.id, person=person.id)
    turn = Turn(
        desk=desk, said=said, now=now, person=person, reader=arrival.reader, talk=talk, kept_talk=talk,
        drafts=arrival.drafts, outcome=back,
    )  # fmt: skip
    if said.kind == "left":
        _gone(turn)
    else:
        await _act(turn)
    return turn.result()


def _heard(person: Person, said: Said, desk: Desk, now: datetime) -> tuple[Person, Outcome]:
    """Who writes again can be reached again. Of those with a post it is kept on which day they did."""
    heard = person
    if said.kind == "left":
        return person, Outcome()
    if person.status == "unreachable" or person.unreached:
        heard = stirred(replace(person, status="joined", unreached=""), now)
    if person.heard_on != desk.today(now) and commands.STAFF & {post.role for post in person.posts}:
        heard = replace(heard, heard_on=desk.today(now))
    return heard, Outcome(records=(heard,)) if heard is not person else Outcome()


def _gone(turn: Turn) -> None:
    if turn.person.status == "joined":
        turn.person = stirred(replace(turn.person, status="unreachable", unreached="blocked"), turn.now)
        turn.keep(turn.person)
        turn.happened("person_unreachable", record=turn.person.id)


async def _act(turn: Turn) -> None:
    kind = turn.said.kind
    if kind == "tap":
        await _tapped(turn)
    elif kind == "text" and turn.said.text.strip():
        await _spoken(turn, turn.said.text.strip())
    elif kind == "attachment":
        await attaching.attached(turn)
    elif kind == "edited":
        await form_talk.edited(turn)
    elif kind in ("other", "text"):
        turn.say("unknown.kind")


async def _tapped(turn: Turn) -> None:
    read = turn.desk.read_token(turn.person.id, turn.said.token)
    handler = _TAPS.get(read[0]) if read else None
    if read is None or handler is None:
        turn.pop("stale.unknown")
        return
    await handler(turn, read[1])


async def _spoken(turn: Turn, text: str) -> None:
    slash = _SLASH.fullmatch(text)
    if slash:
        await _commanded(turn, slash[1].lower(), (slash[2] or "").strip())
        return
    bare = turn.talk.expects[:1] in ((), (children.SEARCH,)) and not turn.talk.draft
    if await referrals.heard(turn, text, bare=bare) or await alerts.heard(turn, text, bare=bare):
        return
    listener = _EXPECTED.get(turn.talk.expects[0]) if turn.talk.expects else None
    is_command = commands.named(text) is not None
    if listener is not None and not (is_command and turn.talk.expects[0] in _COMMANDS_FIRST):
        await listener(turn, turn.talk.expects[1:], text)
        return
    open_one = drafts.open_draft(turn, turn.talk.draft)
    if open_one is None or not await form_talk.spoken(turn, open_one, text, is_command=is_command):
        await _said_freely(turn, text)


async def _said_freely(turn: Turn, text: str) -> None:
    """Words outside any form: a command without its slash, a reason, a guardian's sign of life."""
    named = commands.named(text)
    if named is not None:
        await _commanded(turn, *named)
    elif not await reasons.heard(turn, text) and not await guardians.heard(turn, text):
        turn.say("unknown.text")


async def _commanded(turn: Turn, name: str, rest: str) -> None:
    turn.expect()
    if name == "start":
        await joining.again(turn, rest)
        return
    handler = commands.COMMANDS.get(name)
    if handler is None:
        turn.say("unknown.command")
        return
    if not commands.allowed(turn, name):
        turn.say("unknown.not_for_you")
        return
    await handler(turn, rest)
