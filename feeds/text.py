"""Markup reduced to what a person would read of it. Hostile markup never raises and takes linear time."""

from __future__ import annotations

import html
import re
from collections import Counter

from selectolax.lexbor import LexborHTMLParser, LexborNode

_MAX_MARKUP = 2_000_000
_MAX_OPENED = 100_000
_MAX_DEPTH = 500
_MAX_REOPENED = 2_000_000


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BLOCKS = _names(
    "address article aside blockquote br button caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol option p pre section select "
    "summary table tbody td tfoot th thead tr ul"
)
_DROPPED = _names(
    "audio canvas embed head iframe map math noembed noframes noscript picture script style svg "
    "template textarea title video"
)
_INLINE = _names(
    "a abbr acronym applet area b base basefont bdi bdo big blink body cite code col colgroup data datalist del dfn "
    "em font frame frameset html i img input ins kbd label link mark marquee meta meter nobr object optgroup output "
    "param plaintext progress q rp rt ruby s samp slot small source span strike strong sub sup time track tt u var "
    "wbr xmp"
)
_VOID = _names("area base br col embed hr img input link meta param source track wbr")

# What opens with "<" but is no element of HTML is text: "<3", "profits <5%", "<name@example.org>".
_OPENED = re.compile(r"<(?!!--)(?:/?([a-zA-Z][a-zA-Z0-9]*+))?")
_ELEMENTS = _BLOCKS | _DROPPED | _INLINE
# What a well-formed tag leaves in the text; where all tags are such, no tree is needed.
_SIMPLE_TAG = re.compile(
    r"""</?([a-zA-Z][a-zA-Z0-9]*+)"""
    r"""(?:\s++(?:[a-zA-Z][\w:-]*+(?:\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'|[\w./:%#?&=+-]++(?<!/)))?+)?+)*+\s*+/?>"""
)
_LEAVES = dict.fromkeys(_BLOCKS, "\n") | dict.fromkeys(_INLINE - _names("html body frame frameset plaintext xmp"), "")
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_ESCAPED_AGAIN = re.compile(r"<(?:p|br|div|a|img|strong|em|span|b|i|ul|li)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_FORMATTING = re.compile(r"<(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/>][^<>]*", re.IGNORECASE)
# Controls, the zero-width space, the BOM, soft hyphens, direction overrides, lone surrogates. Zero-width joiners stay:
# Persian and the scripts of India are spelled with them.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff]"
)
_LINE_ENDS = re.compile(r"\r\n?|[\x0c\x85\u2028\u2029]")
_TRAILERS_START = frozenset("(cCrRfFvVtT[")
_TRAILER = re.compile(
    r"^(?:"
    r"\(?(?:continue reading[^\n]{0,150}|(?:read (?:more|on|(?:the )?full (?:story|article))|full story|view article)"
    r"(?: (?:here|at|on)\b[^\n]{0,60})?[\s.…:»→>)]*)|"
    r"the post .{1,300} (?:appeared first on|first appeared on) .{1,200}|\[(?:…|\.\.\.)\])\s*\Z",
    re.IGNORECASE,
)
_CUT_MARK = re.compile(r"\s*\[\s*(?:…|\.\.\.|&hellip;|\+\d+ chars)\s*\]\s*\Z")


def html_to_text(markup: str) -> str:
    """``markup`` as plain text: one line a block, entities decoded, no scripts, no control characters but newlines."""
    text = _reduced(markup)
    if "<" in text and _ESCAPED_AGAIN.search(text):  # escaped twice, as many feeds do
        text = _reduced(text)
    return _without_trailers(text)


def title_to_text(markup: str) -> str:
    """A title as one line of plain text, at most 1,000 characters."""
    if "<" not in markup and "&" not in markup and markup.isprintable():
        return " ".join(markup[:20_000].split())[:1_000].rstrip()
    text = _reduced(markup[:20_000])
    if "&" in text:  # escaped twice, as many feeds do
        text = _folded(html.unescape(text))
    return " ".join(text.split())[:1_000].rstrip()


