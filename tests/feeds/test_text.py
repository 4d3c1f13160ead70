"""Markup becomes what a person would read of it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.text import html_to_text, title_to_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("One<br>Two<br/><br/>Three", "One\nTwo\nThree"),
        ("a<div>b</div>c", "a\nb\nc"),
        ("<ul><li>1<li>2</ul>", "1\n2"),
        ("a <b>bold</b>,  and\n\n<i>more</i>", "a bold, and\nmore"),
        ("a&nbsp;b &amp; c &hellip; &#8217;", "a b & c … ’"),
        ("x<script>alert(1)</script><style>p{}</style>y", "xy"),
        ('<img src="t.gif" width=1 height=1 alt="ad">Text', "Text"),
        ("<iframe src=x>no</iframe><noscript>no</noscript>Text", "Text"),
        ("&lt;p&gt;escaped twice &amp;amp; so&lt;/p&gt;", "escaped twice & so"),
        ("<![CDATA[in cdata]]>", "in cdata"),
        ("profits <5% and I <3 it, 1 < 2", "profits <5% and I <3 it, 1 < 2"),
        ("mail <desk@example.org> now", "mail <desk@example.org> now"),
        ("a\x00b\x07c\u200b\u202e\ufeffd", "abcd"),
        ("می\u200cخواهد", "می\u200cخواهد"),
        ("a\r\nb\u2028c", "a\nb\nc"),
        ("\ud800x", "x"),
        ("<p>Teaser. [&#8230;]</p>", "Teaser.…"),
        ("<p>Teaser</p><p><a href=x>Continue reading...</a></p>", "Teaser"),
        ("<p>Teaser</p><p>The post <a>Name</a> appeared first on <a>Site</a>.</p>", "Teaser"),
        ("<p>Read more books, said the minister. It is good.</p>", "Read more books, said the minister. It is good."),
        ("<p>Text</p><p>Read more at e.org</p>", "Text"),
        ("<p>unclosed <b>tags", "unclosed tags"),
        ("<a href='unclosed", ""),
    ],
)
def test_reduces_markup_to_text(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("AT&amp;T", "AT&T"),
        ("AT&amp;amp;T", "AT&T"),
        ("<b>Bold</b> claim<br>here", "Bold claim here"),
        ("  many\n\tspaces ", "many spaces"),
        ("x" * 5_000, "x" * 1_000),
    ],
)
def test_titles_are_one_line(markup: str, title: str) -> None:
    assert title_to_text(markup) == title


@pytest.mark.parametrize("unit", ["<div>", "<p><b>", "<a href='", "<!--", "&lt;p ", "[…]", "Read more ", "<", "<svg>"])
def test_hostile_markup_takes_linear_time(unit: str) -> None:
    html_to_text(unit * 300_000)  # nested so deep, the parser alone would take minutes


_PIECES = (
    "<p> </p> < > & &amp; &lt; &#x0; &#55296; <!-- --> <script> </script> \0 \ud800 text ' <a href= <br> ]]> <![CDATA[ "
    "<textarea> <plaintext> <svg> \u202e \n"
)


@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(_PIECES.split(" ")), max_size=40).map("".join)))
def test_text_is_clean_whatever_the_markup(markup: str) -> None:
    text = html_to_text(markup)
    assert all(unicodedata.category(c) not in ("Cc", "Cs") or c == "\n" for c in text)
    assert text == text.strip()
    assert "\n\n" not in text
    assert "\n" not in title_to_text(markup)
    text.encode("utf-8")


@given(st.text(alphabet=st.characters(categories=["L", "N", "P"], exclude_characters="<>&"), max_size=100))
def test_plain_text_stays_what_it_is(text: str) -> None:
    assert title_to_text(text) == text.replace("\xad", "")


_WORDS = st.sampled_from(
    ["word", " ", "\n", "two words ", "&amp;", "&lt;b&gt;", "&nbsp;", "1 > 0", "&#8217;", "é", "&copy"]
)
_INLINE = st.sampled_from(
    ["a", "b", "em", "span", 'a href="https://e.org/?a=1&amp;b=2" class=x', "strong", "time datetime='x'"]
)


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    some = st.lists(inner, max_size=3).map("".join)
    inline = st.builds(lambda tag, text: f"<{tag}>{text}</{tag.split()[0]}>", _INLINE, some)
    block = st.builds(
        lambda tag, text: f"<{tag}>{text}</{tag}>", st.sampled_from(["div", "blockquote", "ul", "li"]), some
    )
    void = st.sampled_from(["<br>", "<br/>", "<hr />", '<img src="x" alt="a > b">', "<img src=x/y.png>"])
    return st.one_of(inline, block, void, some)


@given(st.recursive(_WORDS, _wrapped, max_leaves=12))
def test_simple_markup_is_read_without_a_tree_as_with_one(markup: str) -> None:
    assert html_to_text(markup) == html_to_text(f"{markup}<!-- asks for a tree -->")
