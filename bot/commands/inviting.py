"""Makes the one-time code by which somebody of the roster joins."""

from datetime import datetime

from casework.access import OPERATOR
from casework.invites import make_invite
from casework.policy_models import Policy
from casework.records import Invite, Person
from conversations.desk import random_code, random_id
from storage.store import Store


async def invite(
    store: Store, person: Person, *, policy: Policy, now: datetime, child: str | None = None
) -> str:
    """A fresh code for ``person``, whose former ones end; ``child`` where a guardian joins for that child."""
    code = random_code(policy.invites.code_length)
    former = await store.find(OPERATOR, Invite, person=person.id, status=("open",))
    outcome = make_invite(
        person.id, digest=store.code_digest(code), inviter=None, child=child,
        policy=policy, now=now, new_id=random_id, former=former,
    )  # fmt: skip
    await store.apply(outcome)
    return code
