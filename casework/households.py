"""Which children live together: said by hand, else by the carer's telephone, the carer or the parents."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from casework.changing import with_facts
from casework.facts import fact_of
from casework.record import replace
from casework.records import Child

PHONE = "guardian_phone"
Household = tuple[Child, ...]


def telephone(child: Child) -> str:
    """The carer's telephone without what people write between its digits."""
    return "".join(filter(str.isdigit, fact_of(child, PHONE)))


def _carer(child: Child) -> str | None:
    """By what the carer is known: the telephone, else the name in the village."""
    if phone := telephone(child):
        return f"phone:{phone}"
    name = fact_of(child, "guardian_name")
    return f"carer:{child.village}:{name}" if name else None


def _signs(child: Child) -> Iterator[str]:
    """What a household's children have in common. What was said by hand (`Child.home`) stands alone."""
    if child.home:
        yield f"home:{child.home}"
        return
    if carer := _carer(child):
        yield carer
    father, mother = fact_of(child, "father_name"), fact_of(child, "mother_name")
    if father and mother:
        yield f"parents:{child.village}:{father}:{mother}"


def households(children: Iterable[Child]) -> list[Household]:
    """The children by household, in the order in which they were given; who lives with none is one alone."""
    homes: dict[str, list[Child]] = {}  # by the code of each child
    first: dict[str, str] = {}  # by sign: who had it first
    for child in children:
        if child.id in homes:
            continue
        homes[child.id] = [child]
        for sign in _signs(child):
            theirs, mine = homes[first.setdefault(sign, child.id)], homes[child.id]
            if theirs is not mine:
                theirs.extend(mine)
                homes.update(dict.fromkeys((one.id for one in mine), theirs))
    whole = {id(home): tuple(home) for home in homes.values()}
    return list(whole.values())


def siblings(child: Child, among: Iterable[Child]) -> Household:
    """Who of ``among`` lives with the child."""
    home = households([child, *among])[0]
    return tuple(other for other in home if other.id != child.id)


def joined(children: Iterable[Child], name: str) -> Household:
    """All of them as one household, by hand: each as it is to be kept. ``name``: a fresh identifier."""
    return tuple(replace(child, home=name) for child in children)


def parted(child: Child, name: str) -> Child:
    """The child in a household of its own, by hand. ``name``: a fresh identifier."""
    return replace(child, home=name)


def reached_by(child: Child, phone: str) -> Child:
    """The child with another telephone of the carer's."""
    return with_facts(child, {PHONE: phone})


def with_many(children: Sequence[Child], most: int) -> list[Household]:
    """The children of each carer who looks after more than ``most`` active ones; the most first."""
    by_carer: dict[str, list[Child]] = defaultdict(list)
    for child in children:
        carer = _carer(child)
        if carer is not None and child.status == "active":
            by_carer[carer].append(child)
    found = (tuple(theirs) for theirs in by_carer.values() if len(theirs) > most)
    return sorted(found, key=lambda theirs: (-len(theirs), theirs[0].id))


def of_same_carer(child: Child, among: Iterable[Child]) -> int:
    """How many active children the child's carer looks after, this one among them; 0 where none is known."""
    carer = _carer(child)
    if carer is None:
        return 0
    return len({child.id} | {o.id for o in among if o.status == "active" and _carer(o) == carer})
