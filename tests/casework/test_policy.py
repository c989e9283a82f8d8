"""The county's policy file: whole as packaged, changed by a county's own, every fault by its key."""

from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from casework.policy import PACKAGED, PolicyError, load_policy, packaged_tables
from casework.policy_models import Policy


def own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "our-county.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(PolicyError) as refused:
        load_policy(own(tmp_path, text))
    return refused.value.faults


def tables(value: Any, key: str = "", source: str = "") -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every table with the source that stands in it or in the nearest table around it."""
    if isinstance(value, dict):
        here = value.get("source", source)
        yield key, value, here
        for name, inner in value.items():
            yield from tables(inner, f"{key}.{name}", here)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from tables(inner, f"{key}.{index}", source)


def test_every_number_of_the_packaged_policy_stands_beside_its_source() -> None:
    unsourced = [
        key
        for key, table, source in tables(packaged_tables())
        if not source and any(isinstance(v, int | float) and not isinstance(v, bool) for v in table.values())
    ]
    assert unsourced == []


def test_numbers_that_no_law_gives_are_marked_as_suggestions() -> None:
    policy = load_policy()
    assert all("建议值，非国家规定" in plan.source for plan in policy.visits.risks.values())
    assert all("建议值，非国家规定" in ladder.source for ladder in policy.ladders.values())
    assert "DB3301/T 0460-2024" in policy.visits.source


def test_the_packaged_policy_says_what_the_rule_sheet_says() -> None:
    policy = load_policy()
    assert policy.timezone == "Asia/Shanghai"
    assert policy.visits.new_child_working_days == 5
    assert [policy.visits.risk(r).every_days for r in (1, 2, 3, 4)] == [7, 30, 60, 90]
    assert [(policy.visits.risk(r).ask_after_days, policy.visits.risk(r).up_after_days) for r in (1, 2)] == [
        (1, 2),
        (2, 5),
    ]
    assert (policy.quiet("village_worker").start, policy.quiet("village_worker").end) == (time(21), time(7))
    assert policy.checkins.hours_until_task == 48
    assert policy.invites.code_length >= 8
    assert policy.privacy.names_in_messages is False


def test_the_words_for_roles_and_reasons_come_in_both_languages() -> None:
    policy = load_policy()
    assert policy.roles["village_worker"].label("zh_Hans") == "儿童主任"
    assert policy.roles["township_officer"].label("zh_Hans") == "儿童督导员"
    assert policy.visits.reasons["nobody_home"].label("en") == "nobody at home"
    assert (
        policy.visits.reasons["nobody_home"].label("bo") == "家里没人"
    )  # no Tibetan words: Chinese stands in


def test_a_kind_of_flag_that_the_file_does_not_name_follows_the_default() -> None:
    policy = load_policy()
    assert policy.flag("lost_shoes") == policy.flags["default"]
    assert policy.ladder_of("lost_shoes", "today") == "today"
    assert policy.ladder_of("lost_shoes", "note") is None


def test_without_a_file_the_packaged_policy_is_taken() -> None:
    assert load_policy(None) == load_policy(PACKAGED)


def test_a_countys_own_file_holds_only_what_differs(tmp_path: Path) -> None:
    text = """
    [visits]
    source = "县民政局2026年第3号"
    remind_hour = 9
    [roles]
    village_worker = { zh_Hans = "儿童福利督导员", en = "child welfare supervisor" }
    [flags.cold]
    zh_Hans = "没有御寒的衣物"
    en = "no warm clothes"
    urgency = "today"
    """
    policy = load_policy(own(tmp_path, text))
    assert policy.visits.remind_hour == 9
    assert policy.visits.new_child_working_days == 5
    assert policy.roles["village_worker"].zh_Hans == "儿童福利督导员"
    assert policy.roles["guardian"] == load_policy().roles["guardian"]
    assert policy.flag("cold").urgency == "today"


def test_a_changed_number_needs_its_own_source(tmp_path: Path) -> None:
    found = faults(tmp_path, "[visits.risks.1]\nevery_days = 3\n[quiet_hours.default]\nend = '06:00'\n")
    assert len(found) == 2
    assert found[0].startswith("our-county.toml:1: visits.risks.1.source: ")
    assert found[1].startswith("our-county.toml:3: quiet_hours.default.source: ")


def test_the_source_of_the_table_around_it_stands_for_a_number_within(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, "[matters.sorts.hukou.states.papers]\ndays = 9")
    assert found.split(": ")[1] == "matters.sorts.hukou.source"
    path = tmp_path / "sourced.toml"
    path.write_text(
        "[matters.sorts.hukou]\nsource='县公安局2026年第3号'\n[matters.sorts.hukou.states.papers]\ndays = 9",
        encoding="utf-8",
    )
    assert load_policy(path).matters.sorts["hukou"].states["papers"].days == 9


MATTER_FAULTS = {
    "a state that is not there": ("[matters.sorts.hukou.steps.start]\nto = ['gone']", "steps.start"),
    "a beginning that is not there": ("[matters.sorts.hukou]\nbegins = 'gone'", "begins"),
    "a flag that is not there": ("[matters.sorts.hukou]\nflags = ['gone']", "flags"),
    "an open state without its days": (
        "[matters.sorts.hukou.states.lost]\nzh_Hans='x'\nen='x'\n"
        "[matters.sorts.hukou.steps.returned]\nto=['lost']\n[matters.sorts.hukou.steps.referred]\nsince=['lost']",
        "states.lost.days",
    ),
    "a state that no step leaves": (
        "[matters.sorts.hukou.states.lost]\nzh_Hans='x'\nen='x'\ndays=3\n[matters.sorts.hukou]\nsource='本县规定'\n"
        "[matters.sorts.hukou.steps.returned]\nto=['lost']",
        "states.lost",
    ),
    "an end that is left again": (
        "[matters.sorts.hukou.steps.returned]\nsince=['registered']", "states.registered.ends"
    ),
    "a state that no step leads to": (
        "[matters.sorts.hukou.states.lost]\nzh_Hans='x'\nen='x'\nends=true", "states.lost"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MATTER_FAULTS)
def test_matters_that_would_get_stuck_are_named_by_their_key(tmp_path: Path, case: str) -> None:
    text, key = MATTER_FAULTS[case]
    assert f"matters.sorts.hukou.{key}" in [fault.split(": ")[1] for fault in faults(tmp_path, text)]


def test_a_repeated_number_needs_no_new_source(tmp_path: Path) -> None:
    assert load_policy(own(tmp_path, "[visits.risks.1]\nevery_days = 7\n")) == load_policy()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "[visits]\nremind_our = 9",
            "our-county.toml:2: visits.remind_our: 没有这个名称，可能写错了 / "
            "no such key; is it misspelt?：remind_hour（9）",
        ),
        (
            "[visits]\nsource='本县规定'\nremind_hour = 25",
            "our-county.toml:3: visits.remind_hour: 不能大于 23 / must be at most 23（25）",
        ),
        (
            "[visits]\nsource='本县规定'\nphone_days = '两天'",
            "our-county.toml:3: visits.phone_days: 应为整数 / must be a whole number（'两天'）",
        ),
        (
            "[invites]\nsource='本县规定'\ncode_length = 4",
            "our-county.toml:3: invites.code_length: 不能小于 8 / must be at least 8（4）",
        ),
        (
            "[flags.x]\nzh_Hans = '某事'\nen = 'x'\nurgency = 'soon'",
            "our-county.toml:4: flags.x.urgency: 应为其中之一 / "
            "must be one of: 'now', 'today', 'days' or 'note'（'soon'）",
        ),
        (
            "checkins = 3",
            "our-county.toml:1: checkins: 应为一个表 / must be a table（3）",
        ),
        (
            "[calendar.2028]\nsource='本县规定'\nworkdays=[]\nholidays=['春节']",
            "our-county.toml:4: calendar.2028.holidays.0: 应为日期，如 2026-10-01 / "
            "must be a date such as 2026-10-01（'春节'）",
        ),
        (
            "[checkins]\nsource='本县规定'\nevery_days = { 5 = 3 }",
            "our-county.toml:3: checkins.every_days.5: 不能大于 4 / must be at most 4（'5'）",
        ),
        (
            "[county]\ntimezone = 'Asia/Nowhere'",
            "our-county.toml:2: county.timezone: 没有这个时区 / "
            "no such time zone; e.g. Asia/Shanghai（'Asia/Nowhere'）",
        ),
        (
            "[flags.x]\nen = 'x'",
            "our-county.toml:1: flags.x.zh_Hans: 缺少这一项 / is missing",
        ),
        (
            "[quiet_hours.default]\nsource='本县规定'\nstart = '9pm'",
            'our-county.toml:3: quiet_hours.default.start: 应为钟点，如 "21:00" / '
            "must be a time of day such as \"21:00\"（'9pm'）",
        ),
        (
            "[periods.summer]\nsource='本县规定'\nend = '02-30'",
            "our-county.toml:3: periods.summer.end: 没有这一天 / "
            "there is no such day; at most 02-29（'02-30'）",
        ),
        (
            "[periods.spring_festival]\nsource='本县规定'\nstart = '12-31'",
            "our-county.toml:3: periods.spring_festival.start: 没有这一天 / "
            "there is no such day; at most 12-30（'12-31'）",
        ),
        (
            "[messages]\nsource='本县规定'\nmost_named = 0",
            "our-county.toml:3: messages.most_named: 不能小于 1 / must be at least 1（0）",
        ),
    ],
)
def test_a_fault_names_the_file_the_key_and_what_would_be_right(tmp_path: Path, text: str, line: str) -> None:
    assert line in faults(tmp_path, text)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = (
        "[county]\ntimezone = 'Asia/Nowhere'\n[invites]\nsource='本县规定'\nhours_valid = 0\ncode_length = 0"
    )
    keys = [fault.split(": ")[1] for fault in faults(tmp_path, text)]
    assert sorted(keys) == ["county.timezone", "invites.code_length", "invites.hours_valid"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[ladders.now]\nquiet = true", "ladders.now.quiet"),
        ("[visits.risks.2]\nladder = 'stairs'", "visits.risks.2.ladder"),
        ("[flags.dropout]\nladder = { today = 'stairs' }", "flags.dropout.ladder.today"),
        ("[flags.dropout]\nhotlines = ['fire']", "flags.dropout.hotlines"),
        ("[visits]\nsource='本县规定'\nremind_hour = 5", "visits.remind_hour"),
        ("[checkins]\nsource='本县规定'\nhour = 22", "checkins.hour"),
        ("[visits.risks.2]\nsource='本县规定'\nup_after_days = 1", "visits.risks.2.up_after_days"),
        (
            "[ladders.days]\nsource='本县规定'\n[[ladders.days.steps]]\nto = ['township_officer']\n"
            "after_minutes = 0\nrepeat_minutes = 60\ngrowth = 1.5\nlongest_minutes = 600",
            "ladders.days.steps.0.to",
        ),
        (
            "[ladders.days]\nsource='本县规定'\n[[ladders.days.steps]]\nto = ['county_officer']\n"
            "after_minutes = 10\nrepeat_minutes = 60\ngrowth = 1.5\nlongest_minutes = 30",
            "ladders.days.steps.0.longest_minutes",
        ),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path: Path, text: str, key: str) -> None:
    assert key in [fault.split(": ")[1] for fault in faults(tmp_path, text)]


def test_what_every_county_must_have_cannot_be_left_out() -> None:
    whole = packaged_tables()
    del whole["visits"]["risks"]["3"], whole["flags"]["default"], whole["ladders"]["days"]
    from casework.policy import _contradictions

    missing = {key for key, _ in _contradictions(Policy.model_validate(whole))}
    assert {"visits.risks.3", "flags.default", "ladders.days"} <= missing


def test_a_file_that_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "[visits\n")
    assert fault.startswith("our-county.toml: ")
    assert "line 1" in fault


def test_a_fault_stands_on_its_line_however_the_file_is_written(tmp_path: Path) -> None:
    text = (
        '# 我县\n\n[calendar.2027]\nsource = """\n国务院办公厅\n"""\n'
        "holidays = [\n  2027-01-01,\n  '春节',\n]\n"
        "workdays = []\nvisits = { source = '县规定', phone_days = 99 }\n"
        "[[ladders.now.steps]]\nto = ['nobody']\n"
    )
    found = {fault.split(": ")[1]: fault.split(": ")[0] for fault in faults(tmp_path, text)}
    assert found["calendar.2027.holidays.1"] == "our-county.toml:7"
    assert found["calendar.2027.visits"] == "our-county.toml:12"
    assert found["ladders.now.steps.0.to.0"] == "our-county.toml:14"
    assert found["ladders.now.steps.0.repeat_minutes"] == "our-county.toml:13"


def test_the_mark_that_notepad_writes_first_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "bom.toml"
    path.write_text("[privacy]\nnames_in_messages = true\n", encoding="utf-8-sig")
    assert load_policy(path).privacy.names_in_messages


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(tmp_path / "missing.toml")
    assert "missing.toml" in refused.value.faults[0]


def test_a_file_from_notepad_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gbk.toml"
    path.write_bytes('[roles]\nguardian = { zh_Hans = "家长", en = "carer" }'.encode("gbk"))
    with pytest.raises(PolicyError, match="UTF-8"):
        load_policy(path)
