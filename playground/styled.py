"""The desk on which a parser of marked-up text puts the visible text and its entities together."""

from dataclasses import dataclass, field
from typing import Any

from playground.refusal import Refusal, bad


@dataclass(kw_only=True, slots=True)
class Open:
    """An entity that has begun and not ended yet; `at` is its place in the source, for the refusal."""

    kind: str
    offset: int
    at: int
    extra: dict[str, Any] = field(default_factory=dict)


class Styled:
    """Visible text so far, its length in UTF-16 units, entities, and the stack of open ones."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.entities: list[dict[str, Any]] = []
        self.open: list[Open] = []
        self.offset = 0
        self._parts: list[str] = []

    @property
    def text(self) -> str:
        """The visible text."""
        return "".join(self._parts)

    def put(self, piece: str) -> None:
        """Adds visible text."""
        self._parts.append(piece)
        self.offset += len(piece) + sum(char > "\uffff" for char in piece)

    def text_from(self, offset: int) -> str:
        """The visible text from an offset in UTF-16 units on."""
        return self.text.encode("utf-16-le")[offset * 2 :].decode("utf-16-le")

    def begin(self, kind: str, at: int, **extra: Any) -> None:
        """Opens an entity at the present end of the text."""
        self.open.append(Open(kind=kind, offset=self.offset, at=at, extra=extra))

    def end(self, **extra: Any) -> None:
        """Closes the innermost entity; one without any text falls away."""
        opened = self.open.pop()
        if self.offset > opened.offset:
            entity = {"type": opened.kind, "offset": opened.offset, "length": self.offset - opened.offset}
            self.entities.append({**entity, **opened.extra, **extra})

    def drop(self) -> None:
        """Forgets the innermost open entity and keeps its text."""
        self.open.pop()

    def finish(self) -> "Styled":
        """Puts the entities in Telegram's order."""
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return self

    def byte(self, at: int) -> int:
        """The place in the source as Telegram counts it in its refusals: in UTF-8 bytes."""
        return len(self.source[:at].encode())

    def broken(self, words: str) -> Refusal:
        """The refusal of a text whose markup is wrong."""
        return bad(f"Bad Request: can't parse entities: {words}")
