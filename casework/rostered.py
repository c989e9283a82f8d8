"""A line of the roster against the roster's last word: which of its cells count.

A cell counts where it says something else than the roster before it, and than is known since. Where that last
word is not kept (files of before, files made in the chat) every cell counts that differs from the file, but
for an empty one.
"""

from collections.abc import Iterable, Mapping

from casework.changing import carer_of
from casework.facts import FACTS, UNKNOWN, fact_of, facts_of, written
from casework.record import replace
from casework.records import Child
from casework.roster import ChildRow

PLACE = ("village", "worker")  # one word: whoever changes either means both
OWN = ("name", "sex", "birth_date", "id_number", *PLACE, "risk", "categories")
# The roster's word is the field of the record, and the chat's a property beside it.
BESIDE = ("school", "guardian_name", "guardian_relation", "guardian_phone")


def words_of(row: ChildRow) -> dict[str, str]:
    """What the line says, by fact, as `Child.rostered` keeps it; of further columns what is filled in."""
    return {**{key: written(getattr(row, key)) for key in (*OWN, *BESIDE)}, **row.facts}


def handed_out(child: Child, further: Iterable[str]) -> Child:
    """The file once it was written into a workbook: of what the roster never said, that is its word now.

    Otherwise what is said between an export and its import would be undone. ``further``: its further columns,
    in which what nobody knows is not collected.
    """
    said = {key: _known(child, key) for key in OWN}
    said |= {key: fact_of(child, key) or (UNKNOWN if FACTS[key].choices else "") for key in further}
    if said.keys() <= child.rostered.keys():
        return child
    return replace(child, rostered={**said, **child.rostered})


def is_news(before: Child, key: str, word: str) -> bool:
    """Whether one cell counts, by itself."""
    if word == _known(before, key):
        return False
    last = _last(before, key)
    if last is None:
        return bool(word) or key not in OWN
    return word != last


def news(words: Mapping[str, str], before: Child) -> frozenset[str]:
    """Which cells of a line count. Some mean others as well: they can't be so without them."""
    found = {key for key, word in words.items() if key not in PLACE and is_news(before, key, word)}
    if _is_elsewhere(words, before):
        found |= {*PLACE}
    if "id_number" in found and words["id_number"]:
        found |= {"birth_date", "sex"}
    if "guardian_relation" in found and _is_another_carer(words, before):
        found |= {"guardian_name", "guardian_phone"}
    return frozenset(found)


def _is_elsewhere(words: Mapping[str, str], before: Child) -> bool:
    said, now = [words[key] for key in PLACE], [_known(before, key) for key in PLACE]
    last = [_last(before, key) for key in PLACE]
    if None in last:
        return said[0] != now[0] or (bool(said[1]) and said != now)
    return said not in (last, now)


def _is_another_carer(words: Mapping[str, str], before: Child) -> bool:
    carer = carer_of({"guardian_relation": words["guardian_relation"]})
    return carer not in ("", carer_of(facts_of(before)))


def replaced(words: Mapping[str, str], before: Child, after: Child) -> tuple[str, ...]:
    """The cells whose newer word in the file had to give way to the line."""
    return tuple(
        key
        for key, word in words.items()
        if (last := _last(before, key)) is not None
        and _differ(_known(before, key), last, key)
        and _differ(_known(before, key), word, key)
        and _known(after, key) == word
    )


def standing(words: Mapping[str, str], after: Child) -> tuple[str, ...]:
    """The cells of which the file goes on to say something else than the line."""
    return tuple(key for key, word in words.items() if _differ(_known(after, key), word, key))


def _differ(known: str, word: str, key: str) -> bool:
    """Of further columns nothing is said instead where nothing is known: rules take away what can't be so."""
    if key not in (*OWN, *BESIDE) and known in ("", UNKNOWN):
        return False
    return known != word


def _known(child: Child, key: str) -> str:
    if key == "categories":
        return written(child.categories if child.given is None else child.given)
    return written(getattr(child, key)) if key in OWN else fact_of(child, key)


def _last(child: Child, key: str) -> str | None:
    """What the roster said last; None = that is not kept."""
    return child.rostered.get(key, getattr(child, key) if key in BESIDE else None)
