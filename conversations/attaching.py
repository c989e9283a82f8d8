"""Photos, voices, files and places that are sent: an answer where the present question asks for one."""

from casework.records import Draft
from conversations import form_talk
from conversations.asking import ask
from conversations.filling import Filling, open_filling
from conversations.turn import Turn
from conversations.widgets import places
from xlsform import Prompt


async def attached(turn: Turn) -> None:
    """Something was sent that is no words."""
    draft = await turn.desk.store.get(turn.reader, Draft, turn.talk.draft) if turn.talk.draft else None
    filling = await open_filling(turn, draft) if draft is not None and draft.status == "open" else None
    sent = turn.said.attachment
    if filling is None or sent is None:
        turn.say(_unwanted(turn))
        return
    prompt = filling.session.prompt()
    if isinstance(prompt, Prompt) and sent.kind == "location":
        found = places.taken(filling.asked(prompt), sent)
        if found is not None:
            await form_talk.take(filling, prompt, found)
            return
    await _refuse(filling)


async def _refuse(filling: Filling) -> None:
    """What was sent is no answer here; the question stands."""
    await ask(filling, filling.turn.words(_unwanted(filling.turn)))


def _unwanted(turn: Turn) -> str:
    sent = turn.said.attachment
    return "unknown.voice" if sent is not None and sent.kind in ("voice", "audio") else "unknown.attachment"
