"""The caseload and a child's page: what is known, what was last seen, and what can be done from there."""

from collections.abc import Sequence

from casework.calendar import age_on
from casework.records import Child, Escalation, Matter, Submission, Visit
from casework.rescheduling import is_movable
from casework.visits import TO_DO
from conversations import (
    child_menu,
    drafts,
    duplicates,
    file_reopening,
    files,
    form_talk,
    household,
    matters,
    parents_back,
    pausing,
    pins,
    referral_pages,
    requests,
    today,
)
from conversations.alert_text import answer
from conversations.fact_words import categories_of
from conversations.masks import clean, fact
from conversations.said import Button
from conversations.shelf import CHANGE, REGISTER
from conversations.turn import Turn
from conversations.widgets.choices import mark_of

PER_PAGE = 8
MOST = 400
OPEN = ("open", "acknowledged")
SEARCH = "children"  # what words after the list answer
_LINES = 6  # of the last record so many are shown
_ANSWER = 60  # letters of each: the whole page fits a telephone's screen
_FORMS = 6  # of the county's own on a child's page
_GROUND = "assignment"
_LOOKED_AT = 50  # records, for the last that is not of the file itself
_OF_THE_FILE = (REGISTER, CHANGE)  # hold names and numbers; what they said stands in the lines above


async def mine(turn: Turn) -> list[Child]:
    """The children that this person may see, by risk and code, as many as a list can bear."""
    found = await turn.desk.store.find(turn.reader, Child, status=("active",), limit=MOST)
    return sorted(found, key=lambda c: (c.risk, c.id))


