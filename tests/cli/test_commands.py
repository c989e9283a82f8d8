"""The command `xiangban` as a person uses it: what it prints, and the status with which it ends."""

import asyncio
import contextlib
import csv
import os
import re
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.commands import checking
from casework.access import OPERATOR
from casework.changing import with_facts
from casework.outcome import Notice, Outcome, Priority
from casework.policy import load_policy
from casework.records import Child, Draft, Submission
from conversations.drafts import state_of
from storage.store import KeyRing, Store
from tests.roster.books import CHILDREN, with_cell, write_book
from xlsform import Context, Session, load
from xlsform.publish import publish

KEYS = "k" * 44


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def xiangban(folder: Path, *words: str, typed: str = "", keys: str | None = KEYS, **environment: str) -> Done:
    """The command in ``folder``, with nothing of our environment but what it needs."""
    hidden = {k: None for k in os.environ if k.startswith(("XIANGBAN_", "LANG", "LC_"))}
    own = {"XIANGBAN_DATA_DIR": str(folder / "var"), "XIANGBAN_SECRET_KEYS": keys, **environment}
    with contextlib.chdir(folder):
        result = CliRunner().invoke(main, words, input=typed, env={**hidden, **own})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(returncode=result.exit_code, stdout=result.stdout, stderr=result.stderr)


def process(folder: Path, *words: str) -> Done:
    """The same in a process of its own, as a shell starts it."""
    command = [sys.executable, "-c", "from bot.cli import main; main()", *words]
    own = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8", "XIANGBAN_DATA_DIR": str(folder / "var")}
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False)
    return Done(returncode=done.returncode, stdout=done.stdout, stderr=done.stderr)


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """A folder in which a small county has been brought in."""
    write_book(tmp_path / "r.xlsx")
    done = xiangban(tmp_path, "roster", "import", "r.xlsx")
    assert (done.returncode, done.stderr) == (0, "")
    return tmp_path


def test_help_names_every_command_and_usage_faults_end_with_two(tmp_path: Path) -> None:
    shown = xiangban(tmp_path, "--help")
    assert shown.returncode == 0
    for command in [
        "run",
        "demo",
        "check",
        "status",
        "roster",
        "invite",
        "forms",
        "backup",
        "restore",
        "audit",
        "erase",
    ]:
        assert re.search(rf"^  {command} ", shown.stdout, re.MULTILINE)
    for words in (["nothing"], ["roster", "imprt"], ["roster", "import"], ["invite"], ["forms", "check"]):
        assert xiangban(tmp_path, *words).returncode == 2


def test_a_process_ends_with_the_status_that_the_contract_gives(tmp_path: Path) -> None:
    assert process(tmp_path, "roster", "template", "t.xlsx").returncode == 0
    fault = process(tmp_path, "roster", "import", "t.xlsx")  # no keys are set
    assert fault.returncode == 1
    assert fault.stderr.count("\n") == 1
    assert fault.stderr.startswith("XIANGBAN_SECRET_KEYS")
    assert process(tmp_path, "roster", "imprt").returncode == 2


def test_a_roster_goes_in_twice_and_the_second_time_changes_nothing(county: Path) -> None:
    again = xiangban(county, "roster", "import", "r.xlsx", "--language", "en")
    assert again.returncode == 0
    assert again.stdout.splitlines()[0] == "Nothing differs; nothing was changed."
    assert "children: 0 new, 0 changed, 3 unchanged" in again.stdout


def test_an_import_names_where_the_chat_stands_and_where_the_roster_took_its_place(county: Path) -> None:
    asyncio.run(_renamed(county))
    again = xiangban(county, "roster", "import", "r.xlsx", "--language", "en").stdout.splitlines()
    assert again[0] == "Nothing differs; nothing was changed."
    assert again[-1].strip().startswith("children: cells where the file says something else since")
    assert again[-1].endswith(": 2 (3001, 3003)")
    write_book(county / "new.xlsx", children=with_cell(CHILDREN, 0, 1, "章小雨"))
    for words in (["--dry-run"], []):
        new = xiangban(county, "roster", "import", "new.xlsx", *words).stdout.splitlines()
        assert new[-2].strip() == "儿童：对话里也改过的 1 处，按名册的新说法改：3001"
        assert new[-1].strip() == "儿童：档案里后来改过的 1 处，名册没有新说法，不动：3003"


