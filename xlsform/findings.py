"""What authors are told, in English and Chinese: what is wrong, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something wrong or doubtful. `place` is a path in the form with the column meant, or "".

    `sheet`, `row` (counted as spreadsheets do, the heading is 1) and `column` are "" and 0 where unknown.
    `right` says what would be right, "" where nobody but the author can know.
    """

    severity: Severity
    code: str
    place: str = ""
    message: str
    message_zh: str
    right: str = ""
    right_zh: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""

    def line(self, language: str) -> str:
        """One line for a terminal: where, what is wrong, what would be right."""
        chinese = not language.startswith("en")
        where = [self.sheet] if self.sheet else []
        if self.row:
            where.append(f"第 {self.row} 行" if chinese else f"row {self.row}")
        if self.column:
            where.append(f"{self.column} 列" if chinese else f"column {self.column}")
        said, right = (self.message_zh, self.right_zh) if chinese else (self.message, self.right)
        place = ("，" if chinese else ", ").join(where) or self.place
        if right:
            said = f"{said}。{right}" if chinese else f"{said}. {right}"
        if not place:
            return said
        return f"{place}：{said}" if chinese else f"{place}: {said}"


MESSAGES: dict[str, tuple[str, str, str, str]] = {
    "syntax": ("The expression is broken: {detail}", "公式有错：{detail_zh}", "{hint}", "{hint_zh}"),
    "unknown-path": (
        "There is no field {path}",
        "没有这个字段：{path}",
        "Write ${{name}} with a name of the survey sheet{hint}",
        "请用 ${{name}} 引用 survey 表里的名字{hint_zh}",
    ),
    "unknown-instance": (
        "There is no list or table named {name}",
        "没有名为 {name} 的选项表或数据表",
        "Put it into the choices sheet, or {name}.csv into the folder beside the form",
        "请写进 choices 表，或把 {name}.csv 放进表单旁边的文件夹",
    ),
    "no-file": (
        "The file {name} is not at hand, so the table is empty",
        "找不到文件 {name}，这张数据表会是空的",
        "Put it into the folder FORM-media beside the form",
        "请放进表单旁边名为“表单名-media”的文件夹",
    ),
    "pattern": (
        "The pattern {pattern} can't be used: it is broken, or looks ahead or back",
        "正则表达式 {pattern} 不能使用：写错了，或用了前后查找",
        "Close every bracket, and say what may stand there instead of what may not, as in [0-9]{{11}}",
        "请补全括号，直接写允许的内容，例如 [0-9]{{11}}",
    ),
    "cycle": (
        "These fields wait for each other: {way}",
        "这些字段互相等待：{way}",
        "Take one of them out of the other's expression",
        "请从其中一个的公式里去掉另一个",
    ),
    "lost-bind": (
        "A rule is given for {path}, which is not in the form",
        "规则所指的 {path} 不在表单里",
        "Remove the row, or give its question",
        "请删去这一行，或补上对应的问题",
    ),
    "lost-question": (
        "A question is asked for {path}, which is not in the form",
        "问题所指的 {path} 不在表单里",
        "Remove the row, or give it a name of its own",
        "请删去这一行，或另起一个名字",
    ),
    "no-choices": (
        "The question offers no choices",
        "这个问题没有选项",
        "Give the list rows in the choices sheet",
        "请在 choices 表里写上这个选项表的选项",
    ),
    "no-label": (
        "The question has no label",
        "这个问题没有题目（label）",
        "Write in the label column what the person is asked",
        "请在 label 列写上要问的话",
    ),
    "line-or-area": (
        "A line or an area can't be drawn in a chat; such a question must not be required",
        "聊天里画不了路线或区域，这类问题不能必答",
        "Ask for a geopoint or a text, or clear the required column",
        "请改用 geopoint 或 text，或清空 required 列",
    ),
    "drawn": (
        "A chat can't take a drawing; a photo of the paper is asked for instead",
        "聊天里不能手写或画图，会改为请对方拍照",
        "",
        "",
    ),
    "untranslated": (
        "The text {key} has no words in {language}; the default language is shown",
        "{key} 没有 {language} 的文字，将显示默认语言",
        "Fill in the column of {language}",
        "请填写 {language} 那一列",
    ),
    "bare-column": (
        "The sheet has both {column} and {column}::…, and texts in the plain one are lost without a word",
        "表里同时有 {column} 和 {column}::… 两种列，不带语言的那一列的文字会不声不响地丢失",
        "Give every {column} its language: rename the plain column, for example to {example}",
        "请给每个 {column} 列都写明语言，例如改名为 {example}",
    ),
    "unknown-type": (
        "There is no question type {kind}",
        "没有 {kind} 这种题型",
        "Types are text, integer, date, select_one LIST, …{hint}",
        "题型有 text、integer、date、select_one 选项表名 等{hint_zh}",
    ),
    "approximated": ("A chat shows {what} as {instead}", "聊天里会把 {what} 改成：{instead_zh}", "", ""),
    "ignored": ("A chat does not use {what}; it is left out", "聊天里用不到 {what}，会略去", "", ""),
    "unsupported": (
        "A chat can't ask {what}, and the question is required",
        "聊天里无法回答 {what}，而这个问题是必答的",
        "Clear the required column, or ask in another way",
        "请清空 required 列，或换一种问法",
    ),
    "too-costly": (
        "One answer costs more than {steps} steps here",
        "这里每答一次要算 {steps} 步以上",
        "Let it look at fewer rows: filter by an earlier answer, or look the row up with pulldata",
        "请让公式少看一些行：先按前面的回答筛选，或用 pulldata 查找",
    ),
    "too-many": (
        "The repeat asks for {asked} instances",
        "重复组要求 {asked} 次",
        "{most} is the most",
        "最多 {most} 次",
    ),
    "unheaded": (
        "The column has cells but no heading, and is not read",
        "这一列有内容却没有表头，不会被读取",
        "Write a heading in row 1, or clear the column",
        "请在第 1 行写上表头，或清空这一列",
    ),
    "publishing": ("{english}", "{chinese}", "{hint}", "{hint_zh}"),
}


def finding(severity: Severity, code: str, place: str = "", **values: str) -> Finding:
    """A finding of this code; `hint` and `hint_zh` are "" unless they are given."""
    filled = {"hint": "", "hint_zh": "", **values}
    english, chinese, right, right_zh = (text.format(**filled) for text in MESSAGES[code])
    return Finding(
        severity=severity,
        code=code,
        place=place,
        message=english,
        message_zh=chinese,
        right=right,
        right_zh=right_zh,
    )
