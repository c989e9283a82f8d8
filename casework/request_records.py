"""What is kept of a request: somebody asks an officer to close a child's file, or to take the child over."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from casework.record import Record

Answer = Literal["", "accepted", "refused", "withdrawn", "void"]


@dataclass(frozen=True, kw_only=True)
class Request(Record):
    """A request about one child; until it is accepted nothing about the child changes.

    ``what``: to close the file for ``reason``, or to move the child to the township ``area``, whose officers
    answer. Where there is no ``area`` those of the child's own township do: to close, or to write down what
    the office at ``place``, out of the county, has said. ``day``: since when the reason holds, or the child
    lives there. ``words`` are the sender's, ``answer_words`` those of the answer. ``status``: waiting or
    closed; ``answer`` then says how: void = it had lost its object. ``due``: the day by which it is to be
    answered; ``told`` counts the reminders, ``gone_up``: the county has heard of it.
    """

    kind: ClassVar[str] = "request"
    status: str = "waiting"
    what: Literal["close", "move"]
    sender: str
    area: str | None = None
    asked_at: datetime
    day: date
    due: date
    reason: str = ""
    place: str = ""
    words: str = ""
    told: int = 0
    gone_up: bool = False
    answer: Answer = ""
    answered_by: str | None = None
    answered_at: datetime | None = None
    answer_words: str = ""
