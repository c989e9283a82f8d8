"""Broken expressions explained: the parser's words in Chinese, and what was probably meant."""

from __future__ import annotations

import re
from difflib import get_close_matches

from xlsform.findings import Finding, finding
from xlsform.xpath.functions import TABLE

_CHINESE = (
    (r"unknown function ([\w:.-]+)\(\)", r"没有函数 \1()"),
    (r"([\w:.-]+)\(\) takes at least (\d+) arguments, not (\d+)", r"\1() 至少要 \2 个参数，写了 \3 个"),
    (r"([\w:.-]+)\(\) takes (\d+) to (\d+) arguments, not (\d+)", r"\1() 要 \2 到 \3 个参数，写了 \4 个"),
    (r"([\w:.-]+)\(\) takes (\d+) arguments?, not (\d+)", r"\1() 要 \2 个参数，写了 \3 个"),
    (r"unexpected character (\S+)", r"不该有的字符 \1"),
    (r"expected a name but found (.+?)(?= at character| in |$)", r"这里应当是名字，却写了 \1"),
    (r"expected (.+?) but found (.+?)(?= at character| in |$)", r"这里应当是 \1，却写了 \2"),
    (r"unknown axis (.+?)(?= at character| in |$)", r"没有这种路径写法 \1"),
    (r"unexpected (.+?)(?= at character| in |$)", r"不该有的 \1"),
    (r"nested (?:too deeply|more than .* deep)", "套得太深"),
    (r"longer than (\d+) characters", r"长过 \1 个字符"),
    (r"needs a number after each repeat", "每个重复组后面都要写序号"),
    (r" at character (\d+) of (.*)", r"，在第 \1 个字符，公式：\2"),
    (r" in (?=\S)", "，公式："),
    (r"the end of the expression|end$", "公式的结尾"),
)
_FUNCTION = re.compile(r"unknown function ([\w:.-]+)\(\)")
_FOREIGN = {
    "iif": "if", "isblank": "string-length", "len": "string-length", "length": "string-length",
    "average": "sum", "avg": "sum", "year": "format-date", "month": "format-date", "lower": "translate",
    "upper": "translate", "trim": "normalize-space", "sumif": "sum", "countif": "count", "left": "substr",
    "right": "substr", "mid": "substr", "datediff": "date", "ifs": "if", "find": "contains",
}  # fmt: skip
"""What people bring from spreadsheets, and the function that does it here."""


def broken(place: str, detail: str) -> Finding:
    """The finding for an expression that can't be read; `detail` is the parser's message."""
    chinese = detail
    for pattern, words in _CHINESE:
        chinese = re.sub(pattern, words, chinese)
    name = _FUNCTION.search(detail)
    hints = _function_hints(name[1]) if name else _hints(detail)
    return finding("error", "syntax", place, detail=detail, **{"detail_zh": chinese, **hints})


def _function_hints(name: str) -> dict[str, str]:
    plain = name.lower()
    near = [_FOREIGN[plain]] if plain in _FOREIGN else get_close_matches(plain, TABLE, 1)
    if not near:
        return {}
    return {"hint": f"Perhaps {near[0]}() is meant", "hint_zh": f"是不是要用 {near[0]}()？"}


def _hints(detail: str) -> dict[str, str]:
    if "takes" in detail:
        return {"hint": "Give it as many as it takes", "hint_zh": "请按要求的个数写参数"}
    if "unexpected character" in detail and any(mark in detail for mark in "“”‘’，（）"):
        return {"hint": "Type ' \" , ( ) as half-width signs", "hint_zh": "引号、逗号、括号要用英文半角"}
    return {
        "hint": "Close every bracket and quote, and join the parts with and, or, = or +",
        "hint_zh": "请补全括号和引号，各部分之间用 and、or、= 或 + 连接",
    }
