"""What a chat can only approximate or can't use at all, found in the survey sheet itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from xlsform.findings import Finding, finding

_APPEARANCES: dict[str, tuple[str, str]] = {
    "signature": ("a photo of the signed paper", "请对方拍下签好字的纸"),
    "annotate": ("a photo", "请对方拍照"),
    "draw": ("a photo of the drawing", "请对方拍下画好的纸"),
    "image-map": ("a plain list of its choices", "普通的选项列表"),
    "map": ("a list of the places' names", "地名列表"),
    "placement-map": ("a place sent from the phone or typed", "手机发送位置或输入坐标"),
    "maps": ("a place sent from the phone or typed", "手机发送位置或输入坐标"),
    "bikram-sambat": ("a date of the usual calendar", "普通日历"),
    "coptic": ("a date of the usual calendar", "普通日历"),
    "ethiopian": ("a date of the usual calendar", "普通日历"),
    "islamic": ("a date of the usual calendar", "普通日历"),
    "myanmar": ("a date of the usual calendar", "普通日历"),
    "persian": ("a date of the usual calendar", "普通日历"),
    "rating": ("a number from a row of buttons", "一排数字按钮"),
    "picker": ("buttons or a typed number", "按钮或输入数字"),
    "vertical": ("buttons or a typed number", "按钮或输入数字"),
    "url": ("the address as text", "网址文字"),
    "bearing": ("a typed number", "输入数字"),
    "printer": ("nothing; it prints nowhere", "不打印"),
}
_IGNORED = frozenset(
    {
        "audit", "background-audio", "background-geopoint", "start-geopoint", "csv-external", "xml-external",
        "simserial", "subscriberid", "subscriber id", "sim serial",
    }
)  # fmt: skip
_QUIET = frozenset({"csv-external", "xml-external"})  # read, without a question of their own
_UNABLE = frozenset({"geotrace", "geoshape", "osm"})


def widgets(survey: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What the types and appearances of the survey's rows become in a chat."""
    for number, row in enumerate(survey, 2):
        kind = str(row.get("type", "")).strip()
        for found in _of_row(kind, row):
            yield replace(found, sheet="survey", row=number)


def _of_row(kind: str, row: Mapping[str, Any]) -> Iterator[Finding]:
    if kind in _IGNORED and kind not in _QUIET:
        yield replace(finding("warning", "ignored", what=kind), column="type")
    required = str(row.get("required", "")).strip().lower() in ("yes", "true", "true()")
    if kind.partition(" ")[0] == "osm":
        code = "unsupported" if required else "ignored"
        yield replace(finding("error" if required else "warning", code, what="osm"), column="type")
    if kind == "barcode":
        shown = {"instead": "a typed text", "instead_zh": "输入文字"}
        yield replace(finding("warning", "approximated", what="barcode", **shown), column="type")
    for word in str(row.get("appearance", "")).split():
        plain = word.partition(":")[0].partition("(")[0].lower()
        if plain in ("ex", "intent"):
            yield replace(finding("warning", "ignored", what=word), column="appearance")
        elif plain in _APPEARANCES and plain not in ("signature", "annotate", "draw"):
            english, chinese = _APPEARANCES[plain]
            shown = {"what": word, "instead": english, "instead_zh": chinese}
            yield replace(finding("warning", "approximated", **shown), column="appearance")
