"""Both shipped types on labelled news, at the model's own threshold, beside peers; ordinary news; the originals."""

from __future__ import annotations

from typing import Any

from benchmarks import labelled, peers
from benchmarks.scoring import best_in_hindsight, count
from classifiers.model import Model
from feeds.item import Item

#: What the original articles report, in order (docs/patterns.md): tests/classifiers/test_originals.py looks closer.
ORIGINALS = {
    "000_18e65c65d39eccbd": ["bilateral_meeting"],
    "001_e34a3a4c6ee7f15a": ["bilateral_meeting"],
    "002_aa659e2ed3b67d25": ["bilateral_meeting", "energy_deal", "bilateral_meeting"],
    "003_8f86a8b9e05079b2": ["bilateral_meeting"],
    "004_7fa5399bea6e4732": ["bilateral_meeting", "energy_deal"],
}


def run() -> None:
    if not labelled.present():
        return
    model = Model.load()
    dev, ordinary = labelled.items("dev.jsonl"), [item for _, item in labelled.items("background.jsonl")]
    verdicts = [model.classify(item) for _, item in dev]
    everyday = [model.classify(item) for item in ordinary]
    dev_items = [item for _, item in dev]
    embed = peers.minilm()
    # All of ordinary news would take MiniLM longer than a run can wait.
    encoder = peers.MiniLM(embed, [dev_items, ordinary[::6]]) if embed else None
    for event_type in model.types:
        judged = [n for n, (row, _) in enumerate(dev) if row[event_type] != "?"]
        truth = [dev[n][0][event_type] == 1 for n in judged]
        threshold = model.thresholds[event_type]
        print(
            f"{event_type}: {sum(truth)} of {len(truth)} dev items; model's own threshold {threshold:.2f}, peers' 0.5"
        )

        def show(name: str, scores: list[float], usual: list[float], cut: float, of: tuple[Any, ...]) -> None:
            which, labels = of
            ours = [scores[n] for n in which]
            alarms = sum(score >= cut for score in usual) / len(usual)
            best = best_in_hindsight(ours, labels).f1
            line = f"  {name:<30} {count([s >= cut for s in ours], labels)}   ordinary news {alarms:.2%}"
            print(line if set(scores) <= {0.0, 1.0} else f"{line}   (best in hindsight F1 {best:.3f})")

        of = (judged, truth)
        ours = [v.scores[event_type] for v in verdicts]
        show("shipped model", ours, [v.scores[event_type] for v in everyday], threshold, of)
        rule = [[float(peers.keyword_rule(event_type, i)) for i in batch] for batch in (dev_items, ordinary)]
        show("keyword rule", rule[0], rule[1], 0.5, of)
        if words := peers.tfidf_scores(event_type, [dev_items, ordinary]):
            show("TF-IDF + logistic regression", words[0], words[1], 0.5, of)
        if encoder:
            likely = encoder.scores(event_type)
            show("MiniLM + logistic regression", likely[0], likely[1], 0.5, of)
    print(
        "  (ordinary news: the model's counts of ordinary words come from this same file, so its share there is "
        "optimistic; MiniLM saw every sixth item and about 1,500 evenly drawn seeds)"
    )
    originals(model)


def originals(model: Model) -> None:
    """Whether each original article gives the reports it holds, with and without its first line as the title."""
    right = 0
    for name, expected in ORIGINALS.items():
        text = (labelled.SHARED / "seeds" / f"{name}.txt").read_text(encoding="utf-8")
        title, _, rest = text.partition("\n")
        for item in (Item(id=name, title="", text=text), Item(id=name, title=title, text=rest)):
            found = [event.type for event in model.classify(item).events]
            right += found == expected
            if found != expected:
                print(f"  original {name}: found {found}, expected {expected}")
    print(f"originals, each with and without a title: the reports of {right} of {2 * len(ORIGINALS)} right")
