"""Photos, voices, files and places that are sent: an answer where the present question asks for one."""

from conversations import drafts, files, form_talk
from conversations.asking import ask
from conversations.filling import open_filling
from conversations.said import Attachment
from conversations.turn import Turn
from conversations.widgets import places
from conversations.widgets.asked import Asked, Result
from conversations.widgets.sent import ATTACHED
from xlsform import Prompt


async def attached(turn: Turn) -> None:
    """Something was sent that is no words."""
    draft = drafts.open_draft(turn, turn.talk.draft)
    filling = await open_filling(turn, draft) if draft is not None else None
    sent = turn.said.attachment
    if filling is None or sent is None:
        turn.say(_unwanted(turn))
        return
    prompt = filling.session.prompt()
    found = await _read(filling.asked(prompt), sent) if isinstance(prompt, Prompt) else None
    if found is not None and isinstance(prompt, Prompt):
        await form_talk.take(filling, prompt, found)
    else:
        wanted = prompt.kind if isinstance(prompt, Prompt) else ""
        key = f"form.need.{wanted}" if wanted in ATTACHED else _unwanted(turn)
        await ask(filling, turn.words(key))  # it is no answer here; the question stands


async def _read(a: Asked, sent: Attachment) -> Result:
    return places.taken(a, sent) if sent.kind == "location" else await files.taken(a, sent)


def _unwanted(turn: Turn) -> str:
    sent = turn.said.attachment
    return "unknown.voice" if sent is not None and sent.kind in ("voice", "audio") else "unknown.attachment"
