"""Makes the pictures of docs/forms.md: rows of the sheet beside the chat that they become.

    python -m tests.pictures.make [FOLDER]

Needs Debian's Chromium. The form is tests/pictures/visit.md, played in the real playground.
"""

import base64
import html
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from xlsform.workbook import read_workbook

HERE = Path(__file__).parent
PICTURES = HERE.parent.parent / "docs" / "pictures"
WORKER, OFFICER = "village_worker", "township_officer"
COLORS = 96
STYLE = """
body { margin: 0; padding: 16px; display: flex; gap: 20px; align-items: flex-start; background: #fff;
       font: 14px 'Noto Sans CJK SC', 'Noto Serif CJK SC', sans-serif; width: max-content }
table { border-collapse: collapse; max-width: 560px }
td, th { border: 1px solid #b8b8b8; padding: 5px 8px; text-align: left; vertical-align: top }
th { background: #1f4e5f; color: #fff; font-weight: normal }
td.row { background: #eee; color: #666 }
caption { text-align: left; padding-bottom: 6px; color: #555 }
img { width: 320px; border: 1px solid #ddd; border-radius: 8px }
"""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A picture: which rows and columns of which sheet, and what is done on the phone before it is taken.

    A step is ("say", words), ("tap", button) or ("wait", words of the bot's last message).
    """

    name: str
    sheet: str
    rows: Sequence[int]
    columns: Sequence[str]
    steps: Sequence[tuple[str, str]]
    role: str = WORKER


_LABEL, _HINT = "label::中文 (zh)", "hint::中文 (zh)"
SCENES = (
    Scene(name="choice", sheet="survey", rows=(3, 4), columns=("type", "name", _LABEL, "required"),
          steps=(("say", "/visit 3001"), ("wait", "这次见到孩子了吗"))),
    Scene(name="number", sheet="survey", rows=(5,),
          columns=("type", "name", _LABEL, _HINT, "relevant", "constraint", "constraint_message::中文 (zh)"),
          steps=(("tap", "是"), ("wait", "缺了几天课"), ("say", "500"), ("wait", "0 到 200"))),
    Scene(name="several", sheet="choices", rows=(4, 5, 6), columns=("list_name", "name", _LABEL),
          steps=(("say", "4"), ("wait", "还缺什么"), ("tap", "冬衣"), ("tap", "书本"))),
    Scene(name="date", sheet="survey", rows=(7,), columns=("type", "name", _LABEL, "relevant", "constraint"),
          steps=(("tap", "选好了"), ("wait", "从哪一天起"))),
    Scene(name="repeat", sheet="survey", rows=(8, 9, 10), columns=("type", "name", _LABEL),
          steps=(("say", "昨天"), ("wait", "谁在照看"), ("say", "奶奶"), ("wait", "照看人"))),
    Scene(name="review", sheet="survey", rows=(4, 5, 6, 7, 9), columns=("name", _LABEL),
          steps=(("tap", "没有了"), ("wait", "提交"))),
    Scene(name="alert", sheet="survey", rows=(11,), columns=("type", "name", "calculation"), role=OFFICER,
          steps=(("tap", "提交"), ("wait", "预警"))),
)  # fmt: skip


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """The playground with the form of the pictures in force; its address."""
    forms = folder / "forms"
    forms.mkdir()
    shutil.copy(HERE / "visit.md", forms / "visit.md")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    own = {key: value for key, value in os.environ.items() if not key.startswith("XIANGBAN_")}
    own["XIANGBAN_FORMS_DIR"] = str(forms)
    command = [str(Path(sys.executable).with_name("xiangban")), "demo", "--port", str(port)]
    process = subprocess.Popen([*command, "--folder", str(folder / "demo")], env=own)
    try:
        yield _answering(f"http://127.0.0.1:{port}/", process)
    finally:
        process.terminate()
        process.wait(20)


def _answering(url: str, process: "subprocess.Popen[bytes]") -> str:
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url) as answer:
                if answer.status == 200:
                    return url
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.3)
    raise SystemExit("the playground did not start")


def play(page: Page, scene: Scene) -> None:
    """Do what the scene asks for."""
    for kind, words in scene.steps:
        worker = page.locator(f'.phone[data-role="{WORKER}"]')
        if kind == "say":
            worker.locator("input").fill(words)
            worker.locator(".send").click()
        elif kind == "tap":
            worker.locator(".keys button", has_text=words).last.click()
        else:
            shown = page.locator(f'.phone[data-role="{scene.role}"] .bubble:not(.mine)')
            expect(shown.filter(has_text=words).last).to_be_visible(timeout=30_000)
    page.wait_for_timeout(900)


def compose(page: Page, scene: Scene, phone: bytes) -> bytes:
    """The rows of the sheet and the phone side by side, as a small PNG."""
    picture = base64.b64encode(phone).decode()
    page.set_content(
        f"<!doctype html><style>{STYLE}</style>{_table(scene)}<img src='data:image/png;base64,{picture}'>",
        wait_until="load",
    )
    image = Image.open(io.BytesIO(page.locator("body").screenshot()))
    out = io.BytesIO()
    image.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _table(scene: Scene) -> str:
    grid = read_workbook((HERE / "visit.md").read_bytes(), "md")[scene.sheet]
    places = [grid[0].index(column) for column in scene.columns]
    lines = [f"<tr><th></th>{''.join(f'<th>{html.escape(c)}</th>' for c in scene.columns)}</tr>"]
    for number in scene.rows:
        row = [*grid[number - 1], *[""] * len(grid[0])]
        cells = "".join(f"<td>{html.escape(row[place])}</td>" for place in places)
        lines.append(f"<tr><td class=row>{number}</td>{cells}</tr>")
    return f"<table><caption>{scene.sheet}</caption>{''.join(lines)}</table>"


def main() -> None:
    """Make all pictures anew."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    target.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is needed: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, demo(Path(folder)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 760})
        composing = browser.new_page(viewport={"width": 1100, "height": 760})
        page.goto(url)
        expect(page.locator(f'.phone[data-role="{WORKER}"] .bubble').first).to_be_visible(timeout=30_000)
        for scene in SCENES:
            play(page, scene)
            phone = page.locator(f'.phone[data-role="{scene.role}"]').screenshot()
            (target / f"{scene.name}.png").write_bytes(compose(composing, scene, phone))
        browser.close()


if __name__ == "__main__":
    main()
