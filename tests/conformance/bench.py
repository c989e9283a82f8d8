"""How long the engine takes: `python -m tests.conformance.bench [--forms TAR]`.

A form of 300 questions in two languages is published, loaded, filled in and restored after every answer; with
--forms, each form of the archive is loaded and its first questions answered, and the slowest are shown.
"""

from __future__ import annotations

import argparse
import sys
import tarfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from xlsform import Context, Form, FormError, Prompt, Session, load
from xlsform.publish import publish

CONTEXT = Context(now=datetime.now(UTC))
_VALUES = {"integer": "5", "decimal": "5", "text": "abc", "date": "2026-01-01", "acknowledge": "OK"}


_COLUMNS = "type, name, label::zh (zh), label::en (en), relevant, constraint, required, calculation"


def question(n: int) -> list[str]:
    """The nth row of the form: in every ten a choice, a number and a calculation, the others texts."""
    first = n - n % 10
    if n == first:
        return ["select_one yn", f"q{n}", "好吗", "Well?", "", "", "yes"]
    if n == first + 1:
        return ["integer", f"q{n}", "几岁", f"How old, ${{q{first}}}?", f"${{q{first}}} = 'yes'", ". < 100"]
    if n == first + 9:
        sum_ = f"if(${{q{first}}} = 'yes', ${{q{first + 1}}} + 1, 0)"
        return ["calculate", f"q{n}", "", "", "", "", "", sum_]
    return ["text", f"q{n}", "名字", "Name", "${q0} != 'zz'" if n % 3 == 0 else ""]


def long_form() -> str:
    """Thirty groups of nine questions and a calculation, in two languages."""
    rows = [_COLUMNS.split(", ")]
    for group in range(30):
        rows.append(["begin_group", f"g{group}", f"组{group}", f"Group {group}"])
        rows.extend(question(group * 10 + place) for place in range(10))
        rows.append(["end_group"])
    lines = ["| survey |", *("| | " + " | ".join(row + [""] * (8 - len(row))) + " |" for row in rows)]
    choices = ["| choices |", "| | list_name | name | label::zh (zh) | label::en (en) |"]
    return "\n".join([*lines, *choices, "| | yn | yes | 是 | Yes |", "| | yn | no | 否 | No |"])


def timed(times: list[float], run: Callable[[], object]) -> object:
    began = time.perf_counter()
    result = run()
    times.append((time.perf_counter() - began) * 1000)
    return result


def answer_for(prompt: Prompt) -> str:
    return prompt.choices[0].value if prompt.choices else _VALUES.get(prompt.kind, "")


def fill(form: Form) -> None:
    """Answer the whole form and show the times of every step."""
    times: dict[str, list[float]] = {name: [] for name in ("start", "answer", "prompt", "dump", "restore")}
    session = timed(times["start"], lambda: Session.start(form, CONTEXT))
    assert isinstance(session, Session)
    while isinstance(prompt := session.prompt(), Prompt):
        value, current = answer_for(prompt), session
        timed(times["answer"], lambda: current.answer(value))  # noqa: B023 - called at once
        timed(times["prompt"], current.prompt)
        state = timed(times["dump"], current.dump)
        session = timed(times["restore"], lambda: Session.restore(form, state, CONTEXT))  # type: ignore[arg-type]  # noqa: B023
        assert isinstance(session, Session)
    for name, found in times.items():
        print(
            f"{name:<8} {len(found):>4} times  median {median(found):7.2f} ms  longest {max(found):7.2f} ms"
        )


def slowest(archive: Path) -> None:
    """Load and begin every form of the archive; show the three slowest to load."""
    rows: list[tuple[float, float, int, str]] = []
    with tarfile.open(archive) as tar:
        texts = {m.name: f.read().decode() for m in tar.getmembers() if (f := tar.extractfile(m)) is not None}
    for name, text in texts.items():
        loads: list[float] = []
        try:
            form = timed(loads, lambda: load(text))  # noqa: B023 - called at once
        except FormError as error:
            print(f"{name} does not load: {error}")
            continue
        assert isinstance(form, Form)
        rows.append((loads[0], longest_answer(form), len(form.fields), name))
    for loading, answering, fields, name in sorted(rows, reverse=True)[:3]:
        print(f"load {loading:6.1f} ms  longest answer {answering:6.2f} ms  {fields:>4} fields  {name[:60]}")


def longest_answer(form: Form, most: int = 80) -> float:
    """The longest of the first answers in milliseconds."""
    session, times = Session.start(form, CONTEXT), [0.0]
    for _ in range(most):
        prompt = session.prompt()
        if not isinstance(prompt, Prompt):
            if prompt is None:
                break
            session.no_more()
            continue
        value = answer_for(prompt)
        if timed(times, lambda: session.answer(value)) is not None:  # noqa: B023 - called at once
            break
    return max(times)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", type=Path)
    options = parser.parse_args(arguments)
    xform = publish(long_form().encode(), kind="md", name="long").xform
    loads: list[float] = []
    form = timed(loads, lambda: load(xform))
    assert isinstance(form, Form)
    print(f"load     {loads[0]:.1f} ms, {len(form.fields)} fields, {len(xform) // 1024} KB")
    fill(form)
    if options.forms:
        slowest(options.forms)
    return 0


if __name__ == "__main__":
    sys.exit(main())
