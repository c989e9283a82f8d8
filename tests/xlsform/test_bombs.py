"""Forms made to harm: each is refused, or bounded with a message, in good time."""

from __future__ import annotations

import contextlib
import time

import pytest

from tests.xlsform.forms import YES_NO, asked, begin, context, form, give, survey
from xlsform import FormError, Session, load
from xlsform.errors import ExpressionError
from xlsform.markup import parse
from xlsform.xpath import compile_expression

BILLION_LAUGHS = (
    """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>"""
)


def test_entities_and_document_types_are_refused() -> None:
    with pytest.raises(FormError, match="document type"):
        load(BILLION_LAUGHS)
    with pytest.raises(FormError, match="document type"):
        load('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>')
    with pytest.raises(FormError):
        parse("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", doctype=True)


def test_deep_xml_is_refused() -> None:
    with pytest.raises(FormError, match="levels deep"):
        load("<a>" * 5000 + "</a>" * 5000)


@pytest.mark.parametrize("xml", ["", "x", "<a>", "<a/><b/>", "<a/>", "\x00", "<h:html><h:head/></h:html>"])
def test_what_is_no_xform_is_refused(xml: str) -> None:
    with pytest.raises(FormError):
        load(xml)


@pytest.mark.parametrize(
    "source",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "-" * 100_000 + "1",
        "if(1," * 5000,
        "a[" * 5000,
        "not(" * 500 + "1" + ")" * 500,
    ],
)
def test_deep_expressions_are_refused_or_read(source: str) -> None:
    began = time.thread_time()
    with contextlib.suppress(ExpressionError):
        compile_expression(source)
    assert time.thread_time() - began < 2


def test_long_flat_expressions_are_no_deeper_than_short_ones() -> None:
    source = " or ".join(["${a} = 'x'"] * 3000)
    session = begin("text a", f"text b ; relevant={source}")
    assert asked(give(session, "x")).name == "b"


def test_a_pattern_that_backtracks_elsewhere_takes_no_time() -> None:
    session = begin("text a ; constraint=regex(., '(a+)+b')")
    began = time.thread_time()
    assert session.answer("a" * 10_000) is not None
    assert time.thread_time() - began < 1


def test_a_counted_repeat_is_bounded_with_a_message() -> None:
    session = begin("integer n", "begin_repeat r ; repeat_count=${n}", "text t", "end_repeat")
    began = time.thread_time()
    give(session, "10000")
    assert time.thread_time() - began < 2
    assert len(session.engine.tree.all("/data/r")) == 100
    assert any("100 is the most" in message for _, message in session.faults)


def test_counted_repeats_inside_counted_repeats_are_bounded_together() -> None:
    session = begin(
        "integer n",
        "begin_repeat r ; repeat_count=${n}",
        "begin_repeat s ; repeat_count=${n}",
        "text t ; relevant=${n} > 1",
        "calculate c ; calculation=position(..)",
        "end_repeat",
        "end_repeat",
        max_instances=10_000,
    )
    began = time.thread_time()
    give(session, "9999")
    assert time.thread_time() - began < 8
    assert len(session.engine.tree.all("/data/r/s")) <= 2000
    assert any("too many repeat instances" in message for _, message in session.faults)


def test_a_calculation_that_asks_for_too_much_is_stopped() -> None:
    names = "".join(f"| | yn | c{n} | C{n} |\n" for n in range(300))
    inner = "instance('yn')/root/item"
    bomb = f"count({inner}[count({inner}[count({inner}[name != '']) > 0]) > 0])"
    text = survey("text a", "select_one yn b", f"calculate c ; calculation={bomb} + string-length(${{a}})",
                  choices=YES_NO + names)  # fmt: skip
    began = time.thread_time()
    session = Session.start(form(text), context())
    assert time.thread_time() - began < 5
    assert any("too long" in message for _, message in session.faults)


def test_fields_that_change_each_other_for_ever_are_stopped() -> None:
    session = begin(
        "integer q", "calculate a ; calculation=${b} + 1 + ${q}", "calculate b ; calculation=${a} + 1"
    )
    began = time.thread_time()
    give(session, "1")
    assert time.thread_time() - began < 1


def test_texts_do_not_grow_without_bound() -> None:
    rows = [
        f"calculate c{n} ; calculation=concat(${{c{n - 1}}}, ${{c{n - 1}}}, ${{c{n - 1}}})"
        for n in range(1, 15)
    ]
    session = begin("text c0", *rows)
    give(session, "x" * 1000)
    assert any("longer than" in message for _, message in session.faults)
    assert len(str(session.dump())) < 1_000_000


def test_a_field_that_quotes_the_group_it_stands_in_does_not_grow() -> None:
    session = begin("text a", *(f"calculate c{n} ; calculation=string(/data)" for n in range(30)))
    give(session, "x" * 1000)
    assert len(str(session.dump())) < 2_000_000


def test_an_answer_that_is_too_long_is_not_taken() -> None:
    problem = begin("text a").answer("x" * 30_000)
    assert problem is not None
    assert problem.kind == "type"
