"""A child registered in the chat: the new file, its first visit, and the officer's one line about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from casework.categories import classified
from casework.child_clock import awake
from casework.outcome import Event, NewId, Notice, Outcome, Priority
from casework.planning import plan_visit
from casework.policy_models import Policy
from casework.records import Child, Circle, Person

CODE = "{village}-{number:03}"  # never from a name or an ID number


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What was said of the child; "" = not known. ``facts``: by question, the value of the choice."""

    name: str
    sex: str
    born: date
    id_number: str = ""
    carer_name: str = ""
    carer_relation: str = ""
    carer_phone: str = ""
    school: str = ""
    facts: Mapping[str, str]


def file_of(
    said: Registration, *, code: str, village: str, township: str, county: str, by: Person, policy: Policy,
    today: date,
) -> Child:  # fmt: skip
    """The file, with whoever registers the child as its worker, at the policy's first risk until a visit."""
    child = Child(
        id=code, name=said.name, sex="male" if said.sex == "male" else "female",
        birth_date=said.born, id_number=said.id_number, village=village, township=township, county=county,
        worker=by.id, guardian_name=said.carer_name, guardian_relation=said.carer_relation,
        guardian_phone=said.carer_phone, school=said.school, registered_on=today, properties=said.facts,
        risk=policy.visits.first_risk,
    )  # fmt: skip
    return classified(child, policy.categories, today)


def register(
    child: Child, *, by: Person, alike: Sequence[Child], cared_for: int, circle: Circle, policy: Policy,
    now: datetime, new_id: NewId,
) -> Outcome:  # fmt: skip
    """The new file is kept, its first visit planned, and whoever answers for the township told once.

    It is the only one with its ID number, also where another is registered at the same moment.

    ``alike``: files of the same name and birth date, which the worker said are of another child.
    ``cared_for``: how many children the carer looks after with this one.
    """
    child = awake(child, policy, now)
    event = Event(
        name="child_registered", at=now, actor=by.id, child=child.id, record=child.id, ground="assignment"
    )
    told = (circle.officers or circle.deputies or circle.county)[:1]
    near = " ".join(other.id for other in alike if other.township == child.township)
    far = any(other.township != child.township for other in alike)
    notices = tuple(
        Notice(
            key=f"child:{child.id}:registered:{who.id}", to=who.id, kind="child_registered",
            priority=Priority.DIGEST, about=("child", child.id), child=child.id,
            values={
                "child": child.id, "by": by.id, "alike": near, "elsewhere": far,
                "many": cared_for if cared_for > policy.files.most_per_carer else 0,
            },
        )
        for who in told
        if who.id != by.id
    )  # fmt: skip
    sole = frozenset({child.id_number} - {""})
    kept = Outcome(records=(child,), events=(event,), notices=notices, sole=sole)
    return kept + plan_visit(child, policy=policy, now=now, new_id=new_id, purpose="new_child")
