"""The dialog over a form: asks, takes answers by tap and by word, goes back, stops, takes up again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from casework.records import Child, Draft, Visit
from conversations import drafts, render, submitting
from conversations.masks import clean
from conversations.said import Attachment
from conversations.turn import Turn
from xlsform import Problem, Prompt, RepeatPrompt, Session
from xlsform.answers import parse

LONGEST_ANSWER = 1000
_SAME: dict[str, str] = {
    "提交": "x", "submit": "x", "上一题": "b", "back": "b", "跳过": "s", "skip": "s", "选好了": "d",
    "done": "d", "再加一个": "a", "add another": "a",
    "没有了": "z", "no more": "z", "修改": "e", "change": "e",
}  # fmt: skip


async def open_form(
    turn: Turn, name: str, *, child: Child | None, visit: Visit | None = None, checkin: str | None = None
) -> None:
    """Begins a form, or goes on with the one that this person began for this child."""
    form = turn.desk.forms.get(name)
    if form is None:
        turn.say("form.missing")
        return
    turn.child = child.id if child is not None else None
    waiting = await drafts.open_drafts(turn)
    known = next(
        (d for d in waiting if d.form == name and d.child == turn.child and d.checkin == checkin), None
    )
    _pause(turn, waiting, known)
    if known is not None:
        if visit is not None and known.visit != visit.id and known.corrects is None:
            known = replace(known, visit=visit.id)
            turn.keep(known)
        await go_on(turn, known)
        return
    context = drafts.context_of(turn, child, for_guardian=checkin is not None)
    session = Session.start(form, context)
    draft = drafts.new_draft(turn, name, session, child=child, visit=visit, checkin=checkin)
    turn.keep(draft)
    turn.at_draft(draft.id)
    await ask(turn, draft, session=session, before=title(turn, draft, child))


def _pause(turn: Turn, waiting: Sequence[Draft], known: Draft | None) -> None:
    """Says that the form being filled in waits, where another one is begun."""
    paused = next((d for d in waiting if d.id == turn.talk.draft), None)
    if paused is not None and (known is None or paused.id != known.id):
        turn.tell(
            turn.words("form.paused", title=_name(turn, paused.form), child=paused.child or ""),
            [[turn.button(turn.words("form.return"), "dr", paused.id)]],
        )


async def go_on(turn: Turn, draft: Draft) -> None:
    """Takes up a draft where it was left."""
    turn.at_draft(draft.id)
    child = await drafts.child_for(turn, draft)
    await ask(turn, draft, before=turn.words("form.resumed", title=title(turn, draft, child)))


def title(turn: Turn, draft: Draft, child: Child | None) -> str:
    """What is being filled in, and for whom; a guardian's names no child."""
    name = _name(turn, draft.form)
    return name if child is None or draft.checkin else f"{name} · {turn.desk.label(child)}"


def _name(turn: Turn, form: str) -> str:
    if turn.desk.words.has(f"form.name.{form}"):
        return turn.words(f"form.name.{form}")
    known = turn.desk.forms.get(form)
    return clean(known.title, 60) if known is not None and known.title else form


async def ask(
    turn: Turn,
    draft: Draft,
    *,
    session: Session | None = None,
    before: str = "",
    edit: bool = False,
    page: int = 0,
) -> None:
    """Puts the question at which the draft stands, or the review at its end."""
    turn.child = draft.child
    session = session or await drafts.open_session(turn, draft)
    if session is None:
        turn.at_draft(None)
        turn.say("form.gone")
        return
    prompt = session.prompt()
    if prompt is None:
        child = await drafts.child_for(turn, draft)
        shown = render.review(turn, draft, session.review(), title=title(turn, draft, child), before=before)
    elif isinstance(prompt, RepeatPrompt):
        shown = render.another(turn, draft, prompt, before)
    else:
        ticked = drafts.picked(draft, prompt.value)
        shown = render.question(turn, draft, prompt, picked=ticked, before=before, page=page)
    turn.tell(shown.text, shown.buttons, bold=shown.bold, edit=edit)


