"""Values for documents as hostile as people and telephones can make them, and a template with any words."""

import io
from typing import Any

from docx import Document

from bot.documents.kinds import kinds

HOSTILE = {
    "child_name": "{{7*7}}<w:br/>&lt;小花\u202e\u200b]]>",
    "child_place": "=cmd|' /C calc'!A0",
    "carer_name": "{% for x in range(9) %}周\n桂兰",
    "carer_place": "{{ child_name.__class__ }} {_{ x }_} {#注#}",
    "child_opinion": "第一段\n\n第二段：</w:t></w:r>\x07\x0c\ud800",
    "reason": "𠮷家爸妈都外出了。",
    "emergency_phone": "",
}


def hostile() -> dict[str, Any]:
    """The values of an agreement, most of them hostile."""
    values = {**kinds()["agreement"].samples(), **HOSTILE}
    row = {**values["parents"][0], "name": "{{ reason }}<b>张</b>", "place": "", "phone": None}
    return {**values, "parents": [row] * 40, "witnesses": []}


def template(*paragraphs: str) -> bytes:
    """A Word file with these paragraphs, as somebody saves it."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def texts(content: bytes) -> list[str]:
    """All paragraphs of a Word file, those in tables after the others."""
    document = Document(io.BytesIO(content))
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    inside = [paragraph.text for cell in cells for paragraph in cell.paragraphs]
    return [paragraph.text for paragraph in document.paragraphs] + inside
