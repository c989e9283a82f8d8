"""Whose turn it is with a matter or a referral; and who has it instead of somebody who is away or gone."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from casework.calendar import outside_quiet
from casework.contacts import Contact
from casework.matters import Around, holders
from casework.outcome import Notice, Priority
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Matter, Person, Referral
from casework.referrals import WITH_CONTACT, closers

_AFTER = timedelta(minutes=1)  # once the posts were looked at, and whoever follows him has his children


def turn_of(one: Matter | Referral, around: Around, contacts: Sequence[Contact]) -> tuple[str, ...]:
    """Who has the turn (codes): holders of the state's post; a department's contact, or who closes it."""
    if isinstance(one, Matter):
        rule = around.policy.matter(one.sort)
        state = rule.states.get(one.state) if rule is not None else None
        return () if state is None or state.ends else tuple(p.id for p in holders(state, around.circle))
    if one.status in WITH_CONTACT and one.person is not None:
        return tuple(c.acting.id for c in contacts if c.holder.id == one.person)
    return closers(one, around)


def is_by_post(one: Matter | Referral, person: Person, around: Around) -> bool:
    """Whether it is ``person``'s turn by his own post; ``around`` is as if he were there (`as_if_here`)."""
    if isinstance(one, Matter):
        rule = around.policy.matter(one.sort)
        state = rule.states.get(one.state) if rule is not None else None
        if state is None or all(post.role != state.who for post in person.posts):
            return False  # it would come to him only because nobody holds the post below
    elif one.status in WITH_CONTACT and one.person == person.id:
        return True
    return person.id in turn_of(one, around, ())


def as_if_here(person: Person) -> Person:
    """``person`` as one who acts: what would be his turn is his by post."""
    return replace(person, status="joined", leave=None, unreached="")


def turns_moved(person: Person, to: Sequence[Person], *, policy: Policy, now: datetime) -> tuple[Notice, ...]:
    """What was ``person``'s turn is theirs now, in one message each, once it is known who follows him."""
    gathered = now + timedelta(minutes=policy.posts.gather_minutes) + _AFTER
    return tuple(
        Notice(
            key=f"turns:{person.id}:{person.version}:{who.id}",
            to=who.id,
            kind="turns_moved",
            priority=Priority.REMINDER,
            values={"person": person.id},
            about=("person", person.id),
            not_before=outside_quiet(gathered, next((post.role for post in who.posts), "default"), policy),
        )
        for who in to
        if who.id != person.id
    )
