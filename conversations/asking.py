"""Puts the question at which a draft stands, or the review at its end; takes a draft up again."""

from collections.abc import Sequence

from casework.records import Draft
from conversations import drafts, render
from conversations.filling import Filling, open_filling
from conversations.turn import Turn
from xlsform import RepeatPrompt


async def ask(filling: Filling, *before: str, edit: bool = False) -> None:
    """Keeps what changed and puts the present question. ``edit``: in place of the message tapped on."""
    filling.keep()
    shown = await _shown(filling, [line for line in (*before, *filling.news) if line])
    filling.news.clear()
    filling.turn.tell(shown.text, shown.buttons, media=shown.media, edit=edit)


async def _shown(filling: Filling, before: Sequence[str]) -> render.Shown:
    turn, draft, session = filling.turn, filling.draft, filling.session
    prompt = session.prompt()
    if prompt is None:
        child = await drafts.child_for(turn, draft)
        return render.review(
            turn,
            draft,
            session.review(),
            title=drafts.title(turn, draft, child),
            before=before,
            problems={problem.ref: problem for problem in session.problems()},
        )
    if isinstance(prompt, RepeatPrompt):
        return render.another(turn, draft, prompt, session.instances(), before=before)
    return render.question(filling.asked(prompt), before=before)


async def ask_again(turn: Turn, draft: Draft, before: str = "") -> None:
    """Puts the present question of a draft once more, as it stands."""
    filling = await open_filling(turn, draft)
    if filling is None:
        gone(turn)
        return
    await ask(filling, before)


async def go_on(turn: Turn, draft: Draft) -> None:
    """Takes up a draft where it was left."""
    turn.at_draft(draft.id)
    await ask_again(turn, draft, turn.words("form.resumed", title=await drafts.title_of(turn, draft)))


def gone(turn: Turn) -> None:
    """The draft can't be gone on with: the child is another's now, or the form is not in use."""
    turn.at_draft(None)
    turn.say("form.gone")


async def offer_waiting(turn: Turn, draft: Draft) -> None:
    """A form that waits, with the button that leads back to it."""
    turn.child = draft.child
    turn.tell(
        turn.words("form.waiting", title=await drafts.title_of(turn, draft)),
        [[turn.button(turn.words("form.return"), "dr", draft.id)]],
    )
