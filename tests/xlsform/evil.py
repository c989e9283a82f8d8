"""Two hundred forms made to hang, swell or crash whatever evaluates them: patterns, expressions, shapes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from xml.sax.saxutils import escape

from tests.xlsform.forms import survey
from xlsform.publish import Published, publish

LONG = 19_000
MARK = "123456789"


@dataclass(frozen=True, kw_only=True)
class Evil:
    """A form as Markdown, the files beside it, and the answers given one after the other."""

    name: str
    markdown: str = ""
    calculation: str = ""
    answers: tuple[str, ...] = ()
    media: dict[str, bytes] = field(default_factory=dict)


PATTERNS = (
    r"(a+)+b", r"(a|a)*b", r"(a|aa)+$", r"(\w+\s?)*$", r"([a-z]+)*x", r"(.*)*=", r"(.*.*.*=.*)*x",
    r"(x+x+)+y", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(a?){300}a{300}", r"(a{0,100}){0,10}",
    r"((a{0,30}){0,30})", r"(((a{1,20}){1,20}){1,20})", r"a{1000000}", r"a{1001}", r"(a{500}){500}",
    r"(?:[a-z]{1,999})", r"(?:[^x]{500}.*)a", r"(.*[ab]){20}.{100}x", r".*a.{20}", r"(.*a.{12}b)*",
    r"(?:.*a.{100})*b.{50}", r"(\p{L}{1,100}\p{Han}{1,50})+x", r"\p{L}{1,300}", r"(\p{L}{1,900}){1,900}",
    r"(?=a)a+", r"(?!b)a+", r"(?<=a)b", r"(?<!a)b", r"(a)\1+", r"(?P<n>a)(?P=n)", r"(?>a+)b", r"a++b",
    r"(?(1)a|b)", r"(?R)", r"\G", r"[", r"(", r"a{2,1}", r"*a", r"(?z)a", r"\q", r"[z-a]", r"(?i:a+)+b",
    r"(a*)*(a*)*(a*)*b", r"(ab?c?d?e?f?)*x", r"(a|b|ab)*c", r"^(a+){10}$", r"(.?){500}", r"(.{1,100}){9}",
    "|".join("a" * n + "b" for n in range(1, 120)), "(" * 900 + "a" + ")" * 900, "a?" * 900 + "a" * 900,
    "(a|" * 300 + "b" + ")" * 300, "[" + "".join(f"\\x{{{n:x}}}" for n in range(19968, 20968)) + "]{1,900}",
    r"(?s)(.|\n)*(.|\n)*x", r"((((((a+)+)+)+)+)+)+b", r"(\d+)*-(\d+)*-(\d+)*z", r"([^,]*,)*[^,]*;",
    r"<(\w+)(\s+\w+=('[^']*'|[^>\s]*))*>",
)  # fmt: skip

ITEMS = 2000
LIST = "\n".join(
    ["| choices |", "| | list_name | name | label | code |"]
    + [f"| | big | c{n} | Choice {n} | {n % 97} |" for n in range(ITEMS)]
)
BIG = "instance('big')/root/item"

# Each is the calculation of a field in a form with a list of 2,000 choices, a repeat and a long text ${a}.
EXPRESSIONS = (
    f"count({BIG}[count({BIG}[name = current()/../a]) > 0])",
    f"count({BIG}[count({BIG}[name != '']) > 0])",
    f"count({BIG}[name = {BIG}/name])",
    f"count({BIG}[{BIG}/name = {BIG}/label])",
    f"{BIG}/name = {BIG}/label",
    f"{BIG}/code < {BIG}/code",
    f"{BIG}/code >= {BIG}/name",
    f"count({BIG}[position(.) = 2000])",
    f"count({BIG}[position(..) = 2])",
    f"count({BIG}/following-sibling::*)",
    f"count({BIG}/preceding-sibling::*)",
    f"count({BIG}/following::*)",
    f"count({BIG}/preceding::*[. = 'c1'])",
    f"count({BIG}/ancestor-or-self::node()/descendant::*)",
    f"count({BIG}/..//*)",
    f"count({BIG}/../*/../*/../*)",
    f"count({BIG} | {BIG}/name | {BIG}/label | {BIG}/code)",
    "count(" + " | ".join([BIG] * 60) + ")",
    "count(//*)", "count(//*[count(//*) > 1])", "count(//*[//*])", "count(//node()/ancestor::node())",
    "count(//*[string(/) != ''])", "string-length(string(/))", "concat(//*, //*, //*)",
    f"concat({BIG})", f"join(${{a}}, {BIG}/name)", f"join(',', {BIG}/label, {BIG}/label, {BIG}/label)",
    f"count({BIG}[selected(${{a}}, name)])", f"count({BIG}[contains(${{a}}, label)])",
    f"count({BIG}[regex(${{a}}, '(a|b|ab)*c')])", f"count({BIG}[regex(name, concat(name, '{{1,900}}'))])",
    f"count({BIG}[regex(name, concat('(', name))])", f"count({BIG}[regex(name, ${{a}})])",
    f"count({BIG}[translate(${{a}}, 'a', name) = ''])", f"count({BIG}[substr(${{a}}, 1) = name])",
    f"count({BIG}[substring(${{a}}, 2, 19000) = name])", f"count({BIG}[normalize-space(${{a}}) = name])",
    f"count({BIG}[digest(${{a}}, 'SHA-512') = name])", f"count({BIG}[base64-decode(${{a}}) = name])",
    f"count({BIG}[string-length(uuid(4096)) = 1])", f"count({BIG}[format-date(today(), ${{a}}) = name])",
    f"count({BIG}[area(${{a}}) = 1])", f"count({BIG}[distance(${{g}}) = 1])",
    f"count({BIG}[number(${{n}}) = 1])", f"count({BIG}[round(${{n}}, 300) = 1])",
    f"count({BIG}[pow(code, 99999) > pow(99999, code)])", f"count({BIG}[date(${{n}}) = today()])",
    f"count({BIG}[jr:choice-name(name, '/data/s') = label])", f"count({BIG}[randomize({BIG})])",
    f"count({BIG}[indexed-repeat(${{t}}, ${{r}}, 1) = name])", f"count({BIG}[id(name)])",
    f"count({BIG}[pulldata('big', 'label', 'name', name) = label])", f"sum({BIG}[sum({BIG}/code) > 1]/code)",
    f"max({BIG}[max({BIG}/code) > 1]/code)", f"count-selected(join(' ', {BIG}/name, {BIG}/name))",
    f"checklist(1, 2, {BIG}[checklist(1, 2, {BIG}/code)])", f"randomize(randomize({BIG}), 42)",
    f"weighted-checklist(1, 2, {BIG}/code, {BIG}[weighted-checklist(1, 2, {BIG}/code, {BIG}/code)])",
    f"count({BIG}[lang('zh')])", f"count({BIG}[name() = local-name(..)])", f"count({BIG}[last()][last()])",
    "pow(9, 999999999)", "pow(pow(9, 999), 999)", "round(1 div 0, 999999999)", "round(9e300, -999999999)",
    "format-date(99999999999999, '%Y')", "format-date('9999-12-31', '" + "%Y" * 40_000 + "')",
    "number('" + "9" * 100_000 + "')", "'" + "9" * 100_000 + "' + 1", "int('1e999999999')",
    "9" * 5000 + " * 1", "1e99999 - 1e99999", "exp(exp(exp(9)))", "substr('a', -9e99, 9e99)", "uuid(9e99)",
    "substring('a', -1 div 0, 1 div 0)", "add-date(today(), 9e99, 9e99)", "date(9e99) - date(-9e99)",
    "concat(" + ", ".join(["${a}"] * 400) + ")", "join(${a}, " + ", ".join(["${a}"] * 99) + ")",
    "translate(${a}, ${a}, ${a})", "translate(concat(${a}, ${a}, ${a}), concat(${a}, ${a}), ${a})",
    "string-length(" * 70 + "${a}" + ")" * 70, "concat(" * 70 + "${a}" + ", ${a})" * 70,
    " + ".join(["string-length(${a})"] * 3000), " and ".join(["regex(${a}, '(a+)+b')"] * 3000),
    " = ".join(["${a}"] * 5000), "-" * 50_000 + "1", "(" * 5000 + "1" + ")" * 5000,
    "not(" * 500 + "1" + ")" * 500,
    "if(1," * 5000, "a[" * 5000, "/*" * 5000, "//*" * 60, "/data" + "//*[//*" * 20 + "]" * 20,
    "..//" * 40 + "*",
    "count(/data/" + "../data/" * 5000 + "*)", "once(once(once(.)))", "current()/../" * 40 + "a",
    "instance('big')" + "/root/item/.." * 200, "instance('nothing')/root", "instance(${a})/root",
    "pulldata(${a}, ${a}, ${a}, ${a})", "jr:itext(${a})", "position(//*)", "id(${a})",
    "distance(" + ", ".join(["${g}"] * 300) + ")", "geofence(${g}, ${g})", "area(//*)",
    "system('id')", "document('file:///etc/passwd')", "unparsed-text('/etc/passwd')", "eval('1')",
    "'" + "a" * 190_000 + "'", "concat('" + "a" * 190_000 + "', ${a})", "$variable", "a" * 199_000,
    "é" * 199_000,
    "regex(" + "${a}, '" + "(" * 400 + "a" + ")+" * 400 + "')", "regex(${a}, ${a})",
    "count(/data/r[count(/data/r[count(/data/r) > 0]) > 0])",
    "sum(/data/r/t) + count(/data/r/t[. > ../../a])",
)  # fmt: skip


GROWTH = (
    "concat(${{c{0}}}, ${{c{0}}})",
    "join(${{c{0}}}, ${{c{0}}}, ${{c{0}}})",
    "concat(string(/data), ${{c{0}}})",
    "substr(concat(${{c{0}}}, ${{c{0}}}), 0, 49999)",
)


def with_pattern(pattern: str) -> str:
    quoted = pattern.replace("|", r"\|")
    return survey("text a ; constraint=regex(., '" + quoted + "')")


def with_calculation(expression: str) -> str:
    return survey(
        "text a", "text g", "text n", "select_one big s", "begin_repeat r ; repeat_count=60", "integer t",
        "end_repeat", "calculate c ; calculation=" + expression, choices=LIST,
    )  # fmt: skip


@cache
def _calculating() -> str:
    return publish(with_calculation(MARK).encode(), kind="md", name="test").xform


def published(evil: Evil) -> Published:
    """The form as a bot would keep it; FormError where it is refused already here.

    What differs in a calculation only is put into one compiled form, to save the time of compiling.
    """
    if not evil.calculation:
        return publish(evil.markdown.encode(), kind="md", name="test")
    paths = {"t": "/data/r/t", "r": "/data/r"}
    text = re.sub(r"\$\{(\w+)\}", lambda m: paths.get(m[1], f"/data/{m[1]}"), evil.calculation)
    xform = _calculating().replace(MARK, escape(text, {'"': "&quot;"}))
    return Published(xform=xform, warnings=(), digest="", rows={"c": 9})


def shapes() -> Iterator[tuple[str, str]]:
    """Forms that are evil by their build."""
    for step in GROWTH:
        rows = [f"calculate c{n} ; calculation={step.format(n - 1)}" for n in range(1, 300)]
        yield f"growth by {step}", survey("text c0", *rows)
    ring = [f"calculate c{n} ; calculation=${{c{(n + 1) % 200}}} + ${{a}} + 1" for n in range(200)]
    yield "a ring of 200 fields", survey("text a", *ring)
    everyone = " + ".join(f"${{c{n}}}" for n in range(120))
    yield (
        "each field from all others",
        survey("text a", *(f"calculate c{n} ; calculation={everyone} + ${{a}}" for n in range(120))),
    )
    yield (
        "each field from the whole form",
        survey("text a", *(f"calculate c{n} ; calculation=string(/data)" for n in range(900))),
    )
    chain = [f"text t{n} ; relevant=${{t{n - 1}}} != ''" for n in range(1, 900)]
    yield "a chain of 900 relevances", survey("text t0", *chain)
    yield (
        "restless fields",
        survey("text a", *(f"calculate c{n} ; calculation=count(//*)" for n in range(400))),
    )
    yield (
        "a repeat of a million",
        survey("text a", "begin_repeat r ; repeat_count=1000000", "text t", "end_repeat"),
    )
    yield (
        "a repeat of as many as said",
        survey("integer a", "begin_repeat r ; repeat_count=${a} * 1000000", "text t", "end_repeat"),
    )
    deep = [f"begin_repeat r{n} ; repeat_count=90" for n in range(6)]
    yield "repeats in repeats", survey("text a", *deep, "text t", *["end_repeat"] * 6)
    grows = ["integer a", "begin_repeat r ; repeat_count=count(${r}) + 1", "text t", "end_repeat"]
    yield "a repeat that counts itself", survey(*grows)
    yield "groups 200 deep", survey("text a", *[f"begin_group g{n}" for n in range(200)], "text t",
                                    *["end_group"] * 200)  # fmt: skip
    yield "ten thousand fields", survey("text a", *(f"text t{n}" for n in range(10_000)))
    yield "labels that quote all", survey(
        "text a", *(f"calculate c{n} ; calculation=concat(${{a}}, {n})" for n in range(40)),
        "text z ; label=" + " ".join(f"${{c{n}}}" for n in range(40)) * 20,
    )  # fmt: skip
    yield (
        "a choice list in rings",
        survey(
            "select_one big a",
            "select_one big b ; choice_filter=name = ${a} or selected(${a}, name)",
            choices=LIST,
        ),
    )
    yield (
        "a filter over itself",
        survey("text a", f"select_one big b ; choice_filter=count({BIG}[name != '']) > 0", choices=LIST),
    )
    yield "entities", "<!DOCTYPE x [<!ENTITY a 'ha'>]>\n" + survey("text a ; label=&a;&a;")
    yield "a default for ever", survey("text a ; default=concat(" + "'x', " * 3000 + "'x')")
    yield "triggers in a ring", survey(
        "text a", "text b ; trigger=${a} ; calculation=concat(${b}, ${a}, 'x')",
        "text c ; trigger=${b} ; calculation=concat(${c}, ${b}, 'x')",
    )  # fmt: skip


def evils() -> Iterator[Evil]:
    """All of them."""
    texts = ("a" * LONG, "ab中c" * (LONG // 4))
    for pattern in PATTERNS:
        yield Evil(name=f"pattern {pattern[:60]}", markdown=with_pattern(pattern), answers=texts)
    answers = ("a" * LONG, "30 120 0 0;" * (LONG // 11), "9" * LONG, "c1", "1", "2")
    for expression in EXPRESSIONS:
        yield Evil(name=expression[:80], calculation=expression, answers=answers)
    for name, markdown in shapes():
        yield Evil(name=name, markdown=markdown, answers=("a" * LONG, "100", "c1", "x", "1"))
    yield from tables()


def tables() -> Iterator[Evil]:
    """Files beside the form that are too large, or not what they say."""
    rows = b"name,label\n" + b"".join(b"c%d,x\n" % n for n in range(60_000))
    pull = survey("text a", "calculate c ; calculation=pulldata('t', 'label', 'name', ${a})")
    filtered = survey("text a", "select_one_from_file t.csv s ; choice_filter=name != ${a}")
    laughs = b"<!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><root><item><name>&b;</name></item></root>"
    outside = b"<!DOCTYPE r SYSTEM 'file:///etc/passwd'><root/>"
    from_xml = survey("text a", "select_one_from_file t.xml s")
    for name, markdown, media in (
        ("pulldata over 60,000 rows", pull, {"t.csv": rows}),
        ("a choice of 60,000", filtered, {"t.csv": rows}),
        ("a table of 250,000 rows", pull, {"t.csv": b"name,label\n" + b"a,b\n" * 250_000}),
        ("a table of 5,000 columns", pull, {"t.csv": (b"a," * 5000 + b"b\n") * 100}),
        ("laughing XML", from_xml, {"t.xml": laughs}),
        ("XML from outside", from_xml, {"t.xml": outside}),
        ("deep XML", from_xml, {"t.xml": b"<a>" * 50_000}),
        ("binary as CSV", pull, {"t.csv": bytes(range(256)) * 100}),
        ("deep GeoJSON", survey("text a", "select_one_from_file t.geojson s"), {"t.geojson": b"[" * 100_000}),
    ):
        yield Evil(name=name, markdown=markdown, answers=("c59999" + "a" * 20, "c1"), media=media)
