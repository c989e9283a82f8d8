"""Choices: several, filtered, from live tables, with labels in the reader's language."""

from __future__ import annotations

import gc
from weakref import ref

from tests.xlsform.forms import YES_NO, asked, begin, context, form, give, survey
from xlsform import Problem, Session, Submission, load
from xlsform.publish import publish

PLACES = """
| choices |
| | list_name | name | label | county |
| | county | c1 | East | |
| | county | c2 | West | |
| | town | t1 | Eastham | c1 |
| | town | t2 | Eastwick | c1 |
| | town | t3 | Westham | c2 |
"""
CASCADE = ("select_one county county", "select_one town town ; choice_filter=county=${county}", "text last")


def test_a_filter_offers_only_what_fits() -> None:
    session = give(begin(*CASCADE, choices=PLACES), "c1")
    assert [c.label for c in asked(session).choices] == ["Eastham", "Eastwick"]
    assert session.answer("t3") == Problem(kind="choice", ref="/data/town")


def test_a_selection_no_longer_offered_is_cleared_and_asked_again() -> None:
    session = give(begin(*CASCADE, choices=PLACES), "c1", "t1", "x")
    assert session.prompt() is None
    session.jump("/data/county")
    give(session, "c2")
    assert (asked(session).name, asked(session).value) == ("town", "")
    assert give(session, "t3").prompt() is None


def test_a_selection_that_is_still_offered_stays() -> None:
    session = give(begin(*CASCADE, choices=PLACES), "c1", "t1", "x")
    session.jump("/data/county")
    give(session, "c1")
    assert session.prompt() is None


def test_several_choices_are_kept_in_the_order_given_and_once() -> None:
    session = begin("select_multiple yn ok", choices=YES_NO)
    give(session, ["no", "yes", "no"])
    assert [line.text for line in session.review()] == ["No, Yes"]
    done = session.finish()
    assert isinstance(done, Submission)
    assert done.flat["ok"] == "no yes"


def test_a_ranking_needs_every_choice() -> None:
    session = begin("rank yn order", choices=YES_NO)
    assert session.answer(["no"]) == Problem(kind="choice", ref="/data/order")
    give(session, ["no", "yes"])
    assert [line.text for line in session.review()] == ["No > Yes"]


def test_choice_names_can_be_calculated() -> None:
    session = begin(
        "select_one yn ok",
        "calculate said ; calculation=jr:choice-name(${ok}, '${ok}')",
        choices=YES_NO,
    )
    done = give(session, "no").finish()
    assert isinstance(done, Submission)
    assert done.calculated["said"] == "No"


def test_a_live_table_feeds_choices_and_lookups() -> None:
    rows = [
        {"name": "k1", "label": "小红", "village": "v1"},
        {"name": "k2", "label": "小军", "village": "v2"},
    ]
    session = begin(
        "select_one_from_file children.csv child ; choice_filter=village='v2'",
        "calculate village ; calculation=instance('children')/root/item[name=${child}]/village",
        instances={"children": lambda: rows},
    )
    assert [(c.value, c.label) for c in asked(session).choices] == [("k2", "小军")]
    done = give(session, "k2").finish()
    assert isinstance(done, Submission)
    assert done.calculated["village"] == "v2"


def test_a_table_nobody_feeds_is_empty() -> None:
    session = begin("select_one_from_file children.csv child", "text last")
    assert asked(session).choices == ()
    session.skip()
    assert asked(session).name == "last"


def test_tables_that_come_with_the_form_are_read() -> None:
    text = survey(
        "select_one_from_file towns.csv town",
        "select_one_from_file spots.geojson spot",
        "calculate head ; calculation=pulldata('towns', 'head', 'name', ${town})",
    )
    geojson = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "f1", "properties": '
        '{"title": "Well"}, "geometry": {"type": "Point", "coordinates": [120.5, 30.5]}}]}'
    )
    media = {
        "towns.csv": "name,label,head\nt1,东镇,王\nt2,西镇,李\n".encode(),
        "spots.geojson": geojson.encode(),
    }
    loaded = load(publish(text.encode(), kind="md", name="test").xform, media=media)
    session = Session.start(loaded, context())
    assert [c.label for c in asked(session).choices] == ["东镇", "西镇"]
    give(session, "t2")
    assert [(c.value, c.label) for c in asked(session).choices] == [("f1", "Well")]
    done = session.finish()
    assert isinstance(done, Submission)
    assert done.calculated["head"] == "李"


def test_a_form_with_media_is_read_once_while_it_is_in_use_and_anew_when_a_file_changes() -> None:
    xform = publish(survey("select_one_from_file towns.csv town").encode(), kind="md", name="test").xform
    first = load(xform, media={"towns.csv": b"name,label\nt1,East\n"})
    assert load(xform, media={"towns.csv": b"name,label\n" + b"t1,East\n"}) is first
    assert load(xform, media={"towns.csv": b"name,label\nt1,East\n"}, lenient=True) is not first
    other = load(xform, media={"towns.csv": b"name,label\nt1,West\n"})
    assert [asked(Session.start(f, context())).choices[0].label for f in (first, other)] == ["East", "West"]
    kept = ref(other)
    del other
    gc.collect()  # its sessions point at themselves
    assert kept() is None


def test_the_last_submission_fills_in_the_next() -> None:
    text = survey("integer weight ; default=${last-saved#weight}")
    first = give(Session.start(form(text), context()), "12").finish()
    assert isinstance(first, Submission)
    again = Session.start(form(text), context(last_saved=first.xml))
    assert asked(again).value == "12"
    assert asked(Session.start(form(text), context())).value == ""


def test_choices_may_have_pictures() -> None:
    pictures = """
| choices |
| | list_name | name | label::en (en) | media::image::en (en) |
| | yn | yes | Yes | yes.png |
| | yn | no | No | |
"""
    text = survey("select_one yn ok", choices=pictures).replace(" label ", " label::en (en) ")
    session = Session.start(form(text), context())
    assert [c.image for c in asked(session).choices] == ["yes.png", ""]


def test_shuffled_choices_keep_their_order_for_the_whole_session() -> None:
    many = YES_NO + "".join(f"| | yn | c{n} | C{n} |\n" for n in range(30))
    text = survey("text a", "select_one yn ok ; parameters=randomize=true", choices=many)
    loaded = form(text)
    session = give(Session.start(loaded, context()), "x")
    order = [c.value for c in asked(session).choices]
    assert order == [c.value for c in asked(session).choices]
    assert order == [c.value for c in asked(Session.restore(loaded, session.dump(), context())).choices]
    others = [[c.value for c in asked(give(Session.start(loaded, context()), "x")).choices] for _ in range(3)]
    assert any(other != order for other in others)


def test_choices_may_come_from_the_external_sheet() -> None:
    external = "| external_choices |\n| | list_name | name | label | county |\n"
    external += "| | town | t1 | Eastham | c1 |\n| | town | t2 | Westham | c2 |\n"
    text = survey(
        "text county", "select_one_external town town ; choice_filter=county=${county}", choices=external
    )
    published = publish(text.encode(), kind="md", name="test")
    session = give(Session.start(load(published.xform, media=published.media), context()), "c2")
    assert (asked(session).kind, [c.label for c in asked(session).choices]) == ("select_one", ["Westham"])
