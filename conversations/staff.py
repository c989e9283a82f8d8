"""/staff: coverage, trainings and background queries of one's own area, by date; and a colleague's page."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from casework.access import CLOCK
from casework.records import Area, Child, Person, Training
from casework.staffing import GONE, STAFF, Share, Staffing, check_due, last_check, since, staffing
from conversations import vacancies
from conversations.masks import clean
from conversations.said import Button
from conversations.turn import Turn
from xlsform.datewords import read_date

PER_PAGE = 8
_MOST_NAMES = 10
_LATELY = 3  # trainings on a page


def may_see(turn: Turn) -> bool:
    """Officers alone, each what lies in the own township or county."""
    return bool(turn.reader.townships or turn.reader.counties)


async def scope(turn: Turn) -> Mapping[str, Area]:
    """The areas for whose staff this person answers."""
    areas = {area.id: area for area in await turn.desk.store.find(CLOCK, Area)}
    mine = turn.reader.townships | turn.reader.counties

    def is_mine(area: Area | None) -> bool:
        return area is not None and (area.id in mine or is_mine(areas.get(area.parent or "")))

    return {id: area for id, area in areas.items() if is_mine(area)}


async def colleagues(turn: Turn, areas: Mapping[str, Area]) -> list[Person]:
    """Everybody who holds or held a worker's or an officer's post there."""
    found = {p.id: p for role in STAFF.values() for p in await turn.desk.store.staff(role=role)}
    return [
        person
        for id, person in sorted(found.items())
        if any(role in STAFF.values() and area in areas for role, area in _held(person))
    ]


def _held(person: Person) -> set[tuple[str, str]]:
    return {(p.role, p.area) for p in person.posts} | {(t.role, t.area) for t in person.tenures}


async def colleague(turn: Turn, id: str) -> Person | None:
    """Somebody of the own area by code; else it is said that there is nobody."""
    found = next((p for p in await colleagues(turn, await scope(turn)) if p.id == id), None)
    if found is None or not may_see(turn):
        turn.pop("staff.nobody")
        return None
    return found


async def asked(turn: Turn, rest: str) -> None:
    """/staff, or /staff with a day."""
    if rest:
        await day_said(turn, (), rest)
    else:
        await _shown(turn, turn.today)


async def day_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """As of another day, which must not lie ahead."""
    day = read_date(text, turn.today)
    if day is None or day > turn.today:
        turn.say("staff.day_unclear")
        return
    await _shown(turn, day)


async def _shown(turn: Turn, day: date) -> None:
    areas, rules = await scope(turn), turn.desk.policy.staff
    people = await colleagues(turn, areas)
    found = staffing(tuple(areas.values()), people, on=day, today=turn.today, rules=rules)
    lines = _lines(turn, found, areas)
    if day == turn.today:
        for v in await vacancies.open_ones(turn):
            role = turn.desk.policy.roles[v.role].label(turn.language)
            post = turn.words("vacancy.post", area=_name(areas, v.area), role=role)
            lines.append(turn.words("staff.vacant", post=post, day=turn.any_day(turn.desk.today(v.since))))
    turn.expect("staff_day")
    turn.tell("\n".join([*lines, turn.words("staff.how")]), await _names(turn, 0), bold=lines[:1])


def _lines(turn: Turn, found: Staffing, areas: Mapping[str, Area]) -> list[str]:
    roles, language = turn.desk.policy.roles, turn.language
    officer, worker = (roles[STAFF[level]].label(language) for level in ("township", "village"))
    kinds = found.by_employment
    lines = [
        turn.words("staff.head", day=turn.any_day(found.on)),
        _share(turn, "staff.townships", officer, found.townships),
        _share(turn, "staff.villages", worker, found.villages),
        turn.words(
            "staff.employment",
            full=kinds["full_time"],
            part=kinds["part_time"],
            unknown=kinds[""],
            role=worker,
        ),
    ]
    if found.without:
        names = [_name(areas, area) for area in found.without[:_MOST_NAMES]]
        some = turn.words("list.comma").join(names)
        lines.append(turn.words("staff.without", areas=some, count=len(found.without)))
    lines.append(turn.words("staff.trained", have=found.trained, all=found.people, year=found.on.year))
    in_time = found.people - found.overdue - found.unchecked
    months = turn.desk.policy.staff.check_every_months
    lines.append(
        turn.words(
            "staff.checks", have=in_time, all=found.people, months=months, overdue=found.overdue,
            unchecked=found.unchecked,
        )
    )  # fmt: skip
    return lines


def _share(turn: Turn, key: str, role: str, share: Share) -> str:
    line = turn.words(key, role=role, have=share.have, all=share.all)
    return turn.words("staff.unsure", line=line, count=share.unsure) if share.unsure else line


def _name(areas: Mapping[str, Area], code: str) -> str:
    return clean(areas[code].name, 40) if code in areas else code


async def _names(turn: Turn, page: int) -> list[list[Button]]:
    """A page of people by area: who is in post, and who is gone and has children still."""
    areas = await scope(turn)
    people = [p for p in await colleagues(turn, areas) if p.status not in GONE or await caseload(turn, p.id)]
    placed = sorted(people, key=lambda p: (min((x.area for x in p.posts), default=""), p.id))
    pages = max(1, -(-len(placed) // PER_PAGE))
    page %= pages
    rows = []
    for person in placed[page * PER_PAGE : (page + 1) * PER_PAGE]:
        place = next((_name(areas, post.area) for post in person.posts if post.area in areas), "")
        rows.append(
            [turn.button(" · ".join(filter(None, (clean(person.name, 30), place))), "sfp", person.id)]
        )
    if pages > 1:
        rows.append([turn.button(turn.words("list.more"), "sfl", (page + 1) % pages)])
    return rows


async def caseload(turn: Turn, worker: str) -> int:
    """How many active children of a worker's this person answers for."""
    return await turn.desk.store.count(turn.reader, Child, status=("active",), person=worker)


