"""The words of the linter's findings, in English and Chinese."""

MESSAGES: dict[str, tuple[str, str]] = {
    "syntax": ("The expression is broken: {detail}", "公式有错：{detail}"),
    "unknown-path": ("There is no field {path}", "没有这个字段：{path}"),
    "unknown-instance": ("There is no list or table named {name}", "没有名为 {name} 的选项表或数据表"),
    "pattern": (
        "The pattern {pattern} can't be used: it is broken, or looks ahead or back",
        "正则表达式 {pattern} 不能使用：写错了，或用了前后查找",
    ),
    "cycle": ("These fields wait for each other: {way}", "这些字段互相等待：{way}"),
    "lost-bind": ("A rule is given for {path}, which is not in the form", "规则所指的 {path} 不在表单里"),
    "lost-question": (
        "A question is asked for {path}, which is not in the form",
        "问题所指的 {path} 不在表单里",
    ),
    "no-choices": ("The question offers no choices", "这个问题没有选项"),
    "no-label": ("The question has no label", "这个问题没有题目（label）"),
    "line-or-area": (
        "A line or an area can't be drawn in a chat; such a question must not be required",
        "聊天里画不了路线或区域，这类问题不能必答",
    ),
    "drawn": (
        "A chat can't take a drawing; a photo of the paper is asked for instead",
        "聊天里不能手写或画图，会改为请对方拍照",
    ),
    "untranslated": (
        "The text {key} has no words in {language}; the default language is shown",
        "{key} 没有 {language} 的文字，将显示默认语言",
    ),
}