async def tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A button of a form. One that was made for another question is explained and never acted on."""
    draft = await turn.desk.store.get(turn.reader, Draft, parts[0])
    if draft is None or draft.status != "open":
        turn.pop(f"stale.{draft.status}" if draft is not None else "stale.unknown")
        return
    turn.child = draft.child
    if parts[0] != turn.talk.draft or int(parts[1]) != draft.step:
        turn.pop("stale.step")
        current = draft if turn.talk.draft in (None, draft.id) else None
        current = current or await turn.desk.store.get(turn.reader, Draft, turn.talk.draft or "") or draft
        turn.at_draft(current.id)
        await ask(turn, current)
        return
    turn.expect()  # who goes on no longer answers anything else, e.g. whether to give the form up
    session = await drafts.open_session(turn, draft)
    if session is None:
        await ask(turn, draft)
        return
    await act(turn, draft, session, parts[2])


async def act(turn: Turn, draft: Draft, session: Session, what: str) -> None:
    """Does what a button of the present question says."""
    kind, number = what[0], int(what[1:] or 0)
    prompt = session.prompt()
    if kind == "x":
        await submitting.submit(turn, draft, session)
    elif kind == "e":
        shown = render.which_line(turn, draft, len(session.review()))
        turn.tell(shown.text, shown.buttons)
    elif kind == "p":
        await ask(turn, draft, session=session, edit=True, page=number)
    elif kind in ("b", "j", "a"):
        await _moved(turn, draft, session, kind, number)
    elif kind in ("s", "z", "n"):
        await _after(turn, draft, session, session.skip(), "")
    elif kind == "d" and isinstance(prompt, Prompt):
        ticked = drafts.picked(draft, prompt.value)
        await _after(turn, draft, session, session.answer(ticked), prompt.ref)
    elif isinstance(prompt, Prompt):
        await _answered_by_button(turn, draft, session, prompt, kind, number)


async def _moved(turn: Turn, draft: Draft, session: Session, kind: str, number: int) -> None:
    """Back, to a line of the review, or into one more of a list."""
    lines = session.review()
    if kind == "b":
        session.back()
    elif kind == "j" and 1 <= number <= len(lines):
        session.jump(lines[number - 1].ref)
    elif kind == "a":
        session.add_repeat()
    await _store_and_ask(turn, draft, session)


async def _answered_by_button(
    turn: Turn, draft: Draft, session: Session, prompt: Prompt, kind: str, number: int
) -> None:
    if kind in ("c", "u") and number < len(prompt.choices):
        value = prompt.choices[number].value
        if prompt.kind == "select_multiple":
            await _ticked(turn, draft, prompt, value, on=kind == "c")
            return
    elif kind == "k":
        value = "OK"
    elif kind == "t":
        value = (turn.today - timedelta(days=number)).isoformat()
    else:
        turn.pop("stale.step")
        return
    await _after(turn, draft, session, session.answer(value), prompt.ref)


async def _ticked(turn: Turn, draft: Draft, prompt: Prompt, value: str, *, on: bool) -> None:
    """One of several choices is set or taken back; a second tap on the same button changes nothing."""
    rest = tuple(v for v in drafts.picked(draft, prompt.value) if v != value)
    ticked = (*rest, value) if on else rest
    draft = drafts.with_picked(draft, ticked)
    turn.keep(draft)
    page = [c.value for c in prompt.choices].index(value) // render.PAGE
    shown = render.question(turn, draft, prompt, picked=ticked, page=page)
    turn.tell(shown.text, shown.buttons, bold=shown.bold, edit=True)


async def _after(turn: Turn, draft: Draft, session: Session, problem: Problem | None, ref: str) -> None:
    """After an answer: the next question, or why the answer was not taken and the same one again."""
    if problem is not None:
        await ask(turn, draft, session=session, before=said_of(turn, problem))
        return
    before = render.confirmed(turn, session.review(), ref) if ref else ""
    await _store_and_ask(turn, draft, session, before)


def said_of(turn: Turn, problem: Problem) -> str:
    """Why an answer is not taken, in the author's words where there are any."""
    return "⚠️ " + (problem.message or turn.words(f"problem.{problem.kind}"))


