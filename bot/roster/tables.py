"""Sheets as tables: which column is where, and a row's cells read one by one with every fault noted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.roster.cells import Wrong, cleaned, several
from bot.roster.column import Sheet
from bot.roster.columns import SHEETS, column_called, sheet_called
from bot.roster.faults import Fault

EXPLANATION = ("说明", "填表说明", "explanation", "readme", "instructions")
T = TypeVar("T")


@dataclass(kw_only=True)
class Findings:
    """What was found while reading: faults stop the import, warnings only tell."""

    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


@dataclass(kw_only=True)
class Table:
    """One sheet of the file. ``columns`` are positions by key, ``rows`` as they came: number, then cells."""

    sheet: Sheet
    title: str
    header: list[str | None]
    columns: dict[str, int]
    rows: list[list[Any]] = field(default_factory=list)


def tables_of(lines: Iterable[Any], found: Findings) -> dict[str, Table]:
    """The roster's sheets by name, from the reader's lines. Other sheets are left alone."""
    tables: dict[str, Table] = {}
    table: Table | None = None
    for line in lines:
        if isinstance(line, list):
            if table is not None:
                table.rows.append(line)
        elif "sheet" in line:
            table = _table(line, tables, found)
    if not tables:
        wanted = ", ".join(f"{s.zh} ({s.name})" for s in SHEETS)
        found.faults.append(Fault(sheet="-", key="roster.no_sheet", values={"wanted": wanted}))
    elif not any(t.rows for t in tables.values()) and not found.faults:
        found.faults.append(Fault(sheet=next(iter(tables.values())).title, key="roster.no_rows"))
    return tables


def _table(line: Mapping[str, Any], tables: dict[str, Table], found: Findings) -> Table | None:
    title = str(line["sheet"])
    sheet = sheet_called(title)
    if sheet is None:
        if title.strip().casefold() not in EXPLANATION:
            found.warnings.append(Fault(sheet=title, key="roster.other_sheet"))
        return None
    if sheet.name in tables:
        other = {"other": tables[sheet.name].title}
        found.faults.append(Fault(sheet=title, key="roster.sheet_twice", values=other))
        return None
    table = Table(sheet=sheet, title=title, header=line["header"], columns={})
    _headed(table, found)
    tables[sheet.name] = table
    return table


def _headed(table: Table, found: Findings) -> None:
    for position, header in enumerate(table.header, 1):
        if header is None:
            continue
        column = column_called(table.sheet, header)
        at = {"sheet": table.title, "row": 1, "column": position, "header": header[:40]}
        if column is None:
            found.warnings.append(Fault(**at, key="roster.other_column"))  # type: ignore[arg-type]
        elif column.key in table.columns:
            found.faults.append(Fault(**at, key="roster.column_twice"))  # type: ignore[arg-type]
        else:
            table.columns[column.key] = position
    for column in table.sheet.columns:
        if column.needed and column.key not in table.columns:
            wanted = {"zh": column.zh, "en": column.key}
            found.faults.append(Fault(sheet=table.title, key="roster.no_column", values=wanted))


class Row:
    """One row being read. A cell that can't be taken is noted once and reads as None from then on."""

    def __init__(self, table: Table, cells: list[Any], found: Findings) -> None:
        self.table = table
        self.number: int = cells[0]
        self.bad = False
        self._cells = cells
        self._found = found

    def raw(self, key: str) -> Any:
        """The cell as it came; None where it or its column is not there."""
        position = self.table.columns.get(key)
        return self._cells[position] if position is not None and position < len(self._cells) else None

    def text(self, key: str, *, needed: bool = False) -> str | None:
        """The cell's text, "" where it is empty; None where it is at fault: also if ``needed`` and empty."""
        try:
            cell = cleaned(self.raw(key))
        except Wrong as wrong:
            self.fault(key, wrong.key, **wrong.values)
            return None
        if cell.hidden:
            self.warn(key, "roster.hidden")
        if needed and not cell.text and key in self.table.columns:
            self.fault(key, "roster.empty")
            return None
        return cell.text

    def take(self, key: str, convert: Callable[[str], T], *, needed: bool = False) -> T | None:
        """The cell through ``convert``; None where it is at fault or empty."""
        text = self.text(key, needed=needed)
        if not text:
            return None
        try:
            return convert(text)
        except Wrong as wrong:
            self.fault(key, wrong.key, **wrong.values)
            return None

    def has(self, key: str) -> bool:
        """Whether the sheet has that column."""
        return key in self.table.columns

    def filled(self, key: str) -> bool:
        """Whether there is anything in the cell."""
        return self.raw(key) is not None and bool(str(self.raw(key)).strip())

    def word(
        self,
        key: str,
        words: Mapping[str, T],
        fold: Callable[[str], str],
        labels: Mapping[T, str],
        *,
        needed: bool = False,
    ) -> T | None:
        """The meaning of a word that the column knows; ``labels`` say in a fault which there are."""
        return self.take(key, lambda text: _meaning(text, words, fold, labels), needed=needed)

    def words(
        self, key: str, words: Mapping[str, T], fold: Callable[[str], str], labels: Mapping[T, str]
    ) -> tuple[T, ...]:
        """The meanings of several words in one cell; empty where it is at fault."""

        def all_of(text: str) -> tuple[T, ...]:
            return tuple(_meaning(part, words, fold, labels) for part in several(text))

        return self.take(key, all_of, needed=True) or ()

    def fault(self, key: str, saying: str, **values: object) -> None:
        """Note that the cell under ``key`` is at fault."""
        self.bad = True
        self._found.faults.append(self._at(key, saying, values))

    def warn(self, key: str, saying: str, **values: object) -> None:
        """Note something that does not stop the import."""
        self._found.warnings.append(self._at(key, saying, values))

    def _at(self, key: str, saying: str, values: Mapping[str, object]) -> Fault:
        position = self.table.columns.get(key)
        header = self.table.header[position - 1] if position else ""
        return Fault(
            sheet=self.table.title, key=saying, row=self.number, column=position,
            header=header or "", values=values,
        )  # fmt: skip


def _meaning(text: str, words: Mapping[str, T], fold: Callable[[str], str], labels: Mapping[T, str]) -> T:
    if fold(text) in words:
        return words[fold(text)]
    known = ", ".join(f"{meaning} ({label})" for meaning, label in labels.items())
    raise Wrong("roster.unknown_word", value=text[:40], known=known)
