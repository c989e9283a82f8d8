"""Forms that change while the bot works: taken over together, or not at all."""

import os
from pathlib import Path

import pytest

from bot import reload
from bot.desk import open_forms
from bot.reload import Forms
from bot.settings import Settings, load_settings
from bot.supervise import Beat
from casework.policy import load_policy

FORM = """
| survey | | | |
| | type | name | label |
| | text | {name} | {label} |
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reload, "LOOK_EVERY", 0.02)
    made = tmp_path / "forms"
    made.mkdir()
    return made


@pytest.fixture
def settings(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("XIANGBAN_FORMS_DIR", str(folder))
    monkeypatch.setenv("XIANGBAN_DATA_DIR", str(tmp_path / "var"))
    (tmp_path / "var").mkdir()
    return load_settings()


def write(path: Path, label: str = "您好吗", name: str = "how") -> None:
    path.write_text(FORM.format(label=label, name=name), encoding="utf-8")
    os.utime(path, ns=(1, hash(label) % 10**9))


def label(forms: Forms, name: str) -> str:
    form = forms.shelf.get(name)
    assert form is not None
    (question,) = form.questions.values()
    return str(question.label.parts[0])


async def test_what_changed_in_the_folder_is_taken_over_without_a_restart(
    folder: Path, settings: Settings
) -> None:
    write(folder / "trial.md")
    forms = await open_forms(settings, load_policy())
    shelf = forms.shelf  # what the conversations hold
    write(folder / "trial.md", label="换了")
    write(folder / "extra.md", label="新的")
    await forms.look(Beat())
    assert (label(forms, "trial"), label(forms, "extra"), forms.taken) == ("换了", "新的", 1)
    assert shelf is forms.shelf
    await forms.look(Beat())
    assert forms.taken == 1


async def test_a_broken_form_changes_nothing_until_it_is_mended(
    folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    write(folder / "trial.md")
    forms = await open_forms(settings, load_policy())
    write(folder / "trial.md", label="换了")
    (folder / "bad.md").write_text("| survey |\n| | type | name |\n| | nonsense | a |\n", encoding="utf-8")
    await forms.look(Beat())
    assert (label(forms, "trial"), forms.shelf.get("bad")) == ("您好吗", None)
    assert ("bad.md" in forms.faults[0], "bad.md" in caplog.text) == (True, True)
    write(folder / "bad.md", label="好了")
    await forms.look(Beat())
    assert (label(forms, "trial"), label(forms, "bad"), forms.faults) == ("换了", "好了", ())


async def test_a_form_that_is_taken_away_gives_way_to_the_packaged_one(
    folder: Path, settings: Settings
) -> None:
    write(folder / "visit.md", label="本县的")
    forms = await open_forms(settings, load_policy())
    assert label(forms, "visit") == "本县的"
    (folder / "visit.md").unlink()
    await forms.look(Beat())
    packaged = forms.shelf.get("visit")
    assert packaged is not None
    assert len(packaged.questions) > 5


async def test_a_file_that_goes_with_a_form_counts_as_a_change(folder: Path, settings: Settings) -> None:
    write(folder / "trial.md")
    forms = await open_forms(settings, load_policy())
    media = folder / "trial-media"
    media.mkdir()
    (media / "kids.csv").write_text("name,label\n1,A\n", encoding="utf-8")
    await forms.look(Beat())
    assert forms.taken == 1
    assert forms.shelf.media["trial"] == {"kids.csv": b"name,label\n1,A\n"}
