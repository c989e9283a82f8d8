"""A form as a conversation: order, relevance, problems, back, skip, jump, review and the end."""

from __future__ import annotations

from tests.xlsform.forms import YES_NO, asked, begin, give
from xlsform import Problem, Submission


def test_questions_come_in_the_order_of_the_form_and_end_in_none() -> None:
    session = begin("text name", "integer age", "date seen")
    assert [asked(session).ref, asked(give(session, "Mei")).ref, asked(give(session, "7")).ref] == [
        "/data/name",
        "/data/age",
        "/data/seen",
    ]
    assert give(session, "2026-11-20").prompt() is None


def test_a_question_is_asked_only_while_it_is_relevant() -> None:
    session = begin("integer age", "text school ; relevant=${age} >= 6", "text last")
    assert asked(give(session, "7")).name == "school"
    session.back()
    assert asked(give(session, "5")).name == "last"


def test_an_answer_hidden_by_relevance_comes_back_but_is_not_submitted() -> None:
    session = begin("integer age", "text school ; relevant=${age} >= 6")
    give(session, "7", "No. 1")
    session.jump("/data/age")
    give(session, "3")
    done = session.finish()
    assert isinstance(done, Submission)
    assert "school" not in done.flat
    assert "No. 1" not in done.xml
    session.jump("/data/age")
    give(session, "8")
    assert session.prompt() is None
    assert [line.text for line in session.review()] == ["8", "No. 1"]


def test_a_broken_constraint_is_told_in_the_authors_words_and_changes_nothing() -> None:
    session = begin("integer age ; constraint=. < 18 ; constraint_message=Only children under 18")
    problem = session.answer("20")
    assert problem == Problem(kind="constraint", message="Only children under 18", ref="/data/age")
    assert asked(session).value == ""
    assert session.answer("17") is None


def test_a_required_question_can_be_neither_skipped_nor_emptied() -> None:
    session = begin("text name ; required=yes ; required_message=Please say who")
    assert session.skip() == Problem(kind="required", message="Please say who", ref="/data/name")
    assert session.answer("  ") == Problem(kind="required", message="Please say who", ref="/data/name")


def test_text_is_no_number_and_a_strange_value_no_choice() -> None:
    session = begin("integer age", "select_one yn ok", choices=YES_NO)
    assert session.answer("seven") == Problem(kind="type", ref="/data/age")
    assert session.answer("3.5") == Problem(kind="type", ref="/data/age")
    give(session, "007")
    assert session.answer("maybe") == Problem(kind="choice", ref="/data/ok")
    session.back()
    assert asked(session).value == "7"


def test_skip_keeps_a_default_and_an_empty_answer_clears_it() -> None:
    session = begin("integer age ; default=5", "text last")
    assert asked(session).value == "5"
    session.skip()
    assert [line.text for line in session.review()] == ["5"]
    session.back()
    give(session, "")
    assert session.review() == ()


def test_back_stops_at_the_first_question() -> None:
    session = begin("text a", "text b")
    assert session.back() is False
    give(session, "1")
    assert session.back() is True
    assert asked(session).value == "1"


def test_after_a_jump_the_session_returns_to_where_it_was() -> None:
    session = give(begin("text a", "text b", "text c"), "1", "2")
    assert session.jump("/data/a")
    assert asked(give(session, "changed")).name == "c"
    assert not session.jump("/data/nothing")


def test_notes_are_joined_to_the_question_that_follows() -> None:
    session = begin("note hello", "note there", "text a", "note bye")
    assert asked(session).notes == ("hello", "there")
    last = asked(give(session, "1"))
    assert (last.kind, last.label, last.notes) == ("note", "bye", ())
    assert give(session, "").prompt() is None


def test_a_readonly_question_with_a_value_is_told_as_a_note() -> None:
    session = begin("integer age", "integer double ; readonly=yes ; calculation=${age} * 2", "text last")
    assert asked(give(session, "4")).notes == ("double\n8",)


def test_calculations_follow_the_answers_and_are_named_in_the_submission() -> None:
    session = begin(
        "select_one yn well",
        "calculate flag_health ; calculation=if(${well} = 'no', 'today', '')",
        "calculate shown ; calculation=concat(${flag_health}, '!')",
        choices=YES_NO,
    )
    done = give(session, "no").finish()
    assert isinstance(done, Submission)
    assert done.calculated == {"flag_health": "today", "shown": "today!"}
    session.jump("/data/well")
    done = give(session, "yes").finish()
    assert isinstance(done, Submission)
    assert done.calculated == {"flag_health": "", "shown": "!"}


def test_values_and_expressions_appear_inside_labels() -> None:
    session = begin("text name", "text more ; label=What about ${name}?")
    assert asked(give(session, "小明")).label == "What about 小明?"


