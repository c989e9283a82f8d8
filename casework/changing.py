"""A change of facts in a child's file: what is said now, and what can no longer be so because of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from casework.facts import FACTS, facts_of
from casework.records import Child

# Fields of the record itself, for files are looked up by them; other facts that forms save stand beside the
# roster's, as properties. A property "" says that there is none, whatever the roster holds.
IDENTITY = ("name", "sex", "birth_date", "id_number")
_CARERS = {  # who it is by the word for the relation, where only that was noted
    "奶奶": "grandmother", "祖母": "grandmother", "爷爷": "grandfather", "祖父": "grandfather",
    "外婆": "grandmother_m", "姥姥": "grandmother_m", "外祖母": "grandmother_m",
    "外公": "grandfather_m", "姥爷": "grandfather_m", "外祖父": "grandfather_m",
    "爸爸": "parent", "父亲": "parent", "妈妈": "parent", "母亲": "parent",
    "亲戚": "relative", "其他亲戚": "relative", "其他人": "other",
}  # fmt: skip
_ALONE = ("parent", "nobody")  # with whom no carer's name and telephone can stand
_LONG = ("missing", "confined")
_MOST_FACTS = 100


def carer_of(known: Mapping[str, str]) -> str:
    """Who cares for the child, of the choices of ``carer``; from the relation where nobody said more."""
    return known.get("carer") or _CARERS.get(known.get("guardian_relation", ""), "")


def id_says(number: str) -> dict[str, str]:
    """What a resident ID number says of its holder; nothing where there is none."""
    if len(number) != 18:
        return {}
    born, sex = number[6:14], "male" if int(number[16]) % 2 else "female"
    return {"id_birth_date": f"{born[:4]}-{born[4:6]}-{born[6:]}", "id_sex": sex}


def with_facts(child: Child, said: Mapping[str, str]) -> Child:
    """The child as ``said`` has it, by fact; "" = there is none any more. Itself where nothing differs.

    What contradicts it goes: a dead parent's telephone, why somebody was unable who is away now, the name
    and telephone of a carer who is one no longer, boarding of a child who is at no school.
    """
    known, relation = facts_of(child), said.get("guardian_relation", "")
    if relation in _CARERS and relation != known.get("guardian_relation") and "carer" not in said:
        said = {**said, "carer": _CARERS[relation]}
    now = {**known, **said}
    now |= dict.fromkeys(_contradicted(now, known, said), "")
    new = {key: value for key, value in now.items() if value != known.get(key, "")}
    return _kept(child, new) if new else child


def _contradicted(now: Mapping[str, str], before: Mapping[str, str], said: Mapping[str, str]) -> list[str]:
    gone = []
    for who in ("father", "mother"):
        if who in said or f"{who}_able" in said:
            gone += _of_parent(now, who)
    carer = said.get("carer", "")
    if carer and carer != carer_of(before):
        before_him = ("guardian_name", "guardian_phone")
        gone += [key for key in before_him if key not in said and (carer in _ALONE or carer_of(before))]
    if now.get("stage") in ("none", "nursery", "out") and "stage" in said:
        gone.append("boarding")
    return gone


def _of_parent(now: Mapping[str, str], who: str) -> list[str]:
    home, unable = now.get(who) == "home", now.get(f"{who}_able") == "no"
    ill = home and unable and now.get(f"{who}_why") == "ill"
    gone = {
        f"{who}_able": not home,
        f"{who}_why": not (home and unable),
        f"{who}_half_year": not (ill or now.get(who) in _LONG),
        f"{who}_phone": now.get(who) == "dead",
    }
    return [key for key, so in gone.items() if so]


def _kept(child: Child, new: Mapping[str, str]) -> Child:
    own: dict[str, object] = {key: new[key] for key in IDENTITY if key in new}
    if "birth_date" in new:
        own["birth_date"] = date.fromisoformat(new["birth_date"]) if new["birth_date"] else None
    properties = {**child.properties, **{key: value for key, value in new.items() if key not in IDENTITY}}
    left = {
        key: value
        for key, value in properties.items()
        if value or (key in FACTS and FACTS[key].own and getattr(child, key))
    }
    return replace(child, properties=dict(list(left.items())[-_MOST_FACTS:]), **own)  # type: ignore[arg-type]
