"""Word files from templates: values stay text whatever they hold; what is wrong in a template is named."""

import io
import time
import zipfile
from pathlib import Path

import pytest
from docx import Document
from PIL import Image

from bot.documents.checking import faults_of
from bot.documents.kinds import Kind, kinds
from bot.documents.make_templates import MAKERS, made
from bot.documents.press import open_press
from bot.documents.templates import packaged
from bot.documents.word import filled
from conversations.press import Picture, Unprintable
from tests.conversations.county import words
from tests.documents.samples import hostile, template, texts

AGREEMENT = kinds()["agreement"]


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {part: package.read(part) for part in package.namelist()}


@pytest.mark.parametrize("name", sorted(kinds()))
def test_a_packaged_template_is_good_and_is_what_its_maker_writes(name: str) -> None:
    assert faults_of(packaged(name), kinds()[name]) == []
    assert unpacked(packaged(name)) == unpacked(made(name))
    assert MAKERS.keys() == kinds().keys()
    assert words().has(f"document.{name}")


async def test_hostile_values_stay_text() -> None:
    found = texts(await open_press().word("agreement", hostile()))
    assert "{{7*7}}<w:br/>&lt;小花]]>" in found
    assert "=cmd|' /C calc'!A0" in found
    assert "{% for x in range(9) %}周 桂兰" in found
    assert "委托照护的原因：𠮷家爸妈都外出了。" in found
    assert found.count("{{ reason }}<b>张</b>") == 40
    at = found.index("第一段")
    assert found[at + 1] == "第二段：</w:t></w:r>"


async def test_what_is_empty_leaves_a_line_to_write_on() -> None:
    found = texts(await open_press().word("agreement", hostile()))
    assert "紧急联系人：王主任，电话：______。" in found
    assert found.count("______") == 80  # place and telephone of forty parents


async def test_an_empty_day_leaves_lines_too_and_counts_as_nothing() -> None:
    content = template("{{ start.year }}年{{ start.month }}月", "{% if start %}有{% else %}没有{% endif %}")
    values = {**AGREEMENT.samples(), "start": None}
    assert texts(filled(content, "x", AGREEMENT, values)) == ["______年______月", "没有"]


async def test_values_that_are_missing_or_unknown_are_all_named() -> None:
    values = kinds()["letter"].samples()
    del values["to"]
    values["whom"] = "派出所"
    values["fields"] = [{"label": "姓名"}]
    with pytest.raises(Unprintable) as caught:
        await open_press().word("letter", values)
    assert caught.value.faults == (
        "letter: fields row 1: value: missing",
        "letter: to: missing",
        "letter: whom: unknown",
    )


async def test_an_unknown_document_is_named_with_those_there_are() -> None:
    with pytest.raises(
        Unprintable,
        match="invoice: no such document; there are agreement, dropout_report, letter, mandatory_report",
    ):
        await open_press().word("invoice", {})


UNKNOWN = "there is no variable "
BRACES = "double braces or {% %} are not written right"
FORBIDDEN = "something in the template is not allowed"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("{{ child_nmae }}", UNKNOWN + "child_nmae; is child_name meant?"),
        ("{% for p in parents %}{{ p.nmae }}{% endfor %}", UNKNOWN + "p.nmae; is p.name meant?"),
        ("{{ start.yaer }}", UNKNOWN + "start.yaer; is start meant?"),
        ("{% if never %}{{ child_nam }}{% endif %}", UNKNOWN + "child_nam; is child_name meant?"),
        ("{{ child_name }", BRACES),
        ("{% for p in parents %}", BRACES),
        ("{{ child_name|center(999999999) }}", BRACES + " (No filter named"),
        ("｛｛ child_name ｝｝，", "“｛｛ child_name ｝｝” would be printed as it stands"),
        ("{ child_name }", "“{ child_name }” would be printed as it stands"),
        ("{{ child_name.upper() }}", FORBIDDEN),
        ("{{ child_name.__class__ }}", UNKNOWN + "child_name.__class__"),
        ("{{ 'x' * 999999999 }}", FORBIDDEN + " (* is not for templates)"),
        ("{{ parents[0].name }}", FORBIDDEN + " ("),
        ("{{ (parents|first).nmae }}", FORBIDDEN + " ("),
        ("{{ loop.index }}", UNKNOWN + "loop"),
        ("{% for p in parents if p.nmae %}{% endfor %}", UNKNOWN + "p.nmae; is p.name meant?"),
        ("{% for n in range(9) %}{% endfor %}", FORBIDDEN),
        ("{% include 'x' %}", FORBIDDEN),
    ],
)
def test_a_template_with_a_fault_is_refused_with_what_is_wrong(words: str, line: str) -> None:
    lines = [fault.line("x", "en") for fault in faults_of(template("{{ child_name }}", words), AGREEMENT)]
    assert any(found.startswith(f"x: {line}") for found in lines), lines


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"%PDF-1.7", template("x")[:-200]])
def test_what_is_no_word_file_is_refused(content: bytes) -> None:
    assert len(faults_of(content, AGREEMENT)) == 1


