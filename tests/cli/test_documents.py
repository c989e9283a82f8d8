"""`xiangban documents`: what there is, a template to begin with, and what is wrong with one."""

from pathlib import Path

from docx import Document

from tests.cli.test_commands import xiangban


def test_list_shows_every_document_with_its_variables_and_whose_template_is_in_force(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    Document().save(str(tmp_path / "own" / "letter.docx"))
    shown = xiangban(tmp_path, "documents", "list", XIANGBAN_DOCUMENTS_DIR="own").stdout
    assert "agreement.docx 委托照护协议（程序自带的模板）" in shown
    assert "letter.docx 转介函（本县的模板）" in shown
    assert "  {{ child_name }} 孩子姓名\n" in shown
    assert (
        "  parents（一行一个，用 for）委托人（父母或者其他监护人）\n    {{ relation }} 与孩子的关系\n"
        in shown
    )


def test_a_template_is_written_once_and_is_good(tmp_path: Path) -> None:
    done = xiangban(tmp_path, "documents", "template", "agreement", "agreement.docx")
    assert done.stdout.startswith("模板写到了 agreement.docx；用 Word 或 WPS 修改后")
    assert xiangban(tmp_path, "documents", "check", "agreement.docx").stdout == "agreement.docx：没有问题\n"
    again = xiangban(tmp_path, "documents", "template", "agreement", "agreement")
    assert (again.returncode, again.stderr) == (1, "agreement.docx 已经有了；请换一个名字，或者先移走它\n")
    unknown = xiangban(tmp_path, "documents", "template", "invoice", "x.docx")
    assert unknown.returncode == 1
    assert not (tmp_path / "x.docx").exists()


def test_check_names_each_fault_with_file_variable_and_what_is_meant(tmp_path: Path) -> None:
    template = Document()
    template.add_paragraph("{{ child_nmae }} {{ carer_name }}")
    table = template.add_table(1, 1)
    table.cell(0, 0).text = "{{ zzz }}"
    (tmp_path / "own").mkdir()
    template.save(str(tmp_path / "own" / "agreement.docx"))
    (tmp_path / "own" / "minutes.docx").write_bytes(b"x")
    own = {"XIANGBAN_DOCUMENTS_DIR": "own"}
    done = xiangban(tmp_path, "documents", "check", **own)
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert lines[0] == "agreement.docx: 没有叫 child_nmae 的变量；是不是 child_name？"
    assert lines[1].startswith("agreement.docx: 没有叫 zzz 的变量；可以用的有：carer_name, carer_phone")
    assert lines[2].startswith("minutes.docx: 没有叫这个名字的文书；模板的文件名应当是：agreement.docx")
    whole = xiangban(tmp_path, "check", **own)
    assert whole.returncode == 1
    assert set(lines) <= set(whole.stderr.splitlines())
    assert "文书模板：没有问题" in xiangban(tmp_path, "check").stdout


def test_a_wrong_folder_is_named(tmp_path: Path) -> None:
    done = xiangban(tmp_path, "documents", "check", XIANGBAN_DOCUMENTS_DIR="nowhere")
    assert (done.returncode, done.stderr) == (1, "XIANGBAN_DOCUMENTS_DIR: nowhere does not exist\n")
