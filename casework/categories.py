"""Categories of a child from facts: who is away, who is able. A pure function of the file and the day.

What is not known decides nothing: a rule holds, does not hold, or is open (None). A category that the roster
names stays while the facts don't contradict it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from casework.calendar import age_on
from casework.facts import UNKNOWN, fact_of
from casework.policy_categories import Case, CategoryRules
from casework.records import Child

Known = Mapping[str, str]
Truth = bool | None  # None = open
_LASTING = ("ill", "missing", "confined")


@dataclass(frozen=True, kw_only=True)
class _Parent:
    """What a parent is, and what may be as well; ``may`` None = nothing is known, anything may be."""

    holds: frozenset[str]
    may: frozenset[str] | None = frozenset()

    def is_one_of(self, wanted: Iterable[str]) -> Truth:
        if not self.holds.isdisjoint(wanted):
            return True
        return None if self.may is None or not self.may.isdisjoint(wanted) else False


_NOTHING_KNOWN = _Parent(holds=frozenset(), may=None)


def _parent(known: Known, who: str) -> _Parent:
    state = known.get(who) or UNKNOWN
    if state == UNKNOWN:
        return _NOTHING_KNOWN
    holds, may = {state}, set[str]()
    if state == "home":
        able = known.get(f"{who}_able") or UNKNOWN
        why = known.get(f"{who}_why", "")
        if able == UNKNOWN:
            may |= {"able", "unable", "disabled", "ill", "old", "ill_half_year"}
        elif able == "yes":
            holds.add("able")
        else:
            holds |= {"unable", why} - {""}
            may |= set() if why else {"disabled", "ill", "old", "ill_half_year"}
    for lasting in holds & set(_LASTING):
        long = known.get(f"{who}_half_year") or UNKNOWN
        (holds if long == "yes" else may if long == UNKNOWN else set()).add(f"{lasting}_half_year")
    return _Parent(holds=frozenset(holds), may=frozenset(may))


def _all(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    return False if False in found else None if None in found else True


def _any(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    return True if True in found else None if None in found else False


def _is_one_of(value: str, wanted: Iterable[str]) -> Truth:
    """Of a fact; one that may hold several values has them with a blank between."""
    if not value:
        return None
    said = set(value.split()) - {UNKNOWN}
    return None if not said else not said.isdisjoint(wanted)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """The facts as rules look at them."""

    child: Child
    father: _Parent
    mother: _Parent
    age: int | None

    def fits(self, case: Case) -> Truth:
        found: Truth = True
        for fact, wanted in case.facts.items():
            so = _is_one_of(fact_of(self.child, fact), wanted)
            if so is False:
                return False
            found = found and so
        if case.parents is None:
            return found
        return _all((found, self._parents_are(*case.parents)))

    def _parents_are(self, one: Iterable[str], other: Iterable[str]) -> Truth:
        if self.father is self.mother is _NOTHING_KNOWN:
            return None
        return _any(
            _all((first.is_one_of(one), second.is_one_of(other)))
            for first, second in ((self.father, self.mother), (self.mother, self.father))
        )

    def any_of(self, cases: Iterable[Case]) -> Truth:
        return _any(self.fits(case) for case in cases)

    def is_below(self, years: int) -> Truth:
        return None if self.age is None else self.age < years


def _seen(child: Child, today: date | None) -> _Seen:
    known, born = child.properties, child.birth_date
    age = None if born is None or today is None else age_on(born, today)
    return _Seen(child=child, father=_parent(known, "father"), mother=_parent(known, "mother"), age=age)


def verdicts(child: Child, rules: CategoryRules, today: date) -> dict[str, Truth]:
    """By category: whether the child is one by the facts; None = they don't say."""
    return _verdicts(_seen(child, today), rules)


def _verdicts(seen: _Seen, rules: CategoryRules) -> dict[str, Truth]:
    found = {}
    for key, sort in rules.sorts.items():
        young = seen.is_below(sort.below)
        found[key] = young if young is False else _all((young, seen.any_of(sort.when)))
    return found


def derived(child: Child, rules: CategoryRules) -> dict[str, str]:
    """The facts that follow from others; without those of which no value does."""
    return _derived(_seen(child, None), rules)


def _derived(seen: _Seen, rules: CategoryRules) -> dict[str, str]:
    found = {
        fact: next((value for value, rule in values.items() if seen.any_of(rule.when)), "")
        for fact, values in rules.derived.items()
    }
    return {fact: value for fact, value in found.items() if value}


def classified(child: Child, rules: CategoryRules, today: date) -> Child:
    """The child with the categories and facts that follow from its facts on that day; itself where none does.

    `Child.given` keeps what the roster named, so that a fact corrected later brings it back.
    """
    given = child.categories if child.given is None else child.given
    seen = _seen(child, today)
    found = _verdicts(seen, rules)
    stay = [key for key in given if found.get(key) is not False]
    categories = (*stay, *(key for key, so in found.items() if so and key not in stay))
    rest = {key: value for key, value in child.properties.items() if key not in rules.derived}
    properties = {**rest, **_derived(seen, rules)}
    kept = None if categories == given else given
    if (categories, properties, kept) == (child.categories, child.properties, child.given):
        return child
    return replace(child, categories=categories, properties=properties, given=kept)
