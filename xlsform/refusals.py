"""pyxform's messages: where they point, and what they say in Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from xlsform.findings import Finding, Severity, finding

TYPES = (
    "text", "integer", "decimal", "date", "time", "dateTime", "select_one", "select_multiple",
    "rank", "range", "note", "calculate", "hidden", "acknowledge", "image", "audio", "video",
    "file", "barcode", "geopoint", "geotrace", "geoshape", "begin_group", "end_group",
    "begin_repeat", "end_repeat", "start", "end", "today", "username", "deviceid", "phonenumber",
    "select_one_from_file", "select_multiple_from_file", "xml-external", "csv-external", "audit",
)  # fmt: skip
"""The types that authors mostly mean."""
_ROW = re.compile(r"\[row\s*:\s*(\d+)\]\s*")
_COLUMN = re.compile(r"On the '([\w-]+)' sheet, the '([^']+)' value (?:'[^']*' )?is invalid\.\s*")
_SHEET = re.compile(
    r"(?:On the |sheet: )?'(survey|choices|settings|entities|external_choices)'", re.IGNORECASE
)
_TYPE = re.compile(r"Unknown question type '([^']*)'")

_CHINESE: tuple[tuple[str, str], ...] = (
    (r"not a readable \.(\w+) file|could not read this \.(\w+)", "文件打不开：不是这种格式，或已损坏"),
    (r"no sheet named survey", "没有名为 survey 的工作表，或里面是空的"),
    (r"the column (.+) stands twice", r"列 \1 出现了两次"),
    (r"larger than (\d+ MB)", r"文件超过 \1"),
    (r"more than (\d+) rows", r"有一张表超过 \1 行"),
    (r"no table in this Markdown", "里面没有表格：survey 的各行上面要有 | survey |"),
    (r"not a form as CSV", "不是表单的 CSV：第一列写表名，后面各列写内容"),
    (r"could not read this form", "表单工具读不了这个表单，请检查有没有奇怪的列或单元格"),
    (r"Could not find the name '([^']+)'", r"引用了不存在的名字 \1"),
    (r"must begin with a letter or underscore", "名字必须以字母或下划线开头，之后只能用字母、数字、- _ ."),
    (r"must be unique within their nearest parent", "同一组里有两个同样的名字"),
    (r"names must be unique anywhere.*'([^']+)' appears more than once", r"被引用的名字 \1 不止一个"),
    (r"multiple survey elements named '([^']+)'", r"名字 \1 在表里出现了不止一次，不能引用"),
    (r"name 'meta' is reserved", "meta 是保留的名字，请换一个"),
    (r"Unmatched '(end_\w+)'", r"\1 没有对应的 begin"),
    (r"Unmatched '(begin_\w+)'", r"\1 没有对应的 end"),
    (r"Question or group with no name", "这一行没有名字（name）"),
    (r"[Nn]o label or hint|Missing label", "这个问题没有题目（label）"),
    (r"Missing calculation", "calculate 这一行没有公式（calculation）"),
    (r"List name not in (?:external )?choices sheet: (\S+)", r"choices 表里没有选项表 \1"),
    (r"list name '?([\w-]+)'? .*(?:not found|does not exist)", r"choices 表里没有选项表 \1"),
    (r"required column headers were not found: '([^']+)'", r"缺少这一列：\1"),
    (r"[Dd]uplicate choice|not unique", "同一个选项表里有两个同样的选项名"),
    (r"column name|column\(s\) are not supported", "有不认识的列名"),
    (r"comma between each variable", "几个变量之间要用逗号隔开"),
    (r"accepted parameter keys for this question type are '([^']+)'", r"这种题型的参数只能是：\1"),
    (r"For the 'range' question type", "range 题的参数不合适（start、end、step）"),
    (r"save_to.*(?:already assigned)", "这个 save_to 属性已经在另一行用过"),
    (r"save_to", "save_to 用得不对：要有 entities 表，属性名不能是 name 或 label，组不能保存"),
    (r"entity declaration is invalid", "entities 表写得不对：要写 label，更新时要写 entity_id，每组只能一条"),
    (r"Duplicate type|Instance name", "同一个名字用在了两份不同的数据上"),
    (r"must be a number or a reference", "这里要写数字或引用一个字段"),
    (r"Unknown question type", "没有这种题型"),
    (r"'calculation' column must be empty", "这种题型不能写公式"),
    (r"max-pixels", "照片题没有写 max-pixels，照片会按原样保存"),
    (r"has no label", "有一个选项没有文字（label）"),
    (r"missing translations|translation", "有的语言缺少文字，会显示默认语言"),
    (r"misspelled|similar|check the spelling", "表名或列名可能拼错了"),
)  # fmt: skip


def explained(message: str, severity: Severity, sheets: Mapping[str, Any], *, fallback: str = "") -> Finding:
    """A message of pyxform's as a finding with its place; `sheets` are the rows it was given."""
    text = " ".join(message.split())
    row, column, sheet = _ROW.search(text), _COLUMN.search(text), _SHEET.search(text)
    found = _ROW.sub("", text).strip()
    kind = _TYPE.search(text)
    if kind:
        near = get_close_matches(kind[1].partition(" ")[0], TYPES, 1)
        hint = {"hint": f"; perhaps {near[0]}", "hint_zh": f"；是不是 {near[0]}？"} if near else {}
        return replace(
            finding(severity, "unknown-type", kind=kind[1], **hint),
            sheet="survey",
            row=int(row[1]) if row else row_of_type(sheets.get("survey") or (), kind[1]),
            column="type",
        )
    chinese = next((_said(p, zh, text) for p, zh in _CHINESE if re.search(p, text)), "")
    values = {"english": found.rstrip("."), "chinese": chinese or f"不能使用：{found}"}
    where = column[1].lower() if column else sheet[1].lower() if sheet else "survey" if row else fallback
    return replace(
        finding(severity, "publishing", **values),
        sheet=where,
        row=int(row[1]) if row else 0,
        column=column[2] if column else "",
    )


def _said(pattern: str, chinese: str, text: str) -> str:
    match = re.search(pattern, text)
    return match.expand(chinese) if match else ""


def row_of_type(survey: Sequence[Mapping[str, str]], kind: str) -> int:
    """The first row of this type, 0 if there is none."""
    return next((n for n, row in enumerate(survey, 2) if str(row.get("type", "")).strip() == kind), 0)
