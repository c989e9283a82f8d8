"""Parts of a child's file that are kept with the child itself."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Who = Literal["father", "mother", "both"]
Stay = Literal["stays", "short", "unsure"]


@dataclass(frozen=True, kw_only=True)
class Back:
    """Parents have come home: who, since when, and whether they stay.

    ``check``: the day on which the clock asks how it is, None where it need not; ``told_at`` is the hour of
    the message that asked.
    """

    who: Who
    since: date
    stay: Stay
    check: date | None = None
    told_at: datetime | None = None

    @property
    def parents(self) -> tuple[str, ...]:
        """The facts of whom it speaks."""
        return ("father", "mother") if self.who == "both" else (self.who,)
