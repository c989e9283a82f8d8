"""What kind of storm it is to be, how each life in it ends, and what was seen on the way."""

import random
from dataclasses import dataclass, field
from typing import Literal

from tests.storm.points import POINTS

COUNTS = (1, 2, 3, 5, 8, 13, 21, 34)
NEAR = 0.05  # seconds: half of the kills fall so close to a commit, a send, a poll or a tick
How = Literal["at a point", "near a point", "at any moment", "stopped"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What kind of storm. ``stop``: lives end by SIGTERM in fair weather, else by SIGKILL in any weather."""

    kills: int = 100
    seconds: float = 1e9
    seed: int = 1
    database: str = "sqlite"
    mode: str = "polling"
    calm: float = 20.0  # seconds without kills at the end, in which memory is watched
    stop: bool = False

    @property
    def name(self) -> str:
        """For a file."""
        return f"{'stop' if self.stop else 'storm'}-{self.database}-{self.mode}-{self.kills}-{self.seed}"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a life is to end: at a point, or a moment later, or after so many seconds."""

    how: How
    point: str = ""
    after: float = 0.0

    @classmethod
    def drawn(cls, dice: random.Random, *, stop: bool) -> "Ending":
        """By the dice: half near points, a quarter exactly at one, a quarter anywhere."""
        if stop:
            return cls(how="stopped", after=dice.uniform(0.0, 1.5))
        fall = dice.random()
        if fall >= 0.75:
            return cls(how="at any moment", after=dice.uniform(0.0, 1.5))
        point = f"{dice.choice(POINTS)}:{dice.choice(COUNTS)}"
        if fall >= 0.5:
            return cls(how="at a point", point=point, after=3.0)
        return cls(how="near a point", point=f"{point}+{dice.uniform(0.0, NEAR):.4f}", after=3.0)


@dataclass
class Figures:
    """What was seen on the way."""

    kills: dict[How, int] = field(default_factory=dict)
    starts: list[float] = field(default_factory=list)  # seconds from a start to the first call
    stops: list[float] = field(default_factory=list)  # seconds from SIGTERM to the end
    watched: list[tuple[float, float, int, float]] = field(default_factory=list)  # seconds, MB, handles, WAL
    wal: float = 0.0
    exits: list[int] = field(default_factory=list)  # of lives that ended by themselves
    rest: float = 0.0  # seconds until all was at rest after the end

    @property
    def ends(self) -> int:
        """How many lives were ended."""
        return sum(self.kills.values())

    def count(self, how: How) -> None:
        """One more life was ended."""
        self.kills[how] = self.kills.get(how, 0) + 1
