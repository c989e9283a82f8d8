"""docs/documents.md lists every value; `python -m tests.documents.test_page` writes the lists anew."""

from pathlib import Path

from bot.documents.kinds import Value, kinds

PAGE = Path(__file__).parents[2] / "docs" / "documents.md"
START, END = "<!-- values: written by tests/documents/test_page.py -->\n", "<!-- end of values -->"


def table() -> str:
    """The lists, one for each kind."""
    lines: list[str] = []
    for name, kind in kinds().items():
        lines += [
            "",
            f"**{name}.docx** {kind.title.zh_Hans} · {kind.title.en}",
            "",
            "| 变量 variable | 意思 | meaning |",
        ]
        lines += ["|---|---|---|", *(_row(each, value) for each, value in kind.values.items())]
        for each, rows in kind.rows.items():
            lines.append(
                f"| `{each}`（for） | {rows.about.zh_Hans}，每人（每条）一行 | {rows.about.en}, a row each |"
            )
            lines += [_row(f"… .{column}", value) for column, value in rows.values.items()]
    return "\n".join([*lines, "", ""])


def _row(name: str, value: Value) -> str:
    return f"| `{name}` | {value.zh_Hans} | {value.en} |"


def test_the_page_lists_every_value() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.partition(START)[2].partition(END)[0] == table()


if __name__ == "__main__":
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    PAGE.write_text(head + START + table() + END + rest.partition(END)[2], encoding="utf-8")
