"""What comes out: nested and flat values, entities, attachments, OpenRosa XML."""

from __future__ import annotations

from tests.xlsform.forms import begin, context, form, give, survey
from xlsform import Entity, Session, Submission
from xlsform.markup import parse


def finished(session: Session) -> Submission:
    done = session.finish()
    assert isinstance(done, Submission), done
    return done


def test_an_entity_is_created_with_the_properties_to_save() -> None:
    text = survey("text name ; save_to=full_name", "integer age ; save_to=age", "text other")
    text += "\n| entities |\n| | list_name | label |\n| | children | ${name} |"
    done = finished(give(Session.start(form(text), context()), "小明", "7", "x"))
    (entity,) = done.entities
    assert entity.id
    assert entity == Entity(
        list="children",
        id=entity.id,
        action="create",
        label="小明",
        properties={"full_name": "小明", "age": "7"},
    )
    assert not any("entity" in ref for ref in done.flat)


def test_an_entity_is_updated_by_its_id_and_keeps_that_over_storing() -> None:
    text = survey("select_one_from_file children.csv child", "text school ; save_to=school")
    text += "\n| entities |\n| | list_name | entity_id |\n| | children | ${child} |"
    rows = [{"name": "k1", "label": "小红", "__version": "3"}]
    where = context(instances={"children": lambda: rows})
    loaded = form(text)
    session = give(Session.start(loaded, where), "k1", "No. 2")
    done = finished(Session.restore(loaded, session.dump(), where))
    (entity,) = done.entities
    assert (entity.action, entity.id, entity.properties) == ("update", "k1", {"school": "No. 2"})


def test_an_entity_may_be_updated_without_its_list_being_at_hand() -> None:
    text = survey("text child", "text school ; save_to=school")
    text += "\n| entities |\n| | list_name | entity_id |\n| | children | ${child} |"
    session = give(Session.start(form(text), context()), "k1", "No. 2")
    (entity,) = finished(session).entities
    assert (entity.id, entity.action, session.faults) == ("k1", "update", ())


def test_no_entity_where_its_condition_does_not_hold() -> None:
    text = survey("text name ; save_to=full_name")
    text += "\n| entities |\n| | list_name | label | create_if |\n| | children | ${name} | ${name} != 'x' |"
    assert finished(give(Session.start(form(text), context()), "x")).entities == ()
    assert len(finished(give(Session.start(form(text), context()), "y")).entities) == 1


def test_every_repeat_instance_may_make_its_own_entity() -> None:
    text = survey("begin_repeat child", "text name ; save_to=full_name", "end_repeat")
    text += "\n| entities |\n| | list_name | label |\n| | children | ${name} |"
    session = give(Session.start(form(text), context()), "A")
    session.add_repeat()
    give(session, "B")
    entities = finished(session).entities
    assert [e.properties for e in entities] == [{"full_name": "A"}, {"full_name": "B"}]
    assert len({e.id for e in entities}) == 2


def test_the_xml_is_an_openrosa_instance_that_reads_back() -> None:
    session = give(begin("text a", "begin_group g", "text b", "end_group"), "x < y & z", '"q"')
    done = finished(session)
    root = parse(done.xml).elements()[0]
    assert root.attribute("id") == "test"
    assert [node.text() for node in root.elements()[:2]] == ["x < y & z", '"q"']
    meta = root.child("meta")
    assert meta is not None
    assert meta.elements()[0].value == done.flat["meta/instanceID"]


def test_attachments_are_listed() -> None:
    session = give(begin("image photo", "audio voice", "text a"), "p1.jpg")
    assert finished(session).attachments == ("/data/photo",)


def test_groups_nest_and_irrelevant_ones_are_left_out() -> None:
    session = begin("integer age", "begin_group school ; relevant=${age} > 6", "text name", "end_group")
    done = finished(give(session, "3"))
    assert "school" not in done.values
    assert list(done.flat) == ["age", "meta/instanceID"]


def test_truths_and_moments_of_calculations_are_written_as_javarosa_writes_them() -> None:
    """What JavaRosa wrote for the same answers; expressions still read "true" and the plain date."""
    session = begin(
        "date born",
        "calculate old ; calculation=${born} < date('2000-01-01')",
        "calculate day ; calculation=if(${born} != '', ${born}, today())",
        "calculate word ; calculation=if(${born} != '', 'true', 'false')",
        "calculate said ; calculation=concat(${old}, ' ', ${day})",
    )
    done = finished(give(session, "1990-07-15"))
    root = parse(done.xml).elements()[0]
    assert {node.name: node.text() for node in root.elements()[1:5]} == {
        "old": "1",
        "day": "1990-07-15T00:00:00.000Z",
        "word": "true",
        "said": "true 1990-07-15",
    }
    assert (done.calculated["old"], done.calculated["day"]) == ("true", "1990-07-15")
