"""A child's file as a line of the roster has it, over what is kept already."""

from collections.abc import Mapping
from datetime import date

from casework.changing import carer_of, with_facts
from casework.facts import FACTS, UNKNOWN, fact_of, facts_of
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
    newer = {key: getattr(row, key) for key in _BOTH if before is not None and _is_newer(row, before, key)}
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
        risk=row.risk,
        categories=row.categories,
        given=None,
        **({key: getattr(row, key) for key in _BOTH} if before is None else newer),
        properties={key: value for key, value in base.properties.items() if key not in newer},
    )
    facts = _collected(row, child)
    # The line stands as a whole: what it says of the carer is no former carer's.
    known = {key: fact_of(child, key) for key in _BOTH if facts}
    same = {key: value for key, value in known.items() if value and value == getattr(row, key)}
    said = {**same, **newer, **_other_carer(child, newer), **facts}
    return with_facts(child, said) if said else child


def _is_newer(row: ChildRow, before: Child, key: str) -> bool:
    """Whether the line says something else than the roster before it, and than is known since."""
    return getattr(row, key) not in (getattr(before, key), fact_of(before, key))


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
