"""What a button carries: an action and its parts, bound to one person by a keyed code."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import unquote

LONGEST = 64  # bytes; Telegram's limit for a button's data
_CUT = "|"

Mac = Callable[[str, bytes], bytes]  # (purpose, data) -> code


def make_token(mac: Mac, person: str, action: str, *parts: str | int) -> str:
    """``action`` and ``parts`` for a button of ``person``'s. Raises `ValueError` where they are too long."""
    body = _CUT.join((action, *(_written(part) for part in parts)))
    token = f"{body}{_CUT}{_code(mac, person, body)}"
    if len(token.encode()) > LONGEST:
        raise ValueError(f"a button can't carry {len(token.encode())} bytes")
    return token


def read_token(mac: Mac, person: str, token: str) -> tuple[str, tuple[str, ...]] | None:
    """The action and its parts; None where the token was not made for this person, or not by us."""
    body, _, code = token.rpartition(_CUT)
    if not body or not hmac.compare_digest(code.encode(), _code(mac, person, body).encode()):
        return None
    action, *parts = body.split(_CUT)
    return action, tuple(unquote(part) for part in parts)


def _written(part: str | int) -> str:
    return str(part).replace("%", "%25").replace(_CUT, "%7C")


def _code(mac: Mac, person: str, body: str) -> str:
    return urlsafe_b64encode(mac("button", f"{person}{_CUT}{body}".encode())[:9]).decode()