def page_of(
    turn: Turn, found: Sequence[Child], page: int, *, action: str, turn_page: str
) -> list[list[Button]]:
    """A page of children, a button each, and the way to the next page."""
    pages = max(1, -(-len(found) // PER_PAGE))
    page %= pages
    rows = [
        [turn.button(_label(turn, c), action, c.id)] for c in found[page * PER_PAGE : (page + 1) * PER_PAGE]
    ]
    if pages > 1:
        rows.append([turn.button(turn.words("list.more"), turn_page, (page + 1) % pages)])
    return rows


def _label(turn: Turn, child: Child) -> str:
    label = turn.desk.label(child)
    return label if child.status == "active" else turn.words("children.closed", child=label)


async def listed(turn: Turn) -> None:
    """/children: the list, through which words may search."""
    await _show(turn, 0)


async def page_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Another page of the list."""
    await _show(turn, int(parts[0]), edit=True)


async def _show(turn: Turn, page: int, *, edit: bool = False) -> None:
    found = await mine(turn)
    turn.expect(SEARCH)
    key = "children.none" if not found else "children.head" if len(found) < MOST else "children.many"
    text = turn.words(key, count=len(found))
    rows = page_of(turn, found, page, action="c", turn_page="cp")
    if any(post.role == "village_worker" for post in turn.person.posts):
        rows.append([turn.button(turn.words("register.begin"), "nr")])
    if duplicates.may(turn):
        alike = turn.button(turn.words("alike.list"), duplicates.LIST, 0)
        rows.append([alike, turn.button(turn.words("home.many_list"), household.MANY, 0)])
    turn.tell(text, rows, edit=edit)


async def child_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The child's page. Opening it is an event of the audit trail."""
    if turn.talk.expects[:1] == (SEARCH,):
        turn.expect()
    if not await pins.gate(turn, "c", parts[0]):
        return
    child = await turn.desk.store.open_file(turn.reader, parts[0], ground=_GROUND, now=turn.now)
    if child is None:
        turn.say("child.not_found")
        return
    turn.child = child.id
    made = await turn.desk.store.find(
        turn.reader, Submission, child=child.id, status=("valid",), order="newest", limit=_LOOKED_AT
    )
    made = [s for s in made if s.form not in _OF_THE_FILE][:1]
    known = [*_known(turn, child), *await household.lines(turn, child)]
    text = "\n".join([*known, *await _lately(turn, child, made)])
    shown = [row for submission in made for row in await files.buttons(turn, submission)]
    turn.tell(text, [*shown, *await _ways(turn, child)], bold=(turn.desk.label(child),))


def _known(turn: Turn, child: Child) -> list[str]:
    plan = turn.desk.policy.visits.risk(child.risk)
    age = turn.words("child.age", age=age_on(child.birth_date, turn.today)) if child.birth_date else ""
    sex = turn.words(f"child.{child.sex}") if child.sex else ""
    who = turn.words("list.comma").join(part for part in (sex, age) if part)
    name = turn.desk.label(child)
    lines = [turn.words("who.role", name=name, role=who) if who else name]
    if child.status != "active":
        lines.append(file_reopening.closed_line(turn, child))
    else:
        lines.append(turn.words("child.risk", risk=plan.label(turn.language), days=plan.every_days))
    if child.back is not None and child.status == "active":
        lines.append(parents_back.said(turn, child))
    if child.categories:
        lines.append(turn.words("child.categories", value=categories_of(turn, child.categories)))
    for key, name in (("child.carer", "guardian_relation"), ("child.school", "school")):
        value = fact(child, name)
        if value:
            lines.append(turn.words(key, value=value))
    return lines


async def _lately(turn: Turn, child: Child, made: Sequence[Submission]) -> list[str]:
    """The next visit, what is open, and the last record."""
    store, reader = turn.desk.store, turn.reader
    lines = []
    todo = await store.find(reader, Visit, child=child.id, status=TO_DO)
    if todo:
        resting = next((v.pause for v in todo if v.pause is not None), None)
        if resting is not None:
            lines.append(pausing.line(turn, resting))
        waiting = [v.due for v in todo if v.pause is None]
        if waiting:
            lines.append(turn.words("child.next", day=turn.day(min(waiting))))
    for e in await store.find(reader, Escalation, child=child.id, status=OPEN):
        what = turn.desk.policy.flag(e.flag).label(turn.language)
        lines.append(
            turn.words("child.flag", number=e.number, what=what, status=turn.words(f"alert.{e.status}"))
        )
    if made:
        made_on = turn.desk.today(made[0].at)
        lines += ["", turn.words("child.last", day=turn.day(made_on), who=await _by(turn, made[0]))]
        shown = made[0].lines[:_LINES]
        said = (answer(turn.desk, turn.language, label, text) for label, text in shown)
        lines += [f"· {clean(line, _ANSWER)}" for line in said]
    return lines


async def _by(turn: Turn, submission: Submission) -> str:
    if submission.checkin is not None:
        return turn.desk.policy.roles["guardian"].label(turn.language)
    person = await turn.desk.store.person(submission.person or "")
    return clean(person.name, 30) if person is not None else ""


async def _ways(turn: Turn, child: Child) -> list[list[Button]]:
    if child.status != "active":
        return _ways_closed(turn, child)
    rows = [[turn.button(turn.words("child.visit"), "cv", child.id)]]
    todo = await turn.desk.store.find(turn.reader, Visit, child=child.id, status=TO_DO)
    if any(is_movable(v, turn.today) for v in todo):
        rows[0].append(turn.button(turn.words("move.button"), "mc", child.id))
    if any(v.pause is not None for v in todo):
        rows.append([turn.button(turn.words("pause.back"), "px", child.id)])
    elif turn.desk.policy.visits.pauses:
        rows[0].append(turn.button(turn.words("pause.button"), "ps", child.id))
    second = []
    if turn.desk.policy.privacy.reveal:
        second.append(turn.button(turn.words("child.reveal"), "rv", child.id))
    if child.worker in turn.reader.workers:
        second.append(turn.button(turn.words("child.invite"), "inv", child.id))
    second.append(turn.button(turn.words("file.button"), child_menu.OPEN, child.id))
    found = await turn.desk.store.find(turn.reader, Matter, child=child.id, status=("open",))
    begin = [turn.button(turn.words("matter.new"), "mn", child.id)]
    open_ones = [*matters.open_buttons(turn, found), *await referral_pages.buttons_of(turn, child, None)]
    open_ones += await requests.buttons_of(turn, child)
    quick = matters.quick_buttons(turn, child)
    return [*rows, *open_ones, *quick, begin, *_other_forms(turn, child), second]


def _ways_closed(turn: Turn, child: Child) -> list[list[Button]]:
    """Of a closed file: to take it up again, to report, to look."""
    rows = [[turn.button(turn.words("child.report"), "rc", child.id)]]
    if file_reopening.may_reopen(turn, child):
        rows.insert(0, [turn.button(turn.words("reopen.button"), file_reopening.OPEN, child.id)])
    looks = [turn.button(turn.words("file.button"), child_menu.OPEN, child.id)]
    if turn.desk.policy.privacy.reveal:
        looks.insert(0, turn.button(turn.words("child.reveal"), "rv", child.id))
    return [*rows, looks]


def _other_forms(turn: Turn, child: Child) -> list[list[Button]]:
    """The county's own forms that joined the packaged ones."""
    names = turn.desk.forms.joined(turn.desk.policy)[:_FORMS]
    return [
        [turn.button(f"📝 {drafts.form_name(turn, name)}", "fill", child.id, mark_of(name))] for name in names
    ]


async def form_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """One of the county's own forms, for this child."""
    child = await turn.child_of(parts[0])
    names = turn.desk.forms.joined(turn.desk.policy)
    name = next((name for name in names if mark_of(name) == parts[1]), None)
    if child is None or name is None:
        turn.pop("child.not_found" if child is None else "form.missing")
        return
    turn.expect()
    await form_talk.open_form(turn, name, child=child)


async def visit_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """From the child's page to its form."""
    await today.code_said(turn, (), parts[0])


async def reveal_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """The full name, in a pop-up that leaves nothing in the chat. Looking is an event of the audit trail."""
    if not turn.desk.policy.privacy.reveal:
        turn.pop("child.no_reveal")
        return
    if not await pins.gate(turn, "rv", parts[0]):
        return
    child = await turn.desk.store.open_file(turn.reader, parts[0], ground=_GROUND, now=turn.now)
    if child is None:
        turn.pop("child.not_found")
        return
    lines = [clean(child.name, 40) + f" · {child.id}"]
    guardian = " ".join(
        part for name in ("guardian_relation", "guardian_name") if (part := fact(child, name))
    )
    if guardian:
        lines.append(guardian)
    if phone := fact(child, "guardian_phone"):
        lines.append(f"☎️ {clean(phone, 30)}")
    todo = await turn.desk.store.find(turn.reader, Visit, child=child.id, status=TO_DO)
    for pause in (v.pause for v in todo if v.pause is not None and v.pause.contact):
        who = turn.words(f"pause.is_{pause.responsible}")
        lines.append(turn.words("pause.contact", who=who, contact=clean(pause.contact, 60)))
    turn.popup, turn.alarm = "\n".join(lines), True
