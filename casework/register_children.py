"""A child's file as a line of the roster has it, over what is kept already."""

from collections.abc import Mapping
from datetime import date

from casework.changing import carer_of, with_facts
from casework.facts import FACTS, UNKNOWN, fact_of, facts_of
from casework.record import replace
from casework.records import Area, Child
from casework.roster import ChildRow
from casework.rostered import BESIDE, OWN, news, words_of


def child_of(row: ChildRow, before: Child | None, places: Mapping[str, Area], today: date) -> Child:
    """The file as the line has it. What is no news in it, or left open, stays as it is kept."""
    words = words_of(row)
    new = frozenset(words) if before is None else news(words, before)
    base = before or Child(
        id=row.code, name=row.name, village=row.village, township="", county="", registered_on=today
    )
    newer = {key: getattr(row, key) for key in BESIDE if key in new}
    own = {key: getattr(row, key) for key in OWN if key in new} | newer
    child = replace(
        base,
        **own,
        given=None if "categories" in new else base.given,
        properties={key: value for key, value in base.properties.items() if key not in newer},
        rostered={**base.rostered, **words},
    )
    facts = _collected({key: value for key, value in row.facts.items() if key in new}, child)
    # The line stands as a whole: what it says of the carer is no former carer's.
    known = {key: fact_of(child, key) for key in BESIDE if facts}
    same = {key: value for key, value in known.items() if value and value == getattr(row, key)}
    said = {**same, **newer, **_other_carer(child, newer), **facts}
    return placed(with_facts(child, said) if said else child, places)


def placed(child: Child, places: Mapping[str, Area]) -> Child:
    """The child in the township and county in which its village lies now; itself where it is there."""
    township = places[child.village].parent or "" if child.village in places else child.township
    county = places[township].parent or "" if township in places else child.county
    if (township, county) == (child.township, child.county):
        return child
    return replace(child, township=township, county=county)


def _collected(said: Mapping[str, str], child: Child) -> dict[str, str]:
    """The line's facts; a choice that was not collected is no news where nobody knows it anyway."""
    known = facts_of(child) if said else {}
    return {
        key: value
        for key, value in said.items()
        if not (value == UNKNOWN and FACTS[key].choices and key not in known)
    }


def _other_carer(child: Child, newer: Mapping[str, str]) -> dict[str, str]:
    """Who cares now by the relation, where the file says who did."""
    carer = carer_of({"guardian_relation": newer.get("guardian_relation", "")})
    return {"carer": carer} if carer and "carer" in child.properties else {}