def test_finish_goes_to_the_first_question_that_is_still_open() -> None:
    session = begin("text a", "integer b ; required=${a} = 'x'", "text c")
    give(session, "n", "", "1")
    session.jump("/data/a")
    give(session, "x")
    problem = session.finish()
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.ref) == ("required", "/data/b")
    assert asked(session).name == "b"


def test_a_constraint_that_looks_forward_is_checked_again_at_the_end() -> None:
    session = begin("integer least ; constraint=${most} = '' or . <= ${most}", "integer most")
    give(session, "9", "5")
    problem = session.finish()
    assert isinstance(problem, Problem)
    assert (problem.kind, problem.ref) == ("constraint", "/data/least")


def test_a_preset_question_is_written_and_not_asked() -> None:
    session = begin("text child", "text more ; label=How is ${child}?", preset={"child": "c1"})
    assert asked(session).label == "How is c1?"
    done = give(session, "fine").finish()
    assert isinstance(done, Submission)
    assert done.flat["child"] == "c1"


def test_an_acknowledgement_is_stored_as_ok_and_read_as_a_tick() -> None:
    session = give(begin("acknowledge read"), "anything")
    assert [(line.text, line.kind) for line in session.review()] == [("✓", "acknowledge")]


def test_group_labels_and_the_place_among_all_are_told() -> None:
    session = begin(
        "begin_group home ; label=At home ; appearance=field-list",
        "text a",
        "end_group",
        "text b ; relevant=${a} = 'x'",
        "text c",
    )
    prompt = asked(session)
    assert (prompt.groups, prompt.position, prompt.total) == (("At home",), 1, 2)
    assert (prompt.group_ref, prompt.group_appearance) == ("/data/home", "field-list")
    prompt = asked(give(session, "x"))
    assert (prompt.groups, prompt.position, prompt.total) == ((), 2, 3)


def test_a_range_takes_only_its_steps() -> None:
    session = begin("range pain ; parameters=start=0 end=10 step=2")
    assert asked(session).kind == "range"
    assert session.answer("3") == Problem(kind="type", ref="/data/pain")
    assert session.answer("12") == Problem(kind="type", ref="/data/pain")
    assert session.answer("4") is None


def test_metadata_are_filled_in_from_the_context() -> None:
    session = begin("today day", "start started", "end ended", "username user", "deviceid device", "text a",
                    username="w1", device="d1")  # fmt: skip
    done = give(session, "1").finish()
    assert isinstance(done, Submission)
    assert done.flat["day"] == "2026-11-23"
    assert done.flat["started"] == done.flat["ended"] == "2026-11-23T09:30:00.000+08:00"
    assert (done.flat["user"], done.flat["device"]) == ("w1", "d1")
    assert done.flat["meta/instanceID"].startswith("uuid:")


def test_a_dynamic_default_and_a_trigger_write_their_values() -> None:
    session = begin(
        "date seen ; default=today()",
        "text a",
        "calculate changed ; trigger=${a} ; calculation=now()",
    )
    assert asked(session).value == "2026-11-23"
    session.skip()
    assert session.engine.tree.all("/data/changed")[0].value == ""
    give(session, "x")
    assert session.engine.tree.all("/data/changed")[0].value.startswith("2026-11-23T09:30")


def test_once_keeps_its_first_value_and_current_means_the_field() -> None:
    session = begin(
        "text a",
        "calculate first ; calculation=if(${a} = '', '', once(${a}))",
        "calculate same ; calculation=/data/*[. = current()/../a and position() = 1]",
    )
    give(session, "x")
    session.jump("/data/a")
    done = give(session, "y").finish()
    assert isinstance(done, Submission)
    assert done.calculated == {"first": "x", "same": "y"}


def test_a_failing_expression_is_kept_for_the_log_and_stops_nobody() -> None:
    session = begin("text a", "text b ; relevant=regex(${a}, '(')")
    give(session, "x")
    assert asked(session).name == "b"
    assert any("can't be used" in message for _, message in session.faults)


def test_a_group_is_asked_again_as_a_whole_with_the_answers_as_they_stand() -> None:
    session = begin(
        "begin_group home ; label=The home ; appearance=field-list",
        "integer adults ; required=yes",
        "text note",
        "end_group",
        "text last",
    )
    give(session, "3", "n", "end")
    assert [(line.ref, line.list_ref, line.list_label) for line in session.review()] == [
        ("/data/home/adults", "/data/home", "The home"),
        ("/data/home/note", "/data/home", "The home"),
        ("/data/last", "", ""),
    ]
    assert session.jump("/data/home")
    assert not session.revisiting
    assert (asked(session).ref, asked(session).value) == ("/data/home/adults", "3")
    assert session.skip() is None
    assert asked(session).ref == "/data/home/note"
    give(session, "m")
    assert session.prompt() is None
    assert [line.text for line in session.review()] == ["3", "m", "end"]
    assert not session.jump("/data/nowhere")
