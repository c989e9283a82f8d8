"""A session as a JSON value: stored after every step, restored as it was."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.xlsform.forms import NOW, YES_NO, asked, begin, context, form, give, survey
from xlsform import Form, FormError, RepeatPrompt, Session, Submission
from xlsform.state import VERSION

EVERYTHING = survey(
    "note hello",
    "integer age ; required=yes ; constraint=. < 100",
    "select_one yn well ; relevant=${age} > 5",
    "select_one town town ; choice_filter=ok=${well}",
    "begin_repeat child",
    "text name",
    "integer years ; default=position(..)",
    "begin_repeat toy ; relevant=${years} > 1",
    "text toyname ; relevant=${name} != 'b'",
    "end_repeat",
    "end_repeat",
    "calculate total ; calculation=sum(${years}) + ${age}",
    "select_multiple yn some",
    "date day ; constraint=. <= today()",
    "note bye ; label=Total ${total}",
    choices=YES_NO + "| | town | t1 | T1 |\n| | town | t2 | T2 |",
).replace("| | list_name | name | label |", "| | list_name | name | label | ok |")
EVERYTHING = EVERYTHING.replace("| t1 | T1 |", "| t1 | T1 | yes |").replace("| t2 | T2 |", "| t2 | T2 | no |")
ANSWERS = ["", "1", "7", "200", "b", "yes", "no", "t1", "t2", "yes no", "2026-11-01", "2027-01-01"]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.sampled_from(ANSWERS)),
        st.tuples(
            st.sampled_from(["skip", "back", "add", "no_more", "remove", "jump", "finish"]),
            st.integers(0, 30),
        ),
    ),
    max_size=40,
)


@lru_cache
def everything() -> Form:
    return form(EVERYTHING)


def step(session: Session, kind: str, value: str | int) -> object:
    """One thing a person may do; every result is a comparable value."""
    if kind == "answer":
        return session.answer(str(value).split() if " " in str(value) else str(value))
    if kind == "skip":
        return session.skip()
    if kind == "back":
        return session.back()
    if kind == "add":
        return session.add_repeat()
    if kind == "no_more":
        session.no_more()
        return None
    if kind == "remove":
        return session.remove_repeat(f"/data/child[{int(value) % 4}]")
    if kind == "jump":
        lines = session.review()
        return session.jump(lines[int(value) % len(lines)].ref) if lines else None
    done = session.finish()
    return done.values if isinstance(done, Submission) else done


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_a_session_stored_after_every_step_behaves_as_one_that_never_was(
    steps: list[tuple[str, str | int]],
) -> None:
    live = Session.start(everything(), context())
    stored = json.dumps(live.dump())
    for kind, value in steps:
        again = Session.restore(everything(), json.loads(stored), context())
        assert again.prompt() == live.prompt()
        assert again.review() == live.review()
        assert step(again, kind, value) == step(live, kind, value)
        assert again.prompt() == live.prompt()
        stored = json.dumps(again.dump())
        assert json.loads(stored) == json.loads(json.dumps(live.dump()))


def long_form(questions: int) -> Form:
    rows = ["integer first"]
    for number in range(questions):
        rows.append(f"integer q{number} ; relevant=${{first}} > 0 ; constraint=. < 9")
        rows.append(f"calculate c{number} ; calculation=${{q{number}}} + ${{first}}")
    return form(survey(*rows))


def test_a_form_of_300_questions_is_restored_without_computing_anything() -> None:
    loaded = long_form(300)
    session = give(Session.start(loaded, context()), "1", *["2"] * 299)
    again = Session.restore(loaded, json.loads(json.dumps(session.dump())), context())
    assert again.engine.firings == 0
    assert again.prompt() == session.prompt()
    assert len(json.dumps(session.dump())) < 60_000


def test_one_answer_computes_only_what_depends_on_it() -> None:
    session = give(Session.start(long_form(300), context()), "1")
    before = session.engine.firings
    give(session, "2")
    assert session.engine.firings - before == 1


def test_on_another_day_only_what_reads_the_date_is_computed_again() -> None:
    loaded = form(survey("date born", "calculate days ; calculation=today() - ${born}", "text a"))
    session = give(Session.start(loaded, context()), "2026-11-20")
    tomorrow = context(now=NOW + timedelta(days=1))
    done = Session.restore(loaded, session.dump(), tomorrow).finish()
    assert isinstance(done, Submission)
    assert done.calculated == {"days": "4"}


def test_a_state_of_another_form_or_shape_is_refused() -> None:
    stored = begin("text a").dump()
    with pytest.raises(FormError, match="another version"):
        Session.restore(form(survey("text b")), stored, context())
    loaded = form(survey("text a"))
    with pytest.raises(FormError, match="version"):
        Session.restore(loaded, {**stored, "v": VERSION + 1}, context())
    with pytest.raises(FormError, match="damaged"):
        Session.restore(loaded, {"v": VERSION, "form": loaded.digest}, context())


def test_answers_move_to_a_new_version_and_what_is_new_comes_after_the_pending_question() -> None:
    old = give(begin("text name", "integer age", "text gone", "text last"), "Mei", "7", "bye")
    new = form(survey("text name", "text fresh", "integer age ; constraint=. < 20", "text last"))
    session, lost = Session.migrate(new, old.dump(), context())
    assert lost == ("/data/gone",)
    assert asked(session).name == "last"
    assert [line.text for line in session.review()] == ["Mei", "7"]
    assert asked(give(session, "l")).name == "fresh"
    assert give(session, "f").prompt() is None


def test_repeat_instances_move_to_a_new_version_as_well() -> None:
    rows = ("begin_repeat child", "text name", "end_repeat")
    old = give(begin(*rows), "A")
    old.add_repeat()
    give(old, "B")
    session, lost = Session.migrate(form(survey(*rows, "text more")), old.dump(), context())
    assert lost == ()
    assert [line.text for line in session.review()] == ["A", "B"]
    assert isinstance(session.prompt(), RepeatPrompt)


def test_an_answer_that_no_longer_fits_its_type_is_left_behind() -> None:
    old = give(begin("text age", "text a"), "seven", "a")
    session, lost = Session.migrate(form(survey("integer age", "text a")), old.dump(), context())
    assert lost == ("/data/age",)
    assert asked(session).name == "age"


def test_a_choice_that_is_no_longer_offered_is_left_behind_and_asked_again() -> None:
    rows = ("select_one yn pick", "text a")
    old = give(begin(*rows, choices=YES_NO), "no")
    fewer = YES_NO.replace("| | yn | no | No |\n", "| | yn | maybe | Maybe |\n")
    session, lost = Session.migrate(form(survey(*rows, choices=fewer)), old.dump(), context())
    assert lost == ("/data/pick",)
    assert asked(give(session, "a")).name == "pick"
