"""Categories of a child from facts: who is away, who is able. A pure function of the file and the day.

What is not known decides nothing: a rule holds, does not hold, or is open (None). A category that the roster
names stays while the facts don't contradict it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from casework.calendar import age_on
from casework.facts import UNKNOWN, facts_of
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


def _parent(known: Known, who: str) -> _Parent:
    state = known.get(who, UNKNOWN)
    if state == UNKNOWN:
        return _Parent(holds=frozenset(), may=None)
    holds, may = {state}, set[str]()
    if state == "home":
        able = known.get(f"{who}_able", UNKNOWN)
        why = known.get(f"{who}_why", "")
        if able == UNKNOWN:
            may |= {"able", "unable", "disabled", "ill", "old", "ill_half_year"}
        elif able == "yes":
            holds.add("able")
        else:
            holds |= {"unable", why} - {""}
            may |= set() if why else {"disabled", "ill", "old", "ill_half_year"}
    for lasting in holds & set(_LASTING):
        long = known.get(f"{who}_half_year", UNKNOWN)
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
    said = set(value.split()) - {UNKNOWN}
    return None if not said else not said.isdisjoint(wanted)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """The facts as rules look at them."""

    known: Known
    father: _Parent
    mother: _Parent
    age: int | None

    def fits(self, case: Case) -> Truth:
        truths = [_is_one_of(self.known.get(fact, ""), wanted) for fact, wanted in case.facts.items()]
        if case.parents is not None:
            one, other = case.parents
            truths.append(
                _any(
                    _all((first.is_one_of(one), second.is_one_of(other)))
                    for first, second in ((self.father, self.mother), (self.mother, self.father))
                )
            )
        return _all(truths)

    def any_of(self, cases: Iterable[Case]) -> Truth:
        return _any(self.fits(case) for case in cases)

    def is_below(self, years: int) -> Truth:
        return None if self.age is None else self.age < years


def _seen(child: Child, today: date | None) -> _Seen:
    known, born = facts_of(child), child.birth_date
    age = None if born is None or today is None else age_on(born, today)
    return _Seen(known=known, father=_parent(known, "father"), mother=_parent(known, "mother"), age=age)


def verdicts(child: Child, rules: CategoryRules, today: date) -> dict[str, Truth]:
    """By category: whether the child is one by the facts; None = they don't say."""
    seen = _seen(child, today)
    return {
        key: _all((seen.is_below(sort.below), seen.any_of(sort.when))) for key, sort in rules.sorts.items()
    }


def derived(child: Child, rules: CategoryRules) -> dict[str, str]:
    """The facts that follow from others; without those of which no value does."""
    seen = _seen(child, None)
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
    found = verdicts(child, rules, today)
    stay = [key for key in given if found.get(key) is not False]
    categories = (*stay, *(key for key, so in found.items() if so and key not in stay))
    rest = {key: value for key, value in child.properties.items() if key not in rules.derived}
    properties = {**rest, **derived(child, rules)}
    kept = None if categories == given else given
    if (categories, properties, kept) == (child.categories, child.properties, child.given):
        return child
    return replace(child, categories=categories, properties=properties, given=kept)
