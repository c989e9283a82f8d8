"""A request about a child in words: who asks for what, and as much of the child as an answer takes."""

from datetime import datetime

from casework.access import CLOCK
from casework.calendar import age_on
from casework.records import Area, Child, Person, Request
from conversations.alert_text import name_of
from conversations.dates import day_for, say_day
from conversations.desk import Desk
from conversations.masks import clean
from conversations.said import Button


async def told(desk: Desk, r: Request, child: Child, to: Person, now: datetime) -> str:
    """What is asked, by whom, why, and by when it is to be answered."""
    say, language = desk.words.say, to.language
    who = await name_of(desk, r.sender, language)
    if r.what == "close":
        rule = desk.policy.closing.reasons.get(r.reason)
        why = rule.label(language) if rule is not None else r.reason
        day = say_day(r.day, language)
        lines = [say(language, "request.close", who=who, child=desk.label(child), why=why, day=day)]
    else:
        lines = [await _move(desk, r, child, to, who)]
    if r.words:
        lines.append(say(language, "request.words", words=clean(r.words, 300)))
    if r.status == "waiting":
        lines.append(say(language, "request.due", day=day_for(r.due, to, desk.policy)))
    else:
        lines.append(await answer_line(desk, r, to))
    return "\n".join(lines)


async def _move(desk: Desk, r: Request, child: Child, to: Person, who: str) -> str:
    """The receiver is not told the child's name: only what it takes to find it a worker."""
    say, language = desk.words.say, to.language
    today = desk.today(desk.clock())
    about = [say(language, f"child.{child.sex}")] if child.sex else []
    if child.birth_date is not None:
        about.append(say(language, "child.age", age=age_on(child.birth_date, today)))
    about.append(desk.policy.visits.risk(child.risk).label(language))
    place = clean(r.place, 60) if r.area is None else await area_name(desk, r.area)
    return say(
        language, "request.move" if r.area is not None else "request.move_out", who=who, child=child.id,
        about=say(language, "list.comma").join(about), place=place,
        here=await area_name(desk, child.township), day=say_day(r.day, language),
    )  # fmt: skip


async def brief(desk: Desk, r: Request, to: Person) -> str:
    """What is asked, in a few words: a button's label."""
    if r.what == "close":
        return desk.words.say(to.language, "request.brief_close")
    place = clean(r.place, 30) if r.area is None else await area_name(desk, r.area)
    return desk.words.say(to.language, "request.brief_move", place=place)


async def answer_line(desk: Desk, r: Request, to: Person) -> str:
    """How it ended, and the words of whoever answered."""
    by = await name_of(desk, r.answered_by, to.language) if r.answered_by else ""
    line = desk.words.say(to.language, f"request.was_{r.answer}", who=by)
    if not r.answer_words:
        return line
    words = clean(r.answer_words, 300)
    return f"{line}\n{desk.words.say(to.language, 'request.words', words=words)}"


async def area_name(desk: Desk, code: str) -> str:
    """What an area is called; its code where it is not kept any more."""
    area = await desk.store.get(CLOCK, Area, code)
    return clean(area.name, 40) if area is not None else code


def buttons(desk: Desk, r: Request, to: Person) -> tuple[tuple[Button, ...], ...]:
    """Yes or no, by what is asked."""
    say = desk.words.say
    yes = "request.agree" if r.what == "close" else "request.take" if r.area is not None else "request.noted"
    rows = (
        Button(label=say(to.language, yes), token=desk.token(to.id, "qy", r.id)),
        Button(label=say(to.language, "request.refuse"), token=desk.token(to.id, "qn", r.id)),
    )
    if r.what == "move" and r.area is not None:
        return (rows,)
    return (
        rows,
        (Button(label=say(to.language, "child.open"), token=desk.token(to.id, "c", r.child or "")),),
    )
