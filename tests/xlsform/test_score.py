"""The scorer of recorded facts: what it counts as right and wrong, and how it ends."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.score import main
from tests.xlsform.forms import survey
from xlsform.publish import publish


def written(path: Path, *lines: dict[str, Any]) -> str:
    path.write_bytes(gzip.compress("\n".join(json.dumps(line) for line in lines).encode()))
    return str(path)


def xpath_case(expr: str, kind: str, value: object) -> dict[str, Any]:
    return {
        "suite": "own", "file": "xforms/x.test.ts", "test": "t",
        "xml": "<a><b>2</b></a>", "ctx": "/1", "expr": expr,
        "want": kind, "expect": {"t": kind, "v": value}, "xforms": None, "lang": None, "volatile": False,
    }  # fmt: skip


def test_right_and_wrong_expressions_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(
        tmp_path / "x.gz",
        xpath_case("b + 1", "number", 3),
        xpath_case("b", "nodes", ["/1/1"]),
        xpath_case("nosuch()", "error", "x"),
        xpath_case("b + 1", "number", 4),
        {**xpath_case("now()", "string", "?"), "volatile": True},
    )
    assert main(["xpath", file, "--at-least", "0.75", "--failures"]) == 0
    assert main(["xpath", file, "--at-least", "0.8"]) == 1
    shown = capsys.readouterr().out
    assert "3 / 4" in shown
    assert "left out: 1" in shown
    assert "'b + 1'" in shown


def scenario(value: str) -> dict[str, Any]:
    form = publish(
        survey("integer a", "calculate b ; calculation=${a} * 2").encode(), kind="md", name="t"
    ).xform
    steps = [
        {"op": "init", "ref": None, "args": None, "error": None, "removed": [], "changed": {}},
        {
            "op": "answer", "ref": "/data/a", "args": ["/data/a", 4], "error": None, "removed": [],
            "changed": {"/data/b": {"rel": True, "value": value, "node": "model-value"}},
        },
    ]  # fmt: skip
    return {
        "file": "test/own.test.ts",
        "test": "t",
        "passed": True,
        "opts": None,
        "form": form,
        "steps": steps,
    }


def test_a_scenario_counts_only_if_every_fact_is_right(tmp_path: Path) -> None:
    assert main(["scenarios", written(tmp_path / "s.gz", scenario("8")), "--at-least", "1"]) == 0
    assert main(["scenarios", written(tmp_path / "s.gz", scenario("9")), "--at-least", "1"]) == 1


def walk(asked: list[str]) -> dict[str, Any]:
    entry = {"readonly": False, "required": False, "answer_code": "0", "choices": []}
    return {
        "form": "own__f.xml", "answers": {"/data/a": "4"}, "repeats": {}, "repeat_prompts": [], "error": None,
        "asked": [{**entry, "ref": ref, "label": ref[-1]} for ref in asked],
        "values": {"/data/a": [1, "4"], "/data/b": [0, ""]},
    }  # fmt: skip


def test_a_walk_counts_only_if_the_same_questions_were_asked(tmp_path: Path) -> None:
    form = publish(
        survey("integer a", "text b ; relevant=${a} > 5").encode(), kind="md", name="t"
    ).xform.encode()
    archive = tmp_path / "forms.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo("own__f.xml")
        member.size = len(form)
        tar.addfile(member, io.BytesIO(form))
    for questions, status in ((["/data/a"], 0), (["/data/a", "/data/b"], 1)):
        file = written(tmp_path / "w.gz", walk(questions))
        assert main(["walks", file, "--forms", str(archive), "--at-least", "1"]) == status


def test_a_form_that_must_be_refused_counts_only_if_it_is(tmp_path: Path) -> None:
    good, bad = survey("text a"), survey("txt a")
    for text, errored, status in ((good, False, 0), (bad, True, 0), (good, True, 1), (bad, False, 1)):
        file = written(tmp_path / "m.gz", {"test": "t", "md": text, "ss": None, "errored": errored})
        assert main(["md", file, "--at-least", "1"]) == status


def test_an_empty_file_scores_nothing(tmp_path: Path) -> None:
    assert main(["xpath", written(tmp_path / "e.gz"), "--at-least", "0.5"]) == 1
