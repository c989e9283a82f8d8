"""Ending an urgent danger takes two people: one proposes it with its outcome, another agrees or not.

And what is written down on the way there: that the police were called.
"""

from datetime import datetime

from casework.calendar import outside_quiet
from casework.clocks import held
from casework.ladder import OPEN, announce, happened, in_circle
from casework.outcome import Notice, Outcome, Priority
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Circle, Deed, Escalation, Person


def seconders(e: Escalation, *, by: str, circle: Circle, policy: Policy) -> tuple[str, ...]:
    """Who must agree before ``by`` may end it: any one of these. Empty: ``by`` ends it alone.

    Officers, deputies and the county; where ``by`` is the only one of them, nobody can be waited for. Source:
    `two_close` of the flag in the policy file.
    """
    if not policy.flag(e.flag).two_close or e.urgency != "now" or e.proposed_by not in (None, by):
        return ()
    return tuple(who for who, role in in_circle(circle).items() if who != by and role != "village_worker")


def propose(
    e: Escalation, *, by: Person, outcome: str, circle: Circle, policy: Policy, now: datetime
) -> Outcome:
    """``by`` holds it and wants it ended; the seconders are asked. Nothing where it has ended.

    Raises `ValueError` where ``outcome`` is blank.
    """
    if not outcome.strip():
        raise ValueError("an end is proposed with its outcome in words")
    if e.status not in OPEN:
        return Outcome()
    story = (*e.story, Deed(at=now, name="escalation_proposed", by=by.id, note=outcome.strip()))
    changed = replace(_held(e, by=by.id, now=now), outcome=outcome.strip(), proposed_by=by.id, story=story)
    roles = in_circle(circle)
    asked = tuple(
        Notice(
            key=f"escalation:{e.id}:proposed:{len(story)}:{who}",
            to=who,
            kind="escalation_proposed",
            priority=Priority.ALERT,
            values={"escalation": e.id, "by": by.id},
            about=("escalation", e.id),
            child=e.child,
            silent=outside_quiet(now, roles[who], policy) > now,
        )
        for who in seconders(e, by=by.id, circle=circle, policy=policy)
    )
    event = happened(e, "escalation_proposed", now=now, actor=by.id)
    return Outcome(records=(changed,), events=(event,), notices=asked)


def refuse(e: Escalation, *, by: Person, now: datetime) -> Outcome:
    """``by`` does not agree: it goes on, and whoever proposed the end hears of it and holds it."""
    if e.status not in OPEN or e.proposed_by in (None, by.id):
        return Outcome()
    proposer = e.proposed_by or ""
    story = (*e.story, Deed(at=now, name="escalation_refused", by=by.id))
    changed = replace(_held(e, by=proposer, now=now), outcome="", proposed_by=None, story=story)
    told = Notice(
        key=f"escalation:{e.id}:refused:{len(story)}",
        to=proposer,
        kind="escalation_refused",
        priority=Priority.ALERT,
        values={"escalation": e.id, "by": by.id},
        about=("escalation", e.id),
        child=e.child,
    )
    return Outcome(
        records=(changed,),
        events=(happened(e, "escalation_refused", now=now, actor=by.id),),
        notices=(told,),
    )


def _held(e: Escalation, *, by: str, now: datetime) -> Escalation:
    """It is in somebody's hands; since when, does not change by an end that was proposed or refused."""
    return replace(held(e, by=by, now=now), acknowledged_at=e.acknowledged_at or now)


def police_called(
    e: Escalation, *, by: Person, note: str, circle: Circle, policy: Policy, now: datetime
) -> Outcome:
    """The police were called: when, by whom, and what they gave (``note``: a receipt number, a name).

    Everybody who was told of it hears that. Source: art. 11 of the Law on the Protection of Minors; the
    opinions on mandatory reporting ask for the time and the receipt.
    """
    if e.status not in OPEN:
        return Outcome()
    story = (*e.story, Deed(at=now, name="police_called", by=by.id, note=note.strip()))
    changed = replace(e, story=story)
    news = announce(
        changed, "escalation_police", circle=circle, policy=policy, now=now, but=by.id, turn=len(story)
    )
    return Outcome(
        records=(changed,), events=(happened(e, "police_called", now=now, actor=by.id),), notices=news
    )


def wants_receipt(e: Escalation, policy: Policy) -> bool:
    """Whether it is so urgent that the police must be called, and their receipt is not written down yet."""
    called = any(deed.name == "police_called" for deed in e.story)
    return e.urgency == "now" and "police" in policy.flag(e.flag).hotlines and not called


def wants_police(e: Escalation, policy: Policy) -> bool:
    """The same, and nobody has said that they were called: neither afterwards nor in the report itself.

    A report says so by a calculation ``fact_police`` that is not empty.
    """
    return wants_receipt(e, policy) and not e.facts.get("police")
