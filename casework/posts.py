"""The county's posts: at which of them nobody can be reached, why, and what follows for the children."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from casework.circles import Around
from casework.people_records import Person, Role
from casework.records import Area

_OFFICERS: Mapping[str, Role] = {"county": "county_officer", "township": "township_officer"}
_FIRST = ("silent", "away", "deputy", "unreachable", "suspended", "left", "not_joined")  # of several holders


@dataclass(frozen=True, kw_only=True)
class Unattended:
    """``count`` active children of one village with the same ``worker``, for whom nobody acts."""

    village: str
    worker: str | None
    count: int


@dataclass(frozen=True, kw_only=True)
class VacantPost:
    """A post at which nobody can be reached, with why and whose it is (`Vacancy` says what they mean)."""

    role: Role
    area: str
    township: str
    county: str
    why: str
    holder: str | None = None
    children: int = 0

    @property
    def id(self) -> str:
        """The identifier of its record."""
        return f"{self.role}:{self.area}"


def vacant_posts(
    county: str, *, areas: Mapping[str, Area], around: Around, unattended: Sequence[Unattended]
) -> tuple[VacantPost, ...]:
    """All of one county. ``around`` knows everybody with a post, and their deputies.

    The county and each township need an officer; a village needs a worker while it has children for whom
    nobody acts. A village without children waits for nobody.
    """
    offices = (_office(area, county, around) for area in areas.values() if _county_of(area, areas) == county)
    found = [post for post in offices if post is not None]
    by_village: dict[str, list[Unattended]] = {}
    for some in unattended:
        village = areas.get(some.village)
        if village is not None and _county_of(village, areas) == county:
            by_village.setdefault(some.village, []).append(some)
    found += [_village(areas[id], county, some, around) for id, some in by_village.items()]
    return tuple(sorted(found, key=lambda post: post.id))


def _office(area: Area, county: str, around: Around) -> VacantPost | None:
    role = _OFFICERS.get(area.level)
    if role is None:
        return None
    holders = [
        p.id for p in around.known.values() if any(x.role == role and x.area == area.id for x in p.posts)
    ]
    why = {holder: around.why_not(holder) for holder in sorted(holders)}
    if any(not reason for reason in why.values()):
        return None
    holder = min(why, key=lambda id: _rank(why[id]), default=None)
    township = area.id if area.level == "township" else ""
    reason = why[holder] if holder else "nobody"
    return VacantPost(role=role, area=area.id, township=township, county=county, why=reason, holder=holder)


def _village(area: Area, county: str, some: Sequence[Unattended], around: Around) -> VacantPost:
    most = max(some, key=lambda one: (one.count, one.worker or ""))
    return VacantPost(
        role="village_worker",
        area=area.id,
        township=area.parent or "",
        county=county,
        why=around.why_not(most.worker) or "nobody",  # who acts without a worker's post sees no child
        holder=most.worker,
        children=sum(one.count for one in some),
    )


def _rank(why: str) -> int:
    """Who was there counts before who was never there: only where all are awaited, the post is."""
    return _FIRST.index(why) if why in _FIRST else len(_FIRST)


def _county_of(area: Area | None, areas: Mapping[str, Area]) -> str | None:
    while area is not None and area.level != "county":
        area = areas.get(area.parent or "")
    return area.id if area is not None else None


def attending(people: Iterable[Person], around: Around) -> frozenset[str]:
    """The workers for whose children somebody acts: he himself or a deputy, and not silent."""
    return frozenset(
        person.id
        for person in people
        if any(post.role == "village_worker" for post in person.posts) and not around.why_not(person.id)
    )


def counties_of(person: Person, areas: Mapping[str, Area]) -> tuple[str, ...]:
    """The counties in which somebody holds a post."""
    found = (_county_of(areas.get(post.area), areas) for post in person.posts)
    return tuple(sorted({county for county in found if county is not None}))
