"""News of a child's file for somebody who works with it: by day, and outside hours of his own."""

from datetime import datetime

from casework.outcome import Event, Notice, Priority
from casework.own_quiet import undisturbed
from casework.policy_models import Policy
from casework.records import Child, Person


def news_of(
    child: Child, kind: str, to: Person, *, policy: Policy, now: datetime, **values: object
) -> Notice:
    """One message of this kind at this version of the child; ``values`` fill its sentence."""
    moment = undisturbed(now, "village_worker", to.quiet, policy)
    return Notice(
        key=f"child:{child.id}:{kind}:{child.version}:{to.id}",
        to=to.id,
        kind=kind,
        priority=Priority.DIGEST,
        values={"child": child.id, **values},
        about=("child", child.id),
        child=child.id,
        not_before=moment if moment > now else None,
    )


def happened_to(child: Child, name: str, *, by: Person, now: datetime, **detail: str) -> Event:
    """Something that ``by`` did to the child's file."""
    return Event(
        name=name, at=now, actor=by.id, child=child.id, record=child.id, ground="assignment", detail=detail
    )
