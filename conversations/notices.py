"""The bot's own messages in words, made when they are sent: what is no longer true is not said."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from casework.absence import is_spared
from casework.access import CLOCK
from casework.circles import SILENT
from casework.outcome import Notice
from casework.records import CheckIn, Child, Person
from conversations import vacancies
from conversations.absences_told import leave_told, succession_told
from conversations.alert_text import name_of
from conversations.alerts_together import alerts_together
from conversations.alerts_told import news, proposed, told
from conversations.audit_told import audit_found, audit_well
from conversations.child_told import age_told
from conversations.clocks_told import clock_told
from conversations.dates import day_for
from conversations.desk import Desk
from conversations.duties_told import away_line, duties_told
from conversations.masks import clean
from conversations.matters_told import matter_turn, matters_told
from conversations.merging_told import merging_told
from conversations.referrals_told import (
    referral_closed,
    referral_news,
    referral_sent,
    referral_vacant,
    referrals_told,
)
from conversations.requests_told import (
    file_told,
    gone_told,
    request_answered,
    request_known,
    request_told,
    request_waits,
)
from conversations.said import Button, Message, Together
from conversations.staff_told import caseload_told, staff_due
from conversations.turns import turns_told
from conversations.unreached import delivered, undelivered

__all__ = ["delivered", "together", "undelivered", "word"]

Sentence = Callable[[Desk, Notice, Person], Awaitable[Message | None]]


async def word(desk: Desk, notice: Notice) -> Message | None:
    """The notice as a message in its reader's words; None where it is no longer true: nothing is sent."""
    if notice.kind == "reply":
        return Message.from_values(notice.values["message"])
    to = await _reader(desk, notice)
    sentence = _SENTENCES.get(notice.kind)
    if to is None or sentence is None:
        return None
    message = await sentence(desk, notice, to)
    return replace(message, silent=True) if message is not None and notice.silent else message


async def together(desk: Desk, notices: Sequence[Notice]) -> Together:
    """Alerts for one person as one message, like `word`."""
    to = await _reader(desk, notices[0])
    if to is None:
        return Together(message=None, untold=frozenset(notice.key for notice in notices))
    return await alerts_together(desk, notices, to, partial(word, desk))


async def _reader(desk: Desk, notice: Notice) -> Person | None:
    """To whom it is said; None where nothing is said to him, or nothing of this kind during his leave."""
    to = await desk.store.person(notice.to) if notice.to else None
    if to is None or to.status not in ("joined", "unreachable"):
        return None
    spared = is_spared(notice.kind, to, desk.today(desk.clock()))
    return None if spared and to.leave is not None and to.leave.begun else to


async def _checkin_asked(desk: Desk, notice: Notice, to: Person) -> Message | None:
    checkin = await desk.store.get(CLOCK, CheckIn, notice.values["checkin"])
    if checkin is None or checkin.status != "asked":
        return None
    say = desk.words.say
    buttons = (
        (Button(label=say(to.language, "checkin.begin"), token=desk.token(to.id, "ck", checkin.id)),),
        (Button(label=say(to.language, "guardian.leave"), token=desk.token(to.id, "gl")),),
    )
    return Message(text=say(to.language, "checkin.asked"), buttons=buttons)


async def _invite_used(desk: Desk, notice: Notice, to: Person) -> Message | None:
    who = await desk.store.person(notice.values["person"])
    if who is None:
        return None
    guardian = any(post.role == "guardian" for post in who.posts)
    key = "invite.used_guardian" if guardian and notice.child else "invite.used"
    text = desk.words.say(to.language, key, child=notice.child or "", who=clean(who.name, 30))
    return Message(text=text)


