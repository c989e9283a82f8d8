"""Records to bytes and back, by one pydantic adapter per kind."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from casework.outcome import Notice
from casework.records import KINDS, R, Record

NOTICE = TypeAdapter(Notice)


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(KINDS[kind])


def dump(record: Record) -> bytes:
    """The whole record as JSON."""
    return bytes(_adapter(record.kind).dump_json(record, warnings="error"))


def load(kind: type[R], body: bytes, version: int) -> R:
    """The record, at the version that the row holds."""
    record: R = _adapter(kind.kind).validate_json(body)
    object.__setattr__(record, "version", version)  # fresh from the parser, nobody else holds it
    return record


def place(*parts: object) -> bytes:
    """Where a sealed value belongs, without ambiguity: each part with its length before it."""
    texts = ["" if p is None else f"={p}" for p in parts]
    return "".join([f"{len(t)}:{t}" for t in texts]).encode()
