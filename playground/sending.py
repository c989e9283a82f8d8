"""API methods by which the bot puts something new into a chat."""

from collections.abc import Callable
from typing import Any

from playground.files import PHOTO_LIMIT, UPLOAD_LIMIT, StoredFile, image_size, photo_sizes
from playground.refusal import (
    COPY_NOT_FOUND,
    ENTITY_TOO_LARGE,
    FILE_ID_INVALID,
    FILE_WRONG,
    PHOTO_BROKEN,
    URL_UNREACHABLE,
    Refusal,
    bad,
)
from playground.rules import caption_of, chat_of, markup_of, reply_of, text_of
from playground.wire import Args, mappings
from playground.world import Chat, World

Method = Callable[[World, Args], Any]
FILE_KINDS = ("photo", "document", "voice", "audio", "video", "animation")
ACTIONS = frozenset(
    {f"{verb}_{what}" for verb in ("record", "upload") for what in ("video", "voice", "audio", "video_note")}
    | {"typing", "upload_photo", "upload_document", "choose_sticker", "find_location"}
)
COPIED = ("text", "entities", "caption", "caption_entities", "location", "contact", *FILE_KINDS)


def send(world: World, chat: Chat, args: Args, content: dict[str, Any]) -> dict[str, Any]:
    """Posts the bot's message with what every sending method takes: keyboard, reply, silence, protection."""
    markup = markup_of(args)
    fields = args.fields
    if "reply_parameters" in fields or "reply_to_message_id" in fields:
        content |= reply_of(chat, args)
    if "protect_content" in fields and args.flag("protect_content"):
        content["has_protected_content"] = True
    if markup is not None and "inline_keyboard" in markup:
        content["reply_markup"] = markup
    silent = "disable_notification" in fields and args.flag("disable_notification")
    record = world.post(chat, content, silent=silent)
    if markup is not None and "inline_keyboard" not in markup:
        _show_keyboard(chat, markup)
        record.reply_keyboard = markup
    return record.body


def _show_keyboard(chat: Chat, markup: dict[str, Any]) -> None:
    if "keyboard" in markup:
        chat.keyboard = markup
    elif markup.get("remove_keyboard"):
        chat.keyboard = None


def send_message(world: World, args: Args) -> Any:
    """sendMessage."""
    text, entities = text_of(args)
    chat = chat_of(world, args)
    return send(world, chat, args, {"text": text, "entities": entities} if entities else {"text": text})


def file_of(world: World, args: Args, kind: str, field: str) -> StoredFile:
    """The file that a call sends: uploaded, named by attach://, or known by its id."""
    upload = args.files.get(field)
    value = args.text(field)
    if upload is None and value.startswith("attach://"):
        upload = args.files.get(value.removeprefix("attach://"))
        if upload is None:
            raise bad(FILE_WRONG)
    if upload is not None:
        limit = PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT
        if len(upload.content) > limit:
            raise Refusal(413, ENTITY_TOO_LARGE)
        if kind == "photo" and upload.content and image_size(upload.content) is None:
            raise bad(PHOTO_BROKEN)
        return world.files.keep(kind, upload.content, name=upload.name, mime=upload.mime)
    if value.startswith(("http://", "https://")):
        raise bad(URL_UNREACHABLE)
    if not value:
        raise bad(f"Bad Request: there is no {kind} in the request")
    try:
        return world.files.by_id(value)
    except Refusal:
        raise bad(FILE_WRONG if len(value) < 20 else FILE_ID_INVALID) from None


def media(kind: str, stored: StoredFile, args: Args) -> dict[str, Any]:
    """The message field of a file: PhotoSize list, Document, Voice, Audio, Video or Animation."""
    if kind == "photo":
        return {"photo": photo_sizes(stored)}
    card = {**stored.card(), "mime_type": stored.mime}
    if kind != "voice" and stored.name:
        card["file_name"] = stored.name
    if kind in ("voice", "audio", "video", "animation"):
        card["duration"] = args.integer("duration")
    if kind in ("video", "animation"):
        card["width"], card["height"] = args.integer("width"), args.integer("height")
    return {kind: card, "document": card} if kind == "animation" else {kind: card}


