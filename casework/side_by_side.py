"""Two files side by side: where they differ, what is proposed, and the one file with what was chosen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from casework.categories import classified
from casework.changing import with_facts
from casework.facts import FACTS, UNKNOWN, facts_of
from casework.policy_models import Policy
from casework.record import replace
from casework.records import Child

GROUPS: Mapping[str, tuple[str, ...]] = {  # facts that are taken from one file as a whole
    "carer": ("carer", "guardian_name", "guardian_relation", "guardian_phone"),
    **{
        who: tuple(key for key in FACTS if key == who or key.startswith(f"{who}_"))
        for who in ("father", "mother")
    },
}
_GROUP_OF = {key: group for group, keys in GROUPS.items() for key in keys}
_PLACE = ("village", "status", "risk", "closed_on", "closed_reason")  # the kept file's, or the graver


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A fact, or a group, in which two files differ: ``kept`` and ``other`` by fact; "" = not known."""

    key: str
    kept: Mapping[str, str]
    other: Mapping[str, str]


def differences(kept: Child, other: Child) -> tuple[Difference, ...]:
    """Where the two differ, in the order of the facts, those of the county's own forms last.

    Where neither knows anything they do not.
    """
    mine, theirs = facts_of(kept), facts_of(other)
    keys = dict.fromkeys((*FACTS, *mine, *theirs))
    found: dict[str, list[str]] = {}
    for key in keys:
        is_asked = key not in _PLACE and not (key in FACTS and FACTS[key].derived)
        if is_asked and mine.get(key, "") != theirs.get(key, ""):
            found.setdefault(_GROUP_OF.get(key, key), []).append(key)
    differing = (
        Difference(
            key=group,
            kept={key: mine.get(key, "") for key in GROUPS.get(group, (group,))},
            other={key: theirs.get(key, "") for key in GROUPS.get(group, (group,))},
        )
        for group in found
    )
    return tuple(d for d in differing if _knows(d.kept) or _knows(d.other))


def _knows(values: Mapping[str, str]) -> bool:
    return any(value not in ("", UNKNOWN) for value in values.values())


def proposed(kept: Child, other: Child, *, other_is_newer: bool) -> tuple[str, ...]:
    """In which differences ``other`` should count: where it alone knows, or knows it and is the newer."""
    return tuple(
        d.key for d in differences(kept, other) if _knows(d.other) and (other_is_newer or not _knows(d.kept))
    )


def joined_facts(kept: Child, other: Child, taken: Iterable[str], policy: Policy, today: date) -> Child:
    """The kept file with the facts of the other that were chosen, at the graver risk of the two."""
    theirs = facts_of(other)
    keys = [key for group in taken for key in GROUPS.get(group, (group,))]
    child = with_facts(kept, {key: theirs.get(key, "") for key in keys})
    given = (
        *(kept.categories if kept.given is None else kept.given),
        *(other.categories if other.given is None else other.given),
    )
    child = replace(
        child, risk=min(kept.risk, other.risk), categories=tuple(dict.fromkeys(given)), given=None,
        not_same=tuple(sorted({*kept.not_same, *other.not_same} - {kept.id, other.id})),
    )  # fmt: skip
    return classified(child, policy.categories, today)
