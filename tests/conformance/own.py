"""Forms of our own that ask JavaRosa what nobody recorded: every kind of calculation, condition and repeat.

`python -m tests.conformance.own [FILE]` records walks over them anew with JavaRosa (needs Java 11 or later);
tests/xlsform/test_own_walks.py replays what is kept.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import tarfile
from pathlib import Path

from tests.conformance.differential import walks
from xlsform.publish import publish
from xlsform.workbook import Grid
from xlsform.writing import write_md

KEPT = Path(__file__).with_name("own_walks.jsonl.gz")
SEED, EACH = 20261126, 2
_QUESTIONS = (
    "date d", "date d2", "integer i", "decimal x", "text t", "geopoint g", "select_one yn s",
    "select_multiple ab m",
)  # fmt: skip
_CHOICES: Grid = [
    ["list_name", "name", "label"], ["yn", "yes", "Yes"], ["yn", "no", "No"],
    *(["ab", name, name.upper()] for name in "abcd"),
]  # fmt: skip
_MOMENT = "date-time('2020-01-01T22:00:00.000Z')"
CALCULATIONS = (
    "${d}", "today()", "if(true(), ${d}, '')", "if(${s} = 'yes', ${d}, ${d2})", "coalesce(${d}, ${d2})",
    "concat(${d}, '')", "string(${d})", "${d} + 1", "date(${d} + 1)", "${i} + 1", "${x} * 2",
    "${i} div 3", "${g}", "${m}", "${s} = 'yes'", "${d} > ${d2}", "int(${d})", "number(${d})", _MOMENT,
    f"number({_MOMENT})", f"{_MOMENT} + 0", f"{_MOMENT} > date('2020-01-01')",
    f"{_MOMENT} = date('2020-01-01')", f"decimal-date-time({_MOMENT})",
    f"round({_MOMENT} - date('2020-01-01'))", f"string({_MOMENT})", "decimal-date-time(${d})",
    "format-date(${d}, '%Y/%n/%e')", "concat(${x}, '-', ${i})", "round(${x}, 1)", "${x} div 0", "0 div 0",
    "-${x}", "pow(${x}, 3)", "sqrt(${x})", "1 div 3", "0.1 + 0.2", "${i} * 1.5", "min(${d}, ${d2})",
    "max(${i}, ${x})", "once(${d})", "once(${i})", "if(${i} > 3, 'a', ${x})", "coalesce('', ${x})",
    "selected-at(${m}, 0)", "count-selected(${m})", "substr(${t}, 0, 2)", "number(${t})", "boolean(${t})",
    "not(${t})", "true()", "string(true())", "boolean-from-string(${t})",
    "int((today() - ${d}) div 365.25)", "${d} = today()", "${i} > 3", "${i} = '05'",
    "join(',', ${d}, ${x})", "translate(${t}, 'abc', 'xyz')", "-7 mod 3",
    "checklist(1, 2, ${i} = 1, ${x} = 1)", "weighted-checklist(1, 2, ${i} = 1, 1, ${x} = 1, 1)",
    "regex(${t}, '[a-z]+')", "if(${t}, 1, 2)", "if(${i}, 1, 2)", "if('0', 1, 2)", "if(0, 1, 2)",
    "selected(${m}, 'a')", "number('')", "number(' 5 ')", "round(2.5)", "round(-2.5)",
    "round(12345.678, -2)", "int(-3.7)", "date('2020-1-1')", "format-date('2020-01-01', '%a %b %d')",
    "digest(${t}, 'MD5', 'hex')", "123456789 * 1000",
)  # fmt: skip
CONDITIONS = (
    "${t}", "${i}", "${x}", "${d}", "${s}", "${m}", "${g}", "not(${t})", "${i} = ''", "${d} != ''",
    "${i} > ''", "${i} >= 0", "${s} != 'yes'", "selected(${m}, 'a') and ${i}", "${t} or ${i}",
    "${t} = '0'", "'false'", "${d} <= today()", "${d} = date('2020-02-29')", "string-length(${t}) > 3",
    "coalesce(${i}, 0) > 3", "count-selected(${m}) > 1", "if(${s} = 'yes', ${i} > 2, ${x} > 2)",
    "number(${t})", "string(${i}) = '3'", "${x} = '3.25'",
)  # fmt: skip
_HOUSE: Grid = [
    ["integer", "n", "n"],
    ["begin_repeat", "kid", "kid", "", "${n} mod 4"],
    ["text", "nm", "name"],
    ["integer", "age", "age of ${nm}", "${nm} != 'yes'"],
    ["calculate", "pos", "", "", "", "position(..)"],
    [
        "calculate",
        "before",
        "",
        "",
        "",
        "if(position(..) > 1, indexed-repeat(${nm}, ${kid}, position(..) - 1), '-')",
    ],
    ["begin_repeat", "toy", "toy"],
    ["text", "tn", "toy of ${nm}"],
    ["calculate", "both", "", "", "", "concat(${nm}, '/', ${tn})"],
    ["end_repeat"],
    ["end_repeat"],
    ["calculate", "sum", "", "", "", "sum(${age})"],
    ["calculate", "cnt", "", "", "", "count(${kid})"],
    ["calculate", "names", "", "", "", "join(',', ${nm})"],
    ["calculate", "filled", "", "", "", "count-non-empty(${nm})"],
    ["calculate", "second", "", "", "", "indexed-repeat(${nm}, ${kid}, 2)"],
    ["calculate", "toys", "", "", "", "count(${toy})"],
    ["calculate", "older", "", "", "", "count(${kid}[age > 5])"],
    ["select_one ${nm}", "pick", "pick"],
]


def forms() -> dict[str, str]:
    """XForms by file name: one for every calculation, one for all conditions, one with repeats."""
    found = {
        f"own__calculation_{n:03}.xml": _form([["calculate", "c", "", "", "", source]])
        for n, source in enumerate(CALCULATIONS)
    }
    asked: Grid = []
    for n, source in enumerate(CONDITIONS):
        asked.append(["text", f"r{n}", f"{source} holds?", source, "", "", source if n % 2 else ""])
        asked.append(["integer", f"k{n}", f"${{r{n}}}", "", "", "", "", source.replace("${i}", ".")])
    found["own__conditions.xml"] = _form(asked)
    found["own__house.xml"] = _form(_HOUSE)
    return found


def _form(rows: Grid) -> str:
    heads = ["type", "name", "label", "relevant", "repeat_count", "calculation", "required", "constraint"]
    first = [[*q.rpartition(" ")[::2], q.rpartition(" ")[2]] for q in _QUESTIONS]
    text = write_md({"survey": [heads, *first, *rows], "choices": _CHOICES})
    return publish(text.encode(), kind="md", name="own").xform


def archive(path: Path) -> Path:
    """The forms as an archive, which `walks` and `walk_cases` read."""
    with tarfile.open(path, "w:gz") as tar:
        for name, text in forms().items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return path


def main() -> None:
    """Record."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else KEPT
    lines = walks(archive(target.with_suffix(".tar.gz")), SEED, EACH)
    target.with_suffix(".tar.gz").unlink()
    refused = sorted({line["form"] for line in map(json.loads, lines) if line.get("error")})
    if refused:
        raise SystemExit(f"JavaRosa refuses {', '.join(refused)}")
    with gzip.GzipFile(target, "wb", mtime=0) as file:
        file.write("\n".join(lines).encode())


if __name__ == "__main__":
    main()
