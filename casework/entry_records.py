"""What is kept of typing a child into the national system."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from casework.record import Record


@dataclass(frozen=True, kw_only=True)
class Entry(Record):
    """How far a child stands in the national system. ``offered``, ``entered``: digests of what was typed.

    ``offered`` stood in the sheet ``batch`` (a file's id), handed out to ``person``; ``entered`` was ticked
    off last, by ``entered_by``. "" = never.
    """

    kind: ClassVar[str] = "entry"
    offered: str = ""
    batch: str = ""
    entered: str = ""
    entered_at: datetime | None = None
    entered_by: str = ""
