"""What a sheet and a column of the roster are, and how their words are compared."""

from dataclasses import dataclass
from typing import Literal

SheetName = Literal["areas", "people", "children"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: ``key`` is its English header, ``zh`` the template's; ``also`` are other spellings in use.

    ``example`` stands on the explanation sheet; ``needed``: the column itself must be there. ``extra``: it is
    taken where a file has it; the template explains it and leaves it out.
    """

    key: str
    zh: str
    also: tuple[str, ...] = ()
    needed: bool = False
    width: int = 14
    example: str = ""
    extra: bool = False


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One sheet and its columns in the template's order."""

    name: SheetName
    zh: str
    also: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column:
        """The column with that key."""
        return next(c for c in self.columns if c.key == key)


def folded(text: str) -> str:
    """How words are compared: without case, spaces and the width of brackets."""
    return "".join(text.split()).casefold().replace("(", "（").replace(")", "）")
