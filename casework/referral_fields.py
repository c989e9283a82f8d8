"""What a referral carries of a child: the fields that its purpose allows, as they stand, and nothing else."""

from collections.abc import Mapping

from casework.facts import fact_of
from casework.policy_models import Policy
from casework.policy_referrals import ReferralRule
from casework.records import Child, Matter, Person

_LONGEST = 300


def snapshot(
    rule: ReferralRule, *, child: Child, place: str, worker: Person | None, sender: Person,
    matter: Matter | None, policy: Policy,
) -> dict[str, str]:  # fmt: skip
    """By the field's name; what is not known is left out. ``place``: where the child lives, in words.

    The sex stays a code and a day stays a day, to be said in the contact's language.
    """
    found = {}
    for name in rule.fields:
        whose, _, what = policy.referral_fields[name].of.partition(".")
        value = {
            "child": lambda what: place if what == "place" else _of_child(child, what),
            "saved": lambda what: child.properties.get(what, ""),
            "matter": lambda what: _of_matter(matter, what),
            "worker": lambda what: _of_person(worker, what),
            "sender": lambda what: _of_person(sender, what),
        }[whose](what)
        if value:
            found[name] = value[:_LONGEST]
    return found


def _of_child(child: Child, what: str) -> str:
    """What forms saved last, else what the roster says."""
    return fact_of(child, what)


def _of_matter(matter: Matter | None, what: str) -> str:
    return matter.said.get(what) or matter.facts.get(what, "") if matter is not None else ""


def _of_person(person: Person | None, what: str) -> str:
    known: Mapping[str, str] = {"name": person.name, "phone": person.phone} if person is not None else {}
    return known.get(what, "")
