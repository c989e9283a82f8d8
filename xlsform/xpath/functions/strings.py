"""Functions on text, and the logic of texts and truth."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import secrets
import uuid
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from xlsform.errors import ExpressionError
from xlsform.nodes import Node
from xlsform.xpath.functions.patterns import known
from xlsform.xpath.functions.registry import Evaluate, function, special
from xlsform.xpath.moments import Moment
from xlsform.xpath.syntax import Call
from xlsform.xpath.values import Value, number_text, to_text

if TYPE_CHECKING:
    from xlsform.xpath.compiler import Env

MAX_TEXT = 200_000
_TOO_LONG = f"a calculated text would be longer than {MAX_TEXT} characters"
_SPACES = " \t\r\n"


def _bounded(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise ExpressionError(_TOO_LONG)
    return text


def _flat(env: Env, values: list[Value]) -> list[str]:
    """Each value's text, a node-set giving one per node."""
    found: list[str] = []
    length = 0
    for value in values:
        texts = (_joined(env, n) for n in value) if isinstance(value, list) else (_text(env, value),)
        for text in texts:
            length += len(text)
            if length > MAX_TEXT:
                raise ExpressionError(_TOO_LONG)
            found.append(text)
    return found


def _joined(env: Env, node: Node) -> str:
    """A node's text as part of a longer one: JavaRosa writes a dateTime as its date there."""
    text = node.text()
    if text[10:11] == "T" and env.host is not None and env.host.type_of(node) == "dateTime":
        return text[:10]
    return text


@function("string", 0, 1)
def string(env: Env, a: list[Value]) -> Value:
    value = a[0] if a else [env.node]
    return _joined(env, value[0]) if isinstance(value, list) and value else _text(env, value)


def _text(env: Env, value: Value) -> str:
    """In a form JavaRosa makes a text of a dateTime's day alone."""
    if env.host is not None and isinstance(value, Moment):
        return value.when.date().isoformat()
    return to_text(value)


@function("concat", 0, None)
def concat(env: Env, a: list[Value]) -> Value:
    return _bounded("".join(_flat(env, a)))


@function("join", 1, None)
def join(env: Env, a: list[Value]) -> Value:
    between, texts = to_text(a[0]), _flat(env, a[1:])
    if len(between) * (len(texts) - 1) > MAX_TEXT:
        raise ExpressionError(_TOO_LONG)
    return _bounded(between.join(texts))


@function("substr", 2, 3)
def substr(env: Env, a: list[Value]) -> Value:
    """Zero-based start and end; negative ones count from the end."""
    text = to_text(a[0])
    start, end = env.number(a[1]), env.number(a[2]) if len(a) > 2 else float(len(text))
    if math.isnan(start) or math.isnan(end):
        return ""
    bounds = [max(-len(text), min(len(text), n)) for n in (start, end)]
    first, last = (int(n) if n >= 0 else len(text) + int(n) for n in bounds)
    return text[first:last]


