"""What a matter's documents say: the values of each kind, from its reports, the child's file and the areas."""

from collections.abc import Awaitable, Callable, Mapping

from casework.access import CLOCK
from casework.records import Area, Child, Matter, Person
from conversations.masks import fact
from conversations.press import Values
from conversations.turn import Turn

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
