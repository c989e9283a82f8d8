"""What a matter's documents say: the values of each kind, from its reports, the child and the areas."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from casework.access import CLOCK
from casework.records import Area, Child, Matter, Person, Taken
from conversations.masks import fact
from conversations.press import Cell, Values
from conversations.turn import Turn

ATTEMPT = "attempt"  # the step of `matters.sorts.school` that is one attempt
_LEVELS = 3
Writer = Callable[[Turn, Matter, Child], Awaitable[Values]]


async def agreement(turn: Turn, m: Matter, child: Child) -> Values:
    """委托照护协议: the parties, the term, how it is signed (art. 22 and 23 of the law)."""
    facts, said = m.facts, m.said
    parent = {
        "relation": said.get("parent_relation", ""), "name": facts.get("parent_name", ""),
        "place": facts.get("parent_place", ""), "phone": facts.get("parent_phone", ""),
    }  # fmt: skip
    witnesses = [{"name": facts[name], "duty": ""} for name in ("witness_1", "witness_2") if facts.get(name)]
    worker = await _worker(turn, child)
    opinion = "：".join(part for part in (said.get("opinion", ""), facts.get("opinion_words", "")) if part)
    return {
        **await _child(turn, child),
        "carer_name": facts.get("carer_name", ""),
        "carer_relation": said.get("carer_relation", ""),
        "carer_phone": facts.get("carer_phone", ""),
        "carer_place": await place_of(turn, child.village),
        "reason": said.get("reason", ""),
        "start": day_in(facts, "valid_from"),
        "end": day_in(facts, "valid_to"),
        "way": said.get("way", ""),
        "child_opinion": opinion,
        "emergency_name": worker.name if worker is not None else "",
        "emergency_phone": worker.phone if worker is not None else "",
        "village": await area_name(turn, child.village),
        "township": await area_name(turn, child.township),
        "school_copy": fact(child, "school"),
        "parents": [parent],
        "witnesses": witnesses,
    }


async def dropout_report(turn: Turn, m: Matter, child: Child) -> Values:
    """劝返复学工作报告: to the county education authority and the township, with every attempt (art. 28)."""
    said, township = m.said, await area_name(turn, child.township)
    attempts = [taken for taken in m.story if taken.step == ATTEMPT and taken.said]
    reasons = [said.get("reasons", ""), *(taken.words for taken in m.story if taken.words)]
    return {
        **_without(await _child(turn, child), "child_school"),
        "to_education": turn.words("paper.education", county=await area_name(turn, child.county)),
        "to_township": turn.words("paper.township", township=township),
        "school": fact(child, "school"),
        "class_name": m.facts.get("class_name", ""),
        "guardian_name": fact(child, "guardian_name"),
        "guardian_relation": fact(child, "guardian_relation"),
        "guardian_phone": fact(child, "guardian_phone"),
        "left_on": day_in(m.facts, "left_on"),
        "reasons": "\n".join(part for part in reasons if part),
        "whereabouts": said.get("whereabouts", ""),
        "guardian_opinion": said.get("guardian_opinion", ""),
        "child_opinion": said.get("child_opinion", ""),
        "request": turn.words("paper.request"),
        "sender": turn.words("paper.sender", township=township),
        "contact_name": turn.person.name,
        "contact_phone": turn.person.phone,
        "attempts": [_attempt(turn, taken) for taken in attempts],
    }


async def mandatory_report(turn: Turn, m: Matter, child: Child) -> Values:
    """强制报告表: facts and words as they were noted; who reported stands nowhere in it."""
    said, facts = m.said, m.facts
    noted = {name: said.get(name, "") for name in ("situations", "suspect", "injured", "safe_now", "kept")}
    told = [taken.words for taken in m.story if taken.step == "police" and taken.words]
    return {
        **await _child(turn, child),
        **noted,
        "guardian_name": fact(child, "guardian_name"),
        "guardian_relation": fact(child, "guardian_relation"),
        "guardian_phone": fact(child, "guardian_phone"),
        "found_on": day_in(facts, "found_on"),
        "found_at": facts.get("found_at", ""),
        "seen": facts.get("seen", ""),
        "heard": facts.get("heard", ""),
        "police": said.get("police", ""),
        "receipt": "；".join(part for part in (facts.get("receipt", ""), *told) if part),
        "sender": turn.words("paper.township", township=await area_name(turn, child.township)),
        "contact_name": turn.person.name,
        "contact_phone": turn.person.phone,
    }


def _attempt(turn: Turn, taken: Taken) -> dict[str, Cell]:
    said = taken.said
    return {
        "day": said.get("day") or turn.any_day(turn.desk.today(taken.at)),
        "place": said.get("place", ""),
        "people": said.get("people", ""),
        "course": said.get("course", ""),
        "result": said.get("result", ""),
    }


def _without(values: dict[str, Cell], *names: str) -> dict[str, Cell]:
    return {name: value for name, value in values.items() if name not in names}


async def _child(turn: Turn, child: Child) -> dict[str, Cell]:
    return {
        "child_name": child.name,
        "child_code": child.id,
        "child_sex": turn.words(f"child.{child.sex}") if child.sex else "",
        "child_birth_date": child.birth_date,
        "child_school": fact(child, "school"),
        "child_place": await place_of(turn, child.village),
    }


async def _worker(turn: Turn, child: Child) -> Person | None:
    return await turn.desk.store.person(child.worker) if child.worker else None


async def area_name(turn: Turn, code: str) -> str:
    """An area's name; its code where nothing is known of it."""
    area = await turn.desk.store.get(CLOCK, Area, code)
    return area.name if area is not None else code


async def place_of(turn: Turn, code: str) -> str:
    """Where it lies: 青山县柳河镇榆树村"""
    names: list[str] = []
    at: str | None = code
    while at and len(names) < _LEVELS:
        area = await turn.desk.store.get(CLOCK, Area, at)
        names.insert(0, area.name if area is not None else at)
        at = area.parent if area is not None else None
    return "".join(names)


def day_in(facts: Mapping[str, str], name: str) -> date | None:
    """The day that a fact holds; None where it was not given."""
    try:
        return date.fromisoformat(facts.get(name, "")[:10])
    except ValueError:
        return None


WRITERS: Mapping[str, Writer] = {
    "agreement": agreement,
    "dropout_report": dropout_report,
    "mandatory_report": mandatory_report,
}
