"""Codes as people and Excel write them: 001 typed as a number comes back as 1, and is still the same code."""

from collections.abc import Iterable

from bot.roster.cells import code
from bot.roster.tables import Row


class Codes:
    """The codes of one kind, of the file and of what is kept."""

    def __init__(self, kept: Iterable[str]) -> None:
        self._rows: dict[str, int] = {}  # in which row of the file a code stands
        self._kept = set(kept)
        self._alike: dict[str, set[str]] = {}
        for known in self._kept:
            self._alike.setdefault(_bare(known), set()).add(known)

    def own(self, row: Row, *, repeated: bool = False) -> str | None:
        """A row's own code, as it is kept already if it is. ``repeated``: several rows may have it."""
        given = row.take("code", code, needed=True)
        if given is None:
            return None
        found = self.resolve(given, row, "code") or given
        before = self._rows.get(found)
        if before is not None and not repeated:
            row.fault("code", "roster.code_twice", code=found, row=before)
            return None
        self._rows.setdefault(found, row.number)
        self._alike.setdefault(_bare(found), set()).add(found)
        return found

    def resolve(self, given: str, row: Row, key: str) -> str | None:
        """The known code that is meant, None if there is none. Lost zeros come back, with a warning."""
        if given in self._kept or given in self._rows:
            return given
        alike = self._alike.get(_bare(given), set())
        if len(alike) != 1:
            return None
        meant = next(iter(alike))
        row.warn(key, "roster.leading_zeros", given=given, code=meant)
        return meant


def _bare(known: str) -> str:
    return known.lstrip("0").casefold() if known.isdigit() else known
