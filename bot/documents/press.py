"""The press of a running bot: templates and sheets, printed in a thread."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot.documents.kinds import kind_of
from bot.documents.templates import Templates, open_templates
from conversations.press import Chart, Sheet, Unprintable, Values


class DocumentPress:
    """Prints by the county's templates. Its libraries are read when the first file is made."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    async def word(self, kind: str, values: Values) -> bytes:
        """See `conversations.press.Press`."""
        return await asyncio.to_thread(self._word, kind, values)

    async def sheet(self, sheets: Sequence[Sheet]) -> bytes:
        """See `conversations.press.Press`."""
        return await asyncio.to_thread(_sheet, tuple(sheets))

    async def chart(self, chart: Chart) -> bytes:
        """See `conversations.press.Press`."""
        return await asyncio.to_thread(_chart, chart)

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with templates of the county's that are therefore not in force, a line each."""
        return self._templates.faults

    def _word(self, name: str, values: Values) -> bytes:
        from bot.documents.word import filled

        kind = kind_of(name)
        faults = sorted(kind.faults(name, values))
        if faults:
            raise Unprintable(faults)
        return filled(self._templates.newest(name), name, kind, values)


def _sheet(sheets: Sequence[Sheet]) -> bytes:
    from bot.documents.sheets import workbook

    return workbook(sheets)


def _chart(chart: Chart) -> bytes:
    from bot.charts import NoChineseFont
    from bot.documents.charts import picture

    try:
        return picture(chart)
    except NoChineseFont:
        raise Unprintable(["no font on this machine can write Chinese"]) from None


def open_press(folder: Path | None = None) -> DocumentPress:
    """A press with the templates in ``folder`` over the packaged ones. Unprintable with every fault there."""
    return DocumentPress(open_templates(folder))