async def page_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Another page of names."""
    if not may_see(turn):
        turn.pop("staff.nobody")
        return
    turn.tell(turn.words("staff.people"), await _names(turn, int(parts[0])), edit=True)


async def person_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Somebody's page: the job, never a child's name."""
    person = await colleague(turn, parts[0])
    if person is not None:
        await _page(turn, person)


async def _page(turn: Turn, person: Person) -> None:
    areas, count = await scope(turn), await caseload(turn, person.id)
    lines = [clean(person.name, 30), *_posts(turn, person, areas)]
    lines.append(turn.words(f"staff.employed.{person.employment or 'unknown'}"))
    if person.phone:
        lines.append(turn.words("staff.phone", phone=clean(person.phone, 30)))
    lines += [turn.words("staff.children", count=count), *_trainings(turn, person), _check(turn, person)]
    ways = [[turn.button(turn.words("staff.note_training"), "sft", person.id)]]
    if person.id != turn.person.id:  # nobody vouches for himself
        ways[0].append(turn.button(turn.words("staff.note_check"), "sfc", person.id))
    kinds = [kind for kind in ("full_time", "part_time") if kind != person.employment]
    ways.append([turn.button(turn.words(f"staff.employed.{kind}"), "sfe", person.id, kind) for kind in kinds])
    if count:
        ways.append([turn.button(turn.words("caseload.button"), "hog", person.id)])
    turn.tell("\n".join(lines), ways, bold=lines[:1])


def _posts(turn: Turn, person: Person, areas: Mapping[str, Area]) -> Sequence[str]:
    lines = []
    for post in (post for post in person.posts if post.area in areas and post.role in STAFF.values()):
        role, day = turn.desk.policy.roles[post.role].label(turn.language), since(person, post)
        name = turn.words("vacancy.post", area=_name(areas, post.area), role=role)
        if day is None:
            lines.append(turn.words("staff.post_unknown", post=name))
        else:
            lines.append(turn.words("staff.post", post=name, day=turn.any_day(day)))
    return lines


def _trainings(turn: Turn, person: Person) -> Sequence[str]:
    found = sorted(person.trainings, key=lambda t: t.on, reverse=True)[:_LATELY]
    lines = [turn.words("staff.training", day=turn.any_day(t.on), topic=clean(t.topic, 60)) for t in found]
    return lines or [turn.words("staff.no_training")]


def _check(turn: Turn, person: Person) -> str:
    day = last_check(person, turn.today)
    if day is None:
        return turn.words("staff.no_check")
    due = check_due(person, turn.today, turn.desk.policy.staff)
    return turn.words("staff.check_due" if due else "staff.check", day=turn.any_day(day))


async def training_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """记培训: when, and what about."""
    person = await colleague(turn, parts[0])
    if person is not None:
        turn.expect("staff_training", person.id)
        turn.say("staff.ask_training", who=clean(person.name, 30))


async def training_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The day and the topic were typed; without a day it is today."""
    head, _, rest = text.strip().partition(" ")
    day = read_date(head, turn.today)
    topic = rest.strip() if day is not None else text.strip()
    if not topic or (day or turn.today) > turn.today:
        turn.say("staff.training_unclear")
        return
    person = await colleague(turn, parts[0])
    if person is not None:
        new = Training(on=day or turn.today, topic=topic[:120])
        trainings = tuple(sorted({*person.trainings, new}, key=lambda t: (t.on, t.topic)))
        await _noted(turn, replace(person, trainings=trainings), "training_noted", on=new.on.isoformat())


async def check_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """记查询: on which day."""
    person = await colleague(turn, parts[0])
    if person is not None:
        turn.expect("staff_check", person.id)
        button = turn.button(turn.words("staff.today"), "sfk", person.id, turn.today.isoformat())
        turn.tell(turn.words("staff.ask_check", who=clean(person.name, 30)), [[button]])


async def check_day_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The day of the button."""
    await check_said(turn, parts[:1], parts[1])


async def check_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """The day was typed."""
    day = read_date(text, turn.today)
    if day is None or day > turn.today:
        turn.say("staff.day_unclear")
        return
    person = await colleague(turn, parts[0])
    if person is None:
        return
    if person.id == turn.person.id:
        turn.pop("staff.not_yourself")
        return
    checks = tuple(sorted({*person.checks, day}))
    await _noted(turn, replace(person, checks=checks), "check_noted", on=day.isoformat())


async def employment_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """专职, 兼职."""
    person = await colleague(turn, parts[0])
    if person is not None:
        kind = "full_time" if parts[1] == "full_time" else "part_time"
        await _noted(turn, replace(person, employment=kind), "employment_noted", kind=kind)  # type: ignore[arg-type]


async def _noted(turn: Turn, person: Person, name: str, **detail: str) -> None:
    turn.expect()
    if person.id == turn.person.id:
        turn.person = person = replace(
            turn.person, trainings=person.trainings, employment=person.employment, checks=person.checks
        )
    turn.keep(person)
    turn.happened(name, record=person.id, **detail)
    await _page(turn, person)


TAPS: Mapping[str, Callable[[Turn, tuple[str, ...]], Awaitable[None]]] = {
    "sfl": page_tapped,
    "sfp": person_tapped,
    "sft": training_tapped,
    "sfc": check_tapped,
    "sfk": check_day_tapped,
    "sfe": employment_tapped,
}
LISTENERS: Mapping[str, Callable[[Turn, tuple[str, ...], str], Awaitable[None]]] = {
    "staff_day": day_said,
    "staff_training": training_said,
    "staff_check": check_said,
}
