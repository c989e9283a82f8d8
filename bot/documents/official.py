"""Word files laid out as Chinese offices write them (GB/T 9704-2012): A4, title, body, tables, signatures."""

from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

TITLE, BODY, HEAD, SUBHEAD, PAGE = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
SIZE_TITLE, SIZE_TABLE, SIZE_PAGE = 22, 12, 14  # points: 二号, 小四, 四号
# For computers without the fonts that offices buy: what Word, WPS and LibreOffice take instead.
_SERIF, _SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
_INSTEAD = {
    TITLE: f"宋体,{_SERIF}", BODY: f"仿宋,FangSong,{_SERIF}", SUBHEAD: f"楷体,KaiTi,{_SERIF}",
    HEAD: f"SimHei,{_SANS}", PAGE: f"SimSun,{_SERIF}",
}  # fmt: skip
_NEEDLESS = ("stylesWithEffects", "numbering", "customXml", "thumbnail", "theme")
_STYLES = ("Normal", "DefaultParagraphFont", "TableNormal", "NoList", "TableGrid", "Header", "Footer")
_AFTER_SPACING = (  # what stands behind it in a paragraph's properties, by the schema
    "w:bidi", "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing",
    "w:mirrorIndents", "w:suppressOverlap", "w:jc", "w:textDirection", "w:textAlignment",
    "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr", "w:sectPr", "w:pPrChange",
)  # fmt: skip
_SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
}


