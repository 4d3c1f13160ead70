"""The main text of an article's page. Extraction is Trafilatura's; it is loaded when a page is first read."""

from __future__ import annotations

import html
import logging
import re

from feeds.text import html_to_text

#: Characters kept of an article. A report's news is told long before.
MAX_TEXT = 20_000
#: Elements and attributes read of a page, from its start: extraction takes some 0.2 ms and 1 KB for each. Pages of
#: articles have some 2,000 and up to 30,000.
MOST_ELEMENTS, MOST_ATTRIBUTES = 10_000, 100_000
#: The share of a headline's words that stand in its article, each by its first letters. Of 224 articles 27 have fewer;
#: of as many others beside a headline one in forty has so many (docs/feeds.md).
SHARED = 1 / 3
_STEM = 5

#: libxml2's time grows with the square of a tag's attributes.
_LONG_TAG = re.compile(r"<([a-zA-Z][\w:-]*+)[^<>]{8000,}+")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*+")
_WORD = re.compile(r"\w{4,}")
_XML_DECLARATION = re.compile(r"<\?xml[^>]{0,200}\?>")


def main_text(markup: str) -> str:
    """The article's own words as plain text, a line a paragraph; "" where none are found. Raises nothing."""
    from trafilatura import extract

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    markup = markup.replace("\0", "").lstrip()
    declared = _XML_DECLARATION.match(markup)
    markup = markup[declared.end() :] if declared else markup
    markup = _bounded(_LONG_TAG.sub(r"<\1", markup))
    try:
        # Precision first: a sentence of another article that the page announces would be a false report.
        text = extract(
            markup,
            fast=True,
            favor_precision=True,
            include_comments=False,
            include_tables=False,
            include_formatting=False,
        )
    except Exception:  # noqa: BLE001 - whatever a page does to the extractor, it has no text for us
        return ""
    return html_to_text(html.escape(text or "", quote=False))[:MAX_TEXT]


def is_about(text: str, title: str) -> bool:
    """Whether a text holds enough of a headline's words to be its article."""
    wanted = _stems(title)
    return bool(wanted) and len(wanted & _stems(text)) >= SHARED * len(wanted)


def _bounded(markup: str) -> str:
    """What an extractor can take apart in seconds: the markup up to its bounds, whatever a hostile page is made of."""
    attributes = 0
    for tags, tag in enumerate(_TAG.finditer(markup)):
        attributes += max(len(tag[0].split()), tag[0].count("="), tag[0].count("/"))
        if tags >= 2 * MOST_ELEMENTS or attributes > MOST_ATTRIBUTES:
            return markup[: tag.start()]
    return markup


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.casefold())}
