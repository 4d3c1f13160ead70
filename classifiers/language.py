"""Is it English? Decided by script and by the commonest little words; only English is scored."""

from __future__ import annotations

import re
from typing import Final

from classifiers.wordsets import word_set

#: Little words that are frequent in one language and rare in the others. A further language is a further row.
FUNCTION_WORDS: Final[dict[str, frozenset[str]]] = {
    "en": word_set(
        "the of and to in on for with is was are has have had will by from at as after over that this its it be "
        "not says "
        "said who what how their his her he she they we you but than into about more new up out amid"
    ),
    "es": word_set("el los las del que con por para una su se en la y al lo más como pero sobre es ha"),
    "fr": word_set("le les des du et est une dans pour par sur au aux avec ce qui pas plus il la à ou ses"),
    "de": word_set("der die das und ist ein eine mit von zu den dem im auf für nicht sich des bei als auch wird nach"),
    "pt": word_set("o os as do da dos das que com por para uma em não ao no na se é foi mais e sobre um"),
    "it": word_set("il lo gli della di che per con una del nel alla sono è non si dei delle al la un più"),
    "nl": word_set("de het een van en dat op te voor met niet zijn door bij naar uit ook aan over om wordt"),
    "tr": word_set("ve bir bu ile için da de olarak olan sonra gibi daha en çok ise kadar ya göre"),
    "id": word_set("yang dan di untuk dengan dari ini itu pada dalam akan tidak oleh ke juga adalah"),
    "pl": word_set("i w na z do się nie że jest o jak po od za przez przy dla są to"),
}
_LITTLE_ELSEWHERE: Final = frozenset().union(*(little for name, little in FUNCTION_WORDS.items() if name != "en"))
#: Ranges of letters; looked for in what is not plain ASCII.
_SCRIPTS: Final = (
    ("ru", "[\u0400-\u04ff]"),
    ("ar", "[\u0600-\u06ff]"),
    ("zh", "[\u4e00-\u9fff]"),
    ("ja", "[\u3040-\u30ff]"),
    ("ko", "[\uac00-\ud7af]"),
    ("hi", "[\u0900-\u097f]"),
    ("bn", "[\u0980-\u09ff]"),
    ("el", "[\u0370-\u03ff]"),
    ("he", "[\u0590-\u05ff]"),
    ("th", "[\u0e00-\u0e7f]"),
    ("ka", "[\u10a0-\u10ff]"),
    ("hy", "[\u0530-\u058f]"),
)
_ASCII_LETTER: Final = re.compile("[A-Za-z]")
_SAMPLE: Final = 600
#: No other language has these, commonest first; so many of them are proof enough.
_COMMONEST: Final = (
    *("the", "of", "and", "with", "from", "that", "has", "this", "after", "have", "been", "said", "which", "their"),
    *("between", "who", "says"),
)
_PLAINLY_ENGLISH: Final = frozenset(_COMMONEST)
_PLAIN: Final = 3
#: As they usually stand: to look for three of the very commonest is faster than to cut a text into words.
_BETWEEN_SPACES: Final = tuple(f" {word} " for word in _COMMONEST[:6])


def detect(title: str, text: str, declared: str | None = None) -> str | None:
    """The language an item is in as a BCP 47 primary tag; ``None`` where nothing in it is a word.

    Looks at the first 600 characters. What the feed declares decides only where the words do not: feeds are often
    wrong about it, and a headline such as "Xi, Putin meet" has no little words at all.
    """
    sample = f"{title[:_SAMPLE]} {text[:_SAMPLE]}"
    lower = sample.lower()
    plain = sample.isascii()
    mostly_ascii = plain or len(sample.encode("ascii", "ignore")) > 0.8 * len(sample)
    # Most English passes here, without a count of letters and of the other languages' words.
    if mostly_ascii and _shows_plainly(lower):
        return "en"
    words = lower.split()
    different = set(words)
    if mostly_ascii and len(different & _PLAINLY_ENGLISH) >= _PLAIN:
        return "en"
    if not plain:
        latin = len(_ASCII_LETTER.findall(sample))
        counts = [(len(re.findall(script, sample)), tag) for tag, script in _SCRIPTS]
        most, tag = max(counts)
        if most > latin:
            return tag
    if not _ASCII_LETTER.search(sample):
        return None
    english = sum(map(FUNCTION_WORDS["en"].__contains__, words))
    if english * 12 >= len(words) and english:
        return _other_than_english(words, different, english) or "en"
    other = _other_than_english(words, different, english)
    if other:
        return other
    if declared and not english:
        primary = declared.replace("_", "-").split("-")[0].lower()
        if primary in FUNCTION_WORDS and primary != "en" and not sample.isascii():
            return primary
    return "en"


def _shows_plainly(lower: str) -> bool:
    told = 0
    for word in _BETWEEN_SPACES:
        told += word in lower
        if told == _PLAIN:
            return True
    return False


def _other_than_english(words: list[str], different: set[str], english: int) -> str | None:
    best, tag = 0, None
    others = different & _LITTLE_ELSEWHERE
    if not others:
        return None
    for name, little in FUNCTION_WORDS.items():
        if name == "en" or others.isdisjoint(little):
            continue
        found = sum(map(little.__contains__, words))
        if found > best:
            best, tag = found, name
    return tag if best >= 2 and best > 1.5 * english else None
