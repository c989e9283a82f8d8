"""The playground as a newcomer meets it: `xiangban demo`, and its page in a real browser."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000  # milliseconds
expect.set_options(timeout=PATIENCE)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo that runs in a process of its own, once it answers 200."""
    port = _free_port()
    folder = tmp_path_factory.mktemp("demo")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("XIANGBAN_")}
    xiangban = Path(sys.executable).with_name("xiangban")
    command = [str(xiangban), "demo", "--port", str(port), "--folder", str(folder / "demo")]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}/"
        _wait_for(url, process, folder / "log.txt")
        yield url
    finally:
        process.terminate()
        assert process.wait(20) == 0


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError):
            pass
        assert process.poll() is None, log.read_text()
        time.sleep(0.2)
    raise TimeoutError(log.read_text())


@pytest.fixture(scope="module")
def page(demo: str) -> Iterator[Page]:
    """The page in Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.goto(demo)
        yield page
        browser.close()


def phone(page: Page, role: str) -> Locator:
    """One of the three phones."""
    return page.locator(f'.phone[data-role="{role}"]')


def bubbles(page: Page, role: str) -> Locator:
    """What the bot said on a phone."""
    return phone(page, role).locator(".bubble:not(.mine)")


def tap(page: Page, role: str, label: str) -> None:
    """Tap the newest button that carries the label."""
    phone(page, role).locator(".keys button", has_text=label).last.click()


def test_the_bot_has_said_hello_on_all_three_phones(page: Page) -> None:
    for role in ("village_worker", "township_officer", "guardian"):
        expect(bubbles(page, role).first).to_be_visible(timeout=PATIENCE)


def test_commands_are_offered_for_tapping(page: Page) -> None:
    worker = phone(page, "village_worker")
    worker.locator(".open-menu").click()
    worker.locator(".menu button", has_text="/today").click()
    expect(worker.locator(".keys button", has_text=re.compile("3001"))).to_be_visible(timeout=PATIENCE)


def test_the_clock_moves_to_the_next_morning(page: Page) -> None:
    before = page.locator("#now").inner_text()
    page.locator('[data-move="morning"]').click()
    expect(page.locator("#now")).not_to_have_text(before, timeout=PATIENCE)
    expect(page.locator("#now")).to_contain_text("08:30")


def test_a_missed_visit_reaches_the_officer_as_the_weeks_go_by(page: Page) -> None:
    for _ in range(2):
        page.locator('[data-move="week"]').click()
        expect(page.locator("#busy")).to_be_hidden(timeout=60_000)
    officer = phone(page, "township_officer")
    expect(bubbles(page, "township_officer").last).to_contain_text("预警")
    tap(page, "township_officer", "收到")
    expect(bubbles(page, "township_officer").last).to_contain_text("由您接手了")
    tap(page, "township_officer", "办结")
    expect(bubbles(page, "township_officer").last).to_contain_text("怎么办结的")
    officer.locator("input").fill("已和儿童主任一起走访，孩子安好")
    officer.locator(".send").click()
    expect(bubbles(page, "township_officer").last).to_contain_text("已办结")


def test_the_guardian_has_answered_to_nobody_but_the_bot(page: Page) -> None:
    expect(bubbles(page, "guardian").first).not_to_contain_text("邀请码用不了")
    expect(phone(page, "guardian").locator(".chat")).not_to_contain_text("预警")


def test_the_page_speaks_english_too(page: Page, demo: str) -> None:
    page.goto(f"{demo}?lang=en")
    expect(page.locator('[data-move="morning"]')).to_have_text("Next morning")
    expect(page.locator("html")).to_have_attribute("lang", "en")