def _send_file(kind: str) -> Method:
    def method(world: World, args: Args) -> Any:
        chat = chat_of(world, args)
        stored = file_of(world, args, kind, kind)
        return send(world, chat, args, {**media(kind, stored, args), **caption_of(args)})

    method.__doc__ = f"send{kind.capitalize()}."
    return method


def send_media_group(world: World, args: Args) -> Any:
    """sendMediaGroup: 2 to 10 files, answered as a list of messages."""
    chat = chat_of(world, args)
    items = mappings(args.json("media", "media"), "media")
    if not 2 <= len(items) <= 10:
        raise bad("Bad Request: wrong number of media in the album, must be from 2 to 10")
    contents = []
    for item in items:
        kind = item.get("type", "")
        if kind not in FILE_KINDS:
            raise bad("Bad Request: can't parse InputMedia: unsupported type")
        one = Args({**item, kind: item.get("media", "")}, args.files)
        contents.append({**media(kind, file_of(world, one, kind, kind), one), **caption_of(one)})
    group = str(world.updates.next_id) + str(len(chat.records))
    shared = Args({key: value for key, value in args.fields.items() if key not in ("media", "reply_markup")})
    return [send(world, chat, shared, {**content, "media_group_id": group}) for content in contents]


def send_location(world: World, args: Args) -> Any:
    """sendLocation."""
    chat = chat_of(world, args)
    try:
        place = {name: float(args.text(name)) for name in ("latitude", "longitude")}
    except ValueError:
        raise bad("Bad Request: wrong location specified") from None
    return send(world, chat, args, {"location": place})


def send_contact(world: World, args: Args) -> Any:
    """sendContact."""
    chat = chat_of(world, args)
    card = {name: args.text(name) for name in ("phone_number", "first_name", "last_name") if args.text(name)}
    if "phone_number" not in card or "first_name" not in card:
        raise bad("Bad Request: not enough rights or wrong contact specified")
    return send(world, chat, args, {"contact": card})


def send_chat_action(world: World, args: Args) -> Any:
    """sendChatAction."""
    chat = chat_of(world, args)
    if args.text("action") not in ACTIONS:
        raise bad("Bad Request: wrong parameter action in request")
    chat.activity = args.text("action")
    world.touch(chat)
    return True


def _copied(world: World, args: Args) -> dict[str, Any]:
    source = world.chats.get(args.integer("from_chat_id"))
    record = source.records.get(args.integer("message_id")) if source is not None else None
    if record is None:
        raise bad(COPY_NOT_FOUND)
    return record.body


def copy_message(world: World, args: Args) -> Any:
    """copyMessage: a new message with the same content, without naming its source."""
    chat, body = chat_of(world, args), _copied(world, args)
    content = {key: body[key] for key in COPIED if key in body}
    return {"message_id": send(world, chat, args, content)["message_id"]}


def forward_message(world: World, args: Args) -> Any:
    """forwardMessage: a new message that names its source."""
    chat, body = chat_of(world, args), _copied(world, args)
    origin = {"type": "user", "date": body["date"], "sender_user": body["from"]}
    return send(
        world, chat, args, {**{key: body[key] for key in COPIED if key in body}, "forward_origin": origin}
    )


SENDING: dict[str, Method] = {
    "sendmessage": send_message,
    "sendmediagroup": send_media_group,
    "sendlocation": send_location,
    "sendcontact": send_contact,
    "sendchataction": send_chat_action,
    "copymessage": copy_message,
    "forwardmessage": forward_message,
    **{f"send{kind}": _send_file(kind) for kind in FILE_KINDS},
}