class Official:
    """A document being written; each method adds something at its end.

    ``size`` of the body in points and ``line`` from one line to the next: 三号 with 22 lines on a page.
    """

    def __init__(self, title: str, *, size: float = 16, line: float = 28) -> None:
        self.file = Document()
        self._size, self._spacing = size, line
        self._lighten()
        self._page()
        self._style()
        self._numbers()
        properties = self.file.core_properties
        properties.author, properties.comments, properties.title = "", "", title

    def title(self, *lines: str) -> None:
        """The title, centred, each line by itself."""
        for line in lines:
            self._line(line, font=TITLE, size=SIZE_TITLE, side="center", spacing=36)

    def heading(self, text: str) -> None:
        """一、…"""
        self._line(text, font=HEAD, indent=2, before=4, keep=True)

    def under(self, text: str) -> None:
        """What the title is also called, centred below it."""
        self._line(text, font=SUBHEAD, side="center")

    def text(self, text: str, *, indent: int = 2, before: int = 0, keep: bool = False) -> None:
        """A paragraph, its first line set in by ``indent`` characters, ``before`` points under the last."""
        self._line(text, indent=indent, before=before, keep=keep)

    def right(self, text: str, *, off: int = 0, keep: bool = False) -> None:
        """A line at the right edge, ``off`` characters before it: who signs, and the day."""
        self._line(text, side="right", off=off, keep=keep)

    def picture(self, text: str) -> None:
        """A picture in the middle, as high as it is."""
        self._line(text, side="center", spacing=None)

    def blank(self, *, keep: bool = False) -> None:
        """An empty line."""
        self._line("", keep=keep)

    def control(self, text: str) -> None:
        """A paragraph that only steers the template ({%p if … %}) and is not there when it is filled."""
        self._line(text)

    def table(
        self, widths: Sequence[float], rows: Sequence[Sequence[str]], *, head: bool = True,
        middle: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """A table with borders, ``widths`` in millimetres. Without ``head``, every other cell is a label.

        The columns ``middle`` (from 0) hold figures: these stand in the middle.
        """
        table = self.file.add_table(rows=0, cols=len(widths))
        table.style = "Table Grid"
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        for number, texts in enumerate(rows):
            row = table.add_row()
            _keep_whole(row, repeat=head and number == 0)
            for place, (text, width) in enumerate(zip(texts, widths, strict=True)):
                cell = row.cells[place]
                cell.width, cell.vertical_alignment = Mm(width), WD_CELL_VERTICAL_ALIGNMENT.CENTER
                bold = (head and number == 0) or (not head and place % 2 == 0)
                self._cell(cell.paragraphs[0], text, HEAD if bold else BODY, middle=bold or place in middle)

    def _cell(self, paragraph: Any, text: str, font: str, *, middle: bool) -> None:
        shape = paragraph.paragraph_format
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(SIZE_TABLE * 1.6)
        paragraph.alignment = _SIDES["center" if middle else "left"]
        _close_up(paragraph)
        _run(paragraph, text, font, SIZE_TABLE)

    def _line(
        self, text: str, *, font: str = BODY, size: float = 0, side: str = "both", indent: int = 0,
        off: int = 0, spacing: float | None = 0, before: int = 0, keep: bool = False,
    ) -> None:  # fmt: skip
        size = size or self._size
        paragraph = self.file.add_paragraph()
        paragraph.alignment = _SIDES[side]
        shape = paragraph.paragraph_format
        if spacing is not None:
            shape.line_spacing_rule, shape.line_spacing = (
                WD_LINE_SPACING.EXACTLY,
                Pt(spacing or self._spacing),
            )
        shape.space_before, shape.keep_with_next = Pt(before), keep
        if indent or off:
            _indent(paragraph, indent, off, size)
        if text:
            _run(paragraph, text, font, size)

    def _lighten(self) -> None:
        """Without what python-docx's own template brings: every document that is kept would carry it."""
        for part in (self.file.part, self.file.part.package):
            for id in [id for id, rel in part.rels.items() if rel.reltype.rsplit("/", 1)[-1] in _NEEDLESS]:
                del part.rels[id]
        for style in [s for s in self.file.styles.element.style_lst if s.styleId not in _STYLES]:
            style.getparent().remove(style)

    def _page(self) -> None:
        section = self.file.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(25)

    def _style(self) -> None:
        style = self.file.styles["Normal"]
        style.font.name, style.font.size = BODY, Pt(self._size)
        _fonts(style.element.get_or_add_rPr(), BODY)
        style.paragraph_format.space_after = Pt(0)
        for fonts in self.file.styles.element.iter(qn("w:rFonts")):  # the theme is gone that some refer to
            for name in [name for name in fonts.attrib if name.endswith("Theme")]:
                del fonts.attrib[name]
        for language in self.file.styles.element.iter(qn("w:lang")):
            language.set(qn("w:eastAsia"), "zh-CN")
        table = next(p for p in self.file.part.package.iter_parts() if p.partname.endswith("/fontTable.xml"))
        entries = "".join(
            f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/>'
            f'<w:family w:val="{"swiss" if name == HEAD else "roman"}"/></w:font>'
            for name, other in _INSTEAD.items()
        )
        table._blob = table.blob.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")

    def _numbers(self) -> None:
        """— 1 — at the outer edge, one character from it."""
        self.file.settings.odd_and_even_pages_header_footer = True
        section = self.file.sections[0]
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            paragraph = footer.paragraphs[0]
            paragraph.alignment = _SIDES[side]
            _indent(paragraph, 0, 1, SIZE_PAGE, left=side == "left")
            _run(paragraph, "— ", PAGE, SIZE_PAGE)
            for part in ("begin", "PAGE", "end"):
                _field(_run(paragraph, "", PAGE, SIZE_PAGE), part)
            _run(paragraph, " —", PAGE, SIZE_PAGE)


def _run(paragraph: Any, text: str, font: str, size: float) -> Any:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, Pt(size)
    _fonts(run._element.get_or_add_rPr(), font)
    return run


def _fonts(properties: Any, font: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), font)


def _indent(paragraph: Any, first: int, off: int, size: float, *, left: bool = False) -> None:
    """Indents in characters, as Chinese Word counts them, with the same in points for other programs."""
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    side = "left" if left else "right"
    for name, characters in (("firstLine", first), (side, off)):
        if characters:
            indent.set(qn(f"w:{name}Chars"), str(characters * 100))
            indent.set(qn(f"w:{name}"), str(int(characters * size * 20)))


def _close_up(paragraph: Any) -> None:
    """No room beside figures and Latin letters, so that a day stays on one line of a narrow column."""
    properties = paragraph._p.get_or_add_pPr()
    for name in ("autoSpaceDE", "autoSpaceDN"):
        element = OxmlElement(f"w:{name}")
        element.set(qn("w:val"), "0")
        properties.insert_element_before(element, *_AFTER_SPACING)


def _field(run: Any, part: str) -> None:
    if part == "PAGE":
        element = OxmlElement("w:instrText")
        element.text = "PAGE"
    else:
        element = OxmlElement("w:fldChar")
        element.set(qn("w:fldCharType"), part)
    run._element.append(element)


def _keep_whole(row: Any, *, repeat: bool) -> None:
    """A row is not torn between pages; the head comes again on each."""
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if repeat:
        properties.append(OxmlElement("w:tblHeader"))
