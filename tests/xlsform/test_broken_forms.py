"""XForms and expressions broken at random: refused with a FormError or run, never anything else."""

from __future__ import annotations

import contextlib
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.xlsform.forms import NOW, YES_NO, context, survey
from xlsform import ExpressionError, FormError, Prompt, RepeatPrompt, Session, load
from xlsform.lint import lint
from xlsform.markup import parse
from xlsform.publish import publish
from xlsform.xpath import Env, compile_expression, to_text
from xlsform.xpath.functions import TABLE

XFORM = publish(
    survey(
        "integer a ; constraint=. < 9 ; default=position(..)",
        "select_one yn b ; choice_filter=name != ${a} ; relevant=${a} > 1",
        "begin_repeat r ; repeat_count=${a}",
        "text t ; required=${b} = 'yes'",
        "calculate c ; calculation=concat(${t}, position(..))",
        "end_repeat",
        "note n ; label=Sum ${c}",
        choices=YES_NO,
    ).encode(),
    kind="md",
    name="test",
).xform
PIECES = re.findall(r"<[^>]*>|[^<]+", XFORM)
VALUES = [
    '""',
    '"/"',
    '".."',
    '"/data"',
    '"1+"',
    '"jr:itext(x)"',
    '"-5"',
    '"99999"',
    '"instance(1)/root"',
    '"//*"',
]
CHANGES = st.lists(
    st.tuples(st.sampled_from(["drop", "copy", "value"]), st.integers(0, 400), st.integers(0, 400)),
    min_size=1,
    max_size=3,
)


def broken(changes: list[tuple[str, int, int]]) -> str:
    pieces = list(PIECES)
    for kind, first, second in changes:
        place = first % len(pieces)
        if kind == "drop":
            del pieces[place]
        elif kind == "copy":
            pieces.insert(place, pieces[second % len(pieces)])
        else:
            pieces[place] = re.sub(
                r'"[^"]*"', VALUES[second % len(VALUES)], pieces[place], count=1 + second % 3
            )
    return "".join(pieces)


@settings(max_examples=150, deadline=None)
@given(CHANGES, st.booleans())
def test_a_broken_form_is_refused_or_runs(changes: list[tuple[str, int, int]], lenient: bool) -> None:
    with contextlib.suppress(FormError):
        form = load(broken(changes), lenient=lenient)
        lint(form)
        session = Session.start(form, context())
        for answer in ("3", "yes", "x", "", ""):
            prompt = session.prompt()
            if isinstance(prompt, RepeatPrompt):
                session.add_repeat()
            elif isinstance(prompt, Prompt):
                session.answer(answer)
            session = Session.restore(form, session.dump(), context())
        session.review()
        session.finish()


ATOMS = [
    "a",
    "item",
    "/d/item/n",
    ".",
    "..",
    "1",
    "0",
    "-1",
    "1e300",
    "'x'",
    "'2026-01-01'",
    "''",
    "today()",
    "*",
    "//n",
]
EXPRESSIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(
            inner, st.sampled_from(["+", "-", "*", "div", "mod", "=", "!=", "<", "and", "or", "|"]), inner
        ).map(" ".join),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]}[{pair[1]}]"),
        st.tuples(st.sampled_from(sorted(TABLE)), st.lists(inner, max_size=4)).map(
            lambda call: f"{call[0]}({', '.join(call[1])})"
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, st.booleans())
def test_any_expression_has_a_value_or_an_expression_error(source: str, forms: bool) -> None:
    document = parse("<d><a>1</a><item><n>3</n></item><item><n>x</n></item></d>")
    env = Env(node=document.elements()[0], root=document, now=NOW, forms=forms, budget=20_000)
    with contextlib.suppress(ExpressionError):
        assert isinstance(to_text(compile_expression(source).evaluate(env)), str)
