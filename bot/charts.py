"""Charts as pictures: one plain style, and a font that can write Chinese."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.figure import Figure

CHINESE = ("Noto Sans CJK SC", "Noto Serif CJK SC", "WenQuanYi Micro Hei", "SimHei", "Microsoft YaHei")
DOTS_PER_INCH = 150
_ONE = Lock()  # the style is the whole library's: two threads must not draw at once


class NoChineseFont(Exception):
    """No font on this machine can write Chinese; in Debian the package fonts-noto-cjk has one."""


def chinese_font() -> str:
    """The name of a font that can write Chinese. Raises `NoChineseFont`."""
    found = _known()
    if found is None:  # the library remembers which fonts there were; some may have come since
        for path in sorted(set(font_manager.findSystemFonts()) - {e.fname for e in _fonts()}):
            font_manager.fontManager.addfont(path)
        found = _known()
    if found is None:
        raise NoChineseFont
    return found


def _fonts() -> list[font_manager.FontEntry]:
    return font_manager.fontManager.ttflist


def _known() -> str | None:
    names = {entry.name for entry in _fonts()}
    return next((name for name in CHINESE if name in names), None)


@contextmanager
def drawing(language: str, *, width: float, height: float) -> Iterator[Figure]:
    """An empty figure of so many inches, to be drawn upon inside the block."""
    style: dict[Any, Any] = {
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": False,
    }
    if not language.startswith("en"):
        style |= {"font.family": chinese_font(), "axes.unicode_minus": False}
    with _ONE, mpl.rc_context(style):
        yield Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")


def write_png(figure: Figure, file: Path | BinaryIO) -> None:
    """The figure as a PNG file that says nothing of the machine."""
    figure.savefig(file, format="png", metadata={"Software": None})
