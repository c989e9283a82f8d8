"""A child referred to a department: sent, acknowledged, answered or returned, closed; woken until then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from casework.calendar import add_working_days, local_day, outside_quiet
from casework.contacts import ROLE, Contact, contact_for
from casework.escalations import open_escalation, withdraw
from casework.ladder import OPEN as GOING_UP
from casework.ladder import everybody
from casework.matters import Around, NotPossible
from casework.outcome import Event, Notice, Outcome, Priority, ground_of
from casework.own_quiet import undisturbed
from casework.policy import Policy
from casework.policy_referrals import ReferralRule
from casework.record import replace
from casework.records import Handled, Person, Referral
from casework.reminding import first_wake, hour_of, next_wake, reminder

WITH_CONTACT = ("sent", "acknowledged")
BACK = ("answered", "returned")
OPEN = WITH_CONTACT + BACK


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What is to be sent: for what purpose, which fields, about which matter, with which words."""

    purpose: str
    fields: Mapping[str, str]
    matter: str | None = None
    words: str = ""
    contacts: Sequence[Contact] = field(default=())


def send_referral(what: Sending, *, by: Person, around: Around) -> Outcome:
    """Sends it to the nearest contact; where none can be reached, its sender and the county hear of that.

    Either way it is kept, and goes to a contact as soon as there is one.
    """
    rule = _rule(what.purpose, around)
    contact = contact_for(rule.department, what.contacts)
    now, today = around.now, local_day(around.now, around.policy)
    r = Referral(
        id=around.new_id(), child=around.child.id, person=contact.holder.id if contact else None,
        purpose=what.purpose, department=rule.department, matter=what.matter, sender=by.id, opened_at=now,
        since=today, fields=dict(what.fields), words=what.words,
        story=(Handled(at=now, name="referral_sent", by=by.id, words=what.words),),
    )  # fmt: skip
    r = _timed(r, rule, around)
    told = _handed(r, contact, around) if contact is not None else _vacant(r, around)
    return Outcome(records=(r,), events=(_sent(r, rule, by=by.id, around=around),)) + told


def _sent(r: Referral, rule: ReferralRule, *, by: str | None, around: Around) -> Event:
    """Who got which fields, by name and never by value, for what, on what basis (art. 23 PIPL)."""
    detail = {"to": r.person or "nobody", "fields": ",".join(r.fields), "basis": rule.basis}
    return _event("referral_sent", r, by=by, around=around, **detail)


def acknowledge_referral(r: Referral, *, by: str, around: Around) -> Outcome:
    """收到. `NotPossible` where it is not to be acknowledged (any more)."""
    if r.status != "sent":
        raise NotPossible(f"referral {r.id} is {r.status}")
    return _moved(r, "acknowledged", by=by, around=around)


def answer_referral(r: Referral, answer: str, words: str = "", *, by: str, around: Around) -> Outcome:
    """One of the purpose's answers. `NotPossible` where it was given back or closed before."""
    if r.status not in WITH_CONTACT or answer not in _rule(r.purpose, around).answers:
        raise NotPossible(f"{answer} cannot be answered to referral {r.id}")
    return _moved(replace(r, answer=answer), "answered", by=by, around=around, words=words)


def return_referral(r: Referral, words: str, *, by: str, around: Around) -> Outcome:
    """退回: the contact can't deal with it, and says why. `NotPossible` as above."""
    if r.status not in WITH_CONTACT:
        raise NotPossible(f"referral {r.id} is {r.status}")
    return _moved(r, "returned", by=by, around=around, words=words)


def step_of(r: Referral, around: Around) -> str:
    """The step that the contact's answer, or its return, takes on the matter behind it; "" for none."""
    rule = _rule(r.purpose, around)
    if r.status == "returned":
        return rule.returned_step
    answer = rule.answers.get(r.answer)
    return answer.step if answer is not None and r.status == "answered" else ""


def close_referral(r: Referral, *, by: str | None, reason: str, around: Around) -> Outcome:
    """It is over; a contact who had not answered hears so. ``reason`` is a code; ``by`` None = the clock."""
    if r.status not in OPEN:
        return Outcome()
    handled = Handled(at=around.now, name="referral_closed", by=by, answer=reason)
    closed = replace(
        r, status="closed", due=None, wake_at=None, closed_at=around.now, story=(*r.story, handled)
    )
    outcome = Outcome(
        records=(closed,), events=(_event("referral_closed", r, by=by, around=around, reason=reason),)
    )
    if r.status in WITH_CONTACT and r.person is not None:
        outcome += Outcome(notices=(_notice(closed, "referral_closed", r.person, around),))
    return outcome + _no_longer_late(r, by=by, around=around)