async def _renamed(county: Path, **more: str) -> None:
    store = await Store.open(f"sqlite:///{county}/var/xiangban.db", KeyRing([KEYS]))
    children = await store.find(OPERATOR, Child, status=("active",))
    said = [with_facts(child, {"name": "张晓雨", **more}) for child in children if child.name != "赵晨"]
    await store.apply(Outcome(records=tuple(said)))
    await store.close()


def test_what_is_said_between_an_export_and_its_import_is_not_undone(county: Path) -> None:
    asyncio.run(_registered(county))
    assert xiangban(county, "roster", "export", "out.xlsx").returncode == 0
    asyncio.run(_renamed(county, hukou="yes", father_name="张大山"))
    again = xiangban(county, "roster", "import", "out.xlsx", "--language", "en").stdout.splitlines()
    assert again[-2].strip() == "children: 0 new, 0 changed, 4 unchanged"
    assert "3001, 3003, V1-001" in again[-1]


async def _registered(county: Path) -> None:
    """A child whom the chat has added, and no roster has named."""
    store = await Store.open(f"sqlite:///{county}/var/xiangban.db", KeyRing([KEYS]))
    child = (await store.find(OPERATOR, Child))[0]
    new = replace(child, id="V1-001", child="V1-001", name="李雪", version=0, rostered={})
    await store.apply(Outcome(records=(new,)))
    await store.close()


def test_faults_are_one_line_each_on_standard_error_and_nothing_changes(county: Path) -> None:
    write_book(county / "bad.xlsx", children=with_cell(with_cell(CHILDREN, 0, 10, 8), 1, 5, "V9"))
    done = xiangban(county, "roster", "import", "bad.xlsx")
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert [line.split("：")[0] for line in lines] == [
        "bad.xlsx 工作表“儿童” 第2行 K列（风险等级）",
        "bad.xlsx 工作表“儿童” 第3行 F列（所在村）",
    ]
    assert "3 unchanged" in xiangban(county, "--language", "en", "roster", "import", "r.xlsx").stdout


def test_the_language_is_asked_for_or_taken_from_the_terminal(tmp_path: Path) -> None:
    assert "读不到" in xiangban(tmp_path, "roster", "import", "none.xlsx").stderr
    assert "can't be read" in xiangban(tmp_path, "roster", "import", "none.xlsx", LANG="en_GB.UTF-8").stderr
    asked = xiangban(tmp_path, "roster", "import", "none.xlsx", "--language", "zh_Hans", LANG="en_GB.UTF-8")
    assert "读不到" in asked.stderr
    assert asked.returncode == 1


def test_a_dry_run_keeps_nothing(tmp_path: Path) -> None:
    write_book(tmp_path / "r.xlsx")
    assert "3 new" in xiangban(tmp_path, "roster", "import", "r.xlsx", "--dry-run", "--language", "en").stdout
    assert "3 new" in xiangban(tmp_path, "roster", "import", "r.xlsx", "--language", "en").stdout


def test_a_template_is_written_but_never_over_a_file(tmp_path: Path) -> None:
    assert xiangban(tmp_path, "roster", "template", "t.xlsx", keys=None).returncode == 0
    before = (tmp_path / "t.xlsx").read_bytes()
    again = xiangban(tmp_path, "roster", "template", "t.xlsx")
    assert again.returncode == 1
    assert "t.xlsx" in again.stderr
    assert (tmp_path / "t.xlsx").read_bytes() == before
    assert xiangban(tmp_path, "roster", "template", "t.csv").returncode == 2


def test_a_wrong_or_missing_setting_is_one_line_that_names_it(tmp_path: Path) -> None:
    for keys, environment in ((None, {}), ("short", {}), (KEYS, {"XIANGBAN_TELEGRAM_API": "nowhere"})):
        done = xiangban(tmp_path, "status", keys=keys, **environment)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith("XIANGBAN_")
    assert "XIANGBAN_TELEGRAM_TOKEN" in xiangban(tmp_path, "run").stderr
    assert xiangban(tmp_path, "run").returncode == 1


def test_other_keys_do_not_open_the_county(county: Path) -> None:
    done = xiangban(county, "status", keys="z" * 44)
    assert done.returncode == 1
    assert done.stderr.startswith("XIANGBAN_SECRET_KEYS")


