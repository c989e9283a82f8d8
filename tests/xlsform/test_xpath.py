"""The expression language: every function, and the points on which the public engines differ."""

from __future__ import annotations

import base64
import math
import re
from datetime import datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.xlsform.forms import begin, give
from xlsform import Submission
from xlsform.errors import ExpressionError
from xlsform.markup import parse
from xlsform.xpath import Env, Value, compile_expression, to_text
from xlsform.xpath.functions import TABLE
from xlsform.xpath.moments import Clock
from xlsform.xpath.parser import parse_expression

ZONE = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=ZONE)
DOCUMENT = """
<data id="d1" xml:lang="en-GB"><a>1</a><b>2</b><text>hello world</text><empty/>
<day>2026-11-20</day><multi>x y z</multi>
<item><n>3</n><name>p</name></item><item><n>5</n><name>q</name></item><item><n/><name>r</name></item></data>
"""


def run(source: str, *, forms: bool = True, utc: bool = False) -> Value:
    document = parse(DOCUMENT.strip())
    root = document.elements()[0]
    env = Env(node=root, root=document, now=NOW, clock=Clock(ZONE, utc=utc), forms=forms)
    return compile_expression(source).evaluate(env)


EXPRESSIONS = [
    ("is-selected(multi, 'y')", "true"), ("enclosed-area('0 0; 0 1; 1 1; 0 0') > 1000000000", "true"),
    # strings
    ("string(a)", "1"), ("concat('a', 1, true())", "a1true"), ("concat(item/name)", "pqr"),
    ("join('-', 'a', item/name)", "a-p-q-r"), ("substr('hello', 1, 3)", "el"), ("substr('hello', -3)", "llo"),
    ("substring('12345', 2, 3)", "234"), ("substring('12345', 1.5, 2.6)", "234"),
    ("substring('12345', 0)", "12345"),
    ("substring-before('a-b', '-')", "a"), ("substring-after('a-b', '-')", "b"),
    ("substring-before('ab', '-')", ""),
    ("translate('bar', 'abc', 'AB')", "BAr"), ("normalize-space('  a   b ')", "a b"),
    ("string-length('孩子')", "2"),
    ("contains('abc', 'b')", "true"), ("starts-with('abc', 'b')", "false"),
    ("ends-with('abc', 'bc')", "true"),
    ("digest('hello', 'SHA-256')", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
    ("digest('hello', 'MD5', 'hex')", "5d41402abc4b2a76b9719d911017c592"),
    ("base64-decode('aGVsbG8=')", "hello"),
    ("string-length(uuid())", "36"), ("string-length(uuid(7))", "7"),
    # truth
    ("boolean('false')", "true"), ("boolean('')", "false"), ("boolean-from-string('true')", "true"),
    ("boolean-from-string('yes')", "false"), ("boolean-from-string('TRUE')", "true"),
    ("max('a', 1)", "1"), ("boolean-from-string(1)", "true"), ("not(a = 1)", "false"),
    ("if(a = 1, 'yes', nosuch())", "yes"), ("coalesce('', 'b', 'c')", "b"),
    ("coalesce(empty, text)", "hello world"),
    ("true() and false()", "false"), ("1 or nosuch()", "true"), ("depend(a, b)", "1"),
    ("checklist(1, 2, true(), false())", "true"), ("checklist(-1, 1, true(), true())", "false"),
    ("weighted-checklist(1, 2, true(), 1, false(), 5)", "true"),
    # numbers
    ("1 + 2 * 3", "7"), ("10 div 4", "2.5"), ("-7 mod 3", "-1"), ("7 mod 0", "NaN"), ("1 div 0", "Infinity"),
    ("0.1 + 0.2 = 0.3", "true"), ("number('x')", "NaN"), ("number(' 12 ')", "12"), ("int(-1.6)", "-1"),
    ("round(1.5)", "2"), ("round(-1.5)", "-1"), ("round(2.15, 1)", "2.2"), ("round(1234, -2)", "1200"),
    ("floor(-1.2)", "-2"), ("ceiling(1.2)", "2"), ("abs(-3)", "3"), ("sqrt(9)", "3"), ("pow(2, 3)", "8"),
    ("log(1)", "0"), ("log10(100)", "2"), ("exp(0)", "1"), ("exp10(2)", "100"), ("sin(0)", "0"),
    ("cos(0)", "1"),
    ("tan(0)", "0"), ("asin(0)", "0"), ("acos(1)", "0"), ("atan(0)", "0"), ("atan2(0, 1)", "0"),
    ("acos(2)", "NaN"),
    ("floor(pi())", "3"), ("random() < 1", "true"), ("max(1, 2, '')", "2"), ("min('', 3)", "3"),
    ("max(item/n)", "5"),
    ("min(item/n)", "3"), ("sum(item/n)", "8"), ("1 div 1000000000", "1e-9"), ("1 div 1000000", "0.000001"),
    ("1 div 3", "0.3333333333333333"),
    # nodes
    ("count(item)", "3"), ("count-non-empty(item/n)", "2"), ("item[2]/name", "q"),
    ("item[name = 'r']/name", "r"),
    ("item[last()]/name", "r"), ("item[position() < 2]/name", "p"), ("count(//name)", "3"), ("count(*)", "9"),
    ("position(item[2])", "2"), ("name(/*)", "data"), ("local-name(item)", "item"), ("count(item | a)", "4"),
    ("name(id('d1'))", "data"), ("lang('en')", "true"), ("lang('fr')", "false"), ("namespace-uri(a)", ""),
    ("count(item/following-sibling::item)", "2"), ("count(item[1]/ancestor::data)", "1"),
    ("item[n > 3]/name", "q"),
    ("/data/item[n = current()/b + 1]/name", "p"), ("indexed-repeat(/data/item/name, /data/item, 2)", "q"),
    ("count(randomize(item))", "3"), ("count(item/text())", "0"), ("string(text/text())", "hello world"),
    # selections
    ("selected(multi, 'y')", "true"), ("selected(multi, 'w')", "false"), ("selected-at(multi, 1)", "y"),
    ("selected-at(multi, 9)", ""), ("count-selected(multi)", "3"), ("count-selected('')", "0"),
    # dates
    ("today()", "2026-11-23"), ("now()", "2026-11-23T09:30:00.000+08:00"), ("today() - day", "3"),
    ("date(today() + 1)", "2026-11-24"), ("date('2026-1-5')", "2026-01-05"), ("date('nonsense')", ""),
    ("day < today()", "true"), ("day = date('2026-11-20')", "true"), ("number(date('1970-01-01'))", "0"),
    ("format-date(day, '%Y/%m/%d %n %e %b %a')", "2026/11/20 11 20 Nov Fri"), ("format-date('', '%Y')", ""),
    ("format-date-time(now(), '%H:%M:%S %h %3')", "09:30:00 9 000"), ("decimal-time('12:00')", "0.5"),
    ("decimal-date-time('1970-01-02')", "1"),
    ("date-time('2026-01-01T10:00:00')", "2026-01-01T10:00:00.000+08:00"),
    ("difference-in-months('2026-01-31', '2026-03-01')", "1"), ("add-date('2026-01-31', 0, 1)", "2026-03-03"),
    # places
    ("round(distance('0 0;0 1'))", "111319"), ("area('0 0;0 1')", "0"),
    ("area('0 0;0 1;1 1;1 0') > 0", "true"),
    ("geofence('0.5 0.5', '0 0;0 1;1 1;1 0;0 0')", "true"),
    ("geofence('2 0.5', '0 0;0 1;1 1;1 0;0 0')", "false"),
    # matching
    ("regex('abc', '[a-c]+')", "true"), ("regex('xabcx', '[a-c]+')", "false"),
    ("regex('孩子', '\\p{Han}+')", "true"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text"), EXPRESSIONS)
def test_expressions_give_their_value(source: str, text: str) -> None:
    assert to_text(run(source)) == text


def test_every_function_of_the_table_is_used_in_a_test_here_or_on_a_form() -> None:
    tried = {name for source, _ in EXPRESSIONS for name in _names(source)}
    on_forms = {"instance", "pulldata", "jr:choice-name", "jr:itext", "once", "current", "property"} | {
        "extract-signed"
    }
    assert set(TABLE) - tried - on_forms == set()


def _names(source: str) -> set[str]:
    return set(re.findall(r"([a-z][\w:-]*)\(", source))


@pytest.mark.parametrize(
    ("source", "javarosa", "javascript"),
    [
        ("number(date('1970-01-01'))", 0.0, -1 / 3),
        ("round(-1.5)", -1.0, -2.0),
        ("round(-1.475, 2)", -1.47, -1.48),
        ("decimal-date-time('1970-01-02')", 1.0, 2 / 3),
    ],
)
def test_where_the_engines_differ_javarosa_is_followed(
    source: str, javarosa: float, javascript: float
) -> None:
    assert run(source) == javarosa
    found = run(source, utc=True)
    assert isinstance(found, float)
    assert math.isclose(found, javascript)


def test_a_path_that_reaches_nothing_compares_as_empty_in_forms_only() -> None:
    assert run("nowhere = ''") is True
    assert run("nowhere = ''", forms=False) is False
    assert run("nowhere != 'x'") is True


def test_in_forms_what_is_not_answered_adds_nothing() -> None:
    assert run("sum(item/n)") == 8.0
    value = run("sum(item/n)", forms=False)
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("source", "offset"),
    [
        ("1 +", 3),
        ("if(1, 2", 7),
        ("a[", 2),
        ("'open", 0),
        ("1 2", 2),
        ("a/", 2),
        ("foo::bar", 0),
        ("#", 0),
        ("", 0),
    ],
)
def test_a_syntax_error_says_where_it_is(source: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source)
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    "source", ["nosuch()", "if(1)", "count(1)", "instance('x')", "1 | 2", "digest('a', 'ROT13')"]
)
def test_what_can_not_be_evaluated_is_an_expression_error(source: str) -> None:
    with pytest.raises(ExpressionError):
        run(source)


def test_names_may_hold_hyphens_dots_and_chinese() -> None:
    document = parse("<d><a-b>1</a-b><c.d>2</c.d><年龄>3</年龄><div>4</div></d>")
    env = Env(node=document.elements()[0], root=document, now=NOW, forms=True)
    assert compile_expression("a-b + c.d + 年龄 + div").evaluate(env) == 10.0
    assert compile_expression("6 div div").evaluate(env) == 1.5


def test_the_same_seed_gives_the_same_order() -> None:
    first = run("join(',', randomize(item, 42)/name)")
    assert first == run("join(',', randomize(item, 42)/name)")
    orders = {run(f"join(',', randomize(item, {seed})/name)") for seed in range(20)}
    assert len(orders) > 2


def test_a_signed_text_is_given_only_with_the_key_that_signed_it() -> None:
    keys = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2)]
    public = [base64.b64encode(key.public_key().public_bytes_raw()).decode() for key in keys]
    signed = base64.b64encode(keys[0].sign("小明".encode()) + "小明".encode()).decode()
    assert run(f"extract-signed('{signed}', '{public[0]}')") == "小明"
    assert run(f"extract-signed('{signed}', '{public[1]}')") == ""
    assert run(f"extract-signed('no base64', '{public[0]}')") == ""


