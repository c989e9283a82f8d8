"""Staff in messages: a caseload that came or went, and once a month whose query or training is due."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from casework.calendar import outside_quiet
from casework.outcome import Notice, Outcome, Priority
from casework.records import Area, Person, Role
from casework.staffing import GONE, check_due, training_due
from conversations.alert_text import name_of
from conversations.desk import Desk
from conversations.masks import clean
from conversations.said import Button, Message
from conversations.turns import turns_line

_MOST = 20


async def caseload_told(desk: Desk, notice: Notice, to: Person) -> Message:
    """To who has the children now, and to whose they were."""
    say, language, values = desk.words.say, to.language, notice.values
    names = {key: await name_of(desk, values[key], language) for key in ("by", "giver", "taker")}
    text = say(language, f"caseload.{values['what']}", count=values["count"], **names)
    if values["what"] not in ("given", "back"):
        return Message(text=text)
    turns = await turns_line(desk, to, to, "turns.all")
    text += f"\n{turns}" if turns else ""
    button = Button(label=say(language, "succession.see"), token=desk.token(to.id, "do", "children"))
    return Message(text=text, buttons=((button,),))


def due_told(
    desk: Desk, county: str, areas: Mapping[str, Area], people: Collection[Person], now: datetime
) -> Outcome:
    """Township officers hear of their workers, county officers of the townships' officers: once a month."""
    news: list[Notice] = []
    townships = {area.id for area in areas.values() if area.parent == county}
    news += _to(
        "county_officer", {county}, _due(desk, "township_officer", townships, people, now), people, desk, now
    )
    for township in sorted(townships):
        villages = {area.id for area in areas.values() if area.parent == township}
        due = _due(desk, "village_worker", villages, people, now)
        news += _to("township_officer", {township}, due, people, desk, now)
    return Outcome(notices=tuple({notice.key: notice for notice in news}.values()))


def _holding(role: Role, areas: set[str], people: Iterable[Person]) -> list[Person]:
    return [p for p in people if any(post.role == role and post.area in areas for post in p.posts)]


def _due(desk: Desk, role: Role, areas: set[str], people: Iterable[Person], now: datetime) -> list[str]:
    return sorted(p.id for p in _holding(role, areas, people) if _is_due(desk, p, now))


def _is_due(desk: Desk, person: Person, now: datetime) -> bool:
    rules, today = desk.policy.staff, desk.today(now)
    due = check_due(person, today, rules) or training_due(person, today, rules)
    return due and person.status not in GONE


def _to(
    role: Role, areas: set[str], due: list[str], people: Iterable[Person], desk: Desk, now: datetime
) -> list[Notice]:
    """The key lets it be told once a month, whatever the clock does."""
    moment, month = outside_quiet(now, role, desk.policy), f"{desk.today(now):%Y-%m}"
    officers = [p for p in _holding(role, areas, people) if p.status == "joined"] if due else []
    return [
        Notice(
            key=f"staff_due:{officer.id}:{month}",
            to=officer.id,
            kind="staff_due",
            priority=Priority.DIGEST,
            values={"people": due},
            not_before=moment if moment > now else None,
            silent=True,
        )
        for officer in officers
    ]


async def staff_due(desk: Desk, notice: Notice, to: Person) -> Message | None:
    """Whose query or training is due; None where all has been noted meanwhile."""
    say, language, now = desk.words.say, to.language, desk.clock()
    known = [person for id in notice.values["people"] if (person := await desk.store.person(id)) is not None]
    today, rules = desk.today(now), desk.policy.staff
    lines = []
    for key, is_due in (("staff.due_checks", check_due), ("staff.due_trainings", training_due)):
        names = [clean(p.name, 30) for p in known if p.status not in GONE and is_due(p, today, rules)]
        if names:
            some = say(language, "list.comma").join(names[:_MOST])
            lines.append(say(language, key, count=len(names), names=some))
    if not lines:
        return None
    button = Button(label=say(language, "staff.see"), token=desk.token(to.id, "do", "staff"))
    return Message(text="\n".join([say(language, "staff.due"), *lines]), buttons=((button,),))