def test_an_invite_is_a_code_that_ends_the_one_before(county: Path) -> None:
    first, second = (xiangban(county, "invite", "W1", "--language", "en") for _ in range(2))
    codes = [re.search(r"^Code: (\w{8,})$", done.stdout, re.MULTILINE) for done in (first, second)]
    assert codes[0] is not None
    assert codes[1] is not None
    assert codes[0].group(1) != codes[1].group(1)
    unknown = xiangban(county, "invite", "W77")
    assert unknown.returncode == 1
    assert "W77" in unknown.stderr


def test_status_tells_how_many_people_and_children_there_are(county: Path) -> None:
    shown = xiangban(county, "status", "--language", "en").stdout
    assert "People: 0 of 4 have joined" in shown
    assert "Visits to make: 3" in shown
    assert "The bot has not run yet" in shown


def test_check_finds_everything_in_order_and_a_wrong_policy_by_its_key(tmp_path: Path) -> None:
    (tmp_path / "county.toml").write_text('[visits]\nremind_hour = "early"\n', encoding="utf-8")
    good = xiangban(tmp_path, "check")
    assert (good.returncode, good.stderr) == (0, "")
    done = xiangban(tmp_path, "check", XIANGBAN_CONFIG="county.toml")
    assert done.returncode == 1
    assert "county.toml:2: visits" in done.stderr


@pytest.mark.parametrize(("day", "told"), [("2027-04-30", False), ("2027-05-02", True), ("2027-08-20", True)])
def test_check_says_after_which_day_no_school_term_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str, told: bool
) -> None:
    monkeypatch.setattr(checking, "now", lambda: datetime.fromisoformat(f"{day}T04:00:00+00:00"))
    shown = xiangban(tmp_path, "check", "--language", "en")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert ("No school term is known after 2027-06-30" in shown.stdout) is told
    assert "[terms." in shown.stdout or not told


def test_a_county_without_any_school_term_is_told_so() -> None:
    bare = load_policy().model_copy(update={"terms": {}})
    assert any("一个学期都没有写" in line for line in checking.unknown_days(bare, "zh_Hans"))


def test_a_form_that_the_policy_names_and_nobody_has_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "county.toml").write_text(
        '[matters.sorts.hukou.steps.start]\nform = "gone"\n', encoding="utf-8"
    )
    done = xiangban(tmp_path, "check", XIANGBAN_CONFIG="county.toml")
    assert done.returncode == 1
    assert "matters.sorts.hukou.steps.start.form: 没有这张表 / no such form: gone" in done.stderr


def test_the_trail_is_whole_until_somebody_alters_it(county: Path) -> None:
    assert xiangban(county, "audit", "verify").returncode == 0
    base = sqlite3.connect(county / "var" / "xiangban.db")
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        base.execute(f'DROP TRIGGER "{name}"')
    base.execute("UPDATE events SET actor = 'somebody' WHERE seq = 3")
    base.commit()
    base.close()
    altered = xiangban(county, "audit", "verify", "--language", "en")
    assert altered.returncode == 1
    assert "event 3" in altered.stderr


def test_a_child_is_erased_only_after_a_yes(county: Path) -> None:
    assert xiangban(county, "erase", "9999").returncode == 1
    no = xiangban(county, "erase", "3001", typed="n\n")
    assert no.returncode == 1
    assert "0 new" in xiangban(county, "roster", "import", "r.xlsx", "--dry-run", "--language", "en").stdout
    assert xiangban(county, "erase", "3001", "--yes").returncode == 0
    assert xiangban(county, "erase", "3001", "--yes").returncode == 1