@function("substring", 2, 3)
def substring(env: Env, a: list[Value]) -> Value:
    """XPath 1.0: one-based start and length, both rounded."""
    text = to_text(a[0])
    env.spend(len(text) // 4)
    first = _half_up(env.number(a[1]))
    last = first + _half_up(env.number(a[2])) if len(a) > 2 else math.inf
    return "".join(c for i, c in enumerate(text, 1) if first <= i < last)


def _half_up(number: float) -> float:
    return math.floor(number + 0.5) if math.isfinite(number) else number


@function("substring-before", 2, 2)
def substring_before(_env: Env, a: list[Value]) -> Value:
    head, mark, _ = to_text(a[0]).partition(to_text(a[1])) if to_text(a[1]) else ("", "", "")
    return head if mark else ""


@function("substring-after", 2, 2)
def substring_after(_env: Env, a: list[Value]) -> Value:
    text, mark = to_text(a[0]), to_text(a[1])
    return text.partition(mark)[2] if mark else text


@function("translate", 3, 3)
def translate(_env: Env, a: list[Value]) -> Value:
    text, old, new = (to_text(v) for v in a)
    table: dict[int, str | None] = {}
    for i, letter in enumerate(old):
        table.setdefault(ord(letter), new[i] if i < len(new) else None)
    return text.translate(table)


@function("string-length", 0, 1)
def string_length(env: Env, a: list[Value]) -> Value:
    return float(len(to_text(a[0]) if a else env.node.text()))


@function("normalize-space", 0, 1)
def normalize_space(env: Env, a: list[Value]) -> Value:
    text = to_text(a[0]) if a else env.node.text()
    for space in _SPACES:
        text = text.replace(space, " ")
    return " ".join(part for part in text.split(" ") if part)


@function("contains", 2, 2)
def contains(_env: Env, a: list[Value]) -> Value:
    return to_text(a[1]) in to_text(a[0])


@function("starts-with", 2, 2)
def starts_with(_env: Env, a: list[Value]) -> Value:
    return to_text(a[0]).startswith(to_text(a[1]))


@function("ends-with", 2, 2)
def ends_with(_env: Env, a: list[Value]) -> Value:
    return to_text(a[0]).endswith(to_text(a[1]))


@function("regex", 2, 2)
def regex(env: Env, a: list[Value]) -> Value:
    """Whether the whole text matches, as in JavaRosa; the matcher takes linear time whatever the pattern."""
    text, source = to_text(a[0]), to_text(a[1])
    found = known(source, env.spend)
    env.spend((len(text) + 8) * found.programsize // 128)
    return found.fullmatch(text) is not None


@function("uuid", 0, 1)
def make_uuid(env: Env, a: list[Value]) -> Value:
    if not a:
        return str(uuid.uuid4())
    length = env.number(a[0])
    if not 0 <= length <= 4096:
        raise ExpressionError("uuid() needs a length of 0 to 4096")
    env.spend(2 * int(length))
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(secrets.choice(alphabet) for _ in range(int(length)))


@function("digest", 2, 3)
def digest(_env: Env, a: list[Value]) -> Value:
    names = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
    algorithm = names.get(to_text(a[1]).upper())
    if algorithm is None:
        raise ExpressionError(f"digest() does not know {to_text(a[1])!r}")
    encoding = to_text(a[2]).lower() if len(a) > 2 else "base64"
    raw = hashlib.new(algorithm, to_text(a[0]).encode(), usedforsecurity=False).digest()
    if encoding == "hex":
        return raw.hex()
    if encoding != "base64":
        raise ExpressionError(f"digest() does not know the encoding {encoding!r}")
    return base64.b64encode(raw).decode()


@function("base64-decode", 1, 1)
def base64_decode(_env: Env, a: list[Value]) -> Value:
    try:
        return base64.b64decode(to_text(a[0]), validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


@function("extract-signed", 2, 2)
def extract_signed(_env: Env, a: list[Value]) -> Value:
    """The message behind an Ed25519 signature, both in one base64 text; "" if the key did not sign it."""
    try:
        signed = base64.b64decode(to_text(a[0]), validate=True)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(to_text(a[1]), validate=True))
        key.verify(signed[:64], signed[64:])
        return signed[64:].decode("utf-8", "replace")
    except (InvalidSignature, binascii.Error, ValueError):
        return ""


@function("property", 1, 1)
def known_property(env: Env, a: list[Value]) -> Value:
    """Metadata by name: username, deviceid, phonenumber, email …"""
    if env.host is None:
        raise ExpressionError("property() works only in a form")
    return env.host.property(to_text(a[0]))


@function("boolean", 1, 1)
def boolean(env: Env, a: list[Value]) -> Value:
    return env.truth(a[0])


@function("boolean-from-string", 1, 1)
def boolean_from_string(env: Env, a: list[Value]) -> Value:
    text = number_text(a[0]) if type(a[0]) is float else to_text(a[0])
    return (text.lower() if env.forms else text) in ("1", "true")


@function("true", 0, 0)
def true(_env: Env, _a: list[Value]) -> Value:
    return True


@function("false", 0, 0)
def false(_env: Env, _a: list[Value]) -> Value:
    return False


@function("not", 1, 1)
def negation(env: Env, a: list[Value]) -> Value:
    return not env.truth(a[0])


@special("if", 3, 3)
def choose(_call: Call, arguments: list[Evaluate]) -> Evaluate:
    test, then, other = arguments
    return lambda env: then(env) if env.truth(test(env)) else other(env)


@special("coalesce", 1, None)
def coalesce(_call: Call, arguments: list[Evaluate]) -> Evaluate:
    def run(env: Env) -> Value:
        value: Value = ""
        for argument in arguments:
            value = argument(env)
            if to_text(value):
                return value
        return value

    return run


@special("once", 1, 1)
def once(_call: Call, arguments: list[Evaluate]) -> Evaluate:
    """The value the node has already; else the argument."""

    def run(env: Env) -> Value:
        node = env.current or env.node
        own = node.text()
        value = own or arguments[0](env)
        return "" if isinstance(value, float) and math.isnan(value) else value

    return run


@special("depend", 1, None)
def depend(_call: Call, arguments: list[Evaluate]) -> Evaluate:
    """Its first argument; the others only say what it depends on."""
    return arguments[0]
