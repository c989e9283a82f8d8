"""People who have not joined: how often they are answered, and when so many wrong codes are an attack."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from casework.calendar import outside_quiet
from casework.outcome import Event, Notice, Outcome, Priority
from casework.policy_models import Policy
from casework.records import Person, Talk

STRANGER, GUESSING, OVER = "stranger", "guessing", "over"
REMEMBERED = (STRANGER, GUESSING)
HOUR = timedelta(hours=1)
Attack = Literal[
    "one", "all", "strangers", "flood"
]  # wrong codes of one account, of all; many people; one that floods


def too_many_tries(talk: Talk, now: datetime, policy: Policy) -> bool:
    """Whether somebody has given so many wrong codes that none is looked at now, not even a right one.

    ``tries_per_hour`` wrong ones within an hour start a pause of ``pause_minutes`` after the last of them.
    """
    limit = policy.invites.tries_per_hour
    last = sorted(talk.tries)[-limit:]
    if len(last) < limit or last[-1] - last[0] > HOUR:
        return False
    return now < last[-1] + timedelta(minutes=policy.invites.pause_minutes)


def wrong_code(talk: Talk, now: datetime, policy: Policy) -> Talk:
    """The talk with one more wrong code; as many are remembered as the limit needs, and as long."""
    tried = replace(talk, tries=(*talk.tries, now)[-policy.invites.tries_per_hour :])
    if talk.person is not None:
        return tried
    pause = max(HOUR, timedelta(minutes=policy.invites.pause_minutes))
    return replace(tried, status=GUESSING, refused_at=now, wake_at=now + pause)


def closed_until(guessing: Iterable[Talk], now: datetime, policy: Policy) -> datetime | None:
    """Until when nobody's code is looked at, None where codes are: the county's own limit.

    ``all_tries_per_hour`` wrong ones within an hour, whoever gave them, start a pause of
    ``all_pause_minutes`` after the last of them. Codes given out stay good.
    """
    tries = sorted(moment for talk in guessing for moment in talk.tries if now - moment < HOUR)
    if len(tries) < policy.invites.all_tries_per_hour:
        return None
    end = tries[-1] + timedelta(minutes=policy.invites.all_pause_minutes)
    return end if now < end else None


def is_answered(talk: Talk, now: datetime, policy: Policy) -> bool:
    """Whether this stranger has had an answer so lately that silence is the answer now."""
    again = timedelta(minutes=policy.strangers.again_minutes)
    return talk.refused_at is not None and now - talk.refused_at < again


def answered(talk: Talk, now: datetime) -> Talk:
    """The talk of a stranger who is answered now. It is forgotten by itself."""
    status = GUESSING if talk.status == GUESSING else STRANGER
    return replace(talk, status=status, refused_at=now, wake_at=max(now + HOUR, talk.wake_at or now))


def forgotten(talk: Talk) -> Outcome:
    """Its time is over: nothing is known of this stranger any more, and storage may drop the rest."""
    return Outcome(records=(replace(talk, status=OVER, expects=(), tries=(), refused_at=None, wake_at=None),))


def attacked(
    what: Attack, officers: Sequence[Person], *, now: datetime, policy: Policy, who: str = ""
) -> Outcome:
    """A limit was reached: an event, and the officers are told, once in an hour for each kind of attack.

    ``who``: the person whose account floods, where it is one who has joined.
    """
    hour = now.strftime("%Y%m%d%H")
    notices = tuple(
        Notice(
            key=f"attack:{what}:{hour}:{officer.id}",
            to=officer.id,
            kind="attack",
            priority=Priority.REMINDER,
            values={"what": what, "who": who},
            silent=any(outside_quiet(now, post.role, policy) > now for post in officer.posts),
        )
        for officer in officers
    )
    name = "chat_flooded" if what == "flood" else "joining_attacked"
    event = Event(name=name, at=now, actor="clock", ground="clock", detail={"what": what})
    return Outcome(events=(event,), notices=notices)
