"""How the stand-in says no: one exception that carries Telegram's code, words and parameters."""

from collections.abc import Mapping
from typing import Any

MESSAGE_TEXT_EMPTY = "Bad Request: message text is empty"
TEXT_BLANK = "Bad Request: text must be non-empty"
MESSAGE_TOO_LONG = "Bad Request: message is too long"
EDIT_TOO_LONG = "Bad Request: MESSAGE_TOO_LONG"
CAPTION_TOO_LONG = "Bad Request: message caption is too long"
CHAT_ID_EMPTY = "Bad Request: chat_id is empty"
CHAT_NOT_FOUND = "Bad Request: chat not found"
USER_NOT_FOUND = "Bad Request: user not found"
GROUP_UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
EDIT_NOT_FOUND = "Bad Request: message to edit not found"
EDIT_FORBIDDEN = "Bad Request: message can't be edited"
EDIT_NO_TEXT = "Bad Request: there is no text in the message to edit"
EDIT_NO_CAPTION = "Bad Request: there is no caption in the message to edit"
DELETE_NOT_FOUND = "Bad Request: message to delete not found"
DELETE_FORBIDDEN = "Bad Request: message can't be deleted for everyone"
REPLY_NOT_FOUND = "Bad Request: message to be replied not found"
REACT_NOT_FOUND = "Bad Request: message to react not found"
COPY_NOT_FOUND = "Bad Request: message to copy not found"
QUERY_TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
POPUP_TOO_LONG = "Bad Request: MESSAGE_TOO_LONG"
BUTTON_DATA_INVALID = "Bad Request: BUTTON_DATA_INVALID"
MARKUP_TOO_LONG = "Bad Request: reply markup is too long"
FILE_ID_INVALID = "Bad Request: invalid file_id"
FILE_WRONG = "Bad Request: wrong file identifier/HTTP URL specified"
FILE_EMPTY = "Bad Request: file must be non-empty"
FILE_TOO_BIG = "Bad Request: file is too big"
PHOTO_BROKEN = "Bad Request: IMAGE_PROCESS_FAILED"
URL_UNREACHABLE = "Bad Request: failed to get HTTP URL content"
ENTITY_TOO_LARGE = "Request Entity Too Large"
BLOCKED = "Forbidden: bot was blocked by the user"
DEACTIVATED = "Forbidden: user is deactivated"
KICKED = "Forbidden: bot was kicked from the group chat"
CONFLICT_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
CONFLICT_POLLER = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
CONFLICT_SET_WEBHOOK = "Conflict: terminated by setWebhook request"
NOT_FOUND = "Not Found"
UNAUTHORIZED = "Unauthorized"


class Refusal(Exception):
    """A call that Telegram answers with `ok: false`; `parameters` as in ResponseParameters."""

    def __init__(self, code: int, description: str, parameters: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The JSON object of the answer."""
        answer: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            answer["parameters"] = dict(self.parameters)
        return answer


def bad(description: str) -> Refusal:
    """A 400 with these words, ready to be raised."""
    return Refusal(400, description)


def too_many_requests(retry_after: int) -> Refusal:
    """A 429 in Telegram's words."""
    return Refusal(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})
