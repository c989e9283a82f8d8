"""The national system: what changed is handed out and ticked off as it was handed out; who leaves, leaves."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from casework.national import (
    Book,
    book_of,
    changed,
    digest_of,
    hand_out,
    is_counted,
    on_page,
    tick_off,
    value_of,
)
from casework.policy import load_policy
from casework.policy_national import NationalField
from casework.records import Child, Entry, Record
from tests.casework import world

RULES = load_policy().national
PLACES = {"c1": "青山县", "t1": "柳河镇", "v1": "榆树村"}
BOOK = Book(rules=RULES, places=PLACES)
CHILD = replace(world.CHILD, categories=("left_behind",))
CLOSED = replace(CHILD, status="closed", closed_on=date(2026, 11, 20), closed_reason="parents_back")
NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)


def entries_of(records: tuple[Record, ...]) -> dict[str, Entry]:
    return {r.child: r for r in records if isinstance(r, Entry) and r.child}


def handed(child: Child, kept: dict[str, Entry], batch: str) -> dict[str, Entry]:
    """After the child stood in a sheet."""
    digests = {child.id: digest_of(child, BOOK)}
    return entries_of(hand_out([child], kept, digests, batch=batch, by="li").records)


def ticked(child: Child, kept: dict[str, Entry], batch: str = "f1") -> dict[str, Entry]:
    """After it stood in a sheet that was ticked off."""
    entries = handed(child, kept, batch)
    return entries_of(tick_off(entries.values(), batch=batch, by="li", now=NOW).records)


def again(child: Child, kept: dict[str, Entry]) -> bool:
    """Whether the next sheet has it."""
    return changed([child], kept, {child.id: digest_of(child, BOOK)}, RULES) == [child]


def field(tab: str, head: str) -> NationalField:
    return next(f for f in RULES.tabs[tab].fields if f.head == head)


def test_what_was_ticked_off_comes_again_only_when_it_changes() -> None:
    offered = handed(CHILD, {}, "f1")
    assert again(CHILD, offered)  # handed out is not typed in
    done = tick_off(offered.values(), batch="f1", by="li", now=NOW)
    assert [event.child for event in done.events] == [CHILD.id]
    entries = entries_of(done.records)
    assert (entries[CHILD.id].entered_at, entries[CHILD.id].entered_by) == (NOW, "li")
    assert not again(CHILD, entries)
    assert again(replace(CHILD, guardian_phone="13900000001"), entries)


def test_a_tick_counts_for_what_stood_in_the_sheet_not_for_a_correction_since() -> None:
    assert again(replace(CHILD, name="改了"), ticked(CHILD, {}))


def test_an_older_sheet_ticks_off_nothing_that_a_newer_one_holds() -> None:
    second = handed(CHILD, handed(CHILD, {}, "f1"), "f2")
    assert tick_off(second.values(), batch="f1", by="li", now=NOW).records == ()
    assert len(tick_off(second.values(), batch="f2", by="li", now=NOW).records) == 1


def test_who_was_typed_in_and_leaves_stands_on_the_last_page_once() -> None:
    kept = ticked(CHILD, {})
    assert again(CLOSED, kept)
    pages = {key: on_page([CLOSED], tab, RULES) for key, tab in RULES.tabs.items()}
    assert [key for key, children in pages.items() if children] == ["exit"]
    assert [value_of(CLOSED, f, BOOK) for f in RULES.tabs["exit"].fields] == ["2026-11-20", "父母返回"]
    gone = ticked(CLOSED, kept, "f2")
    assert not again(CLOSED, gone)
    assert not again(replace(CLOSED, guardian_phone="13900000001"), gone)  # nobody types that any more
    assert again(replace(CLOSED, closed_on=date(2026, 11, 21)), gone)
    assert again(CHILD, gone)  # taken up again


def test_who_was_never_typed_in_need_not_leave() -> None:
    assert not again(CLOSED, {})
    assert not again(CLOSED, handed(CHILD, {}, "f1"))


def test_who_is_of_the_category_no_more_leaves_while_on_our_books() -> None:
    kept = ticked(CHILD, {})
    other = replace(CHILD, categories=("difficulty",))
    assert not is_counted(other, RULES)
    assert again(other, kept)
    assert value_of(other, field("exit", "退出原因"), BOOK) == "不再符合农村留守儿童条件"
    assert value_of(other, field("exit", "退出时间"), BOOK) == "未采集"
    assert not again(other, {})


def test_a_file_that_was_joined_to_another_leaves_as_a_duplicate() -> None:
    shell = replace(CLOSED, closed_reason="", properties={"merged_into": "3002"})
    assert value_of(shell, field("exit", "退出原因"), BOOK) == "重复登记"


def test_those_who_leave_come_first() -> None:
    gone = replace(CLOSED, id="9", child="9")
    kept = {**ticked(replace(gone, status="active"), {}), **ticked(CHILD, {})}
    corrected = replace(CHILD, name="改了")
    digests = {child.id: digest_of(child, BOOK) for child in (corrected, gone)}
    assert changed([corrected, gone], kept, digests, RULES) == [gone, corrected]


def test_an_id_number_stands_in_the_sheet_only_where_the_policy_says_so() -> None:
    child = replace(CHILD, id_number="11010519491231002X")
    number = field("child", "证件号码")
    assert value_of(child, number, BOOK) == ""
    allowed = Book(rules=RULES.model_copy(update={"id_numbers": True}), places=PLACES)
    assert value_of(child, number, allowed) == "11010519491231002X"
    assert digest_of(child, BOOK) != digest_of(CHILD, BOOK)  # typed by hand, it must still be typed


def test_a_field_that_is_new_in_the_rules_brings_nobody_back_while_it_is_unknown() -> None:
    tab = RULES.tabs["child"]
    wider = tab.model_copy(update={"fields": (*tab.fields, NationalField(head="爱好", of="hobby"))})
    book = Book(rules=RULES.model_copy(update={"tabs": {**RULES.tabs, "child": wider}}), places=PLACES)
    assert digest_of(CHILD, book) == digest_of(CHILD, BOOK)
    assert digest_of(replace(CHILD, properties={"hobby": "画画"}), book) != digest_of(CHILD, BOOK)


@pytest.mark.parametrize(
    ("tab", "head", "known", "said"),
    [
        ("child", "健康状况", {}, "未采集"),
        ("child", "健康状况", {"health": "weak"}, "一般或较弱"),
        ("child", "户籍性质", {"hukou_nature": "rural"}, "农村居民"),
        ("child", "户籍性质", {"hukou": "no"}, "其他（含无户口）"),
        ("child", "户籍性质", {"hukou": "yes", "hukou_nature": "unknown"}, "未采集"),
        ("child", "户籍地址", {}, ""),
        ("child", "证件类型", {"hukou": "no"}, "无"),
        ("child", "监护类型", {"guardianship_kind": "carer_unable"}, "受委托监护人监护能力不足"),
        ("child", "监护不当情形", {"guardianship": "good"}, "—"),
        ("child", "监护不当情形", {"guardianship_kind": "nobody"}, ""),
        ("child", "残疾等级", {"health": "healthy"}, "—"),
        ("child", "救助措施", {"relief": "dibao medical"}, "低保、医疗救助"),
        ("child", "现居住地", {}, "青山县柳河镇榆树村"),
        ("parents", "父亲证件号码", {"father": "away"}, ""),
        ("parents", "父亲监护能力", {"father": "away"}, "—"),
        ("parents", "母亲电话", {"mother": "dead", "mother_phone": "1"}, "—"),
        ("carer", "委托照料原因", {"entrust_reason": "both_away"}, "父母双方同时外出"),
        ("carer", "有无委托照料人", {"carer": "parent"}, "无"),
        ("carer", "受委托监护人姓名", {"carer": "nobody"}, "—"),
        ("carer", "健康状况", {"carer": "grandmother"}, ""),
        ("advice", "帮扶建议", {}, ""),
    ],
)
def test_each_field_says_what_is_known_in_the_systems_words(
    tab: str, head: str, known: dict[str, str], said: str
) -> None:
    assert value_of(replace(CHILD, properties=known), field(tab, head), BOOK) == said


def test_a_countys_own_reason_for_closing_is_said_as_it_calls_it() -> None:
    policy = load_policy()
    mine = policy.closing.reasons["other"].model_copy(update={"zh_Hans": "随军"})
    reasons = {**policy.closing.reasons, "army": mine}
    book = book_of(
        policy.model_copy(update={"closing": policy.closing.model_copy(update={"reasons": reasons})}), PLACES
    )
    child = replace(CLOSED, closed_reason="army")
    assert value_of(child, field("exit", "退出原因"), book) == "随军"
    assert value_of(CLOSED, field("exit", "退出原因"), book) == "父母返回"


def test_every_table_that_a_field_or_a_column_names_is_there() -> None:
    named = [f.says for tab in RULES.tabs.values() for f in tab.fields if f.says]
    named += [dimension.says or dimension.of for dimension in RULES.dimensions.values()]
    assert set(named) <= set(RULES.says)
