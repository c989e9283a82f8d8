"""What people type, read as an answer: numbers, dates and choices in the many ways they are written."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from xlsform.choices import Choice
from xlsform.datewords import read_date, read_time
from xlsform.prompts import Problem, Prompt
from xlsform.values import canonical
from xlsform.xpath.values import number_text, text_number

_YES = {
    "ok", "okay", "yes", "y", "是", "是的", "好", "好的", "收到", "知道", "知道了", "明白", "了解", "确认",
    "对", "嗯", "行", "可以", "同意", "done", "understood", "confirm", "confirmed", "agree", "read",
    "已读", "✓", "👌", "👍", "1",
}  # fmt: skip
_SEPARATORS = re.compile(r"[\s,，、;；/|+和与及&]+")
_HARD_SEPARATORS = re.compile(r"[,，、;；/|\n]+")
_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_UNITS = re.compile(
    r"(?<=\d)\s*(?:个|名|人|岁|元|块|天|次|年|月|斤|公斤|千克|厘米|cm|kg|years?|days?|%)\.?$", re.IGNORECASE
)


def parse(prompt: Prompt, text: str, *, today: date) -> str | list[str] | Problem:
    """The canonical answer that the text stands for, ready for `Session.answer`.

    A list for questions with several choices. A Problem of kind "type" or "choice" if it can't be understood;
    an empty text is returned as it is (it clears the answer, or is refused if one is required).
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain or prompt.kind == "note":
        return ""
    if prompt.kind == "select_one":
        found = _choice(prompt.choices, plain, by_number=True)
        return found.value if found is not None else Problem(kind="choice", ref=prompt.ref)
    if prompt.kind in ("select_multiple", "rank"):
        return _choices(prompt, plain)
    if prompt.kind in ("text", "barcode"):
        return text.strip()
    if prompt.kind == "acknowledge":
        agreed = plain.lower().rstrip("!.。！") in _YES
        return "OK" if agreed else Problem(kind="type", ref=prompt.ref)
    value = _scalar(prompt, plain, today)
    return value if value is not None else Problem(kind="type", ref=prompt.ref)


def _scalar(prompt: Prompt, plain: str, today: date) -> str | None:
    if prompt.kind == "integer":
        return canonical(_numeral(plain), "int")
    if prompt.kind in ("decimal", "range"):
        return canonical(_numeral(plain), "decimal")
    if prompt.kind == "date":
        return _date(plain, today, prompt.appearance)
    if prompt.kind == "time":
        return read_time(plain)
    if prompt.kind == "dateTime":
        return _date_time(plain, today)
    if prompt.kind.startswith("geo"):
        return canonical(plain, prompt.kind)
    return plain


def _numeral(text: str) -> str:
    """Digits for what may be written with a decimal comma, thousands separators, a unit or in Chinese."""
    text = _UNITS.sub("", text.strip()).replace(" ", "").replace("−", "-").replace("负", "-")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text):
        return text.replace(",", "")
    if re.fullmatch(r"-?\d+,\d+", text):
        return text.replace(",", ".")
    if re.fullmatch(r"[零〇一二两三四五六七八九十百千万]+", text.rstrip("个名人岁元块天次年月")):
        return str(chinese_number(text.rstrip("个名人岁元块天次年月")))
    number = text_number(text)
    return number_text(number) if number == number and "." in text else text


def chinese_number(text: str) -> int:
    """三十二 is 32, 一百零五 is 105, 二〇二六 is 2026."""
    if not any(unit in text for unit in "十百千万"):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = section = digit = 0
    for letter in text:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
            continue
        if letter == "万":
            total, section, digit = (total + section + digit) * 10_000, 0, 0
            continue
        section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[letter]
        digit = 0
    return total + section + digit


def _date(plain: str, today: date, appearance: str) -> str | None:
    found = read_date(plain, today)
    words = appearance.split()
    if found is None and "month-year" in words:
        match = re.fullmatch(r"(\d{4})\D(\d{1,2})\D?", plain)
        found = _day(int(match[1]), int(match[2])) if match else None
    if found is None and "year" in words:
        match = re.fullmatch(r"(\d{4})\s*年?", plain)
        found = _day(int(match[1]), 1) if match else None
    return found.isoformat() if found is not None else None


def _day(year: int, month: int) -> date | None:
    return date(year, month, 1) if 1 <= month <= 12 and 1 <= year <= 9999 else None


def _date_time(plain: str, today: date) -> str | None:
    if "T" in plain and canonical(plain, "dateTime") is not None:
        return plain
    for cut in range(len(plain), 0, -1):
        day = read_date(plain[:cut].strip(), today)
        if day is not None:
            clock = read_time(plain[cut:].strip()) if plain[cut:].strip() else "00:00:00.000"
            return f"{day.isoformat()}T{clock}" if clock is not None else None
    return None


def _fold(text: str) -> str:
    """Letters for comparing: width, case, blanks and marks do not count."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _choice(choices: tuple[Choice, ...], text: str, *, by_number: bool) -> Choice | None:
    """The choice that a text names: its label or value, its number in the list, or part of one label only."""
    wanted = _fold(text)
    labels = [_fold(c.label) for c in choices]
    same = [c for c in choices if c.label.strip() == text] or [
        c for c, label in zip(choices, labels, strict=True) if wanted and label == wanted
    ]
    if len(same) == 1:
        return same[0]
    number = re.fullmatch(r"第?\s*(\d{1,4})\s*[.、)）个项号]?", text)
    if by_number and number is not None:
        place = int(number[1])
        return choices[place - 1] if 1 <= place <= len(choices) else None
    exact = [c for c in choices if c.value.casefold() == text.casefold()]
    if len(exact) == 1:
        return exact[0]
    if not wanted:
        return None
    inside = [(c, label) for c, label in zip(choices, labels, strict=True) if wanted in label]
    starting = [(c, label) for c, label in inside if label.startswith(wanted)]
    found = starting or inside
    return found[0][0] if len(found) == 1 else None


def _choices(prompt: Prompt, text: str) -> list[str] | Problem:
    """Several choices: one whole label first, then parts between marks, then between blanks."""
    whole = _choice(prompt.choices, text, by_number=True)
    if whole is not None:
        return [whole.value]
    compact = text if re.search(r"\D", text) or len(prompt.choices) > 9 else " ".join(text)
    for separators in (_HARD_SEPARATORS, _SEPARATORS):
        parts = [part.strip() for part in separators.split(compact) if part.strip()]
        found = [_choice(prompt.choices, part, by_number=True) for part in parts]
        if parts and all(choice is not None for choice in found):
            return list(dict.fromkeys(choice.value for choice in found if choice is not None))
    return Problem(kind="choice", ref=prompt.ref)