async def _attack(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """Codes are being guessed, or strangers crowd in: what happened, that nobody got in, what to do."""
    invites = desk.policy.invites
    say, what = desk.words.say, notice.values["what"]
    if what == "one":
        minutes = invites.pause_minutes
        text = say(to.language, "attack.one", tries=invites.tries_per_hour, minutes=minutes)
    elif what == "all":
        minutes = invites.all_pause_minutes
        text = say(to.language, "attack.all", tries=invites.all_tries_per_hour, minutes=minutes)
    elif what == "flood":
        who = notice.values["who"] and await name_of(desk, notice.values["who"], to.language)
        text = say(to.language, "attack.flood", who=who or say(to.language, "attack.somebody"))
    else:
        text = say(to.language, "attack.strangers", count=desk.policy.strangers.most_per_hour)
    return Message(text=text)


async def _pin(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """A colleague's PIN is locked or forgotten: whoever knows that it is really him takes it away."""
    who = await desk.store.person(notice.values["person"])
    if who is None:
        return None
    name = clean(who.name, 30)
    if notice.kind == "pin_locked":
        text = desk.words.say(to.language, "pin.locked_news", who=name, tries=desk.policy.pin.tries)
    else:
        text = desk.words.say(to.language, "pin.forgotten_news", who=name)
    label = desk.words.say(to.language, "pin.take_away")
    button = Button(label=label, token=desk.token(to.id, "pr", who.id))
    return Message(text=text, buttons=((button,),))


async def _pin_reset(desk: Desk, notice: Notice, to: Person) -> Message | None:
    return Message(text=desk.words.say(to.language, "pin.reset_news"))


async def _outage(desk: Desk, notice: Notice, to: Person) -> Message | None:
    if notice.values.get("in_duties"):
        return None
    return Message(text=away_line(desk, notice, to.language))


async def _child_assigned(desk: Desk, notice: Notice, to: Person) -> Message | None:
    child = await desk.store.get(CLOCK, Child, notice.values["child"])
    if child is None or child.worker != to.id or child.status != "active":
        return None
    button = Button(label=desk.words.say(to.language, "child.open"), token=desk.token(to.id, "c", child.id))
    text = desk.words.say(to.language, "child.assigned", child=desk.label(child))
    return Message(text=text, buttons=((button,),))


async def _child_registered(desk: Desk, notice: Notice, to: Person) -> Message | None:
    child = await desk.store.get(CLOCK, Child, notice.values["child"])
    if child is None:
        return None
    who = await name_of(desk, notice.values["by"], to.language)
    lines = [desk.words.say(to.language, "register.told", child=desk.label(child), who=who)]
    if notice.values["alike"]:
        lines.append(desk.words.say(to.language, "register.told_alike", codes=notice.values["alike"]))
    if notice.values["elsewhere"]:
        lines.append(desk.words.say(to.language, "register.told_elsewhere"))
    if notice.values.get("many"):
        lines.append(desk.words.say(to.language, "home.many", count=notice.values["many"]))
    button = Button(label=desk.words.say(to.language, "child.open"), token=desk.token(to.id, "c", child.id))
    return Message(text="\n".join(lines), buttons=((button,),))


async def _files_alike(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """To the county, which alone sees both: two townships have a file of what may be one child."""
    button = Button(label=desk.words.say(to.language, "alike.list"), token=desk.token(to.id, "du", 0))
    return Message(text=desk.words.say(to.language, "alike.county"), buttons=((button,),))


async def _deputy(desk: Desk, notice: Notice, to: Person) -> Message | None:
    who = await name_of(desk, notice.values["person"], to.language)
    start, end = (
        day_for(date.fromisoformat(notice.values[name]), to, desk.policy) for name in ("start", "end")
    )
    return Message(text=desk.words.say(to.language, f"leave.{notice.kind}", who=who, start=start, end=end))


async def _checkins_paused(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """To the worker: the family is asked nothing for a while, or again."""
    child = await desk.store.get(CLOCK, Child, notice.values["child"])
    if child is None:
        return None
    until = notice.values["until"]
    key = "quiet.worker_paused" if until else "quiet.worker_resumed"
    day = day_for(date.fromisoformat(until), to, desk.policy) if until else ""
    return Message(text=desk.words.say(to.language, key, child=desk.label(child), until=day))


async def _silent(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """To somebody who has said nothing for long: one word is enough."""
    return Message(text=desk.words.say(to.language, "silent.asked")) if to.unreached == SILENT else None


async def _contact_report(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """A contact reported a child that the register does not name clearly."""
    who = await name_of(desk, notice.values["by"], to.language)
    words = clean(notice.values["words"], 500)
    return Message(
        text=desk.words.say(to.language, "contact_report.unclear", who=who, words=words), protect=True
    )


_SENTENCES: Mapping[str, Sentence] = {
    "duties": duties_told,
    "escalation_told": told,
    "escalation_handed": told,
    "escalation_returned": told,
    "escalation_due": clock_told,
    "escalation_overdue": clock_told,
    "escalation_rested": clock_told,
    "escalation_woken": clock_told,
    "escalation_proposed": proposed,
    "escalation_refused": news,
    "escalation_police": news,
    "escalation_doubted": news,
    "escalation_taken": news,
    "escalation_resolved": news,
    "escalation_withdrawn": news,
    "matter_turn": matter_turn,
    "matters": matters_told,
    "referral_sent": referral_sent,
    "referral_acknowledged": referral_news,
    "referral_answered": referral_news,
    "referral_returned": referral_news,
    "referral_closed": referral_closed,
    "referral_vacant": referral_vacant,
    "referrals": referrals_told,
    "contact_report": _contact_report,
    "checkin_asked": _checkin_asked,
    "invite_used": _invite_used,
    "attack": _attack,
    "audit_found": audit_found,
    "audit_well": audit_well,
    "pin_locked": _pin,
    "pin_forgotten": _pin,
    "pin_reset": _pin_reset,
    "outage": _outage,
    "child_assigned": _child_assigned,
    "child_registered": _child_registered,
    "child_closed": file_told,
    "child_gone": gone_told,
    "child_reopened": file_told,
    "age_reached": age_told,
    "request_asked": request_told,
    "request_reminded": request_told,
    "request_known": request_known,
    "request_late": request_told,
    "request_answered": request_answered,
    "request_waits": request_waits,
    "files_alike": _files_alike,
    "file_joined": merging_told,
    "file_parted": merging_told,
    "deputy_asked": _deputy,
    "deputy_freed": _deputy,
    "deputy_spared": _deputy,
    "leave_begun": leave_told,
    "leave_over": leave_told,
    "silent": _silent,
    "checkins_paused": _checkins_paused,
    "succeeded": succession_told,
    "caseload": caseload_told,
    "staff_due": staff_due,
    "turns_moved": turns_told,
    "vacancies_told": vacancies.told,
    "vacancies_filled": vacancies.filled,
}
