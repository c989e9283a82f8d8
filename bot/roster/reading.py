"""The process that reads a workbook: rows as JSON lines on standard output, within hard limits.

Lines: ``{"rows": n}`` first (roughly, for the progress bar); then for each sheet its title and header,
``{"sheet": title, "header": [...]}``, and its rows, ``[number, cell, ...]``; where the file is not read
``{"refused": key, "values": {...}}``; and ``{"end": true}`` last. A cell is null, text, a number,
``{"formula": true}`` or ``{"error": "#REF!"}``; dates are ISO text.
"""

import datetime
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.guard import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Refused, inspect

MEMORY = 512 * 1024 * 1024  # bytes of address space
SECONDS = 90  # of processor; measured: 10,000 children 4, 100,000 children 31
_ERRORS = frozenset({"#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!"})


def main() -> None:
    """Read the workbook that the first argument names. Always ends with status 0 unless a limit ends it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it has nothing to write but the pipe
    out = sys.stdout.buffer
    import orjson

    try:
        for line in lines(Path(sys.argv[1])):
            out.write(orjson.dumps(line) + b"\n")
    except Refused as error:
        out.write(orjson.dumps({"refused": error.key, "values": error.values}) + b"\n")
    except MemoryError:
        out.write(b'{"refused":"workbook.refused.too_heavy","values":{}}\n')
    out.write(b'{"end":true}\n')


def lines(path: Path) -> Iterator[Any]:
    """What goes out, as values. Raises Refused."""
    yield {"rows": inspect(path).rows}
    from openpyxl import load_workbook  # only now: the guard is quick without it

    try:
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
        for sheet in book.worksheets:
            yield from _sheet(sheet)
        book.close()
    except (Refused, MemoryError):
        raise
    except Exception as error:  # whatever a damaged part makes the library raise: the file is at fault
        raise Refused("workbook.refused.damaged", reason=type(error).__name__) from None


def _sheet(sheet: Any) -> Iterator[Any]:
    """The header is the first row that has anything in it."""
    from openpyxl.styles.numbers import is_date_format

    sheet.reset_dimensions()  # what the file says of its size may be wrong
    headed = False
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        cells = [None if cell.value is None else _cell(cell, is_date_format) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            continue
        if number > MOST_ROWS + 1:
            raise Refused("workbook.refused.rows", rows=str(MOST_ROWS))
        if headed:
            yield [number, *cells]
        else:
            headed = True
            yield {"sheet": sheet.title, "header": [c if isinstance(c, str) else None for c in cells]}


def _cell(cell: Any, is_date_format: Any) -> Any:
    value = cell.value
    if isinstance(value, str):
        if cell.data_type == "f":
            return {"formula": True}
        if cell.data_type == "e" or value in _ERRORS:
            return {"error": value[:20]}
        return value[:LONGEST_CELL] or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time | datetime.timedelta):
        return str(value)
    return {"formula": True}  # what is left are array formulas and data tables


def _number(value: float, number_format: str) -> Any:
    """Numbers as they look: the format "000" shows 1 as 001, and 3001.0 is 3001."""
    whole = int(value) if value == value and abs(value) < 1e15 and value == int(value) else None
    if whole is None:
        return int(value) if isinstance(value, int) else value
    if whole >= 0 and len(number_format) > 1 and set(number_format) == {"0"}:
        return str(whole).zfill(len(number_format))
    return whole


if __name__ == "__main__":
    main()