def _moved(r: Referral, status: str, *, by: str, around: Around, words: str = "") -> Outcome:
    rule = _rule(r.purpose, around)
    name = f"referral_{status}"
    answer = r.answer if status == "answered" else ""
    after = replace(
        r, status=status, since=local_day(around.now, around.policy), told=0, gone_up=False,
        story=(*r.story, Handled(at=around.now, name=name, by=by, answer=answer, words=words)),
    )  # fmt: skip
    after = _timed(after, rule, around)
    detail = {"answer": answer} if answer else {}
    outcome = Outcome(
        records=(after,),
        events=(_event(name, after, by=by, around=around, **detail),),
        notices=tuple(_notice(after, name, who, around) for who in _hearers(after, around) if who != by),
    )
    return outcome + _no_longer_late(r, by=by, around=around)


def _timed(r: Referral, rule: ReferralRule, around: Around) -> Referral:
    """With its day and the moment at which the clock looks at it."""
    if r.status == "acknowledged":
        due = answer_by(r, rule, around.policy)
    elif r.status == "sent" and r.person is not None:
        due = add_working_days(r.since, rule.ack_days, around.policy)
    else:
        days = rule.answer_days if r.status == "sent" else rule.close_days
        due = add_working_days(r.since, days, around.policy)
    return replace(r, due=due, wake_at=first_wake(due, r.since, around.policy, around.now))


def answer_by(r: Referral, rule: ReferralRule, policy: Policy) -> date:
    """The day until which the department is to answer; who is late already gets a day all the same."""
    soonest = add_working_days(r.since, 1, policy)
    return max(add_working_days(local_day(r.opened_at, policy), rule.answer_days, policy), soonest)


def _hearers(r: Referral, around: Around) -> list[str]:
    """The sender, the child's worker, and the officer who answers for the township."""
    circle = around.circle
    beside = (circle.worker, *circle.officers[:1])
    return list(dict.fromkeys([*closers(r, around), *(who.id for who in beside if who is not None)]))


def closers(r: Referral, around: Around) -> tuple[str, ...]:
    """Whose turn it is once it is answered: its sender's, or whose who stands in for him.

    The officers' where he is not there any more.
    """
    return tuple(who.id for who in _closing(r, around))


def _closing(r: Referral, around: Around) -> tuple[Person, ...]:
    circle = around.circle
    sender = circle.away.get(r.sender, r.sender)
    mine = next((who for who in everybody(circle) if who.id == sender), None)
    return (mine,) if mine is not None else circle.officers[:1] or circle.deputies or circle.county


def _handed(r: Referral, contact: Contact, around: Around) -> Outcome:
    """The message to the contact; at night it waits for the morning."""
    notice = _notice(r, "referral_sent", contact.acting.id, around)
    morning = undisturbed(around.now, ROLE, contact.acting.quiet, around.policy)
    return Outcome(notices=(replace(notice, not_before=morning if morning > around.now else None),))


def _vacant(r: Referral, around: Around) -> Outcome:
    """Nobody can be reached there. The county's officers hear it once a week for each department and town."""
    year, week, _ = local_day(around.now, around.policy).isocalendar()
    place = f"{r.department}:{around.child.township}:{year}-{week}"
    county = tuple(
        replace(_notice(r, "referral_vacant", who.id, around), key=f"vacant:{place}:{who.id}")
        for who in around.circle.county
    )
    event = _event("post_vacant", r, by=None, around=around, role=ROLE)
    return Outcome(events=(event,), notices=county)


def _notice(r: Referral, kind: str, to: str, around: Around) -> Notice:
    return Notice(
        key=f"referral:{r.id}:{kind}:{len(r.story)}:{to}",
        to=to,
        kind=kind,
        priority=Priority.REMINDER,
        values={"referral": r.id, "status": r.status},
        about=("referral", r.id),
        child=r.child,
        silent=outside_quiet(around.now, ROLE, around.policy) > around.now,
    )


