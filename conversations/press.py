"""What makes Word and Excel files of what conversations know; channels and libraries stay outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

Cell = str | int | float | date | None


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture in a document, e.g. a chart: a PNG or JPEG, and how many millimetres wide it is printed."""

    content: bytes
    width: float


Rows = Sequence[Mapping[str, Cell | Picture]]
Values = Mapping[str, Cell | Picture | Rows]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a sheet. ``width`` in characters of half width, as Excel counts them.

    ``over``: the heads above its own, from the top; beside each other, equal ones are one. Columns with fewer
    heads than the others have their last one reach down.
    """

    head: str
    width: float = 12
    over: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet to print: a title over it, what it shows as of when, headed columns, rows, notes below.

    A row has a cell for each column. Numbers and days stay numbers and days; texts are always texts, so that
    007 stays 007 and what begins with = is no formula.
    """

    name: str  # on its tab, at most 31 characters
    title: str
    as_of: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One figure in a chart; with a ``whole`` it is drawn as that share of it."""

    label: str
    count: int
    whole: int | None = None


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A picture of figures: shares above, counts below. ``as_of`` says of which days they are.

    ``width`` in inches; the letters keep their size whatever it is.
    """

    title: str
    as_of: str
    shares: tuple[Bar, ...]
    counts: tuple[Bar, ...]
    share_head: str
    count_head: str
    language: str
    width: float = 8


class Press(Protocol):
    """Makes files. All take their time outside the event loop."""

    async def word(self, kind: str, values: Values) -> bytes:
        """The document ``kind`` from its template, as a .docx file.

        ``values`` must be those that `bot/documents/kinds.toml` names for the kind. Empty ones (None, "") are
        printed as a line to write on by hand. Raises `Unprintable`.
        """

    async def sheet(self, sheets: Sequence[Sheet]) -> bytes:
        """The sheets, ready for printing, as an .xlsx file."""

    async def chart(self, chart: Chart) -> bytes:
        """The chart as a PNG. Raises `Unprintable` where no font can write its language."""


class Unprintable(ValueError):
    """A document can't be made; every fault is one line with the template's name and what is wrong."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)
