"""Writes what is kept as a roster workbook, which changes nothing when it is brought in again."""

from collections.abc import Iterable, Mapping, Sequence

from bot.roster.column import Sheet
from bot.roster.columns import (
    AREAS,
    CATEGORIES,
    CHILDREN,
    LANGUAGES,
    LEVELS,
    PEOPLE,
    SEXES,
    STANDINGS,
    department_labels,
    role_labels,
)
from bot.roster.fact_columns import FACTS_BY_COLUMN, label_of
from casework.facts import fact_of
from casework.policy_models import Policy
from casework.records import Area, Child, Person, Post
from xlsform.workbook import Book, Grid

_LEVEL_ORDER = ("county", "township", "village")
_PERSON = ("code", "name", "role", "area", "phone", "language", "deputy", "status", "department", "school")
_STANDINGS: Mapping[str, str] = {str(code): label for code, label in STANDINGS.items()}
Cells = Mapping[str, str]


def is_staff(person: Person) -> bool:
    """Whether somebody stands in the roster: families and who holds no post don't."""
    return any(post.role != "guardian" for post in person.posts)


def roster_of(
    areas: Iterable[Area],
    people: Iterable[Person],
    children: Iterable[Child],
    *,
    policy: Policy,
    english: bool,
) -> Book:
    """The sheets by name. What nobody knows of a child is 未采集; the next visit is left to the plan."""
    by_level = sorted(areas, key=lambda area: (_LEVEL_ORDER.index(area.level), area.id))
    posts = [
        (person, post)
        for person in sorted(filter(is_staff, people), key=lambda person: person.id)
        for post in person.posts
        if post.role != "guardian"
    ]
    of_children = sorted(children, key=lambda child: child.id)
    keys = [column.key for column in CHILDREN.columns]
    return {
        _title(AREAS, english): _grid(AREAS, [_area(a, english) for a in by_level], english),
        _title(PEOPLE, english): _grid(
            PEOPLE, [_post(*one, policy, english) for one in posts], english, _PERSON
        ),
        _title(CHILDREN, english): _grid(CHILDREN, [_child(c, english) for c in of_children], english, keys),
    }


def _title(sheet: Sheet, english: bool) -> str:
    return sheet.name if english else sheet.zh


def _grid(sheet: Sheet, rows: Iterable[Cells], english: bool, keys: Sequence[str] = ()) -> Grid:
    shown = keys or [column.key for column in sheet.columns]
    head = [key if english else sheet.column(key).zh for key in shown]
    return [head, *([cells.get(key, "") for key in shown] for cells in rows)]


def _word(labels: Mapping[str, str], code: str, english: bool) -> str:
    return code if english else labels.get(code, code)


def _area(area: Area, english: bool) -> Cells:
    level = area.level if english else LEVELS[area.level]
    return {"code": area.id, "name": area.name, "level": level, "parent": area.parent or ""}


def _post(person: Person, post: Post, policy: Policy, english: bool) -> Cells:
    gone = person.status in ("left", "suspended")
    return {
        "code": person.id,
        "name": person.name,
        "role": post.role if english else role_labels(policy)[post.role],
        "area": post.area,
        "phone": person.phone,
        "language": _word(LANGUAGES, person.language, english),
        "deputy": person.deputy or "",
        "status": _word(_STANDINGS, person.status, english) if gone else "",
        "department": _word(department_labels(policy), person.department, english),
        "school": person.school,
    }


def _child(child: Child, english: bool) -> Cells:
    named = child.categories if child.given is None else child.given
    facts = {
        key: label_of(fact, fact_of(child, key), english=english) for key, fact in FACTS_BY_COLUMN.items()
    }
    return {
        "code": child.id,
        "name": child.name,
        "sex": child.sex if english else SEXES[child.sex] if child.sex else "",
        "birth_date": child.birth_date.isoformat() if child.birth_date else "",
        "id_number": child.id_number,
        "village": child.village,
        "worker": child.worker or "",
        "guardian": fact_of(child, "guardian_name"),
        "guardian_relation": fact_of(child, "guardian_relation"),
        "guardian_phone": fact_of(child, "guardian_phone"),
        "risk": str(child.risk),
        "categories": ("; " if english else "；").join(_word(CATEGORIES, one, english) for one in named),
        "school": fact_of(child, "school"),
        **facts,
    }