async def _store_and_ask(turn: Turn, draft: Draft, session: Session, before: str = "") -> None:
    moved = drafts.moved_on(turn, draft, session)
    turn.keep(moved)
    await ask(turn, moved, session=session, before=before)


async def spoken(turn: Turn, draft: Draft, text: str, *, is_command: bool) -> bool:
    """Words while a form is being filled in; False where they are no answer but a command."""
    session = await drafts.open_session(turn, draft)
    if session is None:
        await ask(turn, draft)
        return True
    turn.child = draft.child
    prompt = session.prompt()
    same = _SAME.get(text.lower())
    if same is not None and _fits(same, prompt):
        await act(turn, draft, session, same)
        return True
    if prompt is None:
        return await _at_review(turn, draft, session, text, is_command)
    if isinstance(prompt, RepeatPrompt):
        if not is_command:
            await ask(turn, draft, session=session)
        return not is_command
    answer = parse(prompt, clean(text, LONGEST_ANSWER), today=turn.today)
    if isinstance(answer, Problem) and is_command:
        return False
    problem = answer if isinstance(answer, Problem) else session.answer(answer)
    await _after(turn, draft, session, problem, prompt.ref)
    return True


def _fits(what: str, prompt: Prompt | RepeatPrompt | None) -> bool:
    """Whether a fixed label means its button here."""
    if what in ("x", "e"):
        return prompt is None
    if what in ("a", "z"):
        return isinstance(prompt, RepeatPrompt)
    if what == "d":
        return isinstance(prompt, Prompt) and prompt.kind == "select_multiple"
    return what == "b" or (isinstance(prompt, Prompt) and what == "s")


async def _at_review(turn: Turn, draft: Draft, session: Session, text: str, is_command: bool) -> bool:
    """At the end a number names an answer to change."""
    if text.isdecimal() and 1 <= int(text) <= len(session.review()):
        await act(turn, draft, session, f"j{int(text)}")
        return True
    if not is_command:
        await ask(turn, draft, session=session, before=turn.words("review.unclear"))
    return not is_command


async def attached(turn: Turn) -> None:
    """A photo, voice, file or place: an answer where the present question asks for one."""
    draft = await turn.desk.store.get(turn.reader, Draft, turn.talk.draft) if turn.talk.draft else None
    session = await drafts.open_session(turn, draft) if draft is not None and draft.status == "open" else None
    prompt = session.prompt() if session is not None else None
    value = _value_of(prompt, turn.said.attachment) if isinstance(prompt, Prompt) else ""
    if draft is None or session is None or not isinstance(prompt, Prompt) or not value:
        turn.say("unknown.attachment")
        return
    await _after(turn, draft, session, session.answer(value), prompt.ref)


def _value_of(prompt: Prompt, sent: Attachment | None) -> str:
    """How it is kept as an answer: a place by its coordinates, a file by the channel's name of it."""
    if sent is None:
        return ""
    if sent.kind == "location" and prompt.kind == "geopoint" and sent.latitude is not None:
        return f"{sent.latitude} {sent.longitude} 0 0"
    kinds = {"image": ("photo",), "audio": ("voice", "audio"), "video": ("video",)}
    fitting = kinds.get(prompt.kind, ("photo", "voice", "audio", "video", "document"))
    return sent.fetch if prompt.kind in render.ATTACHED and sent.kind in (*fitting, "document") else ""


async def edited(turn: Turn) -> None:
    """A sent message is changed afterwards: the answer is not, and it is said how to change that."""
    turn.say("edited.form" if turn.talk.draft else "edited.other")


async def resume_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Back to a form that waits."""
    draft = await turn.desk.store.get(turn.reader, Draft, parts[0])
    if draft is None or draft.status != "open":
        turn.pop(f"stale.{draft.status}" if draft is not None else "stale.unknown")
        return
    turn.expect()
    await go_on(turn, draft)
