"""Answers as Kobo and Central give them: tables with repeats beside, nested values."""

from __future__ import annotations

import pytest

from tests.xlsform.forms import begin, context, form, give, survey
from xlsform import Form, Session, Submission
from xlsform.export import Sent, guarded, nested, tables

CHOICES = """
| choices |
| | list_name | name | label |
| | needs | coat | Coat |
| | needs | book | Book |
"""
FORM = survey(
    "text name",
    "begin_group home",
    "geopoint place",
    "select_multiple needs needs",
    "end_group",
    "begin_repeat child",
    "integer age",
    "begin_repeat toy",
    "text toy_name",
    "end_repeat",
    "end_repeat",
    "note bye",
    choices=CHOICES,
)


def sent(form_: Form) -> Sent:
    """A household with two children, the first with two toys."""
    session = Session.start(form_, context())
    give(session, "=cmd|' /C calc'!A0", "30.5 120.25", ["coat"], "7", "ball")
    session.add_repeat()
    give(session, "kite")
    session.no_more()
    session.add_repeat()
    give(session, "3")
    session.no_more()
    session.no_more()
    done = session.finish()
    assert isinstance(done, Submission), done
    return Sent(id="s1", xml=done.xml, at="2026-11-26T09:00:00+08:00", by="W01", version="3")


def columns(grid: list[list[str]], *names: str) -> list[dict[str, str]]:
    return [{name: row[grid[0].index(name)] for name in names} for row in grid[1:]]


def test_groups_are_slashes_choices_split_places_unfolded_and_repeats_point_to_their_parents() -> None:
    loaded = form(FORM)
    book = tables(loaded, [sent(loaded), sent(loaded)], name="visit")
    assert list(book) == ["visit", "child", "toy"]
    assert book["visit"][0][:10] == [
        "name", "home/place", "home/_place_latitude", "home/_place_longitude", "home/_place_altitude",
        "home/_place_precision", "home/needs", "home/needs/coat", "home/needs/book", "_id",
    ]  # fmt: skip
    (first, second) = columns(
        book["visit"], "home/needs/coat", "home/needs/book", "home/_place_latitude", "_id", "_index"
    )
    assert list(first.values()) == ["1", "0", "30.5", "s1", "1"]
    assert second["_index"] == "2"
    assert [tuple(r.values()) for r in columns(book["child"], "child/age", "_index", "_parent_index")] == [
        ("7", "1", "1"), ("3", "2", "1"), ("7", "3", "2"), ("3", "4", "2"),
    ]  # fmt: skip
    toys = columns(book["toy"], "child/toy/toy_name", "_parent_table_name", "_parent_index")
    assert [tuple(row.values()) for row in toys] == [
        ("ball", "child", "1"), ("kite", "child", "1"), ("ball", "child", "3"), ("kite", "child", "3"),
    ]  # fmt: skip
    assert columns(book["toy"], "_submission__id")[0] == {"_submission__id": "s1"}


def test_answers_that_the_form_no_longer_asks_for_are_kept_behind() -> None:
    older = sent(form(FORM))
    book = tables(form(survey("text name")), [older], name="visit")
    assert columns(book["visit"], "home/place", "home/needs") == [
        {"home/place": "30.5 120.25 0.0 0.0", "home/needs": "coat"}
    ]
    assert columns(book["child"], "child/age") == [{"child/age": "7"}, {"child/age": "3"}]


def test_nested_values_have_objects_lists_and_numbers() -> None:
    loaded = form(FORM)
    (document,) = nested(loaded, [sent(loaded)])
    assert document["home"]["needs"] == "coat"
    toys = [{"toy_name": "ball"}, {"toy_name": "kite"}]
    assert document["child"] == [{"age": 7, "toy": toys}, {"age": 3}]
    assert document["__id"] == "s1"
    assert document["__system"]["submitterName"] == "W01"


@pytest.mark.parametrize("cell", ["=1+1", "+86 (0)", "-a", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "-1+2"])
def test_what_a_spreadsheet_could_run_gets_an_apostrophe(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-5", "+8613800138000", "1.5", "007", "", "a=b", "好"])
def test_numbers_and_plain_words_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == cell


def test_a_form_without_answers_still_has_its_headings() -> None:
    session = begin("text a")
    assert tables(session.form, [], name="visit")["visit"][0][0] == "a"
