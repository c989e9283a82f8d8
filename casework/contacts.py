"""Who answers for a department: the nearest contact to a child, with whoever stands in for him today."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from casework.circles import Around
from casework.facts import fact_of
from casework.records import Child, Person

ROLE = "department_contact"
FAR = 9  # beyond the county


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A department's contact: ``holder`` has the post, ``acting`` is told and acts for him today."""

    holder: Person
    acting: Person


def contacts_around(
    child: Child, held: Sequence[str], known: Mapping[str, Person], today: date
) -> tuple[Contact, ...]:
    """Those who can be reached, the nearest first: village, township, county.

    ``held``: the codes of whoever holds such a post in the child's areas; ``known`` as in `Around`. A contact
    of a school is there for its own children only.
    """
    around = Around(held={}, known=known, today=today)
    found = []
    for id in dict.fromkeys(held):
        holder, acting = known.get(id), around.acting(id)
        if (
            holder is not None
            and acting is not None
            and holder.school in ("", fact_of(child, "school"))
            and _distance(holder, child) != FAR
        ):
            found.append(Contact(holder=holder, acting=acting))
    return tuple(sorted(found, key=lambda one: (not one.holder.school, _distance(one.holder, child))))


def _distance(holder: Person, child: Child) -> int:
    areas = (child.village, child.township, child.county)
    return min((areas.index(p.area) for p in holder.posts if p.role == ROLE and p.area in areas), default=FAR)


def contact_for(department: str, contacts: Iterable[Contact]) -> Contact | None:
    """The nearest of a department's; None where it has none that can be reached."""
    return next((one for one in contacts if one.holder.department == department), None)
