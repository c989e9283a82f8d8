"""Giving up a form: asked for, made sure, and only the one being filled in."""

from dataclasses import replace

from casework.records import Draft
from conversations import drafts, files
from conversations.asking import go_on, offer_waiting
from conversations.turn import Turn

_YES = ("是", "是的", "确定", "不填了", "对", "yes", "y", "sure", "取消", "cancel")


async def cancel(turn: Turn, rest: str) -> None:
    """/cancel: asks whether the form being filled in is really to be given up."""
    draft = await turn.desk.store.get(turn.reader, Draft, turn.talk.draft) if turn.talk.draft else None
    if draft is None or draft.status != "open":
        await _nothing(turn)
        return
    turn.expect("cancel", draft.id)
    turn.child = draft.child
    child = await drafts.child_for(turn, draft)
    turn.tell(
        turn.words("cancel.sure", title=drafts.title(turn, draft, child)),
        [
            [turn.button(turn.words("cancel.yes"), "cx", draft.id)],
            [turn.button(turn.words("cancel.no"), "dr", draft.id)],
        ],
    )


async def _nothing(turn: Turn) -> None:
    """Nothing to give up; what waits is offered, for whoever lost sight of it."""
    waiting = drafts.open_drafts(turn)
    if waiting:
        await offer_waiting(turn, waiting[0])
    else:
        turn.say("cancel.none")


async def cancel_tapped(turn: Turn, parts: tuple[str, ...]) -> None:
    """It is given up; its answers are not kept."""
    draft = await turn.desk.store.get(turn.reader, Draft, parts[0])
    if draft is None or draft.status != "open":
        turn.pop(f"stale.{draft.status}" if draft is not None else "stale.unknown")
        return
    turn.expect()
    turn.keep(replace(draft, status="cancelled", state={}, changed_at=turn.now))
    await files.settle(turn, draft, {})
    turn.happened("form_cancelled", child=draft.child, record=draft.id, form=draft.form)
    if turn.talk.draft == draft.id:
        turn.at_draft(None)
    turn.say("cancel.done")
    waiting = [d for d in drafts.open_drafts(turn) if d.id != draft.id]
    if waiting:
        await offer_waiting(turn, waiting[0])


async def cancel_said(turn: Turn, parts: tuple[str, ...], text: str) -> None:
    """What was typed when asked whether to give up: yes, or anything else, which means to go on."""
    if text.strip().lower().rstrip("。.!！") in _YES:
        await cancel_tapped(turn, parts)
        return
    turn.expect()
    draft = await turn.desk.store.get(turn.reader, Draft, parts[0])
    if draft is not None and draft.status == "open":
        await go_on(turn, draft)
    else:
        turn.say("cancel.none")
