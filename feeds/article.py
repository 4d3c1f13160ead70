"""The main text of an article's page. Extraction is Trafilatura's; it is loaded when a page is first read."""

from __future__ import annotations

import html
import logging
import re
from itertools import islice

from feeds.text import html_to_text

#: Characters kept of an article. A report's news is told long before.
MAX_TEXT = 20_000
#: Tags read of a page. Extraction takes some 0.1 ms for each; a page of an article has a few thousand.
MOST_TAGS = 30_000
#: The share of a headline's words that stand in its article, each by its first letters. Of 224 articles 27 have fewer;
#: of as many others beside a headline one in forty has so many (docs/feeds.md).
SHARED = 1 / 3
_STEM = 5

_WORD = re.compile(r"\w{4,}")
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")


def main_text(markup: str) -> str:
    """The article's own words as plain text, a line a paragraph; "" where none are found. Raises nothing."""
    from trafilatura import extract

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    markup = _XML_DECLARATION.sub("", markup.replace("\0", ""), count=1)
    beyond = next(islice(re.finditer("<", markup), MOST_TAGS, None), None)
    if beyond is not None:
        markup = markup[: beyond.start()]
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


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.casefold())}
