"""Fingerprints: small, equal everywhere, and telling copies from other news."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from alerts.fingerprint import PAIRS, WORDS, copied, fingerprint, similarity

VOCABULARY = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("ng", "rt", "lm", "ck", "nd")]


def prose(seed: int, length: int) -> str:
    return " ".join(random.Random(seed).choices(VOCABULARY, k=length))


def test_a_fingerprint_is_the_same_on_every_machine() -> None:
    assert fingerprint("Sharif meets Putin", "They spoke of barter in Astana.")[:4] == (
        1873641033,
        2532069822,
        2736954868,
        2789360024,
    )


@given(st.text(), st.text(max_size=20_000))
def test_a_fingerprint_is_small_whatever_the_text(title: str, text: str) -> None:
    sketch = fingerprint(title, text)
    assert len(sketch) <= WORDS + PAIRS
    assert all(0 <= h < 1 << 32 for h in sketch)
    assert list(sketch) == sorted(sketch)


def test_an_excerpt_is_found_in_the_whole() -> None:
    whole = prose(1, 600)
    start = " ".join(whole.split()[:60])
    share = similarity(fingerprint("", whole), fingerprint("", start))
    assert share is not None
    assert share > 0.9


def test_a_text_shares_all_with_itself_and_is_its_own_copy() -> None:
    sketch = fingerprint("", prose(1, 300))
    assert similarity(sketch, sketch) == 1
    assert copied(sketch, sketch)


def test_the_same_words_in_another_order_are_no_copy() -> None:
    text = prose(1, 120).split()
    shuffled = random.Random(9).sample(text, len(text))
    one, other = fingerprint("", " ".join(text)), fingerprint("", " ".join(shuffled))
    assert similarity(one, other) == 1
    assert not copied(one, other)


def test_an_estimate_is_near_what_is_shared() -> None:
    words = random.Random(3).sample(VOCABULARY, 300)
    one, other = fingerprint("", " ".join(words[:200])), fingerprint("", " ".join(words[100:]))
    share = similarity(one, other)
    assert share is not None
    assert 0.35 < share < 0.65


def test_too_few_words_say_nothing() -> None:
    sketch = fingerprint("Leaders hold talks", "")
    assert similarity(sketch, sketch) is None
    assert similarity((), ()) is None
    assert not copied((), ())


def test_headlines_cast_in_one_mould_are_no_copies() -> None:
    one = fingerprint("Orsted wins ruling to resume wind project halted last month", "")
    other = fingerprint("Equinor wins ruling to resume wind project halted last month", "")
    assert not copied(one, other)
