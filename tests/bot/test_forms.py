"""Which forms are in force, published in a process of their own and kept by their content."""

import os
from pathlib import Path

import pytest

from bot import forms
from bot.forms import FormFaults, Source, compiled_forms, digest, sources

FORM = """
| survey   |            |         |         |
|          | type       | name    | label   |
|          | text       | {name}  | {label} |
| settings |            |         |         |
|          | form_title | form_id | version |
|          | 试         | trial   | 1       |
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "forms"
    made.mkdir()
    return made


def write(path: Path, label: str = "您好吗", name: str = "how") -> Path:
    path.write_text(FORM.format(label=label, name=name), encoding="utf-8")
    return path


async def test_a_form_of_the_folder_is_published_for_the_engine(folder: Path, tmp_path: Path) -> None:
    write(folder / "trial.md")
    form = (await compiled_forms(folder, tmp_path))["trial"]
    assert form.file == "trial.md"
    assert "您好吗" in form.xform
    assert "<h:html" in form.xform


async def test_a_form_of_the_folder_replaces_the_packaged_one_of_that_name(folder: Path) -> None:
    write(folder / "visit.md", label="只在这个县")
    write(folder / "extra.md")
    found = sources(folder)
    assert "只在这个县".encode() in found["visit"].content
    assert {"visit", "extra"} <= found.keys()


async def test_what_did_not_change_is_not_published_again(folder: Path, tmp_path: Path) -> None:
    write(folder / "trial.md")
    write(folder / "other.md")
    first = await compiled_forms(folder, tmp_path)
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "forms").glob("*.json")}
    write(folder / "other.md", label="改了")
    second = await compiled_forms(folder, tmp_path)
    assert second["trial"] == first["trial"]
    assert "改了" in second["other"].xform
    now = {p: p.stat().st_mtime_ns for p in (tmp_path / "forms").glob("*.json")}
    assert {p: now[p] for p in kept} == kept
    assert len(now) == len(kept) + 1


async def test_a_kept_form_that_was_cut_off_is_published_again(folder: Path, tmp_path: Path) -> None:
    write(folder / "trial.md")
    first = await compiled_forms(folder, tmp_path)
    kept = tmp_path / "forms" / f"{digest(sources(folder)['trial'])}.json"
    kept.write_bytes(kept.read_bytes()[:100])
    assert await compiled_forms(folder, tmp_path) == first


async def test_every_bad_form_is_named_and_the_good_ones_are_no_excuse(folder: Path, tmp_path: Path) -> None:
    write(folder / "good.md")
    write(folder / "bad.md", name="two words")
    (folder / "worse.xlsx").write_bytes(b"this is no workbook")
    with pytest.raises(FormFaults) as caught:
        await compiled_forms(folder, tmp_path)
    assert sorted(fault.split(":")[0] for fault in caught.value.faults) == ["bad.md", "worse.xlsx"]
    assert all("\n" not in fault for fault in caught.value.faults)


async def test_two_files_for_one_form_are_a_fault(folder: Path) -> None:
    write(folder / "trial.md")
    (folder / "trial.csv").write_text("x")
    with pytest.raises(FormFaults, match="there is another form named trial"):
        sources(folder)


async def test_a_form_that_is_too_large_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "LARGEST_SOURCE", 100)
    write(folder / "trial.md")
    with pytest.raises(FormFaults, match="larger than 100 bytes"):
        sources(folder)


async def test_a_publisher_that_hangs_is_ended_and_the_form_named(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "PATIENCE", 0.01)
    write(folder / "trial.md")
    with pytest.raises(FormFaults, match="took too long"):
        await compiled_forms(folder, tmp_path)


def test_files_that_a_form_refers_to_come_along(folder: Path) -> None:
    write(folder / "trial.md")
    (folder / "trial-media").mkdir()
    (folder / "trial-media" / "schools.csv").write_text("name,label\n1,清溪小学\n")
    assert list(sources(folder)["trial"].media) == ["schools.csv"]


def test_temporary_files_of_office_programs_are_no_forms(folder: Path) -> None:
    (folder / "~$trial.xlsx").write_bytes(b"x")
    (folder / ".trial.md.swp").write_bytes(b"x")
    (folder / "read me.txt").write_text("x")
    assert not any(source.file.startswith(("~", ".", "read")) for source in sources(folder).values())


def test_the_digest_depends_on_name_kind_and_content() -> None:
    base = {"name": "a", "kind": "md", "file": "a.md", "content": b"x"}
    variants = [base, {**base, "name": "b"}, {**base, "kind": "csv"}, {**base, "content": b"y"}]
    digests = {digest(Source(**v)) for v in variants}  # type: ignore[arg-type]
    assert len(digests) == 4
    assert digest(Source(**{**base, "file": os.sep + "a.md"})) in digests  # type: ignore[arg-type]
