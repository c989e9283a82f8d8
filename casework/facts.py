"""The facts of a child's file: what each may hold, which are private, and what of them has changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from casework.amendment_records import Amendment
from casework.outcome import NewId
from casework.records import Child

Kind = Literal["choice", "several", "text", "phone", "number", "day"]
UNKNOWN = "unknown"  # asked, and not known; what nobody asked is ""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing known of a child. ``choices``: the list of its values, whose words are in the catalogues.

    ``own``: a field of the record itself; all others are its properties. ``private``: names, telephones and
    numbers, which no message holds. ``derived``: nobody gives it, the rules do (`casework.categories`).
    """

    key: str
    kind: Kind = "text"
    choices: str = ""
    own: bool = False
    private: bool = False
    derived: bool = False


def _parent(who: str) -> tuple[Fact, ...]:
    return (
        Fact(key=who, kind="choice", choices="state"),
        Fact(key=f"{who}_able", kind="choice", choices="able"),
        Fact(key=f"{who}_why", kind="choice", choices="why"),
        Fact(key=f"{who}_half_year", kind="choice", choices="half_year"),
        Fact(key=f"{who}_name", private=True),
        Fact(key=f"{who}_phone", kind="phone", private=True),
    )


_ALL = (
    Fact(key="name", own=True, private=True),
    Fact(key="sex", kind="choice", choices="sex", own=True),
    Fact(key="birth_date", kind="day", own=True),
    Fact(key="id_number", kind="number", own=True, private=True),
    Fact(key="village", own=True),
    Fact(key="status", kind="choice", choices="status", own=True),
    Fact(key="closed_on", kind="day", own=True),
    Fact(key="closed_reason", own=True),
    Fact(key="closed_words", own=True, private=True),
    Fact(key="risk", own=True),
    Fact(key="hukou", kind="choice", choices="hukou"),
    Fact(key="hukou_nature", kind="choice", choices="hukou_nature"),
    *_parent("father"),
    *_parent("mother"),
    Fact(key="carer", kind="choice", choices="carer"),
    Fact(key="guardian_name", own=True, private=True),
    Fact(key="guardian_relation", own=True),
    Fact(key="guardian_phone", kind="phone", own=True, private=True),
    Fact(key="guardianship", kind="choice", choices="guardianship"),
    Fact(key="stage", kind="choice", choices="stage"),
    Fact(key="school", own=True),
    Fact(key="boarding", kind="choice", choices="boarding"),
    Fact(key="health", kind="choice", choices="health"),
    Fact(key="relief", kind="several", choices="relief"),
    Fact(key="parents_home_on", kind="day"),
    Fact(key="parents_contact", kind="choice", choices="contact"),
    Fact(key="entrust_reason", kind="choice", choices="entrust_reason", derived=True),
    Fact(key="guardianship_kind", kind="choice", choices="guardianship_kind", derived=True),
    Fact(key="categories", kind="several", own=True, derived=True),
)  # fmt: skip
FACTS: Mapping[str, Fact] = {fact.key: fact for fact in _ALL}


def facts_of(child: Child) -> dict[str, str]:
    """All that is known, by fact; without what is not. What forms saved comes before the roster's."""
    own = {key: written(getattr(child, key)) for key, fact in FACTS.items() if fact.own}
    return {key: value for key, value in {**own, **child.properties}.items() if value}


def fact_of(child: Child, key: str) -> str:
    """What forms saved last, also that there is none; else what the roster says; "" = not known."""
    saved = child.properties.get(key)
    return saved if saved is not None else written(getattr(child, key, ""))


def written(value: object) -> str:
    """A value of a record as the word that facts are compared by; "" = none."""
    if isinstance(value, date):
        return value.isoformat()
    return ";".join(value) if isinstance(value, tuple) else str(value or "")


def amended(
    before: Child, after: Child, *, by: str | None, source: str, now: datetime, new_id: NewId
) -> tuple[Amendment, ...]:
    """What is kept of the change from ``before`` to ``after``; nothing where no fact differs."""
    if before == after:
        return ()
    was, is_now = facts_of(before), facts_of(after)
    changed = [key for key in {**was, **is_now} if was.get(key, "") != is_now.get(key, "")]
    if not changed:
        return ()
    return (
        Amendment(
            id=new_id(), child=after.id, person=by, at=now, source=source,
            before={key: was.get(key, "") for key in changed},
            after={key: is_now.get(key, "") for key in changed},
        ),
    )  # fmt: skip