def test_a_variable_that_word_has_cut_into_runs_is_one_variable() -> None:
    document = Document()
    paragraph = document.add_paragraph()
    for piece in ("姓名：{", "{ chi", "ld_na", "me }", "}"):
        paragraph.add_run(piece).bold = piece == "ld_na"
    out = io.BytesIO()
    document.save(out)
    assert faults_of(out.getvalue(), AGREEMENT) == []
    assert texts(filled(out.getvalue(), "x", AGREEMENT, AGREEMENT.samples())) == ["姓名：张小花"]


def test_days_can_be_written_in_another_order() -> None:
    assert faults_of(template("{{ start.year }}/{{ start.month }}/{{ start.day }}"), AGREEMENT) == []


async def test_the_countys_template_is_taken_while_it_works_and_a_broken_one_is_not(tmp_path: Path) -> None:
    values = kinds()["letter"].samples()
    file = tmp_path / "letter.docx"
    file.write_bytes(template("一 {{ to }}"))
    press = open_press(tmp_path)
    assert texts(await press.word("letter", values)) == ["一 青山县公安局柳河派出所"]
    file.write_bytes(template("二 {{ too }}"))
    assert texts(await press.word("letter", values)) == ["一 青山县公安局柳河派出所"]
    assert press.faults == ("letter.docx: there is no variable too; is to meant?",)
    file.write_bytes(template("三 {{ to }} 三"))
    assert texts(await press.word("letter", values)) == ["三 青山县公安局柳河派出所 三"]
    assert press.faults == ()
    file.unlink()
    assert "以上信息仅限办理本事项使用，请注意保护未成年人隐私。" in texts(await press.word("letter", values))


def test_a_broken_folder_stops_the_start_with_every_fault(tmp_path: Path) -> None:
    (tmp_path / "letter.docx").write_bytes(template("{{ too }} {{ whom }}"))
    (tmp_path / "report.docx").write_bytes(template("x"))
    (tmp_path / "~$letter.docx").write_bytes(b"what Word leaves")
    with pytest.raises(Unprintable) as caught:
        open_press(tmp_path)
    assert [line.split(";")[0] for line in caught.value.faults] == [
        "letter.docx: there is no variable too",
        "letter.docx: there is no variable whom",
        "report.docx: there is no document of this name",
    ]


async def test_pictures_are_placed_as_wide_as_they_should_be() -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "green").save(out, "PNG")
    chart = Picture(content=out.getvalue(), width=120)
    label = {"zh_Hans": "图", "en": "chart"}
    shown = {"about": label, "values": {"chart": {**label, "picture": True}}}
    kind = Kind.model_validate({"title": label, "values": {}, "rows": {"charts": shown}})
    content = template("{%p for c in charts %}", "{{ c.chart }}", "{%p endfor %}")
    assert faults_of(content, kind) == []
    made_of = Document(io.BytesIO(filled(content, "x", kind, {"charts": [{"chart": chart}] * 2})))
    assert [(shape.width.mm, round(shape.height.mm)) for shape in made_of.inline_shapes] == [(120, 80)] * 2


async def test_a_long_list_is_printed_in_a_second() -> None:
    values = kinds()["dropout_report"].samples()
    values["attempts"] = values["attempts"] * 100
    start = time.process_time()
    assert texts(await open_press().word("dropout_report", values)).count("没有返校") == 300
    assert time.process_time() - start < 5
