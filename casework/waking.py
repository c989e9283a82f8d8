"""What the clock does with whatever of a child's is due: the one place where each kind meets its rule."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from casework.checkins import wake_checkin
from casework.child_clock import wake_child
from casework.contacts import Contact
from casework.escalations import wake_escalation
from casework.matters import Around, wake_matter
from casework.outcome import Event, NewId, Outcome
from casework.policy_models import Policy
from casework.records import CheckIn, Child, Circle, Escalation, Matter, Record, Referral, Request, Visit
from casework.referrals import wake_referral
from casework.requests import wake_request
from casework.visits import wake_visit

FAILED = "wake_failed"  # the event of a decision that came to nothing
FAILED_AGAIN = timedelta(hours=1)  # then it is tried again, each time


def put_off(record: Record, now: datetime) -> Outcome:
    """No decision about it can be taken, by a fault of ours: it stops no other, and is tried again later."""
    event = Event(
        name=FAILED, at=now, actor="clock", child=record.child, record=record.id, ground="clock",
        detail={"kind": record.kind},
    )  # fmt: skip
    return Outcome(records=(replace(record, wake_at=now + FAILED_AGAIN),), events=(event,))


def wake_record(
    record: Record,
    *,
    child: Child,
    circle: Circle,
    policy: Policy,
    now: datetime,
    new_id: NewId,
    visits: Sequence[Visit] = (),
    escalations: Sequence[Escalation] = (),
    contacts: Sequence[Contact] = (),
    on_its_way: bool = False,
) -> Outcome:
    """The decision about one record that is due; empty where there is nothing to do any more.

    ``visits``: the child's that are still to be made, needed for a child, a check-in and a visit that
    rests. ``escalations``: the child's open ones, needed for a visit, a matter or a referral; for an
    escalation the one that it is under, if any. ``contacts``: the departments' around the child, needed for a
    referral. ``circle`` is around the child; for a request around `casework.requests.answering`.
    ``on_its_way``: what an escalation told last waits to be sent, and has reached nobody.
    """
    if isinstance(record, Child):
        return wake_child(record, circle=circle, policy=policy, now=now, new_id=new_id, visits=visits)
    if isinstance(record, Request):
        return wake_request(record, child=child, circle=circle, policy=policy, now=now)
    if isinstance(record, Visit):
        return wake_visit(
            record,
            child=child,
            circle=circle,
            policy=policy,
            now=now,
            new_id=new_id,
            open_escalations=escalations,
            visits=visits,
        )
    if isinstance(record, Escalation):
        lead = next((e for e in escalations if e.id == record.under), None)
        return wake_escalation(
            record, child=child, circle=circle, policy=policy, now=now, lead=lead, on_its_way=on_its_way
        )
    if isinstance(record, CheckIn):
        return wake_checkin(
            record, child=child, circle=circle, policy=policy, now=now, new_id=new_id, visits=visits
        )
    around = Around(
        child=child, circle=circle, policy=policy, now=now, new_id=new_id, escalations=escalations
    )
    if isinstance(record, Matter):
        return wake_matter(record, around=around)
    if isinstance(record, Referral):
        return wake_referral(record, contacts=contacts, around=around)
    return Outcome()
