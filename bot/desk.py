"""The real conversations behind a running bot: forms published and read, the desk handed to the runtime."""

import asyncio
from functools import partial

from bot.clock import Clock
from bot.conversation import Conversation
from bot.documents.press import DocumentPress, open_press
from bot.forms import FormFaults, compiled_forms
from bot.reload import Forms
from bot.settings import Settings, SettingsError
from casework.outcome import Notice
from casework.policy import Policy
from conversations.desk import Desk
from conversations.door import respond
from conversations.flooding import flooded
from conversations.media import media_of
from conversations.notices import together, word
from conversations.outages import returned
from conversations.posts import arm
from conversations.press import Press, Unprintable
from conversations.shelf import ShelfError, lacking, load_shelf
from conversations.unreached import delivered, undelivered
from conversations.wake import wake
from conversations.words import LANGUAGES, Words, load_words
from storage.store import Store

__all__ = ["arm", "conversation_of", "open_desk", "open_documents", "open_forms"]


async def open_forms(settings: Settings, policy: Policy) -> Forms:
    """The forms by these settings, all that the policy names among them. SettingsError with every fault."""
    try:
        shelf = load_shelf(await compiled_forms(settings.forms_dir, settings.data_dir))
    except (FormFaults, ShelfError) as error:
        raise SettingsError(str(error).splitlines()) from None
    if faults := lacking(policy, shelf.forms):
        raise SettingsError(list(faults))
    return Forms(settings, shelf)


async def open_documents(settings: Settings) -> DocumentPress:
    """The press with the county's templates. SettingsError with every fault in them."""
    try:
        return await asyncio.to_thread(open_press, settings.documents_dir)
    except Unprintable as error:
        raise SettingsError(list(error.faults)) from None


def open_desk(forms: Forms, press: Press, policy: Policy, store: Store, clock: Clock, bot_name: str) -> Desk:
    """The desk over the forms and templates in force."""
    return Desk(
        store=store, forms=forms.shelf, policy=policy, words=load_words(), press=press, clock=clock.now,
        bot_name=bot_name,
    )  # fmt: skip


def conversation_of(desk: Desk) -> Conversation:
    """The desk as the runtime sees it."""
    words = load_words("runtime")
    return Conversation(
        respond=partial(respond, desk),
        wake=partial(wake, desk),
        at_work=lambda: desk.waking > 0,
        working=desk.working,
        word=partial(word, desk),
        together=partial(together, desk),
        undelivered=partial(undelivered, desk),
        delivered=partial(delivered, desk),
        returned=partial(returned, desk),
        media=partial(media_of, desk),
        mark=partial(_mark, desk.store, words),
        sorry=partial(_sorry, desk.store, words),
        flooded=partial(flooded, desk),
    )


async def _mark(store: Store, words: Words, notice: Notice) -> str:
    return words.say(await _language(store, notice.to, notice.address), "runtime.may_repeat")


async def _sorry(store: Store, words: Words, address: str) -> str:
    return words.say(await _language(store, None, address), "runtime.sorry")


async def _language(store: Store, person_id: str | None, address: str | None) -> str:
    person = await store.person(person_id) if person_id else None
    if person is None and address:
        person = await store.person_at(address)
    return person.language if person else LANGUAGES[0]
