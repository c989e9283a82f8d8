"""API methods by which the bot changes, removes or answers what is already there."""

from typing import Any

from playground.refusal import (
    CHAT_NOT_FOUND,
    DELETE_FORBIDDEN,
    DELETE_NOT_FOUND,
    EDIT_FORBIDDEN,
    EDIT_NO_CAPTION,
    EDIT_NO_TEXT,
    EDIT_NOT_FOUND,
    EDIT_TOO_LONG,
    NOT_MODIFIED,
    POPUP_TOO_LONG,
    REACT_NOT_FOUND,
    USER_NOT_FOUND,
    Refusal,
    bad,
)
from playground.rules import caption_of, chat_of, markup_of, text_of
from playground.sending import FILE_KINDS, Method
from playground.wire import Args, mappings
from playground.world import Chat, Record, World

DELETE_WITHIN = 48 * 3600  # seconds
POPUP_LIMIT = 200
CONTENT_KEYS = ("text", "entities", "caption", "caption_entities", "reply_markup")


def _editable(chat: Chat, args: Args) -> Record:
    record = chat.records.get(args.integer("message_id"))
    if record is None:
        raise bad(EDIT_NOT_FOUND)
    if not record.from_bot:
        raise bad(EDIT_FORBIDDEN)
    return record


def _change(world: World, chat: Chat, record: Record, content: dict[str, Any], keys: tuple[str, ...]) -> Any:
    """Replaces the named fields of a message by the content; the same again is refused."""
    body = record.body
    if all(body.get(key) == content.get(key) for key in keys):
        raise bad(NOT_MODIFIED)
    for key in keys:
        body.pop(key, None)
    body.update(content)
    world.edited(chat, record)
    return body


def _with_markup(args: Args, content: dict[str, Any]) -> dict[str, Any]:
    markup = markup_of(args)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad("Bad Request: inline keyboard expected")
    return content if markup is None else {**content, "reply_markup": markup}


def edit_message_text(world: World, args: Args) -> Any:
    """editMessageText; a call without keyboard takes the keyboard away."""
    text, entities = text_of(args, EDIT_TOO_LONG)
    chat = chat_of(world, args)
    record = _editable(chat, args)
    if "text" not in record.body:
        raise bad(EDIT_NO_TEXT)
    content = {"text": text, "entities": entities} if entities else {"text": text}
    return _change(world, chat, record, _with_markup(args, content), ("text", "entities", "reply_markup"))


def edit_message_caption(world: World, args: Args) -> Any:
    """editMessageCaption."""
    chat = chat_of(world, args)
    record = _editable(chat, args)
    if not any(kind in record.body for kind in FILE_KINDS):
        raise bad(EDIT_NO_CAPTION)
    keys = ("caption", "caption_entities", "reply_markup")
    return _change(world, chat, record, _with_markup(args, caption_of(args)), keys)


def edit_message_reply_markup(world: World, args: Args) -> Any:
    """editMessageReplyMarkup."""
    chat = chat_of(world, args)
    record = _editable(chat, args)
    return _change(world, chat, record, _with_markup(args, {}), ("reply_markup",))


def _delete(world: World, chat: Chat, message_id: int) -> None:
    record = chat.records.get(message_id)
    if record is None:
        raise bad(DELETE_NOT_FOUND)
    if world.clock() - record.body["date"] > DELETE_WITHIN:
        raise bad(DELETE_FORBIDDEN)
    del chat.records[message_id]
    world.touch(chat)


def delete_message(world: World, args: Args) -> Any:
    """deleteMessage: any message of the chat that is less than 48 hours old."""
    _delete(world, chat_of(world, args), args.integer("message_id"))
    return True


def delete_messages(world: World, args: Args) -> Any:
    """deleteMessages: up to 100; those that are not there are passed over."""
    chat = chat_of(world, args)
    wanted = args.json("message_ids", "message identifiers")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 100:
        raise bad("Bad Request: message identifiers must be an Array of 1 to 100 numbers")
    for message_id in wanted:
        if isinstance(message_id, int) and message_id in chat.records:
            _delete(world, chat, message_id)
    return True


def answer_callback_query(world: World, args: Args) -> Any:
    """answerCallbackQuery."""
    if len(args.text("text")) > POPUP_LIMIT:
        raise bad(POPUP_TOO_LONG)
    world.answer(args.text("callback_query_id"), args.text("text"), args.flag("show_alert"), args.text("url"))
    return True


def set_message_reaction(world: World, args: Args) -> Any:
    """setMessageReaction: one emoji of the bot, or none."""
    chat = chat_of(world, args)
    record = chat.records.get(args.integer("message_id"))
    if record is None:
        raise bad(REACT_NOT_FOUND)
    reactions = mappings(args.json("reaction", "reaction types"), "reaction types")
    record.reaction = reactions[0].get("emoji", "") if reactions else ""
    world.touch(chat)
    return True


def pin_chat_message(world: World, args: Args) -> Any:
    """pinChatMessage."""
    chat = chat_of(world, args)
    if args.integer("message_id") not in chat.records:
        raise bad("Bad Request: message to pin not found")
    chat.pinned = args.integer("message_id")
    world.touch(chat)
    return True


def unpin_chat_message(world: World, args: Args) -> Any:
    """unpinChatMessage."""
    chat = chat_of(world, args)
    chat.pinned = 0
    world.touch(chat)
    return True


def _known(world: World, args: Args) -> Chat:
    chat = world.chats.get(args.integer("chat_id"))
    if chat is None or chat.state == "unopened":
        raise bad(CHAT_NOT_FOUND)
    return chat


def get_chat(world: World, args: Args) -> Any:
    """getChat: ChatFullInfo."""
    chat = _known(world, args)
    full = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _no_gifts()}
    return {**chat.card, **full}


def _no_gifts() -> dict[str, bool]:
    names = (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    )
    return dict.fromkeys(names, False)


def get_chat_member(world: World, args: Args) -> Any:
    """getChatMember: the bot itself, or the person of a private chat."""
    chat, user_id = _known(world, args), args.integer("user_id")
    if user_id == world.bot["id"]:
        return {"user": world.bot, "status": "member"}
    person = world.chats.get(user_id)
    if person is None or (chat.id > 0 and chat.id != user_id):
        raise bad(USER_NOT_FOUND)
    user = {"id": user_id, "is_bot": False, "first_name": person.card.get("first_name", "")}
    return {"user": user, "status": "member"}


def leave_chat(world: World, args: Args) -> Any:
    """leaveChat: the bot goes out of a group."""
    chat = chat_of(world, args)
    if chat.id > 0:
        raise bad("Bad Request: chat member status can't be changed in private chats")
    if chat.state != "open":
        raise Refusal(403, "Forbidden: bot is not a member of the group chat")
    chat.state = "kicked"
    world.touch(chat)
    return True


EDITING: dict[str, Method] = {
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "deletemessages": delete_messages,
    "answercallbackquery": answer_callback_query,
    "setmessagereaction": set_message_reaction,
    "pinchatmessage": pin_chat_message,
    "unpinchatmessage": unpin_chat_message,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "leavechat": leave_chat,
}
