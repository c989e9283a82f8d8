"""Vacant posts in words: one message with a list by township; somebody is at it; they are filled."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from casework.access import CLOCK
from casework.outcome import Notice
from casework.records import Area, Person, Vacancy
from casework.vacancies import VACANT, taken
from conversations.alert_text import name_of
from conversations.desk import Desk
from conversations.masks import clean
from conversations.said import Button, Message
from conversations.turn import Turn

MOST_LINES = 30
VILLAGES_APART = 4  # of one township; more are one line


async def told(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """The alarm; None where everything has been filled before it left."""
    at, township = datetime.fromisoformat(notice.values["at"]), notice.values.get("township", "")
    mine = [v for v in await _of(desk, notice) if v.told_at == at and v.status in VACANT]
    return await _message(desk, mine, to, of_township=bool(township)) if mine else None


async def filled(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """Somebody is in post again: one line."""
    at = datetime.fromisoformat(notice.values["at"])
    mine = [v for v in await _of(desk, notice) if v.filled_at == at and v.told]
    if not mine:
        return None
    areas, say, language = await _areas(desk), desk.words.say, to.language
    names = [_post(desk, v, areas, language) for v in mine[:MOST_LINES]]
    text = say(language, "vacancy.filled", posts=say(language, "list.comma").join(names))
    rest = len(mine) - len(names)
    return Message(text=text + ("\n" + say(language, "vacancy.more", count=rest) if rest else ""))


async def shown(turn: Turn) -> bool:
    """For the county's officers: the posts that are vacant now; False where there are none."""
    mine = await open_ones(turn)
    if mine:
        message = await _message(turn.desk, mine, turn.person)
        turn.tell(message.text, message.buttons)
    return bool(mine)


async def open_ones(turn: Turn) -> list[Vacancy]:
    """The vacant posts that are this person's to see."""
    if not turn.reader.counties:
        return []
    return await turn.desk.store.find(turn.reader, Vacancy, status=VACANT)


async def taken_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """在安排: the county is at it; it is not told again for a while."""
    mine = [v for v in await open_ones(turn) if v.status == "open"]
    if not mine:
        turn.pop("vacancy.none")
        return
    turn.decide(taken(mine, by=turn.person.id, policy=turn.desk.policy, now=turn.now))
    turn.say("vacancy.taken", days=turn.desk.policy.posts.taken_days)


async def _of(desk: Desk, notice: Notice) -> list[Vacancy]:
    """The vacancies that a notice may be about: the county's, or one township's villages."""
    found = await desk.store.find(CLOCK, Vacancy, area=notice.values["county"])
    township = notice.values.get("township")
    return [v for v in found if not township or (v.township == township and v.role == "village_worker")]


async def _areas(desk: Desk) -> Mapping[str, Area]:
    return {area.id: area for area in await desk.store.find(CLOCK, Area)}


async def _message(desk: Desk, mine: Sequence[Vacancy], to: Person, *, of_township: bool = False) -> Message:
    areas, say, language = await _areas(desk), desk.words.say, to.language
    lines = [say(language, "vacancy.head_township" if of_township else "vacancy.head")]
    for township in sorted({v.township for v in mine}):
        lines += await _township(desk, [v for v in mine if v.township == township], areas, language)
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], say(language, "vacancy.more_lines")]
    lines.append(say(language, "vacancy.how"))
    button = Button(label=say(language, "vacancy.take"), token=desk.token(to.id, "vac"))
    offered = not of_township and _may_take(to) and any(v.status == "open" for v in mine)
    return Message(text="\n".join(lines), buttons=((button,),) if offered else ())


def _may_take(person: Person) -> bool:
    return any(post.role == "county_officer" for post in person.posts)


async def _township(
    desk: Desk, mine: Sequence[Vacancy], areas: Mapping[str, Area], language: str
) -> list[str]:
    """The officer's post first, then the villages: a line each, or one for many."""
    say = desk.words.say
    offices = [v for v in mine if v.role != "village_worker"]
    villages = [v for v in mine if v.role == "village_worker"]
    lines = [f"· {await _line(desk, v, areas, language)}" for v in offices]
    if len(villages) <= VILLAGES_APART:
        return lines + [f"· {await _line(desk, v, areas, language)}" for v in villages]
    names = [_name(areas, v.area) for v in villages[:VILLAGES_APART]]
    many = say(
        language, "vacancy.villages", township=_name(areas, villages[0].township), count=len(villages),
        children=sum(v.children for v in villages), villages=say(language, "list.comma").join(names),
    )  # fmt: skip
    return [*lines, f"· {many}"]


async def _line(desk: Desk, v: Vacancy, areas: Mapping[str, Area], language: str) -> str:
    """柳河镇 儿童督导员：李督导 请假，没有人代班"""
    say = desk.words.say
    why = say(language, f"vacancy.why.{v.why}", who=await name_of(desk, v.holder, language))
    if v.status == "taken":
        who = await name_of(desk, v.person, language)
        why = say(language, "vacancy.taken_by", why=why, who=who)
    key = "vacancy.line_children" if v.children else "vacancy.line"
    return say(language, key, post=_post(desk, v, areas, language), why=why, count=v.children)


def _post(desk: Desk, v: Vacancy, areas: Mapping[str, Area], language: str) -> str:
    role = desk.policy.roles[v.role].label(language)
    return desk.words.say(language, "vacancy.post", area=_name(areas, v.area), role=role)


def _name(areas: Mapping[str, Area], code: str) -> str:
    return clean(areas[code].name, 40) if code in areas else code
