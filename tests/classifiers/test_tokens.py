"""Tokens: cut piece by piece and remembered, they are the same as cut from the whole passage at once."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from classifiers.gate import Gate, vocabulary
from classifiers.tokens import TOKEN, tokenize

PIECES = st.sampled_from(
    [
        "N.",
        "U.S.",
        "Korea",
        "k",
        "’s",
        "'s",
        "’",
        "al-",
        "1,000.5",
        "$",
        "€2bn",
        "_",
        "\u00a0",
        "é",
        "İ",
        ".",
        "Mr",
        "J.",
    ]
)
PASSAGE = st.lists(PIECES | st.sampled_from([" ", " ", "\n"]), max_size=30).map("".join) | st.text(max_size=60)


@settings(deadline=None)
@given(before=PASSAGE, passage=PASSAGE, after=PASSAGE)
@example(before="Kim of N", passage="N. Korea", after="ns")
def test_pieces_are_cut_as_the_whole_is(before: str, passage: str, after: str) -> None:
    text, start, end = before + passage + after, len(before), len(before) + len(passage)
    assert tokenize(text, start, end) == [
        (m.group(), m.start() + start, m.end() + start) for m in TOKEN.finditer(passage)
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Café Œuvre’s 3rd x² — “TALKS”", {"café", "œuvre", "s", "rd", "x²", "talks"}),
        ("Erdoğan in İzmir", {"erdoğan", "in", "i", "zmir"}),
    ],
)
def test_words_are_the_same_in_and_beyond_the_narrow_code_page(text: str, words: set[str]) -> None:
    assert vocabulary(text, "") == words


def test_a_sum_of_nothing_opens_the_gate_in_any_order() -> None:
    gate = Gate(-0.6, {"rossby": 0.1, "quokka": 0.2, "zyzzyva": 0.3})
    assert gate.opens({"zyzzyva", "quokka", "rossby"})
    assert gate.opens({"rossby", "quokka", "zyzzyva"})