def test_a_backup_comes_back_into_an_empty_folder(
    county: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert xiangban(county, "backup", "b").returncode == 0
    assert xiangban(county, "backup", "b").returncode == 1
    other = tmp_path_factory.mktemp("other")
    assert xiangban(other, "restore", str(county / "b")).returncode == 0
    assert "of 4 have joined" in xiangban(other, "status", "--language", "en").stdout
    assert xiangban(county, "restore", "b").returncode == 1  # not into a county that is there
    assert xiangban(tmp_path_factory.mktemp("third"), "restore", "none").returncode == 1


def test_an_older_backup_does_not_bring_an_erased_child_back(
    county: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert xiangban(county, "backup", "old").returncode == 0
    assert xiangban(county, "erase", "3001", "--yes").returncode == 0
    other, alone = (tmp_path_factory.mktemp(name) for name in ("other", "alone"))
    restored = xiangban(other, "restore", str(county / "old"), "--language", "en")
    assert "left out because they had been erased: 1" in restored.stdout
    assert "Children: 2" in xiangban(other, "status", "--language", "en").stdout
    (alone / "old").write_bytes((county / "old").read_bytes())  # without the list that lay beside it
    restored = xiangban(alone, "restore", "old", "--language", "en")
    assert restored.returncode == 0
    assert "stays closed" in restored.stdout
    closed = xiangban(alone, "invite", "W1", "--language", "en")
    assert closed.returncode == 1
    assert "xiangban restored open" in closed.stderr
    assert "Children: 3" in xiangban(alone, "status", "--language", "en").stdout  # numbers only
    assert xiangban(alone, "erase", "3001", "--yes").returncode == 0
    assert xiangban(alone, "restored", "open", typed="n\n").returncode == 1
    assert xiangban(alone, "restored", "open", "--yes").returncode == 0
    assert xiangban(alone, "invite", "W1").returncode == 0
    assert xiangban(alone, "audit", "verify").returncode == 0


def test_what_a_restore_held_back_is_shown_released_and_dropped(
    county: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = sqlite3.connect(county / "var" / "xiangban.db")
    assert base.execute("SELECT count(*) FROM outbox WHERE state = 'new'").fetchone() == (0,)
    base.close()
    asyncio.run(_leave_waiting(county, 3))
    assert xiangban(county, "backup", "b").returncode == 0
    other = tmp_path_factory.mktemp("other")
    assert (
        "nothing is sent twice: 3" in xiangban(other, "restore", str(county / "b"), "--language", "en").stdout
    )
    shown = xiangban(other, "restored", "--language", "en").stdout
    numbers = re.findall(r"^(M\d+)  to W1", shown, re.MULTILINE)
    assert len(numbers) == 3
    assert "Held back: 3" in shown
    assert xiangban(other, "restored", "release").returncode == 2
    assert xiangban(other, "restored", "release", numbers[0], "M999").returncode == 1
    assert "Held back: 3" in xiangban(other, "restored", "--language", "en").stdout
    assert "Released: 1" in xiangban(other, "restored", "release", numbers[0], "--language", "en").stdout
    assert "Dropped: 2" in xiangban(other, "restored", "drop", "--all", "--language", "en").stdout
    status = xiangban(other, "status", "--language", "en").stdout
    assert "to be sent: 1; undeliverable: 2; held back after a restore: 0" in status


async def _leave_waiting(county: Path, count: int) -> None:
    store = await Store.open(f"sqlite:///{county}/var/xiangban.db", KeyRing([KEYS]))
    notices = (
        Notice(key=f"n{n}", to="W1", kind="child_assigned", priority=Priority.DIGEST) for n in range(count)
    )
    await store.apply(Outcome(notices=tuple(notices)))
    await store.close()


def test_submissions_are_exported_for_a_period_and_a_reader_and_the_trail_tells_of_it(county: Path) -> None:
    asyncio.run(_handed_in(county))
    period = ("--since", "2026-11-20", "--to", "out", "--language", "en")
    done = xiangban(county, "forms", "export", "visit", *period)
    assert (done.returncode, "1 records written" in done.stdout) == (0, True), done.stderr
    (table,) = (county / "out").glob("*.csv")
    head, row = csv.reader(table.read_text(encoding="utf-8-sig").splitlines())
    assert dict(zip(head, row, strict=True))["words"] == "'=HYPERLINK(1)"
    assert (county / "out").stat().st_mode & 0o077 == table.stat().st_mode & 0o077 == 0
    assert xiangban(county, "forms", "export", "visit", "--to", "out").returncode == 1
    for shape, count in (("json", 1), ("xml", 2), ("xlsx", 1)):
        assert xiangban(county, "forms", "export", "visit", "--format", shape, "--to", shape).returncode == 0
        assert len(list((county / shape).iterdir())) == count
    stranger = xiangban(county, "forms", "export", "visit", "--as", "nobody", "--language", "en")
    assert (stranger.returncode, "Nobody has the code" in stranger.stderr) == (1, True)
    nothing = xiangban(county, "forms", "export", "visit", "--as", "W1", "--to", "w1", "--language", "en")
    assert "0 records" in nothing.stdout  # who has not joined sees nothing
    base = sqlite3.connect(county / "var" / "xiangban.db")
    told = base.execute("SELECT count(*) FROM events WHERE name = 'submissions_exported'").fetchone()
    base.close()
    assert told == (5 + 4,)  # five exports, and the child in each of the four that held its records


async def _handed_in(county: Path) -> None:
    store = await Store.open(f"sqlite:///{county}/var/xiangban.db", KeyRing([KEYS]))
    child = (await store.find(OPERATOR, Child))[0]
    xml = "<data id='visit'><words>{}</words><meta><instanceID>uuid:{}</instanceID></meta></data>"
    made = [
        Submission(id=f"s{n}", person="W1", child=child.id, form="visit", form_version="1", digest="d",
                   at=datetime(2026, 11, 10 + n, 4, tzinfo=UTC), xml=xml.format(words, n))
        for n, words in ((1, "x"), (11, "=HYPERLINK(1)"))
    ]  # fmt: skip
    await store.apply(Outcome(records=tuple(made)))
    await store.close()


def test_a_form_is_replaced_after_saying_who_has_answers_in_flight(county: Path) -> None:
    forms = county / "forms"
    forms.mkdir()
    head = "| survey |\n| | type | name | label |\n"
    old = f"{head}| | text | a | A |\n| | text | b | B |\n"
    (forms / "trial.md").write_text(old, encoding="utf-8")
    asyncio.run(_begun(county, old))
    (county / "trial.csv").write_text("survey,,,\n,type,name,label\n,text,b,B\n", encoding="utf-8")
    (county / "broken.md").write_text(f"{head}| | txt | a | A |\n", encoding="utf-8")
    tell = ("--language", "en")
    where = {"XIANGBAN_FORMS_DIR": str(forms)}
    dry = xiangban(county, "forms", "replace", "trial.csv", "--dry-run", *tell, **where)
    assert (dry.returncode, "W1 is filling it in" in dry.stdout, "1 of them" in dry.stdout) == (0, True, True)
    assert (forms / "trial.md").read_text(encoding="utf-8") == old
    broken = xiangban(county, "forms", "replace", "broken.md", *tell, **where)
    assert (broken.returncode, "row 2, column type" in broken.stderr) == (1, True)
    done = xiangban(county, "forms", "replace", "trial.csv", *tell, **where)
    assert (done.returncode, "is in place" in done.stdout) == (0, True), done.stderr
    kept = sorted(path.name for path in forms.iterdir())
    assert [name.partition(".2")[0] for name in kept] == ["trial.csv", "trial.md"]
    assert (forms / kept[1]).read_text(encoding="utf-8") == old
    assert xiangban(county, "forms", "replace", "trial.csv", *tell).returncode == 1  # no folder is set


async def _begun(county: Path, markdown: str) -> None:
    form = load(publish(markdown.encode(), kind="md", name="trial").xform)
    session = Session.start(form, Context(now=datetime.now(UTC)))
    session.answer("one")
    store = await Store.open(f"sqlite:///{county}/var/xiangban.db", KeyRing([KEYS]))
    draft = Draft(
        id="d1", person="W1", form="trial", digest=form.digest, state=state_of(session),
        started_at=datetime.now(UTC), changed_at=datetime.now(UTC),
    )  # fmt: skip
    await store.apply(Outcome(records=(draft,)))
    await store.close()


def test_keys_are_changed_and_check_says_which_are_still_needed(county: Path) -> None:
    new = "n" * 44
    both = f"{new},{KEYS}"
    needed = xiangban(county, "check", "--language", "en", keys=both).stdout
    assert re.search(r"key 2 is still needed by \d+ data keys", needed)
    assert xiangban(county, "status", keys=new).returncode == 1
    done = xiangban(county, "keys", "rotate", "--language", "en", keys=both)
    assert re.search(r"first key: \d+ data keys", done.stdout)
    assert "key 2 is no longer needed" in xiangban(county, "check", "--language", "en", keys=both).stdout
    assert xiangban(county, "status", keys=new).returncode == 0
    assert "key" not in xiangban(county, "check", "--language", "en", keys=new).stdout
    assert xiangban(county, "status").returncode == 1  # the old one opens nothing any more


FORM = """
| survey |
| | type | name | label | relevant | required |
| | select_one yn | seen | Did you see the child? | | yes |
| | integer | age | How old? | ${seen} = 'yes' | |
| | calculate | flag_danger | | | |

| choices |
| | list_name | name | label |
| | yn | yes | Yes |
| | yn | no | No |
"""


def test_a_template_is_written_checked_converted_and_never_over_another_file(tmp_path: Path) -> None:
    for language in ("zh_Hans", "en"):
        assert (
            xiangban(tmp_path, "forms", "template", f"{language}.xlsx", "--language", language).returncode
            == 0
        )
        checked = xiangban(tmp_path, "forms", "check", f"{language}.xlsx", keys=None)
        assert (checked.returncode, checked.stderr, checked.stdout.count("\n")) == (0, "", 1)
    assert xiangban(tmp_path, "forms", "convert", "en.xlsx", "en.md", keys=None).returncode == 0
    assert "${seen} = 'yes'" in (tmp_path / "en.md").read_text(encoding="utf-8")
    again = xiangban(tmp_path, "forms", "convert", "zh_Hans.xlsx", "en.md", "--language", "en", keys=None)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)
    assert xiangban(tmp_path, "forms", "convert", "en.xlsx", "en.docx", keys=None).returncode == 1


def test_forms_are_checked_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text(
        FORM.replace("| | calculate | flag_danger | | | |\n", ""), encoding="utf-8"
    )
    (tmp_path / "bad.md").write_text(FORM.replace("select_one yn", "select_one nowhere"), encoding="utf-8")
    good = xiangban(tmp_path, "forms", "check", "good.md", keys=None)
    assert (good.returncode, good.stderr) == (0, "")
    both = xiangban(tmp_path, "forms", "check", "good.md", "bad.md", "none.md", "x.txt", keys=None)
    assert both.returncode == 1
    assert [line.split(":")[0] for line in both.stderr.splitlines()] == ["bad.md", "none.md", "x.txt"]


def test_a_form_is_tried_in_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "f.md").write_text(
        FORM.replace("| | calculate | flag_danger | | | |\n", ""), encoding="utf-8"
    )
    done = xiangban(
        tmp_path, "forms", "try", "f.md", "--language", "en", typed="\nmaybe\n1\n<\n1\n12\n\n", keys=None
    )
    assert done.returncode == 0
    assert "This question needs an answer" in done.stdout
    assert "\nNeeds an answer\n" in done.stdout
    assert "No such choice" in done.stdout
    assert "age = 12" in done.stdout
    stopped = xiangban(tmp_path, "forms", "try", "f.md", "--language", "en", typed="q\n", keys=None)
    assert "Stopped, not submitted" in stopped.stdout


def test_what_is_kept_is_written_out_for_the_owner_alone_and_the_trail_tells_of_it(tmp_path: Path) -> None:
    write_book(tmp_path / "roster.xlsx")
    assert xiangban(tmp_path, "roster", "import", "roster.xlsx").returncode == 0
    done = xiangban(tmp_path, "roster", "export", "out.xlsx", "--language", "en")
    assert (done.returncode, done.stdout) == (0, "Wrote 3 children, 4 people, 4 areas to out.xlsx\n")
    assert (tmp_path / "out.xlsx").stat().st_mode & 0o777 == 0o600
    again = xiangban(tmp_path, "roster", "export", "out.xlsx", "--language", "en")
    assert (again.returncode, again.stdout) == (1, "")
    assert "--force" in again.stderr
    assert xiangban(tmp_path, "roster", "export", "out.xlsx", "--force").returncode == 0
    back = xiangban(tmp_path, "roster", "import", "out.xlsx", "--dry-run", "--language", "en")
    assert back.stdout.count("0 new, 0 changed") == 3, back.stdout
    with contextlib.closing(sqlite3.connect(tmp_path / "var" / "xiangban.db")) as database:
        told = database.execute("SELECT child FROM events WHERE name = 'roster_exported' ORDER BY seq")
        assert [child for (child,) in told] == [None, "3001", "3002", "3003"] * 2