@pytest.mark.parametrize(
    ("glued", "apart"),
    [
        ("/data/a", "/ data / a"),
        ("/data/a[1]/b/c", "/ data/ a [1] / b / c"),
        ("/data/text()", "/ data / text( )"),
        ("/data/child::div", "/ data / child :: div"),
        ("/data/a div 2", "/ data / a div 2"),
        ("/data/or/and mod/data/*", "/ data / or / and mod / data / *"),
        ("current()/../a/b//c/d", "current( ) / .. / a / b // c / d"),
    ],
)
def test_a_path_means_the_same_with_blanks_between_its_names(glued: str, apart: str) -> None:
    first, second = parse_expression(glued), parse_expression(apart)
    assert re.sub(r"offset=\d+", "", repr(first)) == re.sub(r"offset=\d+", "", repr(second))


@pytest.mark.parametrize("source", ["/ /a", "///a", "@/a", "child::/a"])
def test_a_path_in_the_wrong_place_is_told_by_its_slash(source: str) -> None:
    with pytest.raises(ExpressionError, match=r"(found|unexpected) '/'"):
        parse_expression(source)


def test_property_gives_what_is_known_of_the_person() -> None:
    calculation = "concat(property('username'), property('email'), property('x'))"
    rows = (f"calculate who ; calculation={calculation}", "text a")
    session = begin(*rows, username="W01", properties={"email": "@"})
    done = give(session, "a").finish()
    assert isinstance(done, Submission)
    assert done.calculated["who"] == "W01@"
