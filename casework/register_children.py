"""A child's file as a line of the roster has it, over what is kept already."""

from collections.abc import Mapping
from datetime import date

from casework.changing import carer_of, with_facts
from casework.facts import FACTS, UNKNOWN, facts_of
from casework.record import replace
from casework.records import Area, Child
from casework.roster import ChildRow

# What the roster and forms both say: whichever said something else last counts.
_BOTH = ("school", "guardian_name", "guardian_relation", "guardian_phone")


def child_of(row: ChildRow, before: Child | None, places: Mapping[str, Area], today: date) -> Child:
    """The file as the line has it. What the line leaves open stays as it is kept."""
    township = places[row.village].parent or ""
    base = before or Child(
        id=row.code, name=row.name, village=row.village, township=township, county="", registered_on=today
    )
    was = before or row
    newer = {key: getattr(row, key) for key in _BOTH if getattr(was, key) != getattr(row, key)}
    child = replace(
        base,
        name=row.name,
        sex=row.sex,
        birth_date=row.birth_date,
        id_number=row.id_number,
        village=row.village,
        township=township,
        county=places[township].parent or "",
        worker=row.worker,
        guardian_name=row.guardian_name,
        guardian_relation=row.guardian_relation,
        guardian_phone=row.guardian_phone,
        risk=row.risk,
        categories=row.categories,
        given=None,
        school=row.school,
        properties={key: value for key, value in base.properties.items() if key not in newer},
    )
    said = {**newer, **_other_carer(child, newer), **_collected(row, child)}
    return with_facts(child, said) if said else child


def _collected(row: ChildRow, child: Child) -> dict[str, str]:
    """The line's facts; a choice that was not collected is no news where nobody knows it anyway."""
    known = facts_of(child) if row.facts else {}
    return {
        key: value
        for key, value in row.facts.items()
        if not (value == UNKNOWN and FACTS[key].choices and key not in known)
    }


def _other_carer(child: Child, newer: Mapping[str, str]) -> dict[str, str]:
    """Who cares now by the relation, where the file says who did."""
    carer = carer_of({"guardian_relation": newer.get("guardian_relation", "")})
    return {"carer": carer} if carer and "carer" in child.properties else {}
