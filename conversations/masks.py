"""What of a person may stand in a message: masked names, case codes, and texts without hidden characters."""

import re
import unicodedata

from casework.facts import fact_of
from casework.policy import Policy
from casework.records import Child

_DOUBLE_SURNAMES = (
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙",
    "慕容", "令狐", "司徒", "夏侯", "端木", "独孤", "南宫", "拓跋",
)  # fmt: skip
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_JOINER = "\u200d"  # holds emoji together


def clean(text: str, limit: int = 300) -> str:
    """One line of what a person wrote: nothing hidden in it, and nothing that a channel would make a link."""
    line = defused(one_line(text))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def one_line(text: str) -> str:
    """The text in one line: no control, invisible or direction-turning characters."""
    if not text.isprintable():  # most are, and have nothing of the kind
        text = _visible(text)
    return " ".join(text.split())


def quoted(text: str) -> str:
    """An answer inside a form's label: clean, and not taken for the author's own marks."""
    return _MARKS.sub(r"\\\g<0>", clean(text, 1000))


def defused(text: str) -> str:
    """The text with addresses, @names and /commands in letters that are no link: a name must not call one."""
    if _LINKS.search(text):
        text = _NAMES.sub(r"＠", text.replace("://", "：//"))
        text = _DOMAINS.sub("．", _COMMANDS.sub("／", text))
    return text


_MARKS = re.compile(r"[\\*_#<>\[\]`]")
_LINKS = re.compile(r"[@/.]")
_NAMES = re.compile(r"@(?=\w)")
_COMMANDS = re.compile(r"(?<![\w/])/(?=[A-Za-z])")
_DOMAINS = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2,})")


def _visible(text: str) -> str:
    spaced = "".join(" " if c.isspace() or unicodedata.category(c) in ("Zl", "Zp") else c for c in text)
    shown = "".join(c for c in spaced if c == _JOINER or unicodedata.category(c) not in _HIDDEN)
    return _LOOSE_JOINER.sub("", shown)


_LOOSE_JOINER = re.compile(
    f"(?<![\u2600-\u27bf\ufe0f\U0001f300-\U0001faff]){_JOINER}|{_JOINER}(?![\u2600-\u27bf\U0001f300-\U0001faff])"
)


def masked(name: str) -> str:
    """张小花 is 张*, 欧阳小花 is 欧阳*, Mary Smith is M*."""
    name = clean(name, 60)
    if not name:
        return "*"
    head = name[:2] if name.startswith(_DOUBLE_SURNAMES) and len(name) > 2 else name[:1]
    return f"{head}*"


def child_label(child: Child, policy: Policy) -> str:
    """How a child is called in messages: 张* · 3001; only the code where the policy wants that."""
    if policy.privacy.names_in_messages:
        return f"{clean(child.name, 60)} · {child.id}"
    if policy.privacy.mask == "code_only":
        return child.id
    return f"{masked(child.name)} · {child.id}"


def fact(child: Child, name: str) -> str:
    """What is known of a child: what forms saved last, else what the roster says; "" where neither knows."""
    return clean(fact_of(child, name))
