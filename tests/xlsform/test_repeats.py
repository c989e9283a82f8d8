"""Repeats: asked for, counted, nested, removed."""

from __future__ import annotations

from tests.xlsform.forms import asked, begin, context, give
from xlsform import Prompt, RepeatPrompt, Session, Submission, load

CHILDREN = ("begin_repeat child", "text name", "integer age", "end_repeat", "text last")
_NODES = "".join(f"<node><word>{n}</word></node>" for n in range(1, 6))
FIVE_NODES = f"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
<h:head><model>
<instance><data id="five">{_NODES}<all/></data></instance>
<bind nodeset="/data/node" relevant="position() &gt; 2"/>
<bind nodeset="/data/all" calculate="concat(/data/node/word)"/>
</model></h:head>
<h:body><group ref="/data/node"><repeat nodeset="/data/node"><input ref="/data/node/word">
<label>\t <output value="1"/> word \n</label></input></repeat></group></h:body></h:html>"""


def more(session: Session) -> RepeatPrompt:
    prompt = session.prompt()
    assert isinstance(prompt, RepeatPrompt), prompt
    return prompt


def test_after_each_instance_another_is_offered() -> None:
    session = give(begin(*CHILDREN), "A", "3")
    prompt = more(session)
    assert (prompt.ref, prompt.label, prompt.count, prompt.can_add) == ("/data/child", "child", 1, True)
    assert session.add_repeat()
    assert asked(session).ref == "/data/child[2]/name"
    assert asked(session).groups == ("child 2",)
    give(session, "B", "4")
    assert more(session).count == 2
    session.no_more()
    done = give(session, "end").finish()
    assert isinstance(done, Submission)
    assert done.values["child"] == [{"name": "A", "age": "3"}, {"name": "B", "age": "4"}]
    assert done.flat["child[2]/name"] == "B"


def test_a_removed_instance_moves_the_later_ones_up() -> None:
    session = begin(*CHILDREN, "calculate names ; calculation=join(',', ${name})")
    for name in "ABC":
        give(session, name, "1")
        session.add_repeat()
    assert session.remove_repeat("/data/child[4]")
    assert session.remove_repeat("/data/child[2]")
    assert not session.remove_repeat("/data/child[7]")
    assert more(session).count == 2
    assert [line.text for line in session.review()] == ["A", "1", "C", "1"]
    session.no_more()
    done = give(session, "x").finish()
    assert isinstance(done, Submission)
    assert done.calculated["names"] == "A,C"


def test_all_instances_may_be_removed() -> None:
    session = give(begin(*CHILDREN), "A", "3")
    session.remove_repeat("/data/child[1]")
    assert more(session).count == 0
    session.no_more()
    done = give(session, "x").finish()
    assert isinstance(done, Submission)
    assert "child" not in done.values


def test_a_counted_repeat_has_as_many_instances_as_its_count_says() -> None:
    session = begin(
        "integer many", "begin_repeat child ; repeat_count=${many}", "text name", "end_repeat", "text last"
    )
    give(session, "2", "A", "B")
    assert asked(session).name == "last"
    session.jump("/data/many")
    give(session, "1")
    assert [line.text for line in session.review()] == ["1", "A"]
    session.jump("/data/many")
    give(session, "0")
    assert asked(session).name == "last"


def test_expressions_inside_a_repeat_mean_their_own_instance() -> None:
    session = begin(
        "begin_repeat child",
        "text name",
        "integer age ; label=How old is ${name}?",
        "text school ; relevant=${age} > 5",
        "calculate place ; calculation=position(..)",
        "end_repeat",
        "calculate total ; calculation=sum(${age})",
    )
    give(session, "A")
    assert asked(session).label == "How old is A?"
    give(session, "3")
    session.add_repeat()
    give(session, "B")
    assert asked(session).label == "How old is B?"
    give(session, "9")
    assert asked(session).ref == "/data/child[2]/school"
    done = session.finish()
    assert isinstance(done, Submission)
    assert (done.flat["child[1]/place"], done.flat["child[2]/place"]) == ("1", "2")
    assert done.calculated["total"] == "12"


def test_the_relevance_of_a_repeat_counts_its_instances_and_a_label_loses_its_margins_as_in_javarosa() -> (
    None
):
    session, shown = Session.start(load(FIVE_NODES), context()), []
    while isinstance(prompt := session.prompt(), Prompt):
        shown.append((prompt.ref, prompt.label, prompt.value))
        session.skip()
    assert shown == [(f"/data/node[{n}]/word", "1 word", str(n)) for n in (3, 4, 5)]
    assert session.dump()["values"]["/data/all"] == "345"


def test_repeats_may_stand_in_repeats() -> None:
    session = begin(
        "begin_repeat house",
        "text street",
        "begin_repeat child",
        "text name",
        "end_repeat",
        "end_repeat",
    )
    give(session, "S1", "A")
    session.add_repeat()
    give(session, "B")
    session.no_more()
    assert more(session).ref == "/data/house"
    session.add_repeat()
    give(session, "S2")
    assert more(session).count == 0  # as in JavaRosa, a new house starts without children
    session.add_repeat()
    give(session, "C")
    assert more(session).ref == "/data/house[2]/child"
    session.no_more()
    session.no_more()
    assert session.prompt() is None
    done = session.finish()
    assert isinstance(done, Submission)
    assert done.values["house"] == [
        {"street": "S1", "child": [{"name": "A"}, {"name": "B"}]},
        {"street": "S2", "child": [{"name": "C"}]},
    ]


def test_back_from_the_first_question_after_a_repeat_offers_another_again() -> None:
    session = give(begin(*CHILDREN), "A", "3")
    session.no_more()
    session.back()
    assert more(session).count == 1


def test_no_more_instances_than_the_context_allows() -> None:
    session = give(begin(*CHILDREN, max_instances=1), "A", "3")
    assert more(session).can_add is False
    assert session.add_repeat() is False


def test_defaults_are_set_anew_in_every_instance() -> None:
    session = begin("begin_repeat child", "integer n ; default=position(..)", "end_repeat")
    assert asked(session).value == "1"
    session.skip()
    session.add_repeat()
    prompt = session.prompt()
    assert isinstance(prompt, Prompt)
    assert prompt.value == "2"


def test_indexed_repeat_reads_another_instance() -> None:
    session = begin(*CHILDREN, "calculate second ; calculation=indexed-repeat(${name}, ${child}, 2)")
    give(session, "A", "1")
    session.add_repeat()
    give(session, "B", "2")
    done = session.finish()
    assert isinstance(done, Submission)
    assert done.calculated["second"] == "B"


def test_a_path_is_as_true_as_its_value() -> None:
    session = begin("text a", "integer n", "text b ; relevant=${a} and not(${n})", "text last")
    assert asked(give(session, "", "")).name == "last"
    session.jump("/data/a")
    assert asked(give(session, "x")).name == "b"
    session.jump("/data/n")
    assert asked(give(session, "0")).name == "b"
    session.jump("/data/n")
    assert asked(give(session, "3")).name == "last"


def test_the_first_instance_of_a_repeat_counted_zero_is_kept_only_on_wish() -> None:
    rows = ("integer n", "begin_repeat r ; repeat_count=${n}", "text t", "end_repeat", "text last")
    assert asked(give(begin(*rows), "0")).name == "last"
    assert asked(give(begin(*rows, keep_first_instance=True), "0")).ref == "/data/r[1]/t"
