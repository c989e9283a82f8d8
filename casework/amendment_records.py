"""What is kept of a change to a child's file: who made it, when, and what stood there before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from casework.record import Record


@dataclass(frozen=True, kw_only=True)
class Amendment(Record):
    """One change of facts (`casework.facts`), by ``person``; None = by the roster or the clock.

    ``before`` and ``after`` hold only what differs, by fact; "" = was, or is, not known. It is never altered.
    """

    kind: ClassVar[str] = "amendment"
    status: str = "done"
    at: datetime
    source: str  # the submission that changed it, "roster", or what the clock did
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
