"""What stands in a cell, made plain: texts, codes, dates, telephones and ID numbers as people type them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from stdnum.cn import ric
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from casework.records import Training
from casework.roster import Sex

LONGEST_TEXT = 120
LONGEST_CODE = 40
_CJK_GAP = re.compile(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])")
_DATE = re.compile(
    r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?$"
)
_CODE = re.compile(r"^[^\W_](?:[\w.-]*\w)?$")
_SPLIT = re.compile(r"[;；、,，\n]+")
_EXCEL_DAYS = range(1, 80_000)  # a date in a cell that is formatted as a number: 42491 = 2016-05-01


class Wrong(ValueError):
    """A cell that can't be taken; ``key`` names the sentence, ``values`` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """A cell's text; ``hidden``: characters that nobody sees were taken out of it."""

    text: str
    hidden: bool = False


def cleaned(value: Any) -> Cleaned:
    """The text of a raw cell without invisible characters and needless spaces.

    Wrong for formulas, errors and line breaks.
    """
    if value is None:
        return Cleaned(text="")
    if isinstance(value, dict):
        error = value.get("error")
        raise Wrong("roster.cell_error", error=error) if error else Wrong("roster.formula")
    text = str(value).strip()
    if text.isascii() and text.isprintable():
        return Cleaned(text=_checked(text))
    # Private-use and unassigned characters stay: rare surnames are among them.
    kinds = [unicodedata.category(c) for c in text]
    if not {"Cc", "Cs", "Zl", "Zp"}.isdisjoint(kinds):
        raise Wrong("roster.control")
    seen = "".join(c for c, kind in zip(text, kinds, strict=True) if kind != "Cf")
    narrow = "".join(_narrow(c) for c in unicodedata.normalize("NFC", seen))
    plain = _CJK_GAP.sub("", " ".join(narrow.split()))
    return Cleaned(text=_checked(plain), hidden=len(seen) < len(text))


def _checked(text: str) -> str:
    if text.startswith("="):
        raise Wrong("roster.formula")
    if len(text) > LONGEST_TEXT:
        raise Wrong("roster.too_long", most=LONGEST_TEXT)
    return text


def _narrow(char: str) -> str:
    """Full-width letters, digits, signs and spaces as ordinary ones; Chinese punctuation stays."""
    if "０" <= char <= "９" or "Ａ" <= char <= "Ｚ" or "ａ" <= char <= "ｚ" or char in "－／．：＋＃＊＝":
        return chr(ord(char) - 0xFEE0)
    return " " if unicodedata.category(char) == "Zs" else char


def code(text: str) -> str:
    """A code: letters, digits, dots and hyphens."""
    found = unicodedata.normalize("NFKC", text).replace(" ", "")
    if not found or len(found) > LONGEST_CODE or not _CODE.match(found):
        raise Wrong("roster.bad_code", most=LONGEST_CODE)
    return found


def day(text: str) -> date | None:
    """A date as people write it; None for an empty cell."""
    if not text:
        return None
    plain = unicodedata.normalize("NFKC", text)
    match = _DATE.match(plain)
    if match:
        try:
            return date(*(int(part) for part in match.groups()))
        except ValueError:
            raise Wrong("roster.no_such_day", value=plain)
    if re.fullmatch(r"(19|20)\d{6}", plain):
        try:
            return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
        except ValueError:
            raise Wrong("roster.no_such_day", value=plain)
    if plain.isdigit() and int(plain) in _EXCEL_DAYS and int(plain) > 3000:
        return date.fromordinal(date(1899, 12, 30).toordinal() + int(plain))
    raise Wrong("roster.bad_date", value=plain)


def phone(text: str) -> str:
    """A telephone number: mobile, landline with area code, or from abroad; at most 17 digits."""
    if not text:
        return ""
    plain = unicodedata.normalize("NFKC", text)
    if not re.fullmatch(r"\+?[\d\s()./—–-]+(?:(?:转|x|ext\.?)\s*\d{1,6})?", plain, re.IGNORECASE):
        raise Wrong("roster.bad_phone")
    main, *extension = re.split(r"转|x|ext\.?", plain, flags=re.IGNORECASE)
    digits = re.sub(r"\D", "", main)
    if not 5 <= len(digits) + sum(len(part.strip()) for part in extension) <= 17:
        raise Wrong("roster.bad_phone")
    abroad = "+" if plain.startswith("+") else ""
    mobile = len(digits) == 11 and digits.startswith("1")
    groups = [digits] if mobile else re.findall(r"\d+", main)
    return abroad + "-".join(groups + [part.strip() for part in extension])


@dataclass(frozen=True, kw_only=True)
class IdNumber:
    """What a resident ID number says."""

    number: str
    birth_date: date
    sex: Sex


def id_number(raw: Any, text: str) -> IdNumber | None:
    """A checked resident ID number; None where there is none, which is normal."""
    if not text:
        return None
    if isinstance(raw, int | float):
        raise Wrong("roster.id_as_number")  # Excel keeps 15 digits of a number: the last three are lost
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").upper()
    try:
        number = ric.validate(plain)
    except InvalidLength:
        raise Wrong("roster.id_length", digits=len(plain))
    except InvalidChecksum:
        raise Wrong("roster.id_checksum")
    except (ValidationError, KeyError):  # stdnum stumbles over codes of whole provinces
        raise Wrong("roster.id_wrong")
    sex: Sex = "male" if int(number[16]) % 2 else "female"
    return IdNumber(number=number, birth_date=ric.get_birth_date(number), sex=sex)


_TRAINED = re.compile(r"(\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*[日号]?)\s*[:：]?\s*(.+)")


def trainings(text: str) -> tuple[Training, ...]:
    """Trainings as "2026-03-05 儿童保护", with ; between them."""
    found = []
    for part in (part.strip() for part in re.split("[;；]", text)):
        match = _TRAINED.fullmatch(part)
        on = day(match[1].strip()) if match else None
        if match is not None and on is not None:
            found.append(Training(on=on, topic=match[2].strip()))
        elif part:
            raise Wrong("roster.bad_training", value=part[:40])
    return tuple(found)


def several(text: str) -> tuple[str, ...]:
    """The entries of a cell that may hold several, each once, in order."""
    return tuple(dict.fromkeys(part.strip() for part in _SPLIT.split(text) if part.strip()))
