"""Marked-up texts: what is visible, which entities there are, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.entities import styled_text, units
from playground.refusal import Refusal


def parsed(text: str, mode: str) -> tuple[str, list[tuple[str, str]]]:
    """The visible text, and each entity as its type and the text under it."""
    visible, entities = styled_text(text, mode, None)
    raw = visible.encode("utf-16-le")
    under = [
        (one["type"], raw[one["offset"] * 2 : (one["offset"] + one["length"]) * 2].decode("utf-16-le"))
        for one in entities
    ]
    return visible, under


@pytest.mark.parametrize(
    ("text", "visible", "entities"),
    [
        ("a <b>b</b>", "a b", [("bold", "b")]),
        ("😀<b>好</b>", "😀好", [("bold", "好")]),
        ("<b>a<i>b</i></b>", "ab", [("bold", "ab"), ("italic", "b")]),
        ("<STRONG>x</STRONG>", "x", [("bold", "x")]),
        ("a &lt; b &amp; c &quot;&#39;&#x4e2d;", "a < b & c \"'中", []),
        ("AT&T &unknown;", "AT&T &unknown;", []),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", "x")]),
        (
            "<u>a</u><s>b</s><code>c</code>",
            "abc",
            [("underline", "a"), ("strikethrough", "b"), ("code", "c")],
        ),
        ('<pre><code class="language-python">x</code></pre>', "x", [("pre", "x")]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", "x")]),
        ("<b></b>x", "x", []),
        ("  <b> x </b>  ", "x", [("bold", "x")]),
        ('<a href="https://a.cn/?x=1&amp;y=2">b</a>', "b", [("text_link", "b")]),
    ],
)
def test_html_is_taken_as_telegram_takes_it(text: str, visible: str, entities: list[tuple[str, str]]) -> None:
    assert parsed(text, "HTML") == (visible, entities)


def test_a_link_in_html_keeps_its_unescaped_address() -> None:
    _, entities = styled_text('<a href="https://a.cn/?x=1&amp;y=2">b</a>', "HTML", None)
    assert entities[0]["url"] == "https://a.cn/?x=1&y=2"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("体温<36", "Unclosed start tag at byte offset 6"),
        ("a <3 b>", 'Unsupported start tag "3" at byte offset 2'),
        ("<p>x</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href>x</a>", "Expected equal sign in declaration of an attribute of the tag"),
    ],
)
def test_bad_html_is_refused_with_its_place_in_bytes(text: str, words: str) -> None:
    with pytest.raises(Refusal) as refusal:
        styled_text(text, "HTML", None)
    assert refusal.value.description.startswith("Bad Request: can't parse entities: ")
    assert words in refusal.value.description


@pytest.mark.parametrize(
    ("text", "visible", "entities"),
    [
        ("*a* _b_ __c__ ~d~ ||e||", "a b c d e", ["bold", "italic", "underline", "strikethrough", "spoiler"]),
        (r"1\.5 \* 2", "1.5 * 2", []),
        ("`a.b`", "a.b", ["code"]),
        ("```python\nx = 1\n```", "x = 1", ["pre"]),
        ("[甲](https://a.cn/x\\)y)", "甲", ["text_link"]),
        ("*a _b_*", "a b", ["bold", "italic"]),
        (">甲\n>乙\n丙", "甲\n乙\n丙", ["blockquote"]),
        ("**>甲\n>乙||", "甲\n乙", ["expandable_blockquote"]),
        ("![👍](tg://emoji?id=5368324170671202286)", "👍", ["custom_emoji"]),
    ],
)
def test_markdown_v2_is_taken_as_telegram_takes_it(text: str, visible: str, entities: list[str]) -> None:
    got, kinds = parsed(text, "MarkdownV2")
    assert (got, [kind for kind, _ in kinds]) == (visible, entities)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *[(char, f"Character '{char}' is reserved and must be escaped") for char in "]()#+-=|{}.!"],
        ("🏟 🏟_abacaba", "Can't find end of Italic entity at byte offset 9"),
        ("🏟 🏟_abac * asd ", "Can't find end of Bold entity at byte offset 15"),
        ("🏟 🏟_abac * asd _", "Can't find end of Italic entity at byte offset 21"),
        ("🏟 🏟`", "Can't find end of Code entity at byte offset 9"),
        ("🏟 🏟```", "Can't find end of Pre entity at byte offset 9"),
        ("🏟 🏟```a ", "Can't find end of PreCode entity at byte offset 9"),
        ("[a](b", "Can't find end of a URL at byte offset 3"),
    ],
)
def test_bad_markdown_v2_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refusal, match="can't parse entities") as refusal:
        styled_text(text, "MarkdownV2", None)
    assert words in refusal.value.description


def test_the_older_markdown_has_no_nesting_and_needs_ends() -> None:
    assert parsed(r"*a* _b_ `c` [d](e.cn) \_", "Markdown") == (
        "a b c d _",
        [("bold", "a"), ("italic", "b"), ("code", "c"), ("text_link", "d")],
    )
    with pytest.raises(Refusal, match="Can't find end of the entity starting at byte offset 3"):
        styled_text("张_三", "Markdown", None)


def test_commands_links_and_mentions_are_found_by_themselves() -> None:
    assert parsed("/visit@xiangban_bot 见 https://a.cn/b，@wang #走访 a@b.cn 1/2", "")[1] == [
        ("bot_command", "/visit@xiangban_bot"),
        ("url", "https://a.cn/b"),
        ("mention", "@wang"),
        ("hashtag", "#走访"),
        ("email", "a@b.cn"),
    ]


def test_entities_given_by_offset_move_with_the_trimmed_text() -> None:
    given_entities = [{"type": "bold", "offset": 2, "length": 4}]
    assert styled_text("  好的  ", "", given_entities) == (
        "好的",
        [{"type": "bold", "offset": 0, "length": 2}],
    )


@given(
    st.text(alphabet="ab<>/&;bi_*`[]()~|\\!.好😀 \n\"='", max_size=40),
    st.sampled_from(["HTML", "MarkdownV2", "Markdown"]),
)
def test_any_text_is_either_refused_or_gives_entities_inside_it(text: str, mode: str) -> None:
    try:
        visible, entities = styled_text(text, mode, None)
    except Refusal:
        return
    length = units(visible)
    assert all(0 <= one["offset"] < one["offset"] + one["length"] <= length for one in entities)
    assert visible == visible.strip()