def _reduced(markup: str) -> str:
    markup = markup[:_MAX_MARKUP]
    if "<" in markup and "]]>" not in markup:
        pieces = _SIMPLE_TAG.split(markup)
        pieces[1::2] = [_LEAVES.get(name.lower(), "<") for name in pieces[1::2]]
        text = "".join(pieces)
        if "<" not in text:
            return _folded(html.unescape(text) if "&" in text else text)
    if "<" not in markup:
        return _folded(html.unescape(markup) if "&" in markup else markup)
    if markup.count("<") > _MAX_OPENED:
        return _without_tree(markup)
    markup = markup.replace("<![CDATA[", "").replace("]]>", "")
    markup = _INVISIBLE.sub("", _OPENED.sub(_tag_or_text, markup))
    if markup.count("<") > _MAX_DEPTH and _deep(markup):
        # The parser's time grows with the square of the depth; nothing a person wrote is nested like this.
        return _without_tree(markup)
    return _folded("".join(_pieces(markup)))


def _without_tree(markup: str) -> str:
    return _folded(html.unescape(re.sub(r"<[^<>]*>", "\n", markup)))


def _tag_or_text(opened: re.Match[str]) -> str:
    return opened[0] if (opened[1] or "").lower() in _ELEMENTS else "&lt;" + opened[0][1:]


def _pieces(markup: str) -> list[str]:
    pieces: list[str] = []
    node: LexborNode | None = LexborHTMLParser(markup).body
    depth = 0  # below the body; nodes are not compared, since that compares their markup
    while node is not None:
        tag = node.tag
        child: LexborNode | None = None
        if tag == "-text":
            pieces.append(node.text_content or "")
        elif tag not in _DROPPED:
            if tag in _BLOCKS:
                pieces.append("\n")
            child = node.first_child
        if child is not None:
            node = child
            depth += 1
            continue
        while node is not None:
            if tag in _BLOCKS:
                pieces.append("\n")
            if not depth:
                return pieces
            following = node.next
            if following is not None:
                node = following
                break
            node = node.parent
            tag = node.tag if node is not None else None
            depth -= 1
    return pieces


def _deep(markup: str) -> bool:
    """Whether the tree of ``markup`` may be deep, or large because open formatting is opened again in each block."""
    if len(set(_FORMATTING.findall(markup))) * markup.count("<") > _MAX_REOPENED:
        return True
    depth = deepest = 0
    opened: Counter[str] = Counter()
    for found in _ANY_TAG.finditer(markup):
        name = found[2].lower()
        if found[1]:
            if opened[name]:
                opened[name] -= 1
                depth -= 1
        elif name not in _VOID:
            opened[name] += 1
            depth += 1
            deepest = max(deepest, depth)
    return deepest > _MAX_DEPTH


def _folded(text: str) -> str:
    lines = text.split("\n")
    if not all(map(str.isprintable, lines)):
        lines = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)).split("\n")
    elif "  " not in text:  # of all white space, only the space is printable
        return "\n".join(filter(None, map(str.strip, lines)))
    return "\n".join(folded for line in lines if (folded := " ".join(line.split())))


def _without_trailers(text: str) -> str:
    """Drop what feeds append to a teaser ("Continue reading…", "The post … appeared first on …", "[…]")."""
    for _ in range(3):
        start = text.rfind("\n") + 1
        if not (text.endswith("]") or text[start : start + 1] in _TRAILERS_START) or len(text) - start > 1_000:
            break
        shorter = _TRAILER.sub("", text[start:])
        if shorter.endswith("]"):
            shorter = _CUT_MARK.sub("…", shorter)
        if text[start:] == shorter:
            break
        text = (text[:start] + shorter).rstrip()
    return text