def wake_referral(r: Referral, *, contacts: Sequence[Contact], around: Around) -> Outcome:
    """What the clock does: finds another contact where one is gone, reminds, sends its lateness up."""
    now, policy = around.now, around.policy
    if r.status not in OPEN or r.wake_at is None or now < r.wake_at:
        return Outcome()
    if around.child.status != "active":
        return close_referral(r, by=None, reason="child_closed", around=around)
    rule, due = policy.referrals.get(r.purpose), r.due
    if rule is None or due is None:  # the file has lost it: nothing of it is forgotten
        return Outcome(
            records=(replace(r, wake_at=now + timedelta(days=policy.matters.reminders.again_days)),)
        )
    contact = next((one for one in contacts if one.holder.id == r.person), None)
    if r.status in WITH_CONTACT and contact is None:
        other = contact_for(r.department, contacts)
        if other is not None:
            return _readdressed(r, other, rule, around)
        if r.person is not None:
            r = replace(r, person=None)
            return _reminded(r, rule, None, due, around) + _vacant(r, around)
    return _reminded(r, rule, contact, due, around)


def _readdressed(r: Referral, contact: Contact, rule: ReferralRule, around: Around) -> Outcome:
    """Another has the post now, or somebody has at last: he gets it as if it were sent today."""
    handled = Handled(at=around.now, name="referral_readdressed", answer=contact.holder.id)
    after = replace(
        r, status="sent", person=contact.holder.id, since=local_day(around.now, around.policy), told=0,
        gone_up=False, story=(*r.story, handled),
    )  # fmt: skip
    after = _timed(after, rule, around)
    sent = _sent(after, rule, by=None, around=around)
    return Outcome(records=(after,), events=(sent,)) + _handed(after, contact, around)


def _reminded(r: Referral, rule: ReferralRule, contact: Contact | None, due: date, around: Around) -> Outcome:
    now, policy = around.now, around.policy
    after = replace(r, told=r.told + 1, told_at=hour_of(now))
    after = replace(after, wake_at=next_wake(due, after.told, policy, now))
    with_contact = r.status in WITH_CONTACT and contact is not None
    turn = (contact.acting,) if with_contact and contact is not None else _closing(r, around)
    notices = tuple(reminder("referrals", who, policy, now) for who in turn)
    events = (_event("referral_reminded", r, by=None, around=around, status=r.status),)
    late = r.status in WITH_CONTACT and local_day(now, policy) > due and not r.gone_up
    outcome = Outcome(records=(replace(after, gone_up=r.gone_up or late),), events=events, notices=notices)
    return outcome + _gone_up(r, rule, due, around) if late else outcome


def _gone_up(r: Referral, rule: ReferralRule, due: date, around: Around) -> Outcome:
    """Late: its flag goes up the child's ladder, once for each status."""
    facts = {
        "referral": str(r.number), "purpose": r.purpose, "department": r.department,
        "deadline": due.isoformat(),
    }  # fmt: skip
    late = Outcome(events=(_event("referral_late", r, by=None, around=around, status=r.status),))
    return late + open_escalation(
        rule.flag, child=around.child, circle=around.circle, facts=facts, source=r.id, by=None,
        policy=around.policy, now=around.now, new_id=around.new_id, urgency=rule.urgency,
        among=around.escalations,
    )  # fmt: skip


def _no_longer_late(r: Referral, *, by: str | None, around: Around) -> Outcome:
    """What had gone up for its lateness is taken back: it goes on."""
    outcome = Outcome()
    for e in around.escalations:
        if e.source == r.id and e.status in GOING_UP:
            outcome += withdraw(
                e, by=by, reason="referral_goes_on", circle=around.circle, policy=around.policy,
                now=around.now,
            )  # fmt: skip
    return outcome


def _rule(purpose: str, around: Around) -> ReferralRule:
    rule = around.policy.referrals.get(purpose)
    if rule is None:
        raise NotPossible(f"no such referral: {purpose}")
    return rule


def _event(name: str, r: Referral, *, by: str | None, around: Around, **detail: str) -> Event:
    actor = by or "clock"
    return Event(
        name=name, at=around.now, actor=actor, child=r.child, record=r.id, ground=ground_of(actor),
        detail={"purpose": r.purpose, "department": r.department, **detail},
    )  # fmt: skip
