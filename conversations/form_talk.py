"""The dialog over a form: begins, takes answers by tap and by word, goes back, stops, takes up again."""

from collections.abc import Sequence
from dataclasses import replace

from casework.records import Child, Draft, Matter, Visit
from conversations import drafts, render, submitting
from conversations.asking import ask, ask_again, go_on, gone
from conversations.filling import Filling, open_filling
from conversations.rich import plain
from conversations.turn import Turn
from conversations.widgets.asked import Answer, Redraw, Result
from conversations.widgets.numbers import range_problem
from conversations.widgets.table import widget_of
from xlsform import Problem, Prompt, RepeatPrompt, Session

_SAME: dict[str, str] = {
    "提交": "x", "submit": "x", "上一题": "b", "back": "b", "跳过": "s", "skip": "s", "选好了": "d",
    "不改": "s", "keep it": "s", "done": "d", "再加一个": "a", "add another": "a",
    "没有了": "z", "no more": "z", "修改": "e", "change": "e",
}  # fmt: skip
_LONG_POPUP = 200  # what a pop-up holds (Bot API, answerCallbackQuery)


async def open_form(
    turn: Turn, name: str, *, child: Child | None, visit: Visit | None = None, checkin: str | None = None,
    step: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """Begins a form, or goes on with the one that this person began for this child.

    ``step``: of which matter it is a step, as `Draft.matter` has it.
    """
    form = turn.desk.forms.get(name)
    if form is None:
        turn.say("form.missing")
        return
    turn.child = child.id if child is not None else None
    waiting = drafts.open_drafts(turn)
    known = next(
        (
            d
            for d in waiting
            if d.form == name and d.child == turn.child and d.checkin == checkin and d.matter == step
        ),
        None,
    )
    _pause(turn, waiting, known)
    if known is not None:
        await _go_on_with(turn, known, visit)
        return
    saved = await drafts.last_saved(turn, form, name, child) if checkin is None else None
    matter = await turn.desk.store.get(turn.reader, Matter, step[2]) if step else None
    context = drafts.context_of(
        turn, child, for_guardian=checkin is not None, last_saved=saved, matter=matter,
        lists=await drafts.lists_for(turn, form, child),
    )  # fmt: skip
    session = Session.start(form, context)
    draft = drafts.new_draft(turn, name, session, child=child, visit=visit, checkin=checkin, matter=step)
    filling = Filling(turn=turn, draft=draft, session=session)
    filling.begin()
    turn.at_draft(draft.id)
    await ask(filling, drafts.title(turn, draft, child))


async def _go_on_with(turn: Turn, known: Draft, visit: Visit | None) -> None:
    """The draft that there is, now for this visit."""
    if visit is not None and known.visit != visit.id and known.corrects is None:
        known = replace(known, visit=visit.id)
    turn.at_draft(known.id)
    filling = await open_filling(turn, known)
    if filling is None:
        gone(turn)
        return
    filling.changed = True
    await ask(filling, turn.words("form.resumed", title=await drafts.title_of(turn, known)))


def _pause(turn: Turn, waiting: Sequence[Draft], known: Draft | None) -> None:
    """Says that the form being filled in waits, where another one is begun."""
    paused = next((d for d in waiting if d.id == turn.talk.draft), None)
    if paused is not None and (known is None or paused.id != known.id):
        name = drafts.form_name(turn, paused.form)
        turn.tell(
            turn.words("form.paused", title=name, child=paused.child or ""),
            [[turn.button(turn.words("form.return"), "dr", paused.id)]],
        )


async def tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """A button of a form. One that was made for another question is explained and never acted on."""
    draft = drafts.open_draft(turn, parts[0]) or await turn.desk.store.get(turn.reader, Draft, parts[0])
    if draft is None or draft.status != "open":
        turn.pop(f"stale.{draft.status}" if draft is not None else "stale.unknown")
        return
    turn.child = draft.child
    if parts[0] != turn.talk.draft or int(parts[1]) != draft.step:
        turn.pop("stale.step")
        current = draft if turn.talk.draft in (None, draft.id) else None
        current = current or await turn.desk.store.get(turn.reader, Draft, turn.talk.draft or "") or draft
        turn.at_draft(current.id)
        await ask_again(turn, current)
        return
    turn.expect()  # who goes on no longer answers anything else, e.g. whether to give the form up
    filling = await open_filling(turn, draft)
    if filling is None:
        gone(turn)
        return
    await act(filling, parts[2])


async def act(filling: Filling, what: str) -> None:
    """Does what a button of the present question says."""
    kind, rest = what[0], what[1:]
    prompt = filling.session.prompt()
    if kind == "x":
        await submitting.submit(filling)
    elif kind in "bfjl":
        await _moved(filling, kind, rest)
    elif kind == "e":
        _tell(filling, render.which_line(filling.turn, filling.draft, filling.session.review()))
    elif isinstance(prompt, RepeatPrompt):
        await _listed(filling, prompt, kind, rest)
    elif kind in "sn":
        await _after(filling, filling.session.skip(), "")
    elif kind == "g" and isinstance(prompt, Prompt):
        _explain(filling.turn, prompt.guidance)
    elif kind == "o":
        return  # a calendar's title, or a day of another month
    elif isinstance(prompt, Prompt):
        await take(filling, prompt, widget_of(prompt.kind).tapped(filling.asked(prompt), kind, rest))
    else:
        filling.turn.pop("stale.step")


async def _moved(filling: Filling, kind: str, rest: str) -> None:
    """Back, to a line of the review or the group around it, or straight to the review."""
    session = filling.session
    if kind == "b":
        filling.back()
    elif kind == "l":
        session.to_end()
    else:
        lines = session.review()
        if rest.isdecimal() and 1 <= int(rest) <= len(lines):
            line = lines[int(rest) - 1]
            session.jump(line.list_ref if kind == "f" and line.list_ref else line.ref)
    filling.move()
    await ask(filling)


async def _listed(filling: Filling, prompt: RepeatPrompt, kind: str, rest: str) -> None:
    """At a list: one more, no more, or one less."""
    turn, session = filling.turn, filling.session
    lines = session.instances()
    if kind == "r":
        _tell(filling, render.which_entry(turn, filling.draft, prompt, lines), edit=True)
        return
    if kind == "p":
        await ask(filling, edit=True)
        return
    before = ""
    if kind == "a":
        session.add_repeat()
    elif kind == "i" and rest.isdecimal() and 1 <= int(rest) <= len(lines):
        line = lines[int(rest) - 1]
        if session.remove_repeat(line.ref):
            before = turn.words("form.deleted", entry=line.text or line.label)
    else:
        session.no_more()
    filling.move()
    await ask(filling, before)


def _tell(filling: Filling, shown: render.Shown, *, edit: bool = False) -> None:
    filling.keep()
    filling.turn.tell(shown.text, shown.buttons, edit=edit)


def _explain(turn: Turn, guidance: str) -> None:
    """What the author explains beyond the hint: in a pop-up where it fits into one."""
    text = plain(guidance)
    if turn.said.kind == "tap" and len(text.encode("utf-16-le")) // 2 <= _LONG_POPUP:
        turn.popup, turn.alarm = text, True
    else:
        turn.tell(text)


async def take(filling: Filling, prompt: Prompt, result: Result) -> None:
    """What a tap or words came to: an answer, another look of the question, or why it was not understood."""
    if isinstance(result, Redraw):
        filling.note(result.pad)
        await ask(filling, edit=True)
    elif isinstance(result, Problem):
        await _after(filling, result, prompt.ref)
    elif isinstance(result, Answer):
        await _after(filling, filling.session.answer(result.value), prompt.ref, answered=prompt)
    else:
        filling.turn.pop("stale.step")
        await ask(filling)


async def _after(
    filling: Filling, problem: Problem | None, ref: str, *, answered: Prompt | None = None
) -> None:
    """After an answer: the next question, or why the answer was not taken and the same one again."""
    turn, session = filling.turn, filling.session
    prompt = session.prompt()
    if problem is not None:
        if isinstance(prompt, Prompt):
            problem = range_problem(filling.asked(prompt), problem)
        await ask(filling, render.said_of(turn, problem))
        return
    filling.move()
    if any(place in session.form.repeats for place, _ in session.faults):
        filling.news.append(turn.words("form.capped", count=session.context.max_instances))
    same_table = render.is_row(answered) and render.is_row(prompt) and _group(prompt) == _group(answered)
    before = render.confirmed(turn, session.line(ref)) if ref and not same_table else ""
    if before and isinstance(answered, Prompt) and answered.kind == "geopoint":
        turn.tell(before, clears=True)  # a message with buttons can't take the location button away
        before = ""
    await ask(filling, before, edit=same_table)


def _group(prompt: Prompt | RepeatPrompt | None) -> str | None:
    return prompt.group_ref if isinstance(prompt, Prompt) else None


async def spoken(turn: Turn, draft: Draft, text: str, *, is_command: bool) -> bool:
    """Words while a form is being filled in; False where they are no answer but a command."""
    filling = await open_filling(turn, draft)
    if filling is None:
        gone(turn)
        return True
    prompt = filling.session.prompt()
    same = _SAME.get(text.lower()) or ("l" if text == turn.words("form.to_review") else None)
    if same is not None and _fits(same, prompt, filling.session):
        await act(filling, same)
        return True
    if prompt is None:
        return await _at_review(filling, text, is_command)
    if isinstance(prompt, RepeatPrompt):
        if not is_command:
            await ask(filling)
        return not is_command
    if not is_command and filling.is_old and prompt.kind in ("text", "barcode"):
        await ask(filling, turn.words("form.asked_again", title=await drafts.title_of(turn, draft)))
        return True
    result = widget_of(prompt.kind).read(filling.asked(prompt), text)
    if isinstance(result, Problem) and is_command:
        return False
    await take(filling, prompt, result)
    return True


def _fits(what: str, prompt: Prompt | RepeatPrompt | None, session: Session) -> bool:
    """Whether a fixed label means its button here."""
    if what in ("x", "e"):
        return prompt is None
    if what in ("a", "z"):
        return isinstance(prompt, RepeatPrompt)
    if what == "d":
        return isinstance(prompt, Prompt) and prompt.kind in ("select_multiple", "rank")
    if what == "l":
        return session.revisiting
    return what == "b" or (isinstance(prompt, Prompt) and what == "s")


async def _at_review(filling: Filling, text: str, is_command: bool) -> bool:
    """At the end a number names an answer to change."""
    if text.isdecimal() and 1 <= int(text) <= len(filling.session.review()):
        await act(filling, f"j{int(text)}")
        return True
    if not is_command:
        await ask(filling, filling.turn.words("review.unclear"))
    return not is_command


async def edited(turn: Turn) -> None:
    """A sent message is changed afterwards: the answer is not, and it is said how to change that."""
    turn.say("edited.form" if turn.talk.draft else "edited.other")


async def resume_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """Back to a form that waits."""
    draft = drafts.open_draft(turn, parts[0]) or await turn.desk.store.get(turn.reader, Draft, parts[0])
    if draft is None or draft.status != "open":
        turn.pop(f"stale.{draft.status}" if draft is not None else "stale.unknown")
        return
    turn.expect()
    await go_on(turn, draft)
