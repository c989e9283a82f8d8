"""What is due: the list with a button for each child, and the way from a child's code to its visit form."""

from collections.abc import Sequence
from datetime import timedelta

from casework.records import Child, Submission, Visit
from casework.rescheduling import is_movable
from casework.visits import TO_DO
from conversations import drafts, form_talk, matters, pausing, requests
from conversations.duties import Due, all_duties, by_home, due_label
from conversations.said import Button
from conversations.shelf import PHONE, VISIT
from conversations.turn import Turn

PER_PAGE = 8
MOST_UNFINISHED = 5
SOON = timedelta(days=7)


async def asked(turn: Turn, rest: str) -> None:
    """/today"""
    await _show(turn, 0)


async def page_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Another page of the list."""
    await _show(turn, int(parts[0]), edit=True)


async def _show(turn: Turn, page: int, *, edit: bool = False) -> None:
    todo = await all_duties(turn.desk, turn.reader, turn.today)
    due = [d for d in todo if d.visit.due <= turn.today]
    soon = [d for d in todo if turn.today < d.visit.due <= turn.today + SOON]
    shown = by_home(due or soon)
    lines = [_head(turn, due, soon)]
    if due and soon:
        lines.append(turn.words("today.soon", count=len(soon)))
    rows = _buttons(turn, shown, page)
    if any(is_movable(d.visit, turn.today) for d in shown if d.child.worker in turn.reader.workers):
        rows.append([turn.button(turn.words("move.button"), "mvl")])
    for draft in drafts.open_drafts(turn)[:MOST_UNFINISHED]:
        label = turn.words("today.unfinished", title=await drafts.title_of(turn, draft))
        rows.append([turn.button(label, "dr", draft.id)])
    waiting = len(await matters.waiting(turn))
    if waiting:
        rows.append([turn.button(turn.words("today.matters", count=waiting), "mp", 0)])
    asked_of_me = len(await requests.waiting(turn))
    if asked_of_me:
        rows.append([turn.button(turn.words("today.requests", count=asked_of_me), "ql")])
    turn.tell("\n".join(lines), rows, edit=edit)


def _head(turn: Turn, due: Sequence[Due], soon: Sequence[Due]) -> str:
    if due:
        late = sum(1 for d in due if d.visit.due < turn.today)
        key = "today.due_late" if late else "today.due"
        return turn.words(key, day=turn.day(turn.today), count=len(due), late=late)
    key = "today.only_soon" if soon else "today.nothing"
    return turn.words(key, day=turn.day(turn.today), count=len(soon))


def _buttons(turn: Turn, dues: Sequence[Due], page: int) -> list[list[Button]]:
    pages = max(1, -(-len(dues) // PER_PAGE))
    page %= pages
    rows = [
        [turn.button(due_label(turn.desk, d, turn.language, turn.today), "v", d.visit.id)]
        for d in dues[page * PER_PAGE : (page + 1) * PER_PAGE]
    ]
    if pages > 1:
        rows.append([turn.button(turn.words("list.more"), "tp", (page + 1) % pages)])
    return rows


async def visit(turn: Turn, rest: str) -> None:
    """/visit: the list, or with a child's code the child's form."""
    if rest:
        await code_said(turn, (), rest)
        return
    await _show(turn, 0)
    turn.expect("visit")


async def code_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """A child's code was typed."""
    child = await turn.child_of(text.strip())
    if child is None or child.status != "active":
        turn.say("child.not_found")
        return
    await open_for(turn, child)


async def visit_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A visit was chosen from a list or a reminder."""
    chosen = await turn.desk.store.get(turn.reader, Visit, parts[0])
    child = await turn.child_of(chosen.child) if chosen is not None else None
    if chosen is None or child is None or child.status != "active":
        turn.pop("child.not_found")
        return
    if chosen.status not in TO_DO:
        turn.pop("stale.visit")
        return
    turn.expect()
    if chosen.pause is not None:
        pausing.question(turn, chosen, child)
        return
    await form_talk.open_form(turn, turn.desk.forms.for_visit(chosen.purpose), child=child, visit=chosen)


async def open_for(turn: Turn, child: Child) -> None:
    """The child's form: a record made today is offered for correction first."""
    turn.expect()
    made = await _made_today(turn, child)
    if made is None:
        await start_for(turn, child)
        return
    turn.child = child.id
    turn.tell(
        turn.words("correct.offer", child=turn.desk.label(child)),
        [
            [turn.button(turn.words("correct.button"), "fix", made.id)],
            [turn.button(turn.words("correct.anew"), "new", child.id)],
        ],
    )


async def _made_today(turn: Turn, child: Child) -> Submission | None:
    made = await turn.desk.store.find(
        turn.reader, Submission, child=child.id, status=("valid",), order="newest", limit=20
    )
    mine = (s for s in made if s.person == turn.person.id and s.form in (VISIT, PHONE))
    return next((s for s in mine if turn.desk.today(s.at) == turn.today), None)


async def start_for(turn: Turn, child: Child) -> None:
    """The form for the child's visit that is due first; a visit that nobody had planned counts as well."""
    visits = await turn.desk.store.find(turn.reader, Visit, child=child.id, status=TO_DO)
    first = min(visits, key=lambda v: (v.pause is not None, v.purpose == "phone", v.due), default=None)
    name = turn.desk.forms.for_visit(first.purpose) if first is not None else VISIT
    await form_talk.open_form(turn, name, child=child, visit=first)


async def start_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A new record for a child, although there is one of today."""
    child = await turn.child_of(parts[0])
    if child is None or child.status != "active":
        turn.pop("child.not_found")
        return
    turn.expect()
    await start_for(turn, child)
